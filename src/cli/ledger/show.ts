import { type Command, InvalidArgumentError } from 'commander';
import { type EventType, eventTypes, isEventType } from '../../ledger/event.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { type LedgerRecord, recordPath } from '../../ledger/record.ts';
import { summary } from '../../ledger/summary.ts';
import { systemClock } from '../../telemetry/clock.ts';
import { Exit, exitCodes } from '../exit.ts';
import { inColumns, type OutputFormat, paint, type Terminal } from '../output.ts';
import { type Column, print, printOne } from '../print.ts';
import { type CommandContext, examples, outputOption } from '../program.ts';
import { folderOf, kept, type PlaceOptions, placed, readOnly } from './place.ts';
import { since } from './since.ts';

interface ShowOptions extends PlaceOptions {
  readonly output: OutputFormat;
  readonly type?: EventType;
  readonly since?: string;
  readonly operator?: string;
}

/** `larder ledger show`: what was recorded, the newest last. */
export function show(root: Command, context: CommandContext): void {
  const verb = placed(root.command('show'))
    .argument('[record]', 'number, id or the beginning of an id: this record in full')
    .description('List the records, or show one of them')
    .addOption(outputOption())
    .option('--type <type>', 'only records of this type', eventType)
    .option('--since <time>', 'only records made since then: 30d, 12h, 2026-03-01')
    .option('--operator <id>', 'only records of this operator');
  examples(verb, [
    'larder ledger show --since 7d',
    'larder ledger show --type change-applied',
    'larder ledger show 42',
  ]).action((which: string | undefined, options: ShowOptions) => kept(() => run(context, which, options)));
}

function eventType(word: string): EventType {
  if (isEventType(word)) return word;
  throw new InvalidArgumentError(`It is no type of record. There are:\n${inColumns([...eventTypes].sort(), 80)}`);
}

async function run({ terminal }: CommandContext, which: string | undefined, options: ShowOptions): Promise<void> {
  const ledger = await readOnly(terminal, folderOf(terminal, options));
  if (which === undefined) list(terminal, options, ledger);
  else for (const record of named(ledger, which)) one(terminal, options, ledger, record);
  if (ledger.findings.length > 0) terminal.err('Not all is as it was signed: run larder ledger verify.\n');
}

const columns = ({ state }: Ledger): readonly Column<LedgerRecord>[] => [
  { title: 'RECORD', value: ({ seq }) => String(seq), align: 'right' },
  { title: 'TIME', value: ({ at }) => `${at.slice(0, 16).replace('T', ' ')}Z` },
  { title: 'OPERATOR', value: ({ operator }) => operator, cut: 'end' },
  { title: 'TYPE', value: ({ type }) => type },
  { title: 'WHAT', value: (record) => `${mark(state, record)}${summary(record)}`, cut: 'end' },
];

/** A record stays as it was signed, also where another one says more. */
function mark({ amendments, conflicts, unsettled }: Ledger['state'], { id }: LedgerRecord): string {
  if (conflicts.has(id) || unsettled.has(id)) return '(does not count) ';
  return amendments.has(id) ? '(corrected) ' : '';
}

function list(terminal: Terminal, options: ShowOptions, ledger: Ledger): void {
  const from = options.since === undefined ? 0 : since(options.since, systemClock.now());
  const found = ledger.records.filter(
    ({ type, operator, at }) =>
      (options.type === undefined || type === options.type) &&
      (options.operator === undefined || operator === options.operator) &&
      Date.parse(at) >= from,
  );
  print(terminal, options.output, found, columns(ledger));
  if (found.length === 0) terminal.err('No record is like that.\n');
}

/** Two branches of history have equal numbers. */
function named({ records }: Ledger, which: string): readonly LedgerRecord[] {
  const found = /^\d{1,15}$/.test(which)
    ? records.filter(({ seq }) => seq === Number(which))
    : records.filter(({ id }) => which.length >= 4 && id.startsWith(which.toLowerCase()));
  if (found.length > 0) return found;
  throw new Exit(exitCodes.usage, `there is no record ${JSON.stringify(which)}: larder ledger show lists them`);
}

function one(terminal: Terminal, { output }: ShowOptions, { state }: Ledger, record: LedgerRecord): void {
  printOne(terminal, output, record, () => {
    const { seq, type, at, operator, id, gitCommit, artifacts, data } = record;
    const amended = state.amendments.get(id);
    const lines = [
      `${paint(terminal, 'bold', `${seq} ${type}`)} ${mark(state, record)}`.trimEnd(),
      `made      ${at} by ${operator}`,
      `id        ${id}`,
      `file      ${recordPath(record)}`,
      `commit    ${gitCommit ?? 'none yet'}`,
      ...artifacts.map(
        ({ path, bytes }) => `evidence  ${path} (${bytes} bytes)${state.tombstones.has(path) ? ', tombstoned' : ''}`,
      ),
      '',
      JSON.stringify(data, undefined, 2),
      ...(amended === undefined
        ? []
        : ['', `corrected by record ${amended.record}, which reads`, JSON.stringify(amended.event.data, undefined, 2)]),
    ];
    return `${lines.join('\n')}\n`;
  });
}
