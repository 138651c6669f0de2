/** A whole scenario or recording: what governs each claim is found as on a cluster, then each claim goes its way. */
import { kinds, type Namespace, type PersistentVolumeClaim, type StorageClass } from '../../kube/kinds.ts';
import { keyOf } from '../../kube/object.ts';
import { type PVCPolicy, pvcPolicies } from '../api/pvc-policy.ts';
import type { Providers } from '../provider.ts';
import { type ResolvedConfiguration, rulesOf } from '../settings/configuration.ts';
import type { ClusterView, Situation } from '../situation.ts';
import { situationOf } from '../situation.ts';
import type { Course } from './course.ts';
import type { Curve } from './curve.ts';
import type { Stage } from './run.ts';
import { type Rest, simulate, simulateResting } from './simulate.ts';

export interface Cast {
  readonly object: PersistentVolumeClaim;
  /** Several of the same kind, each with a name and a curve of its own. */
  readonly takes: Iterable<{ readonly name: string; readonly curve: Curve }>;
  /** Parameters of the VolumeAttributesClass that it names, where they are known. */
  readonly attributes?: Readonly<Record<string, string>>;
}

export interface Script {
  /** StorageClass, Namespace and PVCPolicy objects, as they were written. */
  readonly objects: readonly Readonly<Record<string, unknown>>[];
  readonly cast: Iterable<Cast>;
  readonly configuration: ResolvedConfiguration;
  readonly providers: Providers;
  readonly stage: Omit<Stage, 'rules'>;
}

export interface Played {
  readonly course: Course;
  readonly curve: Curve;
  /** What governed it. */
  readonly situation: Situation;
}

/** Throws TypeError for an object that has no part here. */
export async function* play(script: Script): AsyncGenerator<Played> {
  const playing = playerOf(script);
  for (const each of script.cast) yield* playing(each);
}

/** One claim after the other, for casts that come from elsewhere. `rest`: see there. Throws as `play`. */
export function playerOf(
  { configuration, objects, providers, stage }: Omit<Script, 'cast'>,
  rest?: Rest,
): (cast: Cast) => AsyncGenerator<Played> {
  const view = viewOf(objects);
  const full: Stage = { ...stage, rules: rulesOf(configuration) };
  return async function* playing({ object, takes, attributes }) {
    const situation = await situationOf(object, { view, providers, configuration, attributes: () => attributes });
    for (const { name, curve } of takes) {
      const claim = { ...situation.claim, name, key: `${situation.claim.namespace}/${name}` };
      const scene = { ...situation, claim, curve };
      yield { course: rest ? await simulateResting(scene, full, rest) : simulate(scene, full), curve, situation };
    }
  };
}

interface Objects {
  readonly classes: Map<string, StorageClass>;
  readonly namespaces: Map<string, Namespace>;
  readonly policies: PVCPolicy[];
}

/** Of a class that nobody describes nothing is known but that it lets volumes grow. */
export const UNKNOWN_CLASS = 'simulated';

export function viewOf(written: Script['objects']): ClusterView {
  const objects: Objects = { classes: new Map(), namespaces: new Map(), policies: [] };
  put(objects, {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: UNKNOWN_CLASS },
    provisioner: 'simulated.larder.dev',
    allowVolumeExpansion: true,
  });
  for (const raw of written) put(objects, raw);
  return {
    claim: () => undefined,
    claims: () => [],
    volume: () => undefined,
    storageClass: (name) => objects.classes.get(name),
    namespace: (name) => objects.namespaces.get(name),
    quotas: () => [],
    policies: (namespace) => ({
      policies: objects.policies.filter(({ metadata }) => metadata.namespace === namespace),
      availability: 'served',
    }),
    podsOf: () => [],
  };
}

function put(objects: Objects, raw: Readonly<Record<string, unknown>>): void {
  const { kind } = raw;
  const whole = { ...raw, metadata: { uid: 'simulated', resourceVersion: '1', ...metadataOf(raw) } };
  if (kind === 'StorageClass') {
    const parsed = kinds.StorageClass.project(whole);
    objects.classes.set(parsed.metadata.name, parsed);
  } else if (kind === 'Namespace') {
    const parsed = kinds.Namespace.project(whole);
    objects.namespaces.set(keyOf(parsed.metadata), parsed);
  } else if (kind === 'PVCPolicy') {
    objects.policies.push(pvcPolicies.project({ ...whole, metadata: { namespace: 'default', ...whole.metadata } }));
  } else {
    throw new TypeError(
      `an object of kind ${JSON.stringify(kind)} has no part in a simulation: StorageClass, Namespace and PVCPolicy have`,
    );
  }
}

function metadataOf({ metadata }: Readonly<Record<string, unknown>>): object {
  return typeof metadata === 'object' && metadata !== null ? metadata : {};
}
