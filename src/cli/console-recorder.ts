import type { Recorder, RecorderOptions } from '../ledger/recorder.ts';
import { systemClock, systemRandom } from '../telemetry/clock.ts';
import { CodedError } from '../telemetry/registry.ts';
import type { RecordingOptions } from './changes.ts';
import { Exit, exitCodes } from './exit.ts';
import type { Terminal } from './output.ts';

/**
 * What records the actions of the console, where a ledger is named. Storage does not wait for a ledger: where it cannot be
 * written the operator runs, says so, and refuses those actions until it can.
 */
export async function consoleRecorder(
  { env, err }: Terminal,
  { ledger, ledgerKey }: RecordingOptions,
): Promise<{ readonly recorder?: Recorder }> {
  if (ledger === undefined || ledger === '') return {};
  const recorder = openedWhenNeeded({
    ...{ target: ledger, env, clock: systemClock, random: systemRandom, commit: true },
    ...(ledgerKey === undefined ? {} : { key: ledgerKey }),
  });
  try {
    const { actionEvent } = await import('../ledger/action.ts');
    const now = systemClock.now();
    const trial = { actionId: systemRandom.uuid(), command: 'larder', surface: 'console', result: 'success' } as const;
    await recorder.check(actionEvent({ ...trial, startedAt: now, completedAt: now, objects: [] }));
    for (const file of recorder.left()) err(`not in the ledger: larder ledger append ${file}\n`);
  } catch (failure) {
    if (!(failure instanceof CodedError)) throw failure;
    err(`actions of the console are refused until they can be recorded: ${failure.message} (${failure.code})\n`);
  }
  return { recorder };
}

function openedWhenNeeded(options: RecorderOptions): Recorder {
  let opened: Recorder | undefined;
  const there = (): Recorder => {
    if (opened) return opened;
    throw new Exit(exitCodes.finding, 'the ledger is written before it was looked at');
  };
  return {
    async check(event, signal) {
      const { openRecorder } = await import('../ledger/recorder.ts');
      opened ??= await openRecorder(options);
      await opened.check(event, signal);
    },
    keep: (id, event) => there().keep(id, event),
    record: (id, event) => there().record(id, event),
    forget: (id) => there().forget(id),
    left: () => there().left(),
  };
}
