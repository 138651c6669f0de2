/** How often an address has shown a token that nobody has. Each such token costs a question elsewhere. */
import type { Clock } from '../telemetry/clock.ts';
import { createPlaces } from './places.ts';
import { HttpError } from './registry.ts';

export interface FailedTries {
  /** Gives what `ask` gives; false and undefined are a token that nobody has. @throws HttpError 429 when there were too many lately. */
  known<T>(address: string, ask: () => Promise<T>): Promise<T>;
}

const WINDOW_MS = 60_000;
const AT_MOST = 20;
/** Of one address: they count as failed only when they are answered, which may take as long as the API server takes. */
const WAITING_AT_MOST = 64;
/** Addresses are what others choose, so only so many are remembered; the oldest goes first. */
const REMEMBERED = 10_000;

interface Tries {
  readonly since: number;
  readonly failed: number;
}

export function createFailedTries(clock: Clock): FailedTries {
  const known = new Map<string, Tries>();
  const waiting = createPlaces(WAITING_AT_MOST);
  const triesOf = (address: string): Tries => {
    const now = clock.monotonic();
    const tries = known.get(address);
    return tries && now - tries.since < WINDOW_MS ? tries : { since: now, failed: 0 };
  };
  const check = (address: string): void => {
    const { since, failed } = triesOf(address);
    if (failed >= AT_MOST) {
      const seconds = Math.ceil((since + WINDOW_MS - clock.monotonic()) / 1000);
      throw tooMany(`this address has shown ${AT_MOST} tokens that nobody has: try again in ${seconds} s`);
    }
  };
  const count = (address: string): void => {
    const { since, failed } = triesOf(address);
    known.delete(address); // a Map is in the order of insertion
    known.set(address, { since, failed: failed + 1 });
    const oldest = known.keys().next();
    if (known.size > REMEMBERED && oldest.done !== true) known.delete(oldest.value);
  };
  return {
    async known(address, ask) {
      check(address);
      const leave = waiting.take(address);
      if (!leave)
        throw tooMany(`${WAITING_AT_MOST} tokens of this address are looked at just now: try again in a few seconds`);
      try {
        const found = await ask();
        if (found === false || found === undefined) count(address);
        return found;
      } finally {
        leave();
      }
    },
  };
}

function tooMany(said: string): HttpError {
  return new HttpError('LARDER_HTTP_TOO_MANY', 429, said);
}
