import type { Random } from '../telemetry/clock.ts';

export interface BackoffOptions {
  /** Upper bound of the first wait, milliseconds; default 100. */
  readonly baseMs?: number;
  /** Upper bound of every wait, milliseconds; default 30,000. */
  readonly capMs?: number;
}

/**
 * How long to wait before the next try, with full jitter: uniform between 0 and base × 2^attempt, capped. Many clients
 * that failed together then come back spread out. `attempt` counts from 0.
 */
export function backoff(attempt: number, random: Random, options: BackoffOptions = {}): number {
  const { baseMs = 100, capMs = 30_000 } = options;
  // 2^1024 is Infinity, and min() still caps it.
  return random.next() * Math.min(capMs, baseMs * 2 ** Math.max(0, attempt));
}

const MOST_SPREAD_MS = 5_000;

/**
 * A wait that a server asked for, made longer by chance: at most twice as long, and by no more than five seconds. A busy
 * server tells all whom it refuses at one moment to come back after the same second; those that do refuse each other
 * again. `askedMs` 0 stays 0.
 */
export function spread(askedMs: number, random: Random): number {
  return askedMs + (1 - random.next()) * Math.min(askedMs, MOST_SPREAD_MS);
}
