import type { Clock } from '../../telemetry/clock.ts';
import type { Log } from '../../telemetry/log.ts';
import { type ConversionOutcome, runConversion } from './conversion-process.ts';

/** One conversion at a time, so that however many ask, the operator's own work goes on. */
export interface Conversions {
  /** Waits for its turn; undefined where too many wait already. Never rejects but with `signal.reason`. */
  convert(body: Buffer, signal: AbortSignal): Promise<ConversionOutcome | undefined>;
}

/** Each waits for those before it, at most a minute for each. */
const WAITING_AT_MOST = 4;

export interface ConversionsOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly run?: typeof runConversion;
}

export function createConversions({ clock, log, run = runConversion }: ConversionsOptions): Conversions {
  let last: Promise<unknown> = Promise.resolve();
  let present = 0;
  const inTurn = async (body: Buffer, signal: AbortSignal): Promise<ConversionOutcome> => {
    signal.throwIfAborted();
    const outcome = await run(body, clock, signal);
    signal.throwIfAborted();
    if (outcome.kind === 'ended')
      log.warn({ reason: outcome.why, bytes: body.length }, 'a conversion of jobs was ended');
    return outcome;
  };
  return {
    async convert(body, signal) {
      if (present > WAITING_AT_MOST) return undefined;
      present += 1;
      const mine = last.then(() => inTurn(body, signal));
      last = mine.catch(() => undefined); // whoever asked is told; the next one has its turn
      try {
        return await mine;
      } finally {
        present -= 1;
      }
    },
  };
}
