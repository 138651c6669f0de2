/** How fast a volume fills, from its trail: a slope that outliers do not move, and one that follows the last half hour. */
import { median } from './median.ts';
import type { Points, Trail } from './trail.ts';

/** Bytes per millisecond; negative while data goes. */
interface Rate {
  readonly perMs: number;
  /** How far ahead it says something, milliseconds. */
  readonly trustedMs: number;
}

export interface Trend {
  readonly points: number;
  /** From the oldest to the newest point, milliseconds. */
  readonly spanMs: number;
  /** Median of the slopes between every two points (Theil 1950, Sen 1968). Undefined: too little was measured. */
  readonly robust: Rate | undefined;
  /** Mean of the latest slopes, each half life counting half. Undefined: too little was measured since much was deleted. */
  readonly recent: Rate | undefined;
}

export interface TrendRules {
  /** Points that a trend needs. */
  readonly samples: number;
  /** Milliseconds that they must cover. */
  readonly spanMs: number;
}

const HALF_LIFE_MS = 30 * 60_000;
/** Looking further ahead than this many times what was looked back on is guessing. */
const TRUSTED_SPANS = 4;
/** How many points, spread over the window, the robust rate is taken from. */
const EVEN_POINTS = 48;
/** One slope of five minutes is a burst; the fast rate wants this many. */
const RECENT_SLOPES = 3;

export function trendOf({ points, cleanedAt }: Trail, rules: TrendRules): Trend {
  const count = points.length / 2;
  const spanMs = spanOf(points);
  if (count < rules.samples || spanMs < rules.spanMs) {
    return { points: count, spanMs, robust: undefined, recent: undefined };
  }
  const robust = { perMs: medianSlope(evenly(points, spanMs / EVEN_POINTS)), trustedMs: TRUSTED_SPANS * spanMs };
  // What was deleted says nothing about how fast the volume fills; the point before it would.
  const since = cleanedAt === undefined ? points : pointsSince(points, cleanedAt);
  const recent =
    since.length / 2 <= RECENT_SLOPES
      ? undefined
      : { perMs: recentSlope(since), trustedMs: TRUSTED_SPANS * Math.min(HALF_LIFE_MS, spanOf(since)) };
  return { points: count, spanMs, robust, recent };
}

function spanOf(points: Points): number {
  return points.length === 0 ? 0 : (points[points.length - 2] ?? 0) - (points[0] ?? 0);
}

/** Points at least so far apart: many of the last hour must not outvote the few of the hours before. */
function evenly(points: Points, apartMs: number): Points {
  const kept = new Float64Array(points.length);
  let end = 0;
  for (let index = 0; index < points.length; index += 2) {
    const at = points[index] ?? 0;
    if (end > 0 && at - (kept[end - 2] ?? 0) < apartMs) continue;
    kept[end] = at;
    kept[end + 1] = points[index + 1] ?? 0;
    end += 2;
  }
  return kept.subarray(0, end);
}

function pointsSince(points: Points, at: number): Points {
  let first = 0;
  while (first < points.length && (points[first] ?? 0) < at) first += 2;
  return points.subarray(first);
}

export function medianSlope(points: Points): number {
  const slopes = new Float64Array(((points.length / 2) * (points.length / 2 - 1)) / 2);
  let count = 0;
  for (let later = 2; later < points.length; later += 2) {
    const at = points[later] ?? 0;
    const level = points[later + 1] ?? 0;
    for (let earlier = 0; earlier < later; earlier += 2) {
      const passedMs = at - (points[earlier] ?? 0);
      if (passedMs <= 0) continue;
      slopes[count] = (level - (points[earlier + 1] ?? 0)) / passedMs;
      count += 1;
    }
  }
  return median(slopes.subarray(0, count));
}

/** Weighted by time, not by count, so that a gap or a denser row of points changes nothing. */
export function recentSlope(points: Points): number {
  let sum = 0;
  let weight = 0;
  for (let later = 2; later < points.length; later += 2) {
    const passedMs = (points[later] ?? 0) - (points[later - 2] ?? 0);
    if (passedMs <= 0) continue;
    const kept = 2 ** (-passedMs / HALF_LIFE_MS);
    sum = sum * kept + (((points[later + 1] ?? 0) - (points[later - 1] ?? 0)) / passedMs) * (1 - kept);
    weight = weight * kept + (1 - kept);
  }
  return weight === 0 ? 0 : sum / weight;
}
