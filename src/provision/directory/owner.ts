import type { PersistentVolume } from '../../kube/kinds.ts';
import type { Catalog } from '../catalog.ts';
import type { Storage, TrashEntry } from '../storage.ts';
import { directoryOf, occupied } from '../volume.ts';

/**
 * The volume whose directory this is, by identity and place, or one whose directory lies in it though nobody meant to
 * move that; undefined when it belongs in the trash.
 */
export function ownerOf(catalog: Catalog, storage: Storage, entry: TrashEntry): PersistentVolume | undefined {
  if (entry.identity === '') return undefined;
  const { volumes } = catalog.caches;
  const directory = directoryOf(storage.description, entry.path);
  const lives = (volume: PersistentVolume): boolean => !catalog.isLeaving(volume);
  const own = volumes
    .byIndex('larder/identity', entry.identity)
    .find((volume) => lives(volume) && occupied(volume, catalog.settings.exports).includes(directory));
  return own ?? (entry.mistaken ? volumes.byIndex('larder/above', directory).find(lives) : undefined);
}
