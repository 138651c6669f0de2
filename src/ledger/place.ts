/** Where a ledger is and what it may use there: the files, git, the clock, a key. */
import type { Clock, Random } from '../telemetry/clock.ts';
import { type Disk, systemDisk } from './disk.ts';
import type { HeadSource } from './head-source.ts';
import type { Remembered } from './remembered.ts';
import { findRepository, type Repository } from './repository.ts';
import type { Signer } from './signer.ts';

export interface LedgerOptions {
  /** A folder in the operators' repository. */
  readonly root: string;
  readonly clock: Clock;
  readonly random: Random;
  /** Without it nothing is appended but what somebody else has signed. */
  readonly signer?: Signer;
  /** Values that must not get into a record, whatever they look like. */
  readonly knownSecrets?: readonly string[];
  /** Places beside the records and this clone that remember heads. */
  readonly heads?: readonly HeadSource[];
  readonly disk?: Disk;
  /** What earlier processes found whole, for opening alone. Without it all is checked in full. */
  readonly remembered?: Remembered;
  /** Of `root`; git is asked where it is not given. */
  readonly repository?: Repository;
}

export interface Place extends Omit<LedgerOptions, 'heads' | 'knownSecrets' | 'remembered'> {
  /** The root of the repository. */
  readonly root: string;
  readonly repository: Repository;
  readonly disk: Disk;
  readonly heads: readonly HeadSource[];
  readonly knownSecrets: readonly string[];
}

/** @throws LedgerError LARDER_LEDGER_NOT_FOUND */
export async function placeOf(options: LedgerOptions): Promise<Place> {
  const { repository = await findRepository(options.root) } = options;
  const { disk = systemDisk, heads = [], knownSecrets = [], remembered: _ofOpening, ...rest } = options;
  return { ...rest, root: repository.root, repository, disk, heads, knownSecrets };
}
