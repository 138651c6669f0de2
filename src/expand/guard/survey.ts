/** Surveys one claim before its request may be raised: everything of guards.ts in one go. */
import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '../../kube/kinds.ts';
import { bytesOf } from '../../kube/quantity.ts';
import type { Claim } from '../claim.ts';
import { freeCapacity } from './capacity.ts';
import type { Circuits } from './circuits.ts';
import type { Approval, Guards, Reading } from './guards.ts';
import { limitsOf } from './limit.ts';
import type { GuardReads } from './reads.ts';
import { snapshotsOf } from './snapshot.ts';
import type { Spending } from './spending.ts';
import { volumeState } from './volume.ts';

/** What holds growth back, and remembers. */
export interface Restraints {
  readonly spending: Spending;
  readonly circuits: Circuits;
}

export interface Surveyed {
  readonly object: PersistentVolumeClaim;
  readonly claim: Claim;
  readonly volume: PersistentVolume | undefined;
  readonly storageClass: StorageClass | undefined;
  readonly mounted: boolean;
}

const APPROVED = 'larder.dev/approved-up-to';

export function survey(
  { object, claim, volume, storageClass, mounted }: Surveyed,
  reads: GuardReads,
  restraints: Restraints | undefined,
): Guards {
  const capacities = reads.capacities(claim.className);
  const driver = driverOf(volume, storageClass);
  const budgets = restraints?.spending.of(claim.namespace);
  return {
    volume: volumeState(claim, volume),
    volumeBytes: bytesOf(volume?.spec.capacity['storage']),
    mounted,
    limits: map(reads.limitRanges(claim.namespace), limitsOf),
    capacity: capacities.kind === 'known' ? freeCapacity(capacities.value, volume, claim.className) : capacities,
    snapshots: map(reads.snapshots(claim.key), snapshotsOf),
    backups: reads.backups(claim),
    approval: approvalOf(object),
    namespaceBudget: budgets?.namespaceBudget,
    clusterBudget: budgets?.clusterBudget,
    circuit: driver === '' ? undefined : restraints?.circuits.of(driver, claim.key),
  };
}

/** The name under which failures are counted; empty: there is none. */
function driverOf(volume: PersistentVolume | undefined, storageClass: StorageClass | undefined): string {
  return volume?.spec.csi?.driver ?? storageClass?.provisioner ?? '';
}

function approvalOf({ metadata: { annotations } }: PersistentVolumeClaim): Approval | undefined {
  const text = annotations?.[APPROVED];
  return text === undefined ? undefined : { text, bytes: bytesOf(text) };
}

function map<T, U>(reading: Reading<T>, change: (value: T) => U): Reading<U> {
  return reading.kind === 'known' ? { kind: 'known', value: change(reading.value) } : reading;
}
