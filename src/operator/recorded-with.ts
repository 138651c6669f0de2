import type { Recorder } from '../ledger/recorder.ts';
import type { Clock, Random } from '../telemetry/clock.ts';
import type { Log } from '../telemetry/log.ts';
import { owner } from './access/viewer.ts';
import type { Operations } from './server.ts';

interface Given {
  readonly recorder?: Recorder;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** The operations, recorded where there is a ledger; nothing of the ledger is loaded where there is none. */
export async function recordedWith(
  operations: Operations,
  { recorder, clock, random, log }: Given,
): Promise<Operations> {
  if (recorder === undefined) return operations;
  const { recordedOperations } = await import('./recorded-operations.ts');
  return recordedOperations(operations, { recorder, who: owner.name, clock, random, log });
}
