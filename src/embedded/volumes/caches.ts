/** What the volume controllers read: live copies of five kinds, with the indexes by which they find one from another. */
import { type Cache, createCache } from '../../kube/cache.ts';
import type { Client } from '../../kube/client.ts';
import type { StorageClass } from '../../kube/kinds.ts';
import { kinds, type Node, type PersistentVolume, type PersistentVolumeClaim } from '../../kube/kinds.ts';
import { keyOf } from '../../kube/object.ts';
import type { Clock, Random } from '../../telemetry/clock.ts';
import type { Log } from '../../telemetry/log.ts';
import { claimKeysOf, type NodePod, nodePods } from '../nodes/pod.ts';
import { annotation } from './annotation.ts';
import { classOf } from './class.ts';

export interface VolumeCaches {
  /** Indexes: `volumeName`; `waiting` = claims that are not bound and name no volume, by class (none is empty). */
  readonly claims: Cache<PersistentVolumeClaim>;
  /** Indexes: `claim` = by the key of the claim that it names; `free` = the others, by class (none is empty). */
  readonly volumes: Cache<PersistentVolume>;
  readonly classes: Cache<StorageClass>;
  /** Index: `claim` = by the keys of the claims that it uses. */
  readonly pods: Cache<NodePod>;
  readonly nodes: Cache<Node>;
}

export function createVolumeCaches(options: {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}): VolumeCaches {
  return {
    claims: createCache({
      ...options,
      resource: kinds.PersistentVolumeClaim,
      indexes: { volumeName: ({ spec }) => (spec.volumeName ? [spec.volumeName] : []), waiting: waitingClassOf },
    }),
    volumes: createCache({
      ...options,
      resource: kinds.PersistentVolume,
      indexes: {
        claim: claimKeyOf,
        free: (volume) => (volume.spec.claimRef ? [] : [classOf(volume) ?? '']),
      },
    }),
    classes: createCache({ ...options, resource: kinds.StorageClass }),
    pods: createCache({ ...options, resource: nodePods, indexes: { claim: claimKeysOf } }),
    nodes: createCache({ ...options, resource: kinds.Node }),
  };
}

/** The key of the claim that a volume names, as a list of at most one. */
export function claimKeyOf({ spec: { claimRef } }: PersistentVolume): readonly string[] {
  return claimRef?.name && claimRef.namespace ? [keyOf({ namespace: claimRef.namespace, name: claimRef.name })] : [];
}

function waitingClassOf(claim: PersistentVolumeClaim): readonly string[] {
  const bound = claim.metadata.annotations?.[annotation.bindCompleted] !== undefined;
  return bound || claim.spec.volumeName ? [] : [classOf(claim) ?? ''];
}
