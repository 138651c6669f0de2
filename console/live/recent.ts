/** Measurements that came in while the page is open: the newest end of every trend. Pure. */
import type { VolumeRow } from '../../src/operator/api.ts';
import type { Feed } from '../../src/operator/console/feed.ts';

/** Epoch ms, used bytes, capacity bytes. */
export type Point = readonly [at: number, used: number, capacity: number];
/** By the volume's key, oldest first. */
export type RecentPoints = ReadonlyMap<string, readonly Point[]>;

const KEPT = 240;
const KEPT_AT_LEAST = 10;
/** Of all volumes together: a point takes about a hundred bytes of the tab. */
const POINTS_AT_MOST = 200_000;

/** The same map where no volume was measured. */
export function withRecent(recent: RecentPoints, before: Feed | undefined, after: Feed): RecentPoints {
  if (before?.volumes === after.volumes) return recent;
  const next = new Map(recent);
  const kept = Math.max(KEPT_AT_LEAST, Math.min(KEPT, Math.floor(POINTS_AT_MOST / Math.max(1, after.volumes.size))));
  let changed = false;
  for (const [key, row] of after.volumes) {
    const point = pointOf(row);
    const known = next.get(key) ?? [];
    if (!point || (known.at(-1)?.[0] ?? 0) >= point[0]) continue;
    next.set(key, [...known, point].slice(-kept));
    changed = true;
  }
  for (const key of recent.keys()) {
    if (!after.volumes.has(key)) changed = next.delete(key) || changed;
  }
  return changed ? next : recent;
}

function pointOf({ measuredAt, used, capacity, request }: VolumeRow): Point | undefined {
  if (measuredAt === undefined || used === '') return undefined;
  return [measuredAt, Number(used), Number(capacity === '' ? request : capacity)];
}

/** What was remembered, and what came since. */
export function joinPoints(older: readonly Point[], newer: readonly Point[]): readonly Point[] {
  const last = older.at(-1)?.[0] ?? 0;
  return [...older, ...newer.filter(([at]) => at > last)];
}
