import { GROWN_DAYS, type Grown, grownOver } from './grown.ts';
import type { UsageHistory, UsagePoint, UsageQuery } from './history.ts';

const DAY_MS = 86_400_000;
/** A little more than the longest time, because nothing is measured to the second. */
const REACH_MS = 1.1 * Math.max(...GROWN_DAYS) * DAY_MS;

export interface LookBack {
  readonly grown: readonly Grown[];
  /** Why less is known than could be; empty = nothing. */
  readonly notes: readonly string[];
}

/** Asks the first; where that does not answer, the next, and says so. Never rejects but for the signal. */
export async function lookBack(
  histories: readonly UsageHistory[],
  { key, uid, to }: Omit<UsageQuery, 'from'>,
  signal?: AbortSignal,
): Promise<LookBack> {
  const { points, notes } = await pointsIn(histories, { key, uid, from: to - REACH_MS, to }, signal);
  return { grown: points.length > 0 ? grownOver(points, to) : [], notes };
}

/** The points of the first that has some. */
export async function pointsIn(
  histories: readonly UsageHistory[],
  query: UsageQuery,
  signal?: AbortSignal,
): Promise<{ readonly points: readonly UsagePoint[]; readonly notes: readonly string[] }> {
  const notes: string[] = [];
  for (const history of histories) {
    try {
      const points = await history.series(query, signal);
      if (points.length > 0) return { points, notes };
    } catch (failure) {
      signal?.throwIfAborted();
      const why = failure instanceof Error ? failure.message : String(failure);
      notes.push(`the history of usage in ${history.name} was not read: ${why}`);
    }
  }
  return { points: [], notes };
}
