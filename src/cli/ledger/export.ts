import { type Command, Option } from 'commander';
import { dataModel } from '../../ledger/data-model.ts';
import { isBreak } from '../../ledger/finding.ts';
import { Exit, exitCodes } from '../exit.ts';
import { type CommandContext, examples } from '../program.ts';
import { folderOf, kept, openLedger, type PlaceOptions, placed } from './place.ts';

const forms = ['records', 'data-model'] as const;

interface ExportOptions extends PlaceOptions {
  readonly as: (typeof forms)[number];
}

/** `larder ledger export`: JSON lines on stdout. */
export function exportRecords(root: Command, context: CommandContext): void {
  const verb = placed(root.command('export'))
    .description('Print everything as JSON, one object per line')
    .addOption(
      new Option('--as <form>', 'records as they were signed, or the entities that they add up to, in snake_case')
        .choices([...forms])
        .default('records'),
    );
  examples(verb, ['larder ledger export > records.jsonl', 'larder ledger export --as data-model']).action(
    (options: ExportOptions) => kept(() => run(context, options)),
  );
}

async function run({ terminal }: CommandContext, options: ExportOptions): Promise<void> {
  const ledger = await openLedger({ root: folderOf(terminal, options) });
  const objects = options.as === 'records' ? ledger.records : dataModel(ledger.state);
  terminal.out(objects.map((each) => `${JSON.stringify(each)}\n`).join(''));
  const first = ledger.findings.find(isBreak);
  if (first)
    throw new Exit(exitCodes.finding, `the ledger is broken, and this is what hangs together: ${first.message}`);
}
