/** What the filesystem behind an export can limit, in the process of the export: one driver for each kind. */
import type { StorageProblem } from '../storage.ts';
import type { QuotaKind } from './backend.ts';
import type { QuotaEntry } from './report.ts';

/** A directory, by what the drivers know it by. */
export interface Limited {
  /** Segments from the export's root. */
  readonly path: readonly string[];
  /** Number of its project; drivers that count by directory do not look at it. */
  readonly id: number;
}

export interface QuotaDriver {
  readonly kind: QuotaKind;
  /** Whether directories are told apart by a project number that each file in them carries. */
  readonly byProject: boolean;
  /** Replaces the limit; 0n: none. Empty text: done; else what went wrong, and whose fault it looks like. */
  limit(target: Limited, bytes: bigint): Promise<string>;
  /** All that the filesystem counts. */
  report(): Promise<readonly QuotaEntry[] | StorageProblem>;
}
