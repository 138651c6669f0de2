/** Trends for tests and benches. */
import { extendTrail, type Measured, type Trail, type TrailRules } from './trail.ts';
import type { Trend, TrendRules } from './trend.ts';

export const HOUR = 3_600_000;
export const trailRules: TrailRules = { windowMs: 24 * HOUR, spacingMs: 300_000 };
export const trendRules: TrendRules = { samples: 12, spanMs: HOUR };

/** Filling at so many bytes an hour, seen over six hours. */
export function steady(bytesPerHour: number): Trend {
  const perMs = bytesPerHour / HOUR;
  return {
    points: 72,
    spanMs: 6 * HOUR,
    robust: { perMs, trustedMs: 24 * HOUR },
    recent: { perMs, trustedMs: 2 * HOUR },
  };
}

/** The trail of measurements a minute apart; `usedOf` gives the bytes in use after so many minutes. */
export function minutes(count: number, usedOf: (minute: number) => number, over: Partial<Measured> = {}): Trail {
  let trail: Trail | undefined;
  const capacityBytes = over.capacityBytes ?? 2n ** 50n;
  for (let minute = 0; minute < count; minute += 1) {
    const usedBytes = BigInt(Math.round(usedOf(minute)));
    const at = 1_000_000_000_000 + minute * 60_000;
    const measured = { at, capacityBytes, availableBytes: capacityBytes - usedBytes, origin: 'kubelet', ...over };
    trail = extendTrail(trail, measured, trailRules);
  }
  if (!trail) throw new TypeError('no measurement gives no trail');
  return trail;
}
