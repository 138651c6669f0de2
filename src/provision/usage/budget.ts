import { type Clock, sleep } from '../../telemetry/clock.ts';

/** A token bucket of milliseconds: work may overdraw it, the next work waits until it is out of debt. */
export interface Budget {
  /** Resolves when work may begin; rejects when the signal aborts. */
  wait(signal: AbortSignal): Promise<void>;
  spend(ms: number): void;
}

/** Work that may be done at once after a quiet time, ms: small installations never wait for the budget. */
const BURST_MS = 2_000;

/** `share` of the time, 0 to 1. */
export function createBudget(clock: Clock, share: number): Budget {
  let tokensMs = BURST_MS;
  let atMs = clock.monotonic();
  const refill = (): void => {
    const nowMs = clock.monotonic();
    tokensMs = Math.min(BURST_MS, tokensMs + (nowMs - atMs) * share);
    atMs = nowMs;
  };
  return {
    async wait(signal) {
      refill();
      if (tokensMs < 0) await sleep(clock, -tokensMs / share, signal);
    },
    spend(ms) {
      refill();
      tokensMs -= ms;
    },
  };
}
