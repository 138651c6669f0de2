/** A volume that is kept for the claim of a name, as `larder volumes undelete` makes it, and a claim that cannot bind to it. */
import type { PersistentVolume, PersistentVolumeClaim } from '../kube/kinds.ts';
import { bytesOf, formatQuantity } from '../kube/quantity.ts';
import type { Plan, VolumeLookup } from './plan.ts';

/**
 * What the binder finds lacking in a volume whose claimRef names the claim; empty: nothing, it binds the two. As
 * FindMatchingVolume of k8s.io/component-helpers 0.36: a class that differs is no objection to such a volume.
 */
export function shortfallOf(claim: PersistentVolumeClaim, { metadata, spec }: PersistentVolume): string {
  if (spec.claimRef?.uid) return ''; // they are bound to each other: whatever was lacking was found to be good enough
  if (metadata.deletionTimestamp !== undefined) return 'is being deleted';
  const has = bytesOf(spec.capacity['storage']) ?? 0n;
  const wants = bytesOf(claim.spec.resources.requests['storage']) ?? 0n;
  if (has < wants) return `has ${formatQuantity(has)}, and the claim requests ${formatQuantity(wants)}`;
  const missing = (claim.spec.accessModes ?? []).filter((mode) => !spec.accessModes?.includes(mode));
  if (missing.length > 0) return `has no access mode ${missing.join(', ')}, which the claim asks for`;
  const mode = spec.volumeMode ?? 'Filesystem';
  return mode === (claim.spec.volumeMode ?? 'Filesystem') ? '' : `has volume mode ${mode}, and the claim another`;
}

/** The data that the claim is meant to get is in that volume: an empty directory beside it would look like a loss. */
export function misfitOf(claim: PersistentVolumeClaim, volumes: VolumeLookup): Plan | undefined {
  const [volume] = volumes.meantFor(claim);
  if (!volume) return undefined;
  const { name } = volume.metadata;
  const message = `PersistentVolume ${name} is kept for this claim and cannot be bound to it: it ${shortfallOf(claim, volume)}: make the claim again so that it fits, or delete that volume`;
  const until = { volumeGoes: name };
  if (volume.metadata.deletionTimestamp !== undefined) return { kind: 'wait', message, until };
  return { kind: 'refuse', reason: 'kept-volume-misfits', message, until };
}
