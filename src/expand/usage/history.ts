/** What was stored on volumes, over weeks. Kept here (history-store.ts), or by a system that remembers longer. */

import type { Measured } from '../forecast/trail.ts';

export interface UsagePoint {
  /** Epoch ms. */
  readonly at: number;
  /** Capacity less what is available. */
  readonly usedBytes: bigint;
  readonly capacityBytes: bigint;
}

export interface UsageQuery {
  /** `namespace/name`. */
  readonly key: string;
  /** Of the claim: another claim of that name has a history of its own, where the source can tell. */
  readonly uid: string;
  /** Epoch ms, both inclusive. */
  readonly from: number;
  readonly to: number;
}

export interface UsageHistory {
  /** As a user reads it, for example `Larder` or `Prometheus`. */
  readonly name: string;
  /** Oldest first, as dense as the source has it; empty when it knows nothing. Rejects when it does not answer. */
  series(query: UsageQuery, signal?: AbortSignal): Promise<readonly UsagePoint[]>;
}

/** One measurement of a claim to be kept. */
export interface Recorded extends UsagePoint {
  readonly uid: string;
}

/** As a trail takes it; whatever measures next continues it. */
export function measuredOf({ at, usedBytes, capacityBytes }: UsagePoint): Measured {
  return { at, capacityBytes, availableBytes: capacityBytes - usedBytes, origin: '' };
}

/** Time between two kept measurements of a volume. */
export const KEPT_EVERY_MS = 300_000;

export interface HistoryStore {
  /** Never throws: what the disk refuses is kept in memory for a while, and said once. */
  add(points: readonly Recorded[]): void;
  /** Oldest first, at most one per moment. */
  points(uid: string, from: number, to: number): readonly UsagePoint[];
  close(): void;
}

/** Remembers nothing. */
export const forgetfulHistory: HistoryStore = {
  add: () => undefined,
  points: () => [],
  close: () => undefined,
};

/** What a store knows, as a source. */
export function historyOf(store: HistoryStore): UsageHistory {
  return {
    name: 'Larder',
    async series({ uid, from, to }) {
      return store.points(uid, from, to);
    },
  };
}
