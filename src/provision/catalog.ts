/** Everything this process knows about volumes, found by directory, claim and class without a request. */
import type { Cache } from '../kube/cache.ts';
import type { Indexer } from '../kube/indexes.ts';
import type { Namespace, PersistentVolume, PersistentVolumeClaim, Pod, StorageClass } from '../kube/kinds.ts';
import { bytesOf } from '../kube/quantity.ts';
import { annotation } from './annotation.ts';
import type { Holder } from './conflict.ts';
import { classNameOf, type PlanSettings, type VolumeLookup } from './plan.ts';
import { Rising } from './quota/rising.ts';
import { Tally } from './quota/tally.ts';
import { type Reservation, Reservations } from './reservation.ts';
import type { DirectoryPath, ExportDescription } from './storage.ts';
import { ancestorsOf, claimKeyOf, directoryOf, isLeaving, isOurs, occupied } from './volume.ts';

export interface ProvisionCaches {
  readonly claims: Cache<PersistentVolumeClaim>;
  readonly volumes: Cache<PersistentVolume>;
  readonly classes: Cache<StorageClass>;
  /** Absent where namespaces may not be read: no namespace can then allow adoption. */
  readonly namespaces?: Cache<Namespace> | undefined;
  /** Absent where pods may not be read: messages are then on claims only. */
  readonly pods?: Cache<Pod> | undefined;
}

/** What the caches must be created with. */
export const claimIndexes: Readonly<Record<string, Indexer<PersistentVolumeClaim>>> = {
  'larder/pending-by-class': (claim) => (isPending(claim) ? [classNameOf(claim)] : []),
};

export const volumeIndexes = (
  exports: readonly ExportDescription[],
): Readonly<Record<string, Indexer<PersistentVolume>>> => ({
  'larder/directory': (volume) => occupied(volume, exports),
  'larder/above': (volume) => [...new Set(occupied(volume, exports).flatMap(ancestorsOf))],
  'larder/claim': (volume) => (claimKeyOf(volume) === '' ? [] : [claimKeyOf(volume)]),
  'larder/available-by-class': (volume) =>
    volume.status?.phase === 'Available' && !volume.spec.claimRef ? [volume.spec.storageClassName ?? ''] : [],
  'larder/project': (volume) => {
    const project = volume.metadata.annotations?.[annotation.projectId];
    return project === undefined ? [] : [project];
  },
  'larder/identity': (volume) => {
    const identity = volume.metadata.annotations?.[annotation.identity];
    return identity === undefined ? [] : [identity];
  },
});

export const podIndexes: Readonly<Record<string, Indexer<Pod>>> = {
  'larder/pending-by-claim': (pod) => {
    if (pod.status?.phase !== 'Pending') return [];
    const names = (pod.spec.volumes ?? []).map((volume) => volume.persistentVolumeClaim?.claimName);
    return names.filter((name) => name !== undefined).map((name) => `${pod.metadata.namespace ?? ''}/${name}`);
  },
};

export const isPending = (claim: PersistentVolumeClaim): boolean =>
  !claim.spec.volumeName && claim.metadata.deletionTimestamp === undefined;

export interface Catalog extends VolumeLookup {
  readonly settings: PlanSettings;
  readonly caches: ProvisionCaches;
  readonly reservations: Reservations;
  readonly tally: Tally;
  readonly rising: Rising;
  classOf(volume: PersistentVolume): StorageClass | undefined;
  /** A volume of ours whose directory is about to be moved away. */
  isLeaving(volume: PersistentVolume): boolean;
}

export function createCatalog(caches: ProvisionCaches, settings: PlanSettings): Catalog {
  const reservations = new Reservations();
  const tally = new Tally(caches.volumes, settings);
  const rising = new Rising();
  caches.volumes.onChange(({ kind, object }) => {
    if (kind === 'deleted') rising.forget(object);
  });
  const classOf = (volume: PersistentVolume): StorageClass | undefined =>
    caches.classes.get(volume.spec.storageClassName ?? '');
  const leaving = (volume: PersistentVolume): boolean =>
    isOurs(volume, settings.provisionerNames) && isLeaving(volume, classOf(volume));

  return {
    settings,
    caches,
    reservations,
    tally,
    rising,
    classOf,
    isLeaving: leaving,
    named: (name) => caches.volumes.get(name),
    meantFor(claim) {
      const key = `${claim.metadata.namespace ?? ''}/${claim.metadata.name}`;
      return caches.volumes.byIndex('larder/claim', key).filter((volume) => {
        const uid = volume.spec.claimRef?.uid ?? '';
        return uid === '' || uid === claim.metadata.uid;
      });
    },
    hasAvailable: (className) => caches.volumes.byIndex('larder/available-by-class', className).length > 0,
    requestedBy(namespace, description, except) {
      let bytes = tally.requestedBy(namespace, description, except);
      for (const { volume, design } of reservations.all()) {
        const { name } = volume.metadata;
        const counted = name === except || caches.volumes.get(name) !== undefined;
        if (counted || design.export.root !== description.root) continue;
        if (volume.spec.claimRef?.namespace === namespace) bytes += bytesOf(volume.spec.capacity['storage']) ?? 0n;
      }
      return bytes;
    },
    holders(description, path) {
      const found = new Map<string, Holder>();
      const add = (holder: Holder): void => {
        if (!found.has(holder.volume.metadata.name)) found.set(holder.volume.metadata.name, holder);
      };
      for (const place of neighbourhood(directoryOf(description, path))) {
        const { relation } = place;
        for (const volume of caches.volumes.byIndex(place.index, place.directory)) {
          add({ volume, leaving: leaving(volume), relation, directory: relative(volume, description, path, relation) });
        }
        const reserved = place.index === 'larder/above' ? 'below' : 'at';
        for (const reservation of reservations[reserved](place.directory)) add(holderOf(reservation, relation));
      }
      return [...found.values()];
    },
  };

  function relative(
    volume: PersistentVolume,
    description: ExportDescription,
    path: DirectoryPath,
    relation: Holder['relation'],
  ): string {
    if (relation === 'same') return path.join('/');
    const directory = occupied(volume, settings.exports)[0] ?? '';
    const root = `${description.root}/`;
    return directory.startsWith(root) ? directory.slice(root.length) : directory;
  }
}

const holderOf = (reservation: Reservation, relation: Holder['relation']): Holder => ({
  volume: reservation.volume,
  leaving: reservation.withdrawing,
  unsettled: reservation.ensured === undefined,
  filling: reservation.design.clonedFrom !== undefined && reservation.ensured === undefined,
  relation,
  directory: reservation.design.path.join('/'),
});

/** The directory itself, what is below it, and what it is below of. */
function neighbourhood(directory: string) {
  return [
    { index: 'larder/directory', directory, relation: 'same' },
    { index: 'larder/above', directory, relation: 'overlap' },
    ...ancestorsOf(directory).map(
      (above) => ({ index: 'larder/directory', directory: above, relation: 'overlap' }) as const,
    ),
  ] as const;
}
