import { type PVCGroup, pvcGroups } from '../expand/api/pvc-group.ts';
import { type PVCPolicy, pvcPolicies } from '../expand/api/pvc-policy.ts';
import { createGuardCaches, type GuardCaches } from '../expand/guard/reads.ts';
import { podIndexes as growthPodIndexes, policyIndexes, quotaIndexes } from '../expand/view.ts';
import {
  type Cache,
  type Client,
  createCache,
  kinds,
  type kubeMetrics,
  type Namespace,
  type PersistentVolume,
  type PersistentVolumeClaim,
  type Pod,
  type ResourceQuota,
  type StorageClass,
} from '../kube/index.ts';
import { claimIndexes, podIndexes as provisionPodIndexes, volumeIndexes } from '../provision/catalog.ts';
import type { ExportDescription } from '../provision/storage.ts';
import type { Clock, Random } from '../telemetry/clock.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { FeatureName } from './features.ts';

/** One live copy of each kind, shared by all rooms: an object is kept in memory once, whoever looks at it. */
export interface Caches extends ReturnType<typeof createGuardCaches> {
  readonly claims: Cache<PersistentVolumeClaim>;
  readonly volumes: Cache<PersistentVolume>;
  readonly classes: Cache<StorageClass>;
  readonly namespaces: Cache<Namespace>;
  readonly pods: Cache<Pod>;
  readonly quotas: Cache<ResourceQuota>;
  /** Empty where the kind is not there. */
  readonly policies: Cache<PVCPolicy>;
  readonly groups: Cache<PVCGroup>;
}

export function createCaches(
  world: { client: Client; clock: Clock; random: Random; log: Log; metrics?: Metrics<typeof kubeMetrics> | undefined },
  exports: readonly ExportDescription[],
): Caches {
  return {
    claims: createCache({ ...world, resource: kinds.PersistentVolumeClaim, indexes: claimIndexes }),
    volumes: createCache({ ...world, resource: kinds.PersistentVolume, indexes: volumeIndexes(exports) }),
    classes: createCache({ ...world, resource: kinds.StorageClass }),
    namespaces: createCache({ ...world, resource: kinds.Namespace }),
    pods: createCache({ ...world, resource: kinds.Pod, indexes: { ...provisionPodIndexes, ...growthPodIndexes } }),
    quotas: createCache({ ...world, resource: kinds.ResourceQuota, indexes: quotaIndexes }),
    policies: createCache({ ...world, resource: pvcPolicies, optional: true, indexes: policyIndexes }),
    groups: createCache({ ...world, resource: pvcGroups, optional: true }),
    ...createGuardCaches(world),
  };
}

/** What growth looks at before it raises a request, as far as the account may. */
export function guardCaches(caches: Caches, lacks: (feature: FeatureName) => boolean): GuardCaches {
  const { limitRanges, capacities, snapshots, backups, volumeBackups } = caches;
  return {
    ...(lacks('limit ranges') ? {} : { limitRanges }),
    ...(lacks('storage capacity') ? {} : { capacities }),
    ...(lacks('snapshots') ? {} : { snapshots }),
    ...(lacks('backups') ? {} : { backups, volumeBackups }),
  };
}

/** Those that the account may list and watch: another would never have its first list. */
export function watchedOf(caches: Caches, lacks: (feature: FeatureName) => boolean): readonly Caches[keyof Caches][] {
  const { claims, volumes, classes, namespaces, pods, quotas, policies, groups } = caches;
  const grows = !lacks('growth');
  return [
    ...[claims, volumes, classes],
    ...(grows || !lacks('namespace settings') ? [namespaces] : []),
    ...(grows || !lacks('messages on pods') ? [pods] : []),
    ...(grows ? [quotas] : []),
    ...(grows && !lacks('policies') ? [policies] : []),
    ...(grows && !lacks('groups') ? [groups] : []),
    ...(grows ? Object.values(guardCaches(caches, lacks)) : []),
  ];
}
