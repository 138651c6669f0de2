/** The directories behind bound claims, for growth. */
import type { Headroom } from '../expand/constraints.ts';
import type { PersistentVolume } from '../kube/kinds.ts';
import { bytesOf } from '../kube/quantity.ts';
import type { PlanSettings } from '../provision/plan.ts';
import type { Provision } from '../provision/provision.ts';
import { budgetRoom } from '../provision/quota/growth.ts';
import type { Storage } from '../provision/storage.ts';
import { addressOf, isOurs, locate } from '../provision/volume.ts';
import type { SpaceWatch } from './space.ts';

interface Directory {
  /** Name. */
  readonly volume: string;
  readonly sizeBytes: bigint;
}

export interface Directories {
  /** Of a claim, by `namespace/name`; undefined: not one of ours. */
  of(key: string): Directory | undefined;
  /** The room that its export has left; undefined: not one of ours, or not known. */
  free(key: string): Headroom | undefined;
}

interface DirectoriesOptions extends Pick<PlanSettings, 'provisionerNames'> {
  readonly storages: readonly Storage[];
}

export function directoriesOf(
  { provisionerNames, storages }: DirectoriesOptions,
  { catalog, volumes }: Pick<Provision, 'catalog' | 'volumes'>,
  space: SpaceWatch,
): Directories {
  const { caches, settings } = catalog;
  const byDescription = new Map(storages.map((storage) => [storage.description, storage]));
  const volumeOf = (key: string): PersistentVolume | undefined => {
    const volume = caches.volumes.get(caches.claims.get(key)?.spec.volumeName ?? '');
    return volume && isOurs(volume, provisionerNames) ? volume : undefined;
  };
  return {
    of(key) {
      // Asked for every claim at each look: of a bound volume it is known where it is, and its path need not be read again.
      const known = volumes.measuredOf(caches.claims.get(key)?.spec.volumeName ?? '');
      if (known) return { volume: known.volume, sizeBytes: known.limitBytes };
      const volume = volumeOf(key);
      if (!volume || locate(volume, settings.exports).kind !== 'at') return undefined;
      return { volume: volume.metadata.name, sizeBytes: bytesOf(volume.spec.capacity['storage']) ?? 0n };
    },
    free(key) {
      const volume = volumeOf(key);
      const location = volume && locate(volume, settings.exports);
      if (!volume || location?.kind !== 'at') return undefined;
      const storage = byDescription.get(location.export);
      const figures = storage && space.latest(storage);
      const onExport = figures && { bytes: figures.freeBytes, source: `export ${addressOf(location.export)}` };
      return least(onExport, budgetRoom(catalog, volume));
    },
  };
}

/** The tighter of two; undefined: nothing is known to be in the way. */
const least = (one: Headroom | undefined, other: Headroom | undefined): Headroom | undefined =>
  one && other ? (other.bytes < one.bytes ? other : one) : (one ?? other);
