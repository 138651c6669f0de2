/**
 * The two halves of a binding as merge patches; undefined when that half is already as it should be. Each carries the
 * resourceVersion that it was decided on, so that of two claims that take one volume at once only one succeeds.
 */
import type { PersistentVolume, PersistentVolumeClaim } from '../../kube/kinds.ts';
import { annotation } from './annotation.ts';
import { isReservedFor } from './match.ts';

export type MergePatch = { readonly kind: 'merge'; readonly value: object };

export function patchVolume(volume: PersistentVolume, claim: PersistentVolumeClaim): MergePatch | undefined {
  const { claimRef } = volume.spec;
  const { uid, namespace, name, resourceVersion } = claim.metadata;
  if (isReservedFor(volume, claim) && claimRef?.uid === uid) return undefined;
  // a user's reservation is completed without the mark, so that losing the claim gives it back to the reservation
  const annotations = isReservedFor(volume, claim) ? {} : { [annotation.boundByController]: 'yes' };
  return guarded(volume, {
    metadata: { annotations },
    spec: {
      claimRef: { apiVersion: claim.apiVersion, kind: claim.kind, namespace, name, uid, resourceVersion },
    },
  });
}

export function patchClaim(claim: PersistentVolumeClaim, volume: PersistentVolume): MergePatch | undefined {
  const { annotations = {} } = claim.metadata;
  const { name } = volume.metadata;
  const attached = claim.spec.volumeName === name;
  if (attached && annotations[annotation.bindCompleted] !== undefined) return undefined;
  const marks = { [annotation.bindCompleted]: 'yes' };
  return guarded(
    claim,
    attached
      ? { metadata: { annotations: marks } }
      : { metadata: { annotations: { ...marks, [annotation.boundByController]: 'yes' } }, spec: { volumeName: name } },
  );
}

/** A released volume goes back: reserved for the claim's name, or to anybody. */
export function patchUnbound(volume: PersistentVolume, reserved: boolean): MergePatch {
  const change = reserved
    ? { spec: { claimRef: { uid: null } } }
    : { metadata: { annotations: { [annotation.boundByController]: null } }, spec: { claimRef: null } };
  return guarded(volume, change);
}

/** `volume` is the one it is bound to; undefined = Pending or Lost, where neither size nor modes are known. */
export function patchClaimStatus(
  claim: PersistentVolumeClaim,
  phase: 'Pending' | 'Bound' | 'Lost',
  volume?: PersistentVolume,
): MergePatch | undefined {
  const { status = {} } = claim;
  if (!volume) {
    const bare = status.accessModes === undefined && status.capacity === undefined;
    return status.phase === phase && bare
      ? undefined
      : guarded(claim, { status: { phase, accessModes: null, capacity: null } });
  }
  const { accessModes = [], capacity } = volume.spec;
  const modesAgree = (status.accessModes ?? []).join() === accessModes.join();
  if (status.phase === phase && modesAgree) return undefined;
  // once bound, the size in the status is whoever grows the volume's to write: it may lag behind on purpose
  const size = status.phase === phase ? {} : { capacity };
  return guarded(claim, { status: { phase, accessModes, ...size } });
}

export function patchVolumeStatus(
  volume: PersistentVolume,
  phase: 'Available' | 'Bound' | 'Released' | 'Failed',
  message?: string,
): MergePatch | undefined {
  if (volume.status?.phase === phase) return undefined;
  return guarded(volume, { status: { phase, message: message ?? null, reason: null } });
}

/** Adds the resourceVersion to the metadata of a change. */
export function guarded(
  object: PersistentVolume | PersistentVolumeClaim,
  change: { readonly metadata?: object; readonly [section: string]: unknown },
): MergePatch {
  const { resourceVersion } = object.metadata;
  return { kind: 'merge', value: { ...change, metadata: { ...change.metadata, resourceVersion } } };
}
