import type { Clock } from '../telemetry/clock.ts';

/** How often something may be done: `perSecond` on average, `burst` at once. */
export interface TokenBucket {
  /** Takes a token and returns 0, or takes none and returns the milliseconds after which to ask again. */
  take(): number;
}

export function createTokenBucket(clock: Clock, perSecond: number, burst: number): TokenBucket {
  let left = burst;
  let atMs = clock.monotonic();
  return {
    take() {
      const nowMs = clock.monotonic();
      left = Math.min(burst, left + ((nowMs - atMs) / 1_000) * perSecond);
      atMs = nowMs;
      if (left >= 1) {
        left -= 1;
        return 0;
      }
      return Math.ceil(((1 - left) / perSecond) * 1_000);
    },
  };
}
