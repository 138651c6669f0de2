/**
 * How much was stored on a volume, over hours: the row of points that a trend is taken from. A growth of the volume moves
 * neither the data nor the trend, so it leaves no step in the row.
 */
import type { Sample } from '../usage/source.ts';

/**
 * Points one after the other, oldest first: epoch ms, then bytes stored, counted from an arbitrary origin, so that only
 * differences mean something. Numbers without objects around them: ten thousand volumes have a million of them.
 */
export type Points = Float64Array;

export interface Trail {
  /** The older half sparser; at most `TRAIL_LIMIT`. */
  readonly points: Points;
  /** The newest measurement, whether it became a point or not. */
  readonly latestAt: number;
  readonly latestLevel: number;
  /** What the levels hold for: with another capacity or origin they are counted on from where they were. */
  readonly capacityBytes: bigint;
  /** Empty: not known, any continues it. */
  readonly origin: string;
  /** Bytes stored at level 0. */
  readonly zeroBytes: bigint;
  /** Epoch ms at which much was last deleted; undefined = not within these points. */
  readonly cleanedAt: number | undefined;
}

export interface TrailRules {
  /** Milliseconds; what is older does not count. */
  readonly windowMs: number;
  /** Milliseconds between two points at least. */
  readonly spacingMs: number;
}

interface Level {
  readonly at: number;
  readonly level: number;
}

/** What a trail needs of a measurement. */
export type Measured = Pick<Sample, 'at' | 'capacityBytes' | 'availableBytes' | 'origin'>;

export const TRAIL_LIMIT = 96;
/** A fall by this share of what was stored between two measurements is a deletion, not noise. */
const DELETION = 0.1;

/** Adds a measurement. One that is impossible, or not newer, changes nothing; a clock that was set back begins afresh. */
export function extendTrail(trail: Trail | undefined, measured: Measured, rules: TrailRules): Trail | undefined {
  const { at, capacityBytes, availableBytes, origin } = measured;
  if (capacityBytes <= 0n || availableBytes < 0n || availableBytes > capacityBytes || !Number.isFinite(at)) {
    return trail;
  }
  const usedBytes = capacityBytes - availableBytes;
  if (!trail || at < trail.latestAt) {
    const points = Float64Array.of(at, 0);
    return { points, latestAt: at, latestLevel: 0, capacityBytes, origin, zeroBytes: usedBytes, cleanedAt: undefined };
  }
  if (at === trail.latestAt) return trail;
  const zeroBytes = continues(trail, measured) ? trail.zeroBytes : usedBytes - BigInt(trail.latestLevel);
  const level = Number(usedBytes - zeroBytes);
  const beforeBytes = Number(zeroBytes) + trail.latestLevel;
  const cleaned = level < trail.latestLevel - DELETION * Math.max(beforeBytes, 1);
  const points = withPoint(trail.points, { at, level }, rules);
  return {
    points,
    latestAt: at,
    latestLevel: level,
    capacityBytes,
    origin,
    zeroBytes,
    cleanedAt: cleaned ? at : trail.cleanedAt,
  };
}

/** The trail of measurements that were kept, oldest first; undefined when there is none. */
export function trailOf(kept: Iterable<Measured>, rules: TrailRules): Trail | undefined {
  let trail: Trail | undefined;
  for (const measured of kept) trail = extendTrail(trail, measured, rules);
  return trail;
}

function continues({ capacityBytes, origin }: Trail, measured: Measured): boolean {
  if (capacityBytes !== measured.capacityBytes) return false;
  return origin === '' || measured.origin === '' || origin === measured.origin;
}

function withPoint(points: Points, { at, level }: Level, { windowMs, spacingMs }: TrailRules): Points {
  const { length } = points;
  if (length > 0 && at - (points[length - 2] ?? 0) < spacingMs) return points;
  const full = length >= 2 * TRAIL_LIMIT;
  const kept = new Float64Array(length + 2);
  let end = 0;
  for (let index = 0; index < length; index += 2) {
    const pointAt = points[index] ?? 0;
    // Full, the older half is thinned: the newest hours stay exact, and the window stays long.
    const close =
      full && index < TRAIL_LIMIT && end > 0 && pointAt - (kept[end - 2] ?? 0) < windowMs / (TRAIL_LIMIT / 2);
    if (close || pointAt < at - windowMs) continue;
    kept[end] = pointAt;
    kept[end + 1] = points[index + 1] ?? 0;
    end += 2;
  }
  kept[end] = at;
  kept[end + 1] = level;
  return end === length ? kept : kept.slice(0, end + 2);
}
