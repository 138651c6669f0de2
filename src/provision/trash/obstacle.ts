/** What stands in the way of a directory that comes back. Asked right before the move: it may be long since the pledge was made. */
import type { PersistentVolume, PersistentVolumeClaim } from '../../kube/kinds.ts';
import { annotation } from '../annotation.ts';
import type { Catalog } from '../catalog.ts';
import { volumeNameOf } from '../draft.ts';
import { isPledge } from '../pledge.ts';
import type { DirectoryPath, ExportDescription, Storage, StorageProblem } from '../storage.ts';
import { claimKeyOf, directoryOf, locate } from '../volume.ts';
import { rivalsOf, rivalWords } from './rival.ts';

export interface ObstacleOptions {
  readonly catalog: Catalog;
  readonly storageOf: (description: ExportDescription) => Storage;
}

export interface Place {
  readonly storage: Storage;
  readonly description: ExportDescription;
  readonly path: DirectoryPath;
}

export type Obstacle =
  | { readonly kind: 'none' }
  /** It goes by itself, soon. */
  | { readonly kind: 'being-made' }
  /** Whether there is one is not known. */
  | { readonly kind: 'problem'; readonly problem: StorageProblem }
  | { readonly kind: 'refusal'; readonly why: string };

export async function obstacleTo(
  options: ObstacleOptions,
  pledge: PersistentVolume,
  place: Place,
  signal: AbortSignal,
): Promise<Obstacle> {
  if (isBeingMade(options.catalog, pledge, place)) return { kind: 'being-made' };
  const rival = await rivalTo(options, pledge, signal);
  if (rival.kind !== 'none') return rival;
  const why = whyNot(options.catalog, pledge, place);
  return why === undefined ? rival : { kind: 'refusal', why };
}

/** An attempt for the claim, which had not heard of the pledge, may be making a directory in this very place. */
function isBeingMade({ reservations }: Catalog, pledge: PersistentVolume, { description, path }: Place): boolean {
  const reservation = reservations.get(claimKeyOf(pledge));
  return reservation?.directory === directoryOf(description, path) && !reservation.ensured;
}

function whyNot(catalog: Catalog, pledge: PersistentVolume, { description, path }: Place): string | undefined {
  const key = claimKeyOf(pledge);
  const other = catalog
    .holders(description, path)
    .find(({ volume, relation }) => relation === 'overlap' || claimKeyOf(volume) !== key);
  if (other) {
    const user = claimKeyOf(other.volume) || other.volume.metadata.name;
    return `it is in use by ${user} (pv ${other.volume.metadata.name}): delete that volume first`;
  }
  const claim = catalog.caches.claims.get(key);
  const has = claim && otherVolumeOf(catalog, claim, pledge);
  return has && `claim ${key} was given volume ${has} meanwhile: delete that claim and run it again`;
}

/** The name of the volume that the claim has, or that was made for it; undefined: none but the pledge. */
export function otherVolumeOf(
  catalog: Catalog,
  claim: PersistentVolumeClaim,
  pledge: PersistentVolume,
): string | undefined {
  const own = catalog.named(volumeNameOf(claim))?.metadata.name;
  const has = claim.spec.volumeName || own;
  return has === pledge.metadata.name ? undefined : has;
}

/**
 * Two commands at one moment, each of which had not heard of the other, save a volume each. The first one whose directory
 * is in its place is the one: pledges are redeemed one after the other, so that there is a first.
 */
async function rivalTo(
  { catalog, storageOf }: ObstacleOptions,
  pledge: PersistentVolume,
  signal: AbortSignal,
): Promise<Exclude<Obstacle, { kind: 'being-made' }>> {
  const key = claimKeyOf(pledge);
  const entry = pledge.metadata.annotations?.[annotation.restoredFrom] ?? '';
  for (const rival of rivalsOf(catalog, key, entry)) {
    const refusal = { kind: 'refusal', why: rivalWords(rival, key, entry) } as const;
    if (!isPledge(rival)) return refusal;
    const location = locate(rival, catalog.settings.exports);
    if (location.kind !== 'at') continue; // nobody here brings it back
    const there = await storageOf(location.export).inspect(location.path, signal);
    if (there.kind === 'directory' && there.identity === rival.metadata.annotations?.[annotation.identity])
      return refusal;
    if (there.kind === 'problem' && there.problem !== 'missing') return { kind: 'problem', problem: there };
  }
  return { kind: 'none' };
}
