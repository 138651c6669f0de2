import type { Command } from 'commander';
import { findSigner } from '../../ledger/find-signer.ts';
import { type CommandContext, examples } from '../program.ts';
import { appendedRecord, commit } from './append.ts';
import { folderOf, kept, openLedger, type WriteOptions, writing } from './place.ts';

/** `larder ledger merge`: after git has put the files of two clones together, their histories become one. */
export function merge(root: Command, context: CommandContext): void {
  const verb = writing(root.command('merge')).description(
    'Join the histories that two clones went on with, after git has merged the branches',
  );
  examples(verb, ['larder ledger merge']).action((options: WriteOptions) => kept(() => run(context, options)));
}

async function run({ terminal }: CommandContext, options: WriteOptions): Promise<void> {
  const root = folderOf(terminal, options);
  const key = options.key === undefined ? {} : { key: options.key };
  const signer = await findSigner({ env: terminal.env, repository: root, ...key });
  const ledger = await openLedger({ root, signer });
  const merged = await ledger.merge();
  if (merged.kind === 'one-branch') {
    terminal.err('There is one history: nothing to merge.\n');
    return;
  }
  const { data, type } = appendedRecord(terminal, merged);
  await commit(terminal, options, ledger);
  if (type !== 'ledger-merged') return;
  for (const { id, rule } of data.conflicts) {
    terminal.err(`does not count, because of the other branch: record ${id} (${rule})\n`);
  }
}
