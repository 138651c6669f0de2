import type { Cache } from '../kube/cache.ts';
import type { Indexer } from '../kube/indexes.ts';
import type {
  Namespace,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  ResourceQuota,
  StorageClass,
} from '../kube/kinds.ts';
import type { KubeObject } from '../kube/object.ts';
import type { PVCGroup } from './api/pvc-group.ts';
import type { PVCPolicy } from './api/pvc-policy.ts';
import type { Availability } from './policy/policies.ts';
import type { ClusterView } from './situation.ts';

/** The caches that growth reads. `pods` and `quotas` must have been made with the indexes below. */
export interface ExpanderCaches {
  readonly claims: Cache<PersistentVolumeClaim>;
  readonly volumes: Cache<PersistentVolume>;
  readonly classes: Cache<StorageClass>;
  readonly namespaces: Cache<Namespace>;
  readonly quotas: Cache<ResourceQuota>;
  readonly pods: Cache<Pod>;
  /** Absent: this account may not look for them. */
  readonly policies?: Cache<PVCPolicy> | undefined;
  readonly groups?: Cache<PVCGroup> | undefined;
}

const CLAIM = 'expand/claim';
const NAMESPACE = 'expand/namespace';

/** Keys of the claims that a running pod mounts. */
export const podIndexes: Readonly<Record<string, Indexer<Pod>>> = {
  [CLAIM]: ({ metadata, spec, status }) => {
    if (status?.phase !== 'Running') return [];
    const keys: string[] = [];
    for (const { persistentVolumeClaim } of spec.volumes ?? []) {
      if (persistentVolumeClaim) keys.push(`${metadata.namespace ?? ''}/${persistentVolumeClaim.claimName}`);
    }
    return keys;
  },
};

export const quotaIndexes: Readonly<Record<string, Indexer<ResourceQuota>>> = {
  [NAMESPACE]: ({ metadata }) => [metadata.namespace ?? ''],
};

export const policyIndexes: Readonly<Record<string, Indexer<PVCPolicy>>> = {
  [NAMESPACE]: ({ metadata }) => [metadata.namespace ?? ''],
};

/** Whether there can be objects of a kind that is not part of Kubernetes. */
function availabilityOf(cache: Pick<Cache<KubeObject>, 'isServed'> | undefined): Availability {
  if (!cache) return 'forbidden';
  return cache.isServed() ? 'served' : 'absent';
}

export function viewOf(caches: ExpanderCaches): ClusterView {
  return {
    claim: (key) => caches.claims.get(key),
    claims: () => caches.claims.list(),
    volume: (name) => caches.volumes.get(name),
    storageClass: (name) => caches.classes.get(name),
    namespace: (name) => caches.namespaces.get(name),
    quotas: (namespace) => caches.quotas.byIndex(NAMESPACE, namespace),
    policies: (namespace) => ({
      policies: caches.policies?.byIndex(NAMESPACE, namespace) ?? [],
      availability: availabilityOf(caches.policies),
    }),
    podsOf: (key) => caches.pods.byIndex(CLAIM, key),
  };
}
