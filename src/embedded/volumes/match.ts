/** Which volume a claim gets. The rules are those of kube-controller-manager's binder (read in 1.36). */
import type { PersistentVolume, PersistentVolumeClaim } from '../../kube/kinds.ts';
import { bytesOf } from '../../kube/quantity.ts';
import { matchesSelector } from '../../kube/selector.ts';
import { admitsNode } from './affinity.ts';
import { classOf } from './class.ts';

/**
 * Where the claim will be used. `unknown`: nobody said, and only volumes that name the claim themselves may be taken.
 * `anywhere`: the class does not care. `node`: a pod was placed there.
 */
export type Place =
  | { readonly kind: 'anywhere' }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'node'; readonly labels: Readonly<Record<string, string>> };

/** A volume that names the claim wins, then the one with the fewest access modes, then the smallest, then the first by name. */
export function match(
  claim: PersistentVolumeClaim,
  volumes: Iterable<PersistentVolume>,
  place: Place,
): PersistentVolume | undefined {
  let best: PersistentVolume | undefined;
  for (const volume of volumes) {
    if (shortfall(volume, claim) !== undefined) continue;
    if (place.kind === 'node' && !admitsNode(volume, place.labels)) continue;
    if (isReservedFor(volume, claim)) return volume;
    if (place.kind === 'unknown' || !isFreeFor(volume, claim)) continue;
    if (!best || fitsCloser(volume, best)) best = volume;
  }
  return best;
}

/** Whether the volume names this claim. A claimRef without a uid is a reservation by name. */
export function isReservedFor(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  const { claimRef } = volume.spec;
  if (!claimRef || claimRef.name !== claim.metadata.name || claimRef.namespace !== claim.metadata.namespace)
    return false;
  return !claimRef.uid || claimRef.uid === claim.metadata.uid;
}

/** What the claim asks for and the volume does not have; undefined = nothing. Neither class nor selector is looked at. */
function shortfall(volume: PersistentVolume, claim: PersistentVolumeClaim): string | undefined {
  if (volume.metadata.deletionTimestamp !== undefined) {
    return `the volume is marked for deletion "${volume.metadata.name}"`;
  }
  if (capacityOf(volume) < (bytesOf(claim.spec.resources.requests['storage']) ?? 0n))
    return 'requested PV is too small';
  if ((volume.spec.volumeMode ?? 'Filesystem') !== (claim.spec.volumeMode ?? 'Filesystem')) {
    return 'incompatible volumeMode';
  }
  const offered = volume.spec.accessModes ?? [];
  return claim.spec.accessModes?.every((mode) => offered.includes(mode)) === false
    ? 'incompatible accessMode'
    : undefined;
}

/** As `shortfall`, for a claim that asks for this very volume: the class must agree as well. */
export function mismatch(volume: PersistentVolume, claim: PersistentVolumeClaim): string | undefined {
  const reason = shortfall(volume, claim);
  if (reason !== undefined) return reason;
  return (classOf(volume) ?? '') === (classOf(claim) ?? '') ? undefined : 'storageClassName does not match';
}

function isFreeFor(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  if (volume.spec.claimRef || volume.status?.phase !== 'Available') return false;
  if (claim.spec.selector && !matchesSelector(claim.spec.selector, volume.metadata.labels)) return false;
  return (classOf(volume) ?? '') === (classOf(claim) ?? '');
}

function fitsCloser(volume: PersistentVolume, best: PersistentVolume): boolean {
  const modes = (volume.spec.accessModes?.length ?? 0) - (best.spec.accessModes?.length ?? 0);
  if (modes !== 0) return modes < 0;
  const size = capacityOf(volume) - capacityOf(best);
  return size === 0n ? volume.metadata.name < best.metadata.name : size < 0n;
}

/** Zero when the volume does not say. */
function capacityOf(volume: PersistentVolume): bigint {
  return bytesOf(volume.spec.capacity['storage']) ?? 0n;
}
