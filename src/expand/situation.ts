/** Gathers what a decision on one claim needs to know about the cluster; the only reader of other objects. */
import type {
  Namespace,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  ResourceQuota,
  StorageClass,
} from '../kube/kinds.ts';
import { type Claim, claimOf } from './claim.ts';
import { type Constraints, type Headroom, quotaHeadroom } from './constraints.ts';
import type { Floor } from './floor.ts';
import { groupFloor } from './group/group.ts';
import type { Roster } from './group/roster.ts';
import type { Guards } from './guard/guards.ts';
import type { GuardReads } from './guard/reads.ts';
import { type Restraints, type Surveyed, survey } from './guard/survey.ts';
import { emptyHistory, parseHistory } from './history.ts';
import { type Infancy, initialFloor } from './initial-floor.ts';
import { layersFor } from './policy/layers.ts';
import type { PolicyShelf } from './policy/policies.ts';
import { type Layer, type Resolution, resolvePolicy } from './policy/policy.ts';
import type { ProvidedVolume, Providers } from './provider.ts';
import type { ResolvedConfiguration } from './settings/configuration.ts';
import { isPaused } from './settings/settings.ts';
import { type StorageLimits, storageLimits } from './storage-limits.ts';
import { sharesFilesystem } from './usage/shares-filesystem.ts';
import type { Subject } from './usage/source.ts';

/** What is read of the cluster; caches answer at once. */
export interface ClusterView {
  claim(key: string): PersistentVolumeClaim | undefined;
  claims(): Iterable<PersistentVolumeClaim>;
  volume(name: string): PersistentVolume | undefined;
  storageClass(name: string): StorageClass | undefined;
  namespace(name: string): Namespace | undefined;
  quotas(namespace: string): Iterable<ResourceQuota>;
  policies(namespace: string): PolicyShelf;
  /** Running pods that mount the claim. */
  podsOf(key: string): Iterable<Pod>;
}

export interface Surroundings {
  readonly view: ClusterView;
  readonly providers: Providers;
  readonly configuration: ResolvedConfiguration;
  /** Free bytes of the export that holds the claim's directory; undefined = not on an export of ours, or unknown. */
  exportFree?(key: string): Headroom | undefined;
  /** Parameters of a VolumeAttributesClass; undefined = not known (yet), or there is none. */
  attributes?(name: string): Readonly<Record<string, string>> | undefined;
  /** What is read before a request is raised, and what holds it back; absent: nothing. */
  readonly guards?: GuardReads | undefined;
  readonly restraints?: Restraints | undefined;
  /** Which claims belong to which group; absent: there are no groups. */
  readonly roster?: Roster | undefined;
}

export interface Situation {
  readonly object: PersistentVolumeClaim;
  readonly claim: Claim;
  readonly layers: readonly Layer[];
  readonly resolution: Resolution;
  readonly constraints: Constraints;
  /** A size that others want for the claim; undefined: nobody does. */
  readonly floor?: Floor | undefined;
  readonly notes: readonly string[];
  /** The provider's last word on a size, before it is written; absent: nobody is asked. */
  readonly validate?: StorageLimits['validate'];
}

/** Of the groups only what a claim belongs to, and what its members have. */
export interface Around extends Omit<Surroundings, 'roster'> {
  readonly roster?: Pick<Roster, 'belonging' | 'peers'> | undefined;
}

/** `object` is the claim as it was read; everything else comes from the view. */
export async function situationOf(
  object: PersistentVolumeClaim,
  surroundings: Around,
  signal?: AbortSignal,
): Promise<Situation> {
  const { view, providers, configuration } = surroundings;
  const claim = claimOf(object);
  const storageClass = claim.className === '' ? undefined : view.storageClass(claim.className);
  const namespace = view.namespace(claim.namespace);
  const policies = view.policies(claim.namespace);
  const belonging = surroundings.roster?.belonging(object);
  const above = { belonging, policies, namespace, storageClass, configuration };
  const { layers, notes: said } = layersFor(object, above);
  const volume: ProvidedVolume = {
    claim: object,
    volume: claim.volumeName === '' ? undefined : view.volume(claim.volumeName),
    storageClass,
    attributes: attributesOf(object, surroundings),
  };
  const asked = { layers, resolution: resolvePolicy(layers) };
  const limits = await storageLimits(providers, volume, asked, signal);
  const { resolution } = limits;
  const constraints: Constraints = {
    ...limits.constraints,
    storageClass: storageClass && {
      name: storageClass.metadata.name,
      allowVolumeExpansion: storageClass.allowVolumeExpansion === true,
    },
    pausedBy: pausedBy(object, namespace, configuration),
    quota: quotaHeadroom(view.quotas(claim.namespace), claim.className, object.spec.volumeAttributesClassName),
    exportFree: surroundings.exportFree?.(claim.key),
    guards: guardsFor(object, { claim, volume: volume.volume, storageClass }, surroundings),
  };
  const infancy = { object, claim, group: belonging?.group, resolution, constraints, policies };
  const initial = initialFloor(infancy);
  const floor = floorFor(infancy, initial.floor, surroundings);
  return {
    object,
    claim,
    layers: limits.layers,
    resolution,
    constraints,
    floor,
    notes: [...said, ...limits.notes, ...(initial.note === '' ? [] : [initial.note])],
    validate: limits.validate,
  };
}

function guardsFor(
  object: PersistentVolumeClaim,
  { claim, volume, storageClass }: Pick<Surveyed, 'claim' | 'volume' | 'storageClass'>,
  { guards, restraints, view }: Around,
): Guards | undefined {
  if (!guards) return undefined;
  const [pod] = view.podsOf(claim.key);
  return survey({ object, claim, volume, storageClass, mounted: pod !== undefined }, guards, restraints);
}

/** Of a claim that names a VolumeAttributesClass, its parameters. */
function attributesOf({ spec }: PersistentVolumeClaim, { attributes }: Around): ProvidedVolume['attributes'] {
  const name = spec.volumeAttributesClassName ?? '';
  const parameters = name === '' ? undefined : attributes?.(name);
  return parameters && { name, parameters };
}

function pausedBy(
  object: PersistentVolumeClaim,
  namespace: Namespace | undefined,
  { values }: ResolvedConfiguration,
): string | undefined {
  if (values.paused) return 'configuration paused';
  if (isPaused(object.metadata.annotations)) return 'annotation larder.dev/paused';
  if (namespace && isPaused(namespace.metadata.annotations)) return `namespace ${namespace.metadata.name}`;
  return undefined;
}

/** What others want the claim to have: its group, or a policy for new claims. */
function floorFor(
  { object, claim, group }: Infancy,
  initial: Floor | undefined,
  { roster }: Around,
): Floor | undefined {
  if (!group || !roster) return initial;
  const parsed = parseHistory(object.metadata.annotations);
  const shared = groupFloor(group, roster, { claim, history: parsed.ok ? parsed.value : emptyHistory });
  return shared && initial && initial.bytes > shared.bytes ? initial : (shared ?? initial);
}

/** How to measure a claim. */
export function subjectOf(
  { key, volumeName }: Pick<Claim, 'key' | 'volumeName'>,
  view: Pick<ClusterView, 'podsOf' | 'volume'>,
): Subject {
  const nodes: string[] = [];
  for (const { spec } of view.podsOf(key))
    if (spec.nodeName && !nodes.includes(spec.nodeName)) nodes.push(spec.nodeName);
  const volume = volumeName === '' ? undefined : view.volume(volumeName);
  return { key, nodes, sharesFilesystem: sharesFilesystem(volume) };
}
