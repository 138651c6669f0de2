/** The checks of manifests, as rows: each looks at one comparison. */
import { isObject } from '../../kube/reader.ts';
import type { Comparison } from './comparison.ts';
import { type ChangeFinding, findingChecks } from './finding.ts';
import { groupOf, listAt, objectAt, subjectOf, textAt } from './manifest.ts';
import { containersOf, podSpecOf } from './pod.ts';

/** What is known about images and nodes. */
export interface Surroundings {
  /** `linux/arm64`, of every node that takes pods; undefined: nobody could tell. */
  readonly platforms: readonly string[] | undefined;
  /** By image, as the manifest writes it: all platforms that it is built for. */
  readonly images: ReadonlyMap<string, readonly string[]>;
}

type Check = (comparison: Comparison, around: Surroundings) => readonly ChangeFinding[];

const checks: readonly Check[] = [
  namespaceMissing,
  conflicts,
  plainSecret,
  lastAppliedSecret,
  localPath,
  imagePlatforms,
  missingProbes,
  missingLimits,
];

/** Sorted by check, then as the objects are. */
export function findingsOf(comparisons: readonly Comparison[], around: Surroundings): readonly ChangeFinding[] {
  const found = checks.flatMap((check) => comparisons.flatMap((comparison) => check(comparison, around)));
  const order = Object.keys(findingChecks);
  return found.sort((one, other) => order.indexOf(one.check) - order.indexOf(other.check));
}

function finding(check: ChangeFinding['check'], { manifest }: Comparison, message: string): ChangeFinding {
  return { check, object: subjectOf(manifest), message };
}

function namespaceMissing(comparison: Comparison): readonly ChangeFinding[] {
  const { outcome } = comparison;
  if (outcome.kind !== 'unknown' || !/^the namespace \S+ does not exist/.test(outcome.why)) return [];
  return [finding('namespace-missing', comparison, outcome.why)];
}

function conflicts(comparison: Comparison): readonly ChangeFinding[] {
  const { outcome } = comparison;
  if (outcome.kind !== 'unknown') return [];
  return outcome.conflicts.map(({ field, owner }) => finding('conflict', comparison, `${field}: ${owner}`));
}

function isSecret({ manifest: { apiVersion, kind } }: Comparison): boolean {
  return apiVersion === 'v1' && kind === 'Secret';
}

function plainSecret(comparison: Comparison): readonly ChangeFinding[] {
  const { object, from } = comparison.manifest;
  if (!isSecret(comparison) || comparison.outcome.kind === 'to-delete') return [];
  const names = ['data', 'stringData'].flatMap((field) => Object.keys(objectAt(object, field)));
  if (names.length === 0) return [];
  return [finding('plain-secret', comparison, `${from} holds the values of ${names.join(', ')}`)];
}

function lastAppliedSecret(comparison: Comparison): readonly ChangeFinding[] {
  const annotation = 'kubectl.kubernetes.io/last-applied-configuration';
  if (!isSecret(comparison) || textAt(comparison.live?.object, 'metadata', 'annotations', annotation) === '') return [];
  return [finding('last-applied-secret', comparison, `the live object carries ${annotation} with its plain text`)];
}

/** What k3s ships in its manifests folder and puts back at every start (k3s 1.29 to 1.36, manifests/local-storage.yaml). */
const SHIPPED: readonly {
  readonly kind: string;
  readonly group: string;
  readonly namespace?: string;
  readonly name: string;
}[] = [
  { kind: 'StorageClass', group: 'storage.k8s.io', name: 'local-path' },
  { kind: 'Deployment', group: 'apps', namespace: 'kube-system', name: 'local-path-provisioner' },
  { kind: 'ConfigMap', group: '', namespace: 'kube-system', name: 'local-path-config' },
];

function localPath(comparison: Comparison): readonly ChangeFinding[] {
  const { apiVersion, kind, namespace, name } = comparison.manifest;
  const shipped = SHIPPED.some(
    (each) =>
      each.kind === kind && each.group === groupOf(apiVersion) && each.name === name && each.namespace === namespace,
  );
  return shipped ? [finding('local-path', comparison, `k3s keeps ${subjectOf(comparison.manifest)} itself`)] : [];
}

function imagePlatforms(comparison: Comparison, { platforms, images }: Surroundings): readonly ChangeFinding[] {
  const spec = podSpecOf(comparison.manifest);
  if (spec === undefined) return [];
  const names = new Set(containersOf(spec).map((container) => textAt(container, 'image')));
  names.delete('');
  const chosen = textAt(spec, 'nodeSelector', 'kubernetes.io/arch');
  const wanted = platforms?.filter((platform) => chosen === '' || platform.endsWith(`/${chosen}`));
  return [...names].flatMap((image) => {
    const built = images.get(image);
    if (wanted === undefined)
      return [
        finding('image-unknown', comparison, `${image}: not looked at, the platforms of the nodes are not known`),
      ];
    if (built === undefined)
      return [finding('image-unknown', comparison, `${image}: not looked at, nothing says what it is built for`)];
    const missing = wanted.filter((platform) => !built.includes(platform));
    if (missing.length === 0) return [];
    return [
      finding(
        'image-platform',
        comparison,
        `${image} is built for ${built.join(', ')} and not for ${missing.join(', ')}`,
      ),
    ];
  });
}

/** Kinds whose containers are to run for ever. */
const LASTING: readonly string[] = ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet'];

function missingProbes(comparison: Comparison): readonly ChangeFinding[] {
  const spec = podSpecOf(comparison.manifest);
  if (spec === undefined || !LASTING.includes(comparison.manifest.kind)) return [];
  return listAt(spec, 'containers').flatMap((container) => {
    const lacking = ['readinessProbe', 'livenessProbe'].filter((probe) => !isObject(objectOr(container, probe)));
    if (lacking.length === 0) return [];
    return [
      finding('missing-probe', comparison, `container ${textAt(container, 'name')} has no ${lacking.join(' and no ')}`),
    ];
  });
}

function missingLimits(comparison: Comparison): readonly ChangeFinding[] {
  const spec = podSpecOf(comparison.manifest);
  if (spec === undefined) return [];
  return containersOf(spec).flatMap((container) => {
    const resources = objectAt(container, 'resources');
    const lacking = [
      ...['cpu', 'memory']
        .filter((name) => !(name in objectAt(resources, 'requests')))
        .map((name) => `request for ${name}`),
      ...('memory' in objectAt(resources, 'limits') ? [] : ['memory limit']),
    ];
    if (lacking.length === 0) return [];
    return [
      finding('missing-limit', comparison, `container ${textAt(container, 'name')} has no ${lacking.join(', no ')}`),
    ];
  });
}

function objectOr(container: unknown, name: string): unknown {
  return isObject(container) ? container[name] : undefined;
}
