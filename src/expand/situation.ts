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
import { configurationLayers, type ResolvedConfiguration } from './configuration.ts';
import { type Constraints, type Headroom, quotaHeadroom } from './constraints.ts';
import { type Layer, layersOf, type Resolution, resolvePolicy } from './policy.ts';
import type { ProvidedVolume, Providers } from './provider.ts';
import { fieldsOfAnnotations, isPaused } from './settings.ts';
import type { Subject } from './usage/source.ts';

/** What is read of the cluster; caches answer at once. */
export interface ClusterView {
  claim(key: string): PersistentVolumeClaim | undefined;
  claims(): Iterable<PersistentVolumeClaim>;
  volume(name: string): PersistentVolume | undefined;
  storageClass(name: string): StorageClass | undefined;
  namespace(name: string): Namespace | undefined;
  quotas(namespace: string): Iterable<ResourceQuota>;
  /** Running pods that mount the claim. */
  podsOf(key: string): Iterable<Pod>;
}

export interface Surroundings {
  readonly view: ClusterView;
  readonly providers: Providers;
  readonly configuration: ResolvedConfiguration;
  /** Free bytes of the export that holds the claim's directory; undefined = not on an export of ours, or unknown. */
  exportFree?(key: string): Headroom | undefined;
}

export interface Situation {
  readonly object: PersistentVolumeClaim;
  readonly claim: Claim;
  readonly layers: readonly Layer[];
  readonly resolution: Resolution;
  readonly constraints: Constraints;
  readonly notes: readonly string[];
}

/** `object` is the claim as it was read; everything else comes from the view. */
export async function situationOf(
  object: PersistentVolumeClaim,
  surroundings: Surroundings,
  signal?: AbortSignal,
): Promise<Situation> {
  const { view, providers, configuration } = surroundings;
  const claim = claimOf(object);
  const storageClass = claim.className === '' ? undefined : view.storageClass(claim.className);
  const namespace = view.namespace(claim.namespace);
  const layers = layersFor(object, { namespace, storageClass, configuration });
  const resolution = resolvePolicy(layers);
  const volume: ProvidedVolume = {
    claim: object,
    volume: claim.volumeName === '' ? undefined : view.volume(claim.volumeName),
    storageClass,
  };
  const { provider, how } = providers.detect(volume, resolution.settings.provider?.value);
  const constraints: Constraints = {
    provider: provider.name,
    detectedBy: how,
    volume: await provider.getVolumeConstraints(volume, signal),
    expandable: await provider.canExpand(volume, signal),
    storageClass: storageClass && {
      name: storageClass.metadata.name,
      allowVolumeExpansion: storageClass.allowVolumeExpansion === true,
    },
    pausedBy: pausedBy(object, namespace, configuration),
    quota: quotaHeadroom(view.quotas(claim.namespace), claim.className),
    exportFree: surroundings.exportFree?.(claim.key),
  };
  return { object, claim, layers, resolution, constraints, notes: notesOn(resolution) };
}

interface Above {
  readonly namespace: Namespace | undefined;
  readonly storageClass: StorageClass | undefined;
  readonly configuration: ResolvedConfiguration;
}

function layersFor(object: PersistentVolumeClaim, { namespace, storageClass, configuration }: Above): readonly Layer[] {
  return layersOf({
    claim: {
      source: { level: 'claim', label: 'annotation' },
      fields: fieldsOfAnnotations(object.metadata.annotations),
    },
    ...(namespace && {
      namespace: {
        source: { level: 'namespace', label: `namespace ${namespace.metadata.name}` },
        fields: fieldsOfAnnotations(namespace.metadata.annotations),
      },
    }),
    ...(storageClass && {
      class: {
        source: { level: 'class', label: `class ${storageClass.metadata.name}` },
        fields: fieldsOfAnnotations(storageClass.metadata.annotations),
      },
    }),
    configuration: configurationLayers(configuration),
  });
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

/** Without the kinds PVCPolicy and PVCGroup a name says nothing; that it is passed over must be visible. */
function notesOn({ settings }: Resolution): readonly string[] {
  const notes: string[] = [];
  const { policy, group } = settings;
  if (policy) notes.push(`policy "${policy.value}" is not looked up: there are no PVCPolicy objects here`);
  if (group) notes.push(`group "${group.value}" is not looked up: there are no PVCGroup objects here`);
  return notes;
}

/** How to measure a claim. */
export function subjectOf(object: PersistentVolumeClaim, view: ClusterView): Subject {
  const { key, volumeName } = claimOf(object);
  const nodes = new Set<string>();
  for (const pod of view.podsOf(key)) if (pod.spec.nodeName) nodes.add(pod.spec.nodeName);
  const volume = volumeName === '' ? undefined : view.volume(volumeName);
  return { key, nodes: [...nodes], sharesFilesystem: volume?.spec.nfs !== undefined };
}
