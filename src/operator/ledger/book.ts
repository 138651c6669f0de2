/** A ledger as the console reads it: in a folder of this machine, or served by another. Nothing is written to either. */
import type { ArtifactContent } from '../../ledger/artifact-content.ts';
import type { Finding } from '../../ledger/finding.ts';
import type { Artifact, LedgerRecord } from '../../ledger/record.ts';
import type { State } from '../../ledger/state.ts';
import type { CheckedFile } from '../../ledger/survey.ts';
import type { LedgerFinding, LookedAt } from './ledger-api.ts';

/** As it was read last. Another object: something in it is different. */
export interface Pages {
  /** Every file of a record, also those that are broken and those that hang together with nothing. */
  readonly files: readonly CheckedFile[];
  /** What hangs together, each after those that it follows. */
  readonly records: readonly LedgerRecord[];
  /** The newest; of several ends the one with the largest number. Undefined: nothing begins a ledger. */
  readonly head: LedgerRecord | undefined;
  readonly state: State;
  /** About the records; what stands beside them is for `verify`. */
  readonly findings: readonly Finding[];
}

export interface Verified {
  readonly findings: readonly LedgerFinding[];
  readonly looked: readonly LookedAt[];
  /** Files of evidence that were looked at; undefined where who serves it does not say. */
  readonly evidence: number | undefined;
}

/** Every method throws LedgerError where it cannot be read. */
export interface Book {
  /** The root of the repository, or the address. */
  readonly where: string;
  /** What `larder ledger verify` and its kin are given to find it. */
  readonly option: string;
  /** Undefined before the first time. */
  pages(): Pages | undefined;
  /** Picks up what others wrote. */
  refresh(): Promise<void>;
  /** Reads everything again, and what stands beside the records. */
  verify(): Promise<Verified>;
  content(record: Pick<LedgerRecord, 'id'>, artifact: Artifact): Promise<ArtifactContent>;
}
