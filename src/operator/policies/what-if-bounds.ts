/** How much a what-if may take of the process that storage depends on. */
import type { Rest } from '../../expand/simulate/simulate.ts';
import { type Clock, sleep } from '../../telemetry/clock.ts';

export const CLAIMS_AT_MOST = 1_000;
export const MEASUREMENTS_AT_MOST = 5_000_000;
export const TIME_AT_MOST_MS = 20_000;
/** So long it computes before everything else has its turn. */
const SLICE_MS = 8;
const REST_MS = 2;

/** Also in the middle of a claim. */
export class TimeIsUp extends Error {
  override readonly name = 'TimeIsUp';
}

/**
 * Computes for a slice, then lets the others work; throws `TimeIsUp` in time, and `signal.reason` when nobody waits for it
 * any more.
 */
export function resting(clock: Clock, signal: AbortSignal): Rest {
  const deadline = clock.monotonic() + TIME_AT_MOST_MS;
  let end = clock.monotonic() + SLICE_MS;
  return () => {
    const now = clock.monotonic();
    if (now >= deadline) throw new TimeIsUp();
    if (now < end) return undefined;
    return sleep(clock, REST_MS, signal).then(() => {
      end = clock.monotonic() + SLICE_MS;
    });
  };
}
