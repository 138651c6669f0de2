/**
 * Fewer points that look the same: of each stretch of time the lowest and the highest stay, and the first and last of all.
 * Pure. `points`: at least 2; times ascend.
 */
export function thin<Point extends readonly [at: number, value: number, ...rest: readonly number[]]>(
  points: readonly Point[],
  atMost: number,
): readonly Point[] {
  const first = points[0];
  const last = points.at(-1);
  if (!first || !last || points.length <= atMost) return points;
  const stretches = Math.max(1, Math.floor((atMost - 2) / 2));
  const widthMs = Math.max(1, (last[0] - first[0]) / stretches);
  const extremes = new Map<number, { low: Point; high: Point }>();
  for (const point of points.slice(1, -1)) {
    const stretch = Math.min(stretches - 1, Math.floor((point[0] - first[0]) / widthMs));
    const known = extremes.get(stretch);
    if (!known) extremes.set(stretch, { low: point, high: point });
    else if (point[1] < known.low[1]) known.low = point;
    else if (point[1] > known.high[1]) known.high = point;
  }
  const kept = [...extremes.values()].flatMap(({ low, high }) =>
    low === high ? [low] : low[0] < high[0] ? [low, high] : [high, low],
  );
  return atMost < 4 ? [first, last] : [first, ...kept, last];
}
