import { createPlaces } from '../../http/places.ts';
import type { Clock } from '../../telemetry/clock.ts';
import type { Log } from '../../telemetry/log.ts';
import { type ConversionOutcome, runConversion } from './conversion-process.ts';

/** One conversion at a time, so that however many ask, the operator's own work goes on. */
export interface Conversions {
  /**
   * Waits for its turn; undefined where too many wait already, or too many of this person. Never rejects but with
   * `signal.reason`.
   */
  convert(asked: AskedConversion, signal: AbortSignal): Promise<ConversionOutcome | undefined>;
}

export interface AskedConversion {
  readonly who: string;
  readonly body: Buffer;
}

/** Each waits for those before it, at most a minute for each. */
const WAITING_AT_MOST = 4;
/** Nobody takes all places; who asks anew leaves the place that they had. */
const OF_ONE_AT_MOST = 3;

export interface ConversionsOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly run?: typeof runConversion;
}

export function createConversions({ clock, log, run = runConversion }: ConversionsOptions): Conversions {
  let last: Promise<unknown> = Promise.resolve();
  let present = 0;
  const places = createPlaces(OF_ONE_AT_MOST);
  const inTurn = async (body: Buffer, signal: AbortSignal): Promise<ConversionOutcome> => {
    signal.throwIfAborted();
    const outcome = await run(body, clock, signal);
    signal.throwIfAborted();
    if (outcome.kind === 'ended')
      log.warn({ reason: outcome.why, bytes: body.length }, 'a conversion of jobs was ended');
    return outcome;
  };
  return {
    async convert({ who, body }, signal) {
      const leave = present > WAITING_AT_MOST ? undefined : places.take(who);
      if (!leave) return undefined;
      present += 1;
      signal.addEventListener('abort', leave, { once: true });
      const mine = last.then(() => inTurn(body, signal));
      last = mine.catch(() => undefined); // whoever asked is told; the next one has its turn
      try {
        return await mine;
      } finally {
        present -= 1;
        signal.removeEventListener('abort', leave);
        leave();
      }
    },
  };
}
