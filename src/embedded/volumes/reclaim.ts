/**
 * Which phase a volume is in and what follows from it: kept for its claim, free again, or released and then removed by
 * its provisioner, kept, or refused. The rules are those of kube-controller-manager (read in 1.36).
 */
import type { PersistentVolume, PersistentVolumeClaim } from '../../kube/kinds.ts';
import type { Notice } from '../events.ts';
import { annotation } from './annotation.ts';

export type VolumeDecision =
  | { readonly kind: 'phase'; readonly phase: 'Available' | 'Bound' | 'Released' }
  /** The claim's side of the binding is not written yet; the claim's turn. */
  | { readonly kind: 'wait' }
  /** The claim is bound to another volume: give this one back. `reserved` keeps it for the claim's name. */
  | { readonly kind: 'unbind'; readonly reserved: boolean }
  /** Released, and nobody can carry out its policy. */
  | { readonly kind: 'fail'; readonly notice: Notice };

/** `claim` is the one that the volume names, whatever its uid; undefined when there is none. */
export function reclaim(volume: PersistentVolume, claim: PersistentVolumeClaim | undefined): VolumeDecision {
  const { claimRef } = volume.spec;
  if (!claimRef?.uid) return { kind: 'phase', phase: 'Available' };
  if (!claim || claim.metadata.uid !== claimRef.uid) return release(volume);
  if (!claim.spec.volumeName) return { kind: 'wait' };
  if (claim.spec.volumeName === volume.metadata.name) return { kind: 'phase', phase: 'Bound' };
  const { annotations = {} } = volume.metadata;
  // made for this claim, which took another: nobody else may have it
  if (annotations[annotation.provisionedBy] && policyOf(volume) === 'Delete') return release(volume);
  return { kind: 'unbind', reserved: annotations[annotation.boundByController] === undefined };
}

function release(volume: PersistentVolume): VolumeDecision {
  switch (policyOf(volume)) {
    case 'Retain':
      return released(volume);
    case 'Delete':
      return isRemovedByOthers(volume) ? released(volume) : fail('VolumeFailedDelete', undeletable(volume));
    case 'Recycle':
      return fail('VolumeFailedRecycle', 'No recycler plugin found for the volume!');
  }
}

/** A provisioner that could not remove the volume marks it Failed; that stays for the user to see. */
function released(volume: PersistentVolume): VolumeDecision {
  return volume.status?.phase === 'Failed' ? { kind: 'wait' } : { kind: 'phase', phase: 'Released' };
}

function fail(reason: 'VolumeFailedDelete' | 'VolumeFailedRecycle', message: string): VolumeDecision {
  return { kind: 'fail', notice: { reason, message } };
}

function isRemovedByOthers(volume: PersistentVolume): boolean {
  const provisioner = volume.metadata.annotations?.[annotation.provisionedBy] ?? '';
  return volume.spec.csi !== undefined || (provisioner !== '' && !provisioner.startsWith('kubernetes.io/'));
}

function undeletable({ metadata }: PersistentVolume): string {
  return `error getting deleter volume plugin for volume "${metadata.name}": no deletable volume plugin matched`;
}

/** The API's default for a volume that somebody made by hand. */
function policyOf(volume: PersistentVolume): 'Retain' | 'Delete' | 'Recycle' {
  return volume.spec.persistentVolumeReclaimPolicy ?? 'Retain';
}
