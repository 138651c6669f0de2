/**
 * gardener's pvc-autoscaler: objects PersistentVolumeClaimAutoscaler (autoscaling.gardener.cloud/v1alpha1). Facts: its API types
 * and webhook, 2026-11: the first volume policy whose pattern matches a claim's name counts; above the percentage triggers.
 */
import { isObject } from '../../kube/reader.ts';
import { wildcardMatches } from '../wildcard.ts';
import {
  annotated,
  type Claim,
  type Conversion,
  claimsIn,
  type Difference,
  everywhere,
  keyOf,
  nameIn,
  ofKind,
  partsOf,
  path,
  type Raw,
  textOf,
  texts,
} from './conversion.ts';

const KIND = 'PersistentVolumeClaimAutoscaler';

export function gardener(objects: readonly Raw[]): Conversion {
  const differences: Difference[] = [...general];
  const claims = claimsIn(objects);
  const done = new Set<string>();
  const manifests = ofKind(objects, KIND).flatMap((object) => {
    const { metadata, spec } = partsOf(object);
    const { namespace, name } = nameIn(metadata);
    const say = (message: string): void => void differences.push({ about: `${namespace}/${name}`, message });
    const targets = targetsOf(spec, { namespace, claims, objects }, say);
    return targets.flatMap((claim) => {
      if (done.has(keyOf(claim))) {
        say(`${keyOf(claim)} has another autoscaler already; the first counts`);
        return [];
      }
      done.add(keyOf(claim));
      const policy = policiesIn(spec).find((each) =>
        wildcardMatches(textOf(path(each, 'match', 'name')) || '*', claim.name),
      );
      if (!policy) {
        say(`no volume policy matches ${keyOf(claim)}: left out`);
        return [];
      }
      return [annotated(claim, settingsOf(policy, keyOf(claim), say))];
    });
  });
  return { manifests, configuration: {}, differences };
}

const general: readonly Difference[] = [
  ...everywhere,
  { about: '', message: 'it triggers above its percentage, Larder at it: 80 means 80% and more here' },
  {
    about: '',
    message:
      'it follows the pods of a workload; here the claims are named: new replicas want a PVCPolicy that selects their labels',
  },
];

function policiesIn(spec: Raw): readonly Raw[] {
  const list = spec['volumePolicies'];
  return Array.isArray(list) ? list.filter(isObject) : [];
}

interface World {
  readonly namespace: string;
  readonly claims: readonly Claim[];
  readonly objects: readonly Raw[];
}

/** The claims that the object's target stands for, as far as what was given tells. */
function targetsOf(
  spec: Raw,
  { namespace, claims, objects }: World,
  say: (message: string) => void,
): readonly Pick<Claim, 'namespace' | 'name'>[] {
  const [kind, name] = [textOf(path(spec, 'targetRef', 'kind')), textOf(path(spec, 'targetRef', 'name'))];
  if (kind === 'PersistentVolumeClaim') return [{ namespace, name }];
  const here = claims.filter((claim) => claim.namespace === namespace);
  const workload = ofKind(objects, kind).find((object) => {
    const named = nameIn(partsOf(object).metadata);
    return named.name === name && named.namespace === namespace;
  });
  if (!workload) {
    say(
      `its target ${kind} ${name} is not among what was read, so its claims are not known: give it too, or use --cluster`,
    );
    return [];
  }
  const found = here.filter((claim) => isOf(claim, partsOf(workload).spec, name));
  if (found.length === 0) say(`no claim of ${kind} ${name} is among what was read`);
  return found;
}

/** Claims of a StatefulSet are called after their template and it; others are mounted by name. */
function isOf(claim: Claim, spec: Raw, workload: string): boolean {
  const templates = spec['volumeClaimTemplates'];
  const names = (Array.isArray(templates) ? templates : []).map((each) => textOf(path(each, 'metadata', 'name')));
  const isTemplates = (prefix: string): boolean =>
    claim.name.startsWith(prefix) && /^\d+$/.test(claim.name.slice(prefix.length));
  if (names.some((name) => isTemplates(`${name}-${workload}-`))) return true;
  const volumes = path(spec, 'template', 'spec', 'volumes');
  return (Array.isArray(volumes) ? volumes : []).some(
    (volume) => textOf(path(volume, 'persistentVolumeClaim', 'claimName')) === claim.name,
  );
}

function settingsOf(
  policy: Raw,
  about: string,
  say: (message: string) => void,
): Readonly<Record<string, string | undefined>> {
  const up = isObject(policy['scaleUp']) ? policy['scaleUp'] : {};
  const percent = textOf(up['utilizationThresholdPercent']) || '80';
  const threshold = percent === '100' ? '99' : percent;
  if (threshold !== percent) say(`${about}: 100 percent cannot be written, 99% is`);
  const off = textOf(up['resizeStrategy']) === 'Off';
  if (off)
    say(
      `${about}: resizeStrategy Off only recommends; the claim is paused here, and larder explain says what it would do`,
    );
  const cooldown = textOf(up['cooldownDuration']);
  if (cooldown === '') say(`${about}: it has no cooldown there; here claims rest for 15m after a growth`);
  const unread = Object.keys(texts(up)).filter((key) => !KNOWN.includes(key));
  if (unread.length > 0) say(`${about}: scaleUp.${unread.join(', scaleUp.')} is not known and left out`);
  return {
    enabled: 'true',
    threshold: `${threshold}%`,
    'inodes-threshold': `${threshold}%`,
    increase: `${textOf(up['stepPercent']) || '10'}%`,
    'min-scale-up': textOf(up['minStepAbsolute']) || '1Gi',
    'max-size': textOf(policy['maxCapacity']),
    cooldown: cooldown === '' ? undefined : cooldown,
    'larder.dev/paused': off ? 'true' : undefined,
  };
}

const KNOWN: readonly string[] = [
  'utilizationThresholdPercent',
  'stepPercent',
  'minStepAbsolute',
  'cooldownDuration',
  'resizeStrategy',
];
