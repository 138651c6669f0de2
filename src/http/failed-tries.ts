/** How often an address has shown a token that nobody has. Each such token costs a question elsewhere. */
import type { Clock } from '../telemetry/clock.ts';
import { HttpError } from './registry.ts';

export interface FailedTries {
  /** @throws HttpError 429 when there were too many lately. */
  check(address: string): void;
  count(address: string): void;
}

const WINDOW_MS = 60_000;
const AT_MOST = 20;
/** Addresses are what others choose, so only so many are remembered; the oldest goes first. */
const REMEMBERED = 10_000;

interface Tries {
  readonly since: number;
  readonly failed: number;
}

export function createFailedTries(clock: Clock): FailedTries {
  const known = new Map<string, Tries>();
  const triesOf = (address: string): Tries => {
    const now = clock.monotonic();
    const tries = known.get(address);
    return tries && now - tries.since < WINDOW_MS ? tries : { since: now, failed: 0 };
  };
  return {
    check(address) {
      const { since, failed } = triesOf(address);
      if (failed < AT_MOST) return;
      const seconds = Math.ceil((since + WINDOW_MS - clock.monotonic()) / 1000);
      const said = `this address has shown ${AT_MOST} tokens that nobody has: try again in ${seconds} s`;
      throw new HttpError('LARDER_HTTP_TOO_MANY', 429, said);
    },
    count(address) {
      const { since, failed } = triesOf(address);
      known.delete(address); // a Map is in the order of insertion
      known.set(address, { since, failed: failed + 1 });
      const oldest = known.keys().next();
      if (known.size > REMEMBERED && oldest.done !== true) known.delete(oldest.value);
    },
  };
}
