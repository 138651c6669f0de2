/** Reads what guards look at from live copies: a kind that the cluster lacks, or the account may not read, is said so. */
import { type Cache, type CacheOptions, createCache } from '../../kube/cache.ts';
import type { Indexer } from '../../kube/indexes.ts';
import type { KubeObject } from '../../kube/object.ts';
import { backupUnderway, CLAIM_UID_LABEL, includes, isCopying, isReading } from './backup.ts';
import {
  type Backup,
  guardKinds,
  type LimitRange,
  type PodVolumeBackup,
  type StorageCapacity,
  type VolumeSnapshot,
} from './guard-kinds.ts';
import type { Reading } from './guards.ts';
import type { Underway } from './snapshot.ts';

/** Absent: this account may not list them. */
export interface GuardCaches {
  readonly limitRanges?: Cache<LimitRange> | undefined;
  readonly capacities?: Cache<StorageCapacity> | undefined;
  readonly snapshots?: Cache<VolumeSnapshot> | undefined;
  readonly backups?: Cache<Backup> | undefined;
  readonly volumeBackups?: Cache<PodVolumeBackup> | undefined;
}

export interface GuardReads {
  limitRanges(namespace: string): Reading<readonly LimitRange[]>;
  capacities(className: string): Reading<readonly StorageCapacity[]>;
  /** Of the claim with this `namespace/name`. */
  snapshots(key: string): Reading<readonly VolumeSnapshot[]>;
  /** Those that read the claim now. */
  backups(claim: { readonly namespace: string; readonly uid: string }): Reading<readonly Underway[]>;
}

const NAMESPACE = 'guard/namespace';
const CLASS = 'guard/class';
const CLAIM = 'guard/claim';
const READING = 'guard/reading';

const limitRangeIndexes: Readonly<Record<string, Indexer<LimitRange>>> = {
  [NAMESPACE]: ({ metadata }) => [metadata.namespace ?? ''],
};
const capacityIndexes: Readonly<Record<string, Indexer<StorageCapacity>>> = {
  [CLASS]: ({ storageClassName }) => [storageClassName],
};
const snapshotIndexes: Readonly<Record<string, Indexer<VolumeSnapshot>>> = {
  [CLAIM]: ({ metadata, spec }) => {
    const claim = spec.source.persistentVolumeClaimName;
    return claim === undefined ? [] : [`${metadata.namespace ?? ''}/${claim}`];
  },
};
/** A cluster keeps hundreds of old backups; those that read now are few. */
const backupIndexes: Readonly<Record<string, Indexer<Backup>>> = {
  [READING]: (backup) => (isReading(backup) ? [''] : []),
};
const volumeBackupIndexes: Readonly<Record<string, Indexer<PodVolumeBackup>>> = {
  [CLAIM]: (backup) => (isCopying(backup) ? [backup.metadata.labels?.[CLAIM_UID_LABEL] ?? ''] : []),
};

/** Snapshots and backups may not be there: their kinds are not part of Kubernetes. */
export function createGuardCaches(
  world: Pick<CacheOptions<KubeObject>, 'client' | 'clock' | 'random' | 'log' | 'metrics'>,
): { readonly [Name in keyof GuardCaches]-?: NonNullable<GuardCaches[Name]> } {
  const { LimitRange, CSIStorageCapacity, VolumeSnapshot, Backup, PodVolumeBackup } = guardKinds;
  const optional = { ...world, optional: true };
  return {
    limitRanges: createCache({ ...world, resource: LimitRange, indexes: limitRangeIndexes }),
    capacities: createCache({ ...world, resource: CSIStorageCapacity, indexes: capacityIndexes }),
    snapshots: createCache({ ...optional, resource: VolumeSnapshot, indexes: snapshotIndexes }),
    backups: createCache({ ...optional, resource: Backup, indexes: backupIndexes }),
    volumeBackups: createCache({ ...optional, resource: PodVolumeBackup, indexes: volumeBackupIndexes }),
  };
}

export function guardReads(caches: GuardCaches): GuardReads {
  return {
    limitRanges: (namespace) => reading(caches.limitRanges, 'limitranges', NAMESPACE, namespace),
    capacities: (className) => reading(caches.capacities, 'csistoragecapacities', CLASS, className),
    snapshots: (key) => reading(caches.snapshots, 'volumesnapshots', CLAIM, key),
    backups({ namespace, uid }) {
      const running = reading(caches.backups, 'backups', READING, '');
      const copying = reading(caches.volumeBackups, 'podvolumebackups', CLAIM, uid);
      if (running.kind === 'unknown' && copying.kind === 'unknown') return running;
      const whole = running.kind === 'known' ? running.value.filter((backup) => includes(backup, namespace)) : [];
      const single = copying.kind === 'known' ? copying.value : [];
      return { kind: 'known', value: [...whole, ...single].map(backupUnderway) };
    },
  };
}

function reading<T extends KubeObject>(
  cache: Cache<T> | undefined,
  plural: string,
  index: string,
  value: string,
): Reading<readonly T[]> {
  if (!cache) return unknown(`this account may not list ${plural}`);
  if (!cache.isServed()) return unknown(`the cluster has no ${cache.resource.kind} (${cache.resource.group})`);
  if (!cache.hasSynced()) return unknown(`${plural} were not read yet`);
  return { kind: 'known', value: cache.byIndex(index, value) };
}

const unknown = (reason: string): { readonly kind: 'unknown'; readonly reason: string } => ({
  kind: 'unknown',
  reason,
});
