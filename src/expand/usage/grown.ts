import type { UsagePoint } from './history.ts';

const DAY_MS = 86_400_000;
/** How far from the wanted moment a measurement may lie, as a share of the way back. */
const NEAR = 0.1;

/** How much more is stored than some days ago. */
export interface Grown {
  readonly days: number;
  /** Negative: less is. Undefined: nothing is known from then. */
  readonly bytes: bigint | undefined;
}

export const GROWN_DAYS = [1, 7, 30] as const;

/** `points` oldest first. */
export function grownOver(points: readonly UsagePoint[], now: number): readonly Grown[] {
  const newest = points.at(-1);
  return GROWN_DAYS.map((days) => {
    const wanted = now - days * DAY_MS;
    const before = nearest(points, wanted);
    const near = before && Math.abs(before.at - wanted) <= NEAR * days * DAY_MS;
    return { days, bytes: newest && before && near ? newest.usedBytes - before.usedBytes : undefined };
  });
}

function nearest(points: readonly UsagePoint[], at: number): UsagePoint | undefined {
  let best: UsagePoint | undefined;
  for (const point of points) {
    if (!best || Math.abs(point.at - at) < Math.abs(best.at - at)) best = point;
  }
  return best;
}
