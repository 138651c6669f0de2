import type { PersistentVolume } from '../../kube/kinds.ts';
import { annotation } from '../annotation.ts';
import type { Catalog } from '../catalog.ts';
import type { DirectoryPath, ExportDescription, Storage, TrashEntry } from '../storage.ts';
import { directoryOf, occupied } from '../volume.ts';

/**
 * The volume whose directory this is, by identity and place; or one that was made so that this entry comes back as its
 * directory; or one whose directory lies in it though nobody meant to move that. Undefined when it belongs in the trash.
 */
export function ownerOf(catalog: Catalog, storage: Storage, entry: TrashEntry): PersistentVolume | undefined {
  if (entry.identity === '') return undefined;
  const { volumes } = catalog.caches;
  const { exports } = catalog.settings;
  const directory = directoryOf(storage.description, entry.path);
  const lives = (volume: PersistentVolume): boolean => !catalog.isLeaving(volume);
  const own = volumes
    .byIndex('larder/identity', entry.identity)
    .find(
      (volume) =>
        lives(volume) &&
        (occupied(volume, exports).includes(directory) || promisedPath(volume, entry, storage.description, exports)),
    );
  return own ?? (entry.mistaken ? volumes.byIndex('larder/above', directory).find(lives) : undefined);
}

/** Where an entry goes that belongs to a volume: where that was made for it, or where it was. */
export function placeFor(
  owner: PersistentVolume,
  entry: TrashEntry,
  { description }: Storage,
  exports: readonly ExportDescription[],
): DirectoryPath {
  return promisedPath(owner, entry, description, exports) ?? entry.path;
}

/** The volume was made so that this entry comes back. */
export const isPromised = ({ metadata }: PersistentVolume, { entry }: TrashEntry): boolean =>
  metadata.annotations?.[annotation.restoredFrom] === entry;

/** Of a volume that names the entry as what it comes from: its directory on that folder. */
function promisedPath(
  volume: PersistentVolume,
  entry: TrashEntry,
  { root }: ExportDescription,
  exports: readonly ExportDescription[],
): DirectoryPath | undefined {
  if (!isPromised(volume, entry)) return undefined;
  const place = occupied(volume, exports).find((directory) => directory.startsWith(`${root}/`));
  return place?.slice(root.length + 1).split('/');
}
