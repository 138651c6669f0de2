import { commitRecords } from '../../ledger/commit.ts';
import { findSigner } from '../../ledger/find-signer.ts';
import type { Appended, Ledger, NewEvent } from '../../ledger/ledger.ts';
import { type LedgerRecord, recordPath } from '../../ledger/record.ts';
import { refusal } from '../../ledger/refusal.ts';
import type { Signer } from '../../ledger/signer.ts';
import { systemClock, systemRandom } from '../../telemetry/clock.ts';
import { Exit, exitCodes } from '../exit.ts';
import { paint, type Terminal } from '../output.ts';
import { folderOf, kept, openLedger, type WriteOptions } from './place.ts';

/** What a verb says about what it is to record, with the ledger as it stands. Throws Exit where it cannot be said. */
export type Says = (ledger: Ledger, signer: Signer) => NewEvent | Promise<NewEvent>;

/** Records one event and commits it. What was recorded is told on stderr; throws Exit for everything else. */
export function append(terminal: Terminal, options: WriteOptions, says: Says): Promise<LedgerRecord> {
  return kept(async () => {
    const root = folderOf(terminal, options);
    const key = options.key === undefined ? {} : { key: options.key };
    const signer = await findSigner({ env: terminal.env, repository: root, ...key });
    const ledger = await openLedger({ root, signer });
    const record = appendedRecord(terminal, await ledger.append(await says(ledger, signer)));
    await commit(terminal, options, ledger);
    return record;
  });
}

/** The record; throws Exit 3 where it was refused, and 1 where the ledger is broken. */
export function appendedRecord(terminal: Terminal, appended: Appended): LedgerRecord {
  switch (appended.kind) {
    case 'appended':
      for (const note of appended.notes) terminal.err(`${note}\n`);
      terminal.err(`recorded: ${recordPath(appended.record)}\n`);
      return appended.record;
    case 'refused':
    case 'secret':
      throw new Exit(exitCodes.approval, `not recorded: ${refusal(appended)}`);
    case 'broken':
      throw new Exit(exitCodes.finding, `not recorded: ${refusal(appended)}`);
    default:
      return appended satisfies never;
  }
}

/** A commit that fails takes nothing back: the record is on the disk and valid, and the next commit takes it along. */
export async function commit(
  terminal: Terminal,
  { commit }: Pick<WriteOptions, 'commit'>,
  ledger: Ledger,
): Promise<void> {
  if (!commit) return;
  const { root, records, signedHead } = ledger;
  const by = { clock: systemClock, random: systemRandom };
  const committed = await commitRecords({ root, records, ...by, ...(signedHead && { head: signedHead }) });
  if (committed.kind === 'committed') terminal.err(`committed: ${committed.commit}\n`);
  if (committed.kind !== 'failed') return;
  const what = paint(terminal, 'yellow', 'not committed');
  terminal.err(`${what}: ${committed.why}\nThe record is written and valid. Commit docs/governance when git can.\n`);
}
