import { type Trend, trendOf } from '../forecast/trend.ts';

/** The trend of usage that lies on one line: a few points of it say the same as all of them. */
export function trendOfLine(
  perMs: number,
  { points, spanMs }: { readonly points: number; readonly spanMs: number },
  limits: { readonly samples: number; readonly spanMs: number },
): Trend {
  if (points < limits.samples || spanMs < limits.spanMs)
    return { points, spanMs, robust: undefined, recent: undefined };
  const times = Float64Array.from({ length: 8 }, (_, index) => (index * spanMs) / 7);
  const line = Float64Array.from({ length: 16 }, (_, index) =>
    index % 2 === 0 ? (times[index / 2] ?? 0) : (times[(index - 1) / 2] ?? 0) * perMs,
  );
  const trend = trendOf(
    {
      points: line,
      latestAt: spanMs,
      latestLevel: 0,
      capacityBytes: 1n,
      origin: '',
      zeroBytes: 0n,
      cleanedAt: undefined,
    },
    { samples: 8, spanMs: limits.spanMs },
  );
  return { ...trend, points };
}
