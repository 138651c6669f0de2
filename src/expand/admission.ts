/**
 * Answers an API server about objects that are about to be stored: new claims get the size that a policy or a group wants
 * for them, policies and groups that nobody could read are refused. Whatever does not concern them is let through as it is.
 */
import type { AdmissionAnswer, AdmissionQuestion } from '../kube/admission-review.ts';
import { kinds, type PersistentVolumeClaim } from '../kube/kinds.ts';
import { bytesOf, formatQuantity } from '../kube/quantity.ts';
import { isObject } from '../kube/reader.ts';
import type { Log } from '../telemetry/log.ts';
import { claimOf } from './claim.ts';
import { newcomerFloors } from './group/group.ts';
import { floorOf, planInitialSize } from './initial-size.ts';
import { layersFor } from './policy/layers.ts';
import { type Resolution, resolvePolicy } from './policy/policy.ts';
import { readableBytes } from './readable.ts';
import { ANNOTATION_PREFIX } from './settings/settings.ts';
import { type Situation, type Surroundings, situationOf } from './situation.ts';
import { fresh, type Verdict, validateGroup, validatePolicy } from './validation.ts';

export interface AdmissionOptions {
  readonly surroundings: Surroundings;
  /** Resolves when what is read of the cluster is complete. */
  readonly ready: (signal: AbortSignal) => Promise<unknown>;
  /** Whether a volume is kept for the claim of this key. */
  readonly reserved: (key: string) => boolean;
  readonly providerNames: readonly string[];
  readonly log: Log;
}

export interface Admission {
  /** For claims that are created. */
  claim(question: AdmissionQuestion, signal: AbortSignal): Promise<AdmissionAnswer>;
  /** For policies and groups that are created or changed. */
  settings(question: AdmissionQuestion, signal: AbortSignal): Promise<AdmissionAnswer>;
}

export function createAdmission(options: AdmissionOptions): Admission {
  return {
    async claim(question, signal) {
      if (question.operation !== 'CREATE' || question.subresource !== '') return allowed;
      await options.ready(signal);
      return admit(options, claimIn(question), signal);
    },
    async settings(question) {
      return review(question, options.providerNames);
    },
  };
}

const allowed: AdmissionAnswer = { kind: 'allowed' };

async function admit(
  options: AdmissionOptions,
  object: PersistentVolumeClaim,
  signal: AbortSignal,
): Promise<AdmissionAnswer> {
  const { surroundings, log } = options;
  const resolution = resolutionOf(object, surroundings);
  const { management } = resolution;
  if (management.kind === 'unmanaged') return allowed;
  const problem = management.kind === 'invalid' ? management.problem : resolution.problems[0];
  if (problem) {
    const { field, value, reason, source } = problem;
    return warned(
      `${source.level === 'claim' ? ANNOTATION_PREFIX : ''}${field} "${value}" (${source.label}) ${reason}; until then Larder does not grow this claim`,
    );
  }
  const floors = surroundings.roster ? newcomerFloors(object, surroundings.roster) : [];
  const floor = floorOf(resolution.settings, floors);
  const asked = bytesOf(object.spec.resources.requests['storage']) ?? 0n;
  if (!floor || asked <= 0n || floor.bytes <= asked || isFixed(object, options)) return allowed;
  const situation = await situationOf(object, surroundings, signal);
  const plan = planInitialSize({
    ...situation,
    settings: situation.resolution.settings,
    floors,
    limitBytes: bytesOf(object.spec.resources.limits?.['storage']),
  });
  if (plan.kind === 'enough') return allowed;
  const wish = `${readableBytes(plan.floor.bytes)} (${plan.floor.source})`;
  if (plan.kind === 'held') return warned(`not raised to ${wish}: ${plan.reason}`);
  const off = heldBack(situation, surroundings);
  if (off !== '') return warned(`not raised to ${wish}: ${off}`);
  const { namespace, name } = situation.claim;
  const sizes = { fromBytes: String(asked), toBytes: String(plan.bytes) };
  log.info({ controller: 'webhook', namespace, name, ...sizes, source: plan.floor.source }, 'a new claim was sized');
  const because = plan.short === '' ? plan.floor.source : `${wish}; ${plan.short}`;
  return {
    kind: 'allowed',
    patch: [{ op: 'replace', path: '/spec/resources/requests/storage', value: formatQuantity(plan.bytes) }],
    warnings: [`Larder: raised from ${readableBytes(asked)} to ${readableBytes(plan.bytes)}: ${because}`],
  };
}

/** From memory alone: most claims are let through here. */
function resolutionOf(object: PersistentVolumeClaim, { configuration, view, roster }: Surroundings): Resolution {
  const { namespace, className } = claimOf(object);
  const { layers } = layersFor(object, {
    belonging: roster?.belonging(object),
    policies: view.policies(namespace),
    namespace: view.namespace(namespace),
    storageClass: className === '' ? undefined : view.storageClass(className),
    configuration,
  });
  return resolvePolicy(layers);
}

const STATIC = 'kubernetes.io/no-provisioner';

/** Whether it is for a volume that is there already: with another size it would not find it. */
function isFixed(object: PersistentVolumeClaim, { reserved, surroundings }: AdmissionOptions): boolean {
  const { spec } = object;
  const { className, key } = claimOf(object);
  if (spec.volumeName || spec.selector || reserved(key)) return true;
  const storageClass = className === '' ? undefined : surroundings.view.storageClass(className);
  return !storageClass || storageClass.provisioner === STATIC;
}

/** Why nothing is raised at all; empty when it may be. */
function heldBack({ constraints }: Situation, { configuration }: Surroundings): string {
  if (constraints.pausedBy !== undefined) return `paused by ${constraints.pausedBy}`;
  return configuration.values.dryRun ? 'Larder runs dry' : '';
}

function warned(text: string): AdmissionAnswer {
  return { kind: 'allowed', warnings: [`Larder: ${text}`] };
}

function claimIn({ name, namespace, object }: AdmissionQuestion): PersistentVolumeClaim {
  const raw = isObject(object) ? object : {};
  const metadata = isObject(raw['metadata']) ? raw['metadata'] : {};
  const named = metadata['name'] ?? (name === '' ? metadata['generateName'] : name);
  return kinds.PersistentVolumeClaim.project({ ...raw, metadata: { ...metadata, name: named ?? '', namespace } });
}

function review(question: AdmissionQuestion, names: readonly string[]): AdmissionAnswer {
  const { object, oldObject, operation, resource, subresource } = question;
  if ((operation !== 'CREATE' && operation !== 'UPDATE') || subresource !== '' || isLeaving(object)) return allowed;
  const validate = { pvcpolicies: validatePolicy, pvcgroups: validateGroup };
  if (resource !== 'pvcpolicies' && resource !== 'pvcgroups') return allowed;
  const verdict = validate[resource](object, names);
  const { causes, warnings } = oldObject === undefined ? verdict : fresh(verdict, validate[resource](oldObject, names));
  return answerOf({ causes, warnings });
}

/** What is being deleted must be able to lose its finalizers, whatever it says. */
function isLeaving(object: unknown): boolean {
  return isObject(object) && isObject(object['metadata']) && object['metadata']['deletionTimestamp'] !== undefined;
}

function answerOf({ causes, warnings }: Verdict): AdmissionAnswer {
  if (causes.length === 0) return { kind: 'allowed', warnings };
  const message = causes.map((each) => `${each.field}: ${each.message}`).join('; ');
  return { kind: 'denied', message, causes, warnings };
}
