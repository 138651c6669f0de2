import { type Command, Option } from 'commander';
import { isBreak } from '../../ledger/finding.ts';
import { fold } from '../../ledger/fold.ts';
import { reportMarkdown } from '../../ledger/report/markdown.ts';
import { reportPage } from '../../ledger/report/page.ts';
import { report as computed, type Report, WINDOW_MS } from '../../ledger/report.ts';
import { systemClock } from '../../telemetry/clock.ts';
import { Exit, exitCodes } from '../exit.ts';
import { type Terminal, toJson } from '../output.ts';
import { type CommandContext, examples } from '../program.ts';
import { folderOf, kept, type PlaceOptions, placed, readOnly } from './place.ts';
import { reportText } from './report-text.ts';
import { since } from './since.ts';

const FORMATS = ['table', 'json', 'markdown', 'html'] as const;

interface ReportOptions extends PlaceOptions {
  readonly output: (typeof FORMATS)[number];
  readonly since?: string;
  readonly now?: string;
}

/** `larder ledger report`: exit code 1 when a criterion is missed, 2 when the ledger is not whole. */
export function report(root: Command, context: CommandContext): void {
  const verb = placed(root.command('report'))
    .description('Compute the success criteria from the records: what was promised, what is shown, what is due')
    .addOption(new Option('-o, --output <format>', 'how to print').choices([...FORMATS]).default('table'))
    .option('--since <time>', 'what is measured over days counts from then on: 90d, 2026-03-01 (default: 30d)')
    .option('--now <time>', 'as it was then: 2026-03-31T12:00:00Z (default: now)');
  examples(verb, ['larder ledger report', 'larder ledger report --since 90d -o markdown']).action(
    (options: ReportOptions) => kept(() => run(context, options)),
  );
}

async function run({ terminal }: CommandContext, options: ReportOptions): Promise<void> {
  const now = options.now === undefined ? systemClock.now() : since(options.now, systemClock.now());
  const from = options.since === undefined ? now - WINDOW_MS : since(options.since, now);
  if (from > now) throw new Exit(exitCodes.usage, `--since ${options.since} is after ${new Date(now).toISOString()}`);
  const ledger = await readOnly(terminal, folderOf(terminal, options));
  if (ledger.findings.some(isBreak)) {
    throw new Exit(exitCodes.usage, 'not all is as it was signed, so nothing is computed: run `larder ledger verify`');
  }
  // The state of another day is made from the records of then.
  const { state } = options.now === undefined ? ledger : fold(ledger.records.filter(({ at }) => Date.parse(at) <= now));
  const made = computed(state, now, from);
  terminal.out(written(terminal, options, made));
  if (made.counts.missed > 0) throw new Exit(exitCodes.finding, '');
}

function written(terminal: Terminal, { output }: ReportOptions, made: Report): string {
  switch (output) {
    case 'json':
      return toJson(made);
    case 'markdown':
      return reportMarkdown(made);
    case 'html':
      return reportPage(made);
    case 'table':
      return reportText(terminal, made);
    default:
      return output satisfies never;
  }
}
