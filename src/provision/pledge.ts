/**
 * A volume that keeps a directory for the claim of a name while the directory is on its way back from the trash. It is
 * too small for any claim, so that nobody binds one to it; what it will be is in its annotations. Once the directory is
 * in its place it is opened: it gets its size.
 */
import type { PersistentVolume, PersistentVolumeClaim } from '../kube/kinds.ts';
import type { Draft } from '../kube/object.ts';
import type { Patch } from '../kube/patch.ts';
import { bytesOf } from '../kube/quantity.ts';
import { annotation, FINALIZER } from './annotation.ts';
import { volumeNameOf } from './draft.ts';
import { claimKeyOf, isReleased } from './volume.ts';

/** Less than any claim asks for. */
export const CLOSED = '1';

/** Saved to be opened later. */
export const isClosed = ({ metadata }: Draft<PersistentVolume>): boolean =>
  metadata.annotations?.[annotation.restoredSize] !== undefined;

/** False as soon as a claim is bound to it, which the binder does where the claim names the volume itself. */
export const isPledge = ({ metadata, spec }: PersistentVolume): boolean =>
  metadata.annotations?.[annotation.restoredSize] !== undefined && !spec.claimRef?.uid;

/** What the volume is for its users: of a pledge the size that it will have. */
export function sizeOf(volume: PersistentVolume): string | undefined {
  return isPledge(volume) ? volume.metadata.annotations?.[annotation.restoredSize] : volume.spec.capacity['storage'];
}

export const bytesOfVolume = (volume: PersistentVolume): bigint => bytesOf(sizeOf(volume)) ?? 0n;

/** Refused by the API server when the volume changed since, for example because it was given to a claim that is there. */
export const opened = (pledge: PersistentVolume): Patch => ({
  kind: 'merge',
  value: {
    metadata: {
      resourceVersion: pledge.metadata.resourceVersion,
      annotations: { [annotation.restoredSize]: null, [annotation.givenTo]: null },
    },
    spec: { capacity: { storage: sizeOf(pledge) ?? '' } },
  },
});

/** From then on an opening that was asked for earlier, and not answered, can no longer be applied. */
export const givenTo = (pledge: PersistentVolume, { metadata }: PersistentVolumeClaim): Patch => ({
  kind: 'merge',
  value: {
    metadata: {
      resourceVersion: pledge.metadata.resourceVersion,
      annotations: { [annotation.givenTo]: metadata.uid },
    },
  },
});

/**
 * The volume of a claim that came before the directory was back. It has the name under which the claim's volume is made
 * in any case: an attempt to make an empty one, wherever that is under way, and this one exclude each other.
 */
export function draftFor(claim: PersistentVolumeClaim, pledge: PersistentVolume): Draft<PersistentVolume> {
  const { metadata, spec } = pledge;
  const { [annotation.restoredSize]: size = '', [annotation.givenTo]: _given, ...notes } = metadata.annotations ?? {};
  const { namespace = '', name, uid, resourceVersion } = claim.metadata;
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: {
      name: volumeNameOf(claim),
      annotations: notes,
      ...(metadata.finalizers?.includes(FINALIZER) ? { finalizers: [FINALIZER] } : {}),
    },
    spec: {
      ...spec,
      capacity: { storage: size },
      claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, uid, resourceVersion },
    },
  };
}

/** Whether that volume is what a pledge has become: itself, opened, or the one that was made of it for a claim. */
export function isRedeemed(pledge: PersistentVolume, volume: PersistentVolume): boolean {
  const noted = (name: string): string | undefined => pledge.metadata.annotations?.[name];
  const notes = volume.metadata.annotations ?? {};
  return (
    !isPledge(volume) &&
    !isReleased(volume) &&
    volume.metadata.deletionTimestamp === undefined &&
    claimKeyOf(volume) === claimKeyOf(pledge) &&
    notes[annotation.identity] === noted(annotation.identity) &&
    notes[annotation.restoredFrom] === noted(annotation.restoredFrom)
  );
}
