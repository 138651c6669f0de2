/** A volume that is kept for the claim of a name, as `larder volumes undelete` makes it, and a claim that cannot bind to it. */
import type { PersistentVolume, PersistentVolumeClaim } from '../kube/kinds.ts';
import { bytesOf, formatQuantity } from '../kube/quantity.ts';
import type { Plan, VolumeLookup } from './plan.ts';
import { bytesOfVolume, isPledge } from './pledge.ts';

/**
 * What the binder finds lacking in a volume whose claimRef names the claim; empty: nothing, it binds the two. As
 * FindMatchingVolume of k8s.io/component-helpers 0.36: a class that differs is no objection to such a volume.
 */
export function shortfallOf(claim: PersistentVolumeClaim, volume: PersistentVolume): string {
  const { metadata, spec } = volume;
  if (spec.claimRef?.uid) return ''; // they are bound to each other: whatever was lacking was found to be good enough
  if (metadata.deletionTimestamp !== undefined) return 'is being deleted';
  const has = bytesOfVolume(volume);
  const wants = bytesOf(claim.spec.resources.requests['storage']) ?? 0n;
  if (has < wants) return `has ${formatQuantity(has)}, and the claim requests ${formatQuantity(wants)}`;
  const missing = (claim.spec.accessModes ?? []).filter((mode) => !spec.accessModes?.includes(mode));
  if (missing.length > 0) return `has no access mode ${missing.join(', ')}, which the claim asks for`;
  const mode = spec.volumeMode ?? 'Filesystem';
  return mode === (claim.spec.volumeMode ?? 'Filesystem') ? '' : `has volume mode ${mode}, and the claim another`;
}

/**
 * The data that the claim is meant to get is in that volume, or on its way there: an empty directory beside it would look
 * like a loss.
 */
export function misfitOf(claim: PersistentVolumeClaim, volumes: VolumeLookup): Plan | undefined {
  const meant = volumes.meantFor(claim);
  const coming = meant.find((each) => isPledge(each) && shortfallOf(claim, each) === '');
  if (coming) return awaiting(coming);
  const [volume] = meant;
  if (!volume) return undefined;
  const { name } = volume.metadata;
  const message = `PersistentVolume ${name} is kept for this claim and cannot be bound to it: it ${shortfallOf(claim, volume)}: make the claim again so that it fits, or delete that volume`;
  const until = { volumeGoes: name };
  if (volume.metadata.deletionTimestamp !== undefined) return { kind: 'wait', message, until };
  return { kind: 'refuse', reason: 'kept-volume-misfits', message, until };
}

function awaiting({ metadata: { name } }: PersistentVolume): Plan {
  const message = `PersistentVolume ${name} is kept for this claim and is opened when its directory is back: see the events of pv ${name}; delete it to have an empty volume`;
  return { kind: 'wait', message, until: { pledge: name } };
}
