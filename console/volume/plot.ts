/** What the chart of a volume draws, from its measurements, its growths and its forecast. Pure. */
import type { Point } from '../live/recent.ts';
import type { Explained, ExplainedForecast } from './explained.ts';

export interface Plot {
  /** Seconds since the epoch, ascending. */
  readonly at: readonly number[];
  /** Bytes; null where there is none at that moment. */
  readonly used: readonly (number | null)[];
  readonly size: readonly (number | null)[];
  readonly threshold: readonly (number | null)[];
  /** From the newest measurement on; the same where one rate alone is known. */
  readonly slow: readonly (number | null)[];
  readonly fast: readonly (number | null)[];
}

/** How much of the chart the future may take. */
const FUTURE_SHARE = 0.25;
const FUTURE_POINTS = 12;
const HOUR_MS = 3_600_000;

/** At one moment; `used` null: it was not measured then. */
interface Known {
  readonly at: number;
  readonly used: number | null;
  readonly size: number;
}

export function plotOf(points: readonly Point[], decision: Explained | undefined, thresholdRatio?: number): Plot {
  const known = knownOf(points, decision?.growths ?? []);
  const last = points.at(-1);
  const future = last && decision?.forecast ? futureOf(points, decision.forecast) : [];
  const none = future.map(() => null);
  const past = known.slice(0, -1).map(() => null);
  const joint = last && future.length > 0 ? [last[1]] : last ? [null] : [];
  const size = [...known.map((each) => each.size), ...future.map(() => last?.[2] ?? null)];
  return {
    at: [...known.map(({ at }) => at / 1000), ...future.map(([time]) => time / 1000)],
    used: [...known.map(({ used }) => used), ...none],
    size,
    threshold: size.map((bytes) => (thresholdRatio === undefined || bytes === null ? null : bytes * thresholdRatio)),
    slow: [...past, ...joint, ...future.map(([, slow]) => slow)],
    fast: [...past, ...joint, ...future.map(([, , fast]) => fast)],
  };
}

/** Between two measurements it may have grown: the size steps where it did, not where that was next seen. */
function knownOf(points: readonly Point[], growths: Explained['growths']): readonly Known[] {
  const first = points[0]?.[0] ?? 0;
  const last = points.at(-1)?.[0] ?? 0;
  const measured = points.map(([at, used, size]): Known => ({ at, used, size }));
  const times = new Set(points.map(([at]) => at));
  const grown = growths
    .filter(({ at }) => at > first && at < last && !times.has(at))
    .map(({ at, toBytes }): Known => ({ at, used: null, size: Number(toBytes) }));
  return [...measured, ...grown].sort((one, other) => one.at - other.at);
}

/** Time in ms, bytes at the slower and at the faster of the known rates, as far as they are trusted. */
function futureOf(points: readonly Point[], { robust, recent }: ExplainedForecast): readonly Point[] {
  const first = points[0];
  const last = points.at(-1);
  if (!first || !last || !robust) return [];
  const rates = [robust.bytesPerHour, recent?.bytesPerHour ?? robust.bytesPerHour];
  const spanMs = Math.min(robust.trustedMs, ((last[0] - first[0]) * FUTURE_SHARE) / (1 - FUTURE_SHARE));
  if (spanMs <= 0) return [];
  return Array.from({ length: FUTURE_POINTS }, (_, index) => {
    const ms = (spanMs * (index + 1)) / FUTURE_POINTS;
    const [slow, fast] = [Math.min(...rates), Math.max(...rates)].map((rate) =>
      Math.max(0, last[1] + (rate * ms) / HOUR_MS),
    );
    return [last[0] + ms, slow ?? last[1], fast ?? last[1]];
  });
}

/** What was measured: as it is remembered, as the operator has it in memory, and as it came meanwhile. */
export function measuredPoints(
  remembered: readonly Point[],
  decision: Explained | undefined,
  recent: readonly Point[],
): readonly Point[] {
  const byTime = new Map(remembered.map((point) => [point[0], point]));
  for (const { at, capacityBytes, usedBytes } of decision?.samples ?? []) {
    byTime.set(at, [at, Number(usedBytes), Number(capacityBytes)]);
  }
  for (const point of recent) byTime.set(point[0], point);
  return [...byTime.values()].sort(([one], [other]) => one - other);
}
