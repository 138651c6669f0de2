import { createLedgerReader, type LedgerReader } from '../operator/ledger/reader.ts';
import { systemClock } from '../telemetry/clock.ts';
import type { Log } from '../telemetry/log.ts';
import type { RecordingOptions } from './changes.ts';
import type { Terminal } from './output.ts';

/** Beside this file in the sources, beside the program in a bundle. */
const ENTRY = new URL(import.meta.url.endsWith('.ts') ? './ledger-thread.ts' : './ledger-thread.mjs', import.meta.url);

/** What the console reads the ledger with, where one is named. Nothing is read before somebody asks. */
export function consoleLedger(
  { env }: Pick<Terminal, 'env'>,
  { ledger }: RecordingOptions,
  log: Log,
): { readonly ledger?: LedgerReader } {
  if (ledger === undefined || ledger === '') return {};
  const token = env['LARDER_LEDGER_TOKEN'] ?? '';
  return { ledger: createLedgerReader({ entry: ENTRY, target: ledger, token, clock: systemClock, log }) };
}
