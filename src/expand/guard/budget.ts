/** How much growth a day may bring in all, for the claims of a namespace and for all claims. */

/** What one growth added; negative where a request was taken back. */
export interface Spend {
  /** Milliseconds ago, on a clock that does not step. */
  readonly ageMs: number;
  readonly bytes: bigint;
}

export interface Budget {
  readonly limitBytes: bigint | 'unlimited';
  /** Within the last 24 hours; not negative. */
  readonly spentBytes: bigint;
  /** Milliseconds until the oldest growth no longer counts; undefined: there is none. */
  readonly freesInMs: number | undefined;
  /** As a user reads it, for example `bytesPerNamespaceDay, built-in`. */
  readonly source: string;
}

export const BUDGET_MS = 86_400_000;

export function budgetOf(limitBytes: Budget['limitBytes'], spends: Iterable<Spend>, source: string): Budget {
  let spentBytes = 0n;
  let oldestMs: number | undefined;
  for (const { ageMs, bytes } of spends) {
    if (ageMs >= BUDGET_MS) continue;
    spentBytes += bytes;
    if (bytes > 0n) oldestMs = Math.max(oldestMs ?? 0, ageMs);
  }
  return {
    limitBytes,
    spentBytes: spentBytes > 0n ? spentBytes : 0n,
    freesInMs: oldestMs === undefined ? undefined : BUDGET_MS - oldestMs,
    source,
  };
}

/** Bytes that may still be added; undefined: as many as wanted. */
export function leftOf({ limitBytes, spentBytes }: Budget): bigint | undefined {
  if (limitBytes === 'unlimited') return undefined;
  return limitBytes > spentBytes ? limitBytes - spentBytes : 0n;
}
