import type { Condition, PersistentVolumeClaim } from '../kube/kinds.ts';
import { bytesOf } from '../kube/quantity.ts';
import { larger } from './portion.ts';

/** A claim as decisions see it: sizes in bytes, only what some rule reads. */
export interface Claim {
  /** `namespace/name`. */
  readonly key: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly phase: string;
  readonly deleting: boolean;
  /** 0 when absent or malformed; such a claim is never grown. */
  readonly requestBytes: bigint;
  /** 0 while nothing was granted. */
  readonly capacityBytes: bigint;
  /** Empty when there is none. */
  readonly className: string;
  readonly volumeName: string;
  readonly conditions: readonly Condition[];
  /** `status.allocatedResourceStatuses.storage`; empty when absent. */
  readonly resizeStatus: string;
  /** `status.allocatedResources.storage`: the size that the storage is, or was last, asked for; undefined when absent. */
  readonly allocatedBytes?: bigint | undefined;
}

/** The beta annotation wins over the field, as in Kubernetes. */
const CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class';

export function claimOf(object: PersistentVolumeClaim): Claim {
  const { metadata, spec, status } = object;
  const namespace = metadata.namespace ?? '';
  return {
    key: `${namespace}/${metadata.name}`,
    namespace,
    name: metadata.name,
    uid: metadata.uid,
    phase: status?.phase ?? 'Pending',
    deleting: metadata.deletionTimestamp !== undefined,
    requestBytes: bytesOf(spec.resources.requests['storage']) ?? 0n,
    capacityBytes: bytesOf(status?.capacity?.['storage']) ?? 0n,
    className: metadata.annotations?.[CLASS_ANNOTATION] ?? spec.storageClassName ?? '',
    volumeName: spec.volumeName ?? '',
    conditions: status?.conditions ?? [],
    resizeStatus: status?.allocatedResourceStatuses?.['storage'] ?? '',
    allocatedBytes: bytesOf(status?.allocatedResources?.['storage']),
  };
}

/** Before that no rule has anything to look at. */
export const hasVolume = ({ spec, status }: PersistentVolumeClaim): boolean =>
  (spec.volumeName ?? '') !== '' || (status?.phase ?? 'Pending') !== 'Pending';

/** Rule 1: growth starts from the larger of what is asked for and what is there, so a larger wish is never lowered. */
export function baseBytesOf(claim: Claim): bigint {
  return larger(claim.requestBytes, claim.capacityBytes);
}
