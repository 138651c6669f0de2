/** What a trend means for a volume: how much more is stored by when, and when it is full. */
import type { Rules } from '../facts.ts';
import type { Trend } from './trend.ts';

/** As decisions carry it. Rates in bytes per hour, negative while data goes. */
export type Forecast =
  | {
      /** Too little was measured: what there is, and what is needed. */
      readonly kind: 'unknown';
      readonly points: number;
      readonly spanMs: number;
      readonly neededPoints: number;
      readonly neededSpanMs: number;
    }
  | {
      readonly kind: 'known';
      readonly points: number;
      /** From the oldest to the newest point, milliseconds. */
      readonly spanMs: number;
      readonly robust: HourlyRate;
      /** Undefined: much was deleted a short while ago. */
      readonly recent: HourlyRate | undefined;
      /** Milliseconds from the newest measurement; undefined: it does not fill. */
      readonly timeToFullMs: number | undefined;
      /** Whether that lies within what the rate can be trusted for; nothing is done for one that does not. */
      readonly trusted: boolean;
    };

interface HourlyRate {
  readonly bytesPerHour: number;
  /** How far ahead it is used, milliseconds. */
  readonly trustedMs: number;
}

const HOUR_MS = 3_600_000;
/** Beyond this it is as good as never. */
const LONGEST_MS = 100 * 365 * 86_400_000;

/** `availableBytes`: what is free now. */
export function forecastOf(
  trend: Trend | undefined,
  availableBytes: bigint,
  { forecastSamples, forecastSpan }: Pick<Rules, 'forecastSamples' | 'forecastSpan'>,
): Forecast {
  const { points = 0, spanMs = 0, robust, recent } = trend ?? {};
  if (!robust) {
    return { kind: 'unknown', points, spanMs, neededPoints: forecastSamples.value, neededSpanMs: forecastSpan.value };
  }
  const room = Number(availableBytes);
  const rates = [robust, ...(recent ? [recent] : [])];
  const known = rates.map(({ perMs, trustedMs }) => ({ ms: fullAfter(perMs, room), trustedMs }));
  const within = known.filter(({ ms, trustedMs }) => ms <= trustedMs).map(({ ms }) => ms);
  // The fast rate alone says nothing about days.
  const far = known[0] && known[0].ms <= LONGEST_MS ? known[0].ms : undefined;
  return {
    kind: 'known',
    points,
    spanMs,
    robust: hourly(robust),
    recent: recent && hourly(recent),
    timeToFullMs: within.length > 0 ? Math.round(Math.min(...within)) : far && Math.round(far),
    trusted: within.length > 0,
  };
}

/**
 * How much more is stored after `horizonMs`: by the larger rate, neither carried further than it can be trusted. Never
 * negative: that data goes is no promise of room.
 */
export function projectedBytes(trend: Trend | undefined, horizonMs: number): bigint {
  let most = 0;
  for (const rate of [trend?.robust, trend?.recent]) {
    if (rate) most = Math.max(most, rate.perMs * Math.min(horizonMs, rate.trustedMs));
  }
  return BigInt(Math.ceil(most));
}

function fullAfter(perMs: number, room: number): number {
  if (room <= 0) return 0;
  return perMs > 0 ? room / perMs : Number.POSITIVE_INFINITY;
}

function hourly({ perMs, trustedMs }: { perMs: number; trustedMs: number }): HourlyRate {
  return { bytesPerHour: Math.round(perMs * HOUR_MS), trustedMs };
}
