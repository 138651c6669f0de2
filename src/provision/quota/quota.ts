/** Limits of directories as the provisioner sees them. Where the filesystem has none every method says why. */
import type { DirectoryPath, StorageProblem } from '../storage.ts';
import type { QuotaKind } from './backend.ts';
import type { QuotaEntry } from './report.ts';

export interface Support {
  readonly kind: 'supported';
  readonly backend: QuotaKind;
}

export interface LimitRequest {
  readonly path: DirectoryPath;
  readonly bytes: bigint;
  /** The project number that the directory shall have, or the next one that is free; with `mark: false` the one it has. */
  readonly id: number;
  /** Whether the directory and what is in it get the number; else only the limit changes. */
  readonly mark: boolean;
  readonly maxOperations: number;
}

export type LimitResult =
  | {
      readonly kind: 'limited';
      /** The number that the directory has; 0 where the filesystem counts by directory. */
      readonly id: number;
      /** More is to be marked, and the limit is not set yet: ask again with the same request. */
      readonly remaining: boolean;
    }
  | StorageProblem;

export interface QuotaReport {
  readonly kind: 'quotas';
  readonly backend: QuotaKind;
  readonly entries: readonly QuotaEntry[];
}

export interface Quota {
  /** Asks the filesystem and its tools; remembered for a minute. */
  support(signal?: AbortSignal): Promise<Support | StorageProblem>;
  limit(request: LimitRequest, signal?: AbortSignal): Promise<LimitResult>;
  /** Takes the limit away; what the directory holds is still counted under its number. */
  lift(
    request: { readonly path: DirectoryPath; readonly id: number },
    signal?: AbortSignal,
  ): Promise<{ readonly kind: 'lifted' } | StorageProblem>;
  /** Everything that the filesystem counts, other people's too. */
  report(signal?: AbortSignal): Promise<QuotaReport | StorageProblem>;
}
