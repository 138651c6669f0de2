import { type Command, Option } from 'commander';
import { type CleanPlan, type CleanRow, cleanPlans, cleanStep } from '../operator/clean-api.ts';
import { addressOf } from './address-of.ts';
import { confirm } from './confirm.ts';
import { Exit, exitCodes } from './exit.ts';
import { humanBytes } from './output.ts';
import { type Column, print, printOne } from './print.ts';
import { type AskOptions, asking, type CommandContext, examples, recording } from './program.ts';
import { askOperator, type OperatorAddress, tellOperator } from './reach.ts';
import { endUnasked, tellUnasked } from './unasked.ts';

interface CleanOptions extends AskOptions {
  readonly belowFree?: string;
  readonly early?: string;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

const reasons: Readonly<Record<string, string>> = {
  ended: 'its retention has ended',
  early: 'before its retention ends',
  owned: 'a living volume owns it',
  'no-end': 'is kept without end',
  'not-ended': 'its retention has not ended',
  enough: 'enough is free without it',
};

const columns: readonly Column<CleanRow>[] = [
  { title: 'CLAIM', value: (row) => row.claim },
  { title: 'KIND', value: (row) => row.kind },
  { title: 'SINCE', value: (row) => new Date(row.trashedAt).toISOString().slice(0, 10) },
  { title: 'SIZE', value: (row) => (row.bytes === '' ? '-' : humanBytes(BigInt(row.bytes))), align: 'right' },
  { title: '', value: (row) => row.verdict },
  { title: 'WHY', value: (row) => reasons[row.reason] ?? row.reason },
];

/** `larder volumes clean`: makes room by removing, for ever, what may go from trash and archives. */
export function clean(root: Command, context: CommandContext): void {
  const verb = recording(
    asking(root.command('clean').description('Make room: remove for ever what may go from the trash and the archives')),
  )
    .option('--below-free <room>', 'only until so much is free, as 10Gi or 5% (default: cleanBelowFree; "": all)')
    .addOption(
      new Option('--early <what>', 'what may go before its retention has ended (default: cleanEarly)').choices([
        'none',
        'trash',
        'all',
      ]),
    )
    .option('--dry-run', 'print what would go and what that frees, change nothing')
    .option('--yes', 'do not ask');
  examples(verb, [
    'larder volumes clean --dry-run',
    'larder volumes clean --early trash --below-free 10% --dry-run',
    'larder volumes clean --yes',
  ]).action((options: CleanOptions) => run(context, options));
}

async function run(context: CommandContext, options: CleanOptions): Promise<void> {
  const { terminal } = context;
  const address = addressOf(context, options);
  const body = {
    ...(options.belowFree === undefined ? {} : { belowFree: options.belowFree }),
    ...(options.early === undefined ? {} : { early: options.early }),
  };
  const answer = await askOperator(address, cleanPlans, { path: '/api/clean/plan', method: 'POST', body });
  const { plans, problems } = answer;
  if (options.output === 'table') {
    for (const plan of plans) {
      terminal.err(`${summaryOf(plan)}\n`);
      print(terminal, 'table', plan.rows, columns);
    }
  } else printOne(terminal, options.output, answer, () => '');
  tellUnasked(terminal, problems);
  const entries = plans.flatMap(({ rows }) => goingOf(rows).map(({ entry }) => entry));
  if (options.dryRun || entries.length === 0) return endUnasked(problems);
  const many = entries.length === 1 ? '1 directory is' : `${entries.length} directories are`;
  await confirm(terminal, `${many} removed for ever.`, options.yes === true, '--dry-run');
  await context.changes.begin(entries.map((name) => ({ kind: 'Directory', name, verb: 'remove' })));
  const exports = plans.map((plan) => plan.export);
  const gone = await remove(context, address, { ...body, entries, exports });
  terminal.err(`${gone} of ${entries.length} removed.\n`);
  if (gone < entries.length) throw new Exit(exitCodes.finding, 'the others were not needed, or may not go any more');
  endUnasked(problems);
}

const goingOf = (rows: readonly CleanRow[]): readonly CleanRow[] => rows.filter(({ verdict }) => verdict === 'remove');

function summaryOf({ export: address, freeBytes, neededBytes, rows }: CleanPlan): string {
  const going = goingOf(rows);
  const freed = going.reduce((sum, { bytes }) => sum + BigInt(bytes || '0'), 0n);
  const about = going.some(({ bytes }) => bytes === '') ? 'more than' : 'about';
  const wanted = neededBytes === '' ? '' : `, ${humanBytes(BigInt(neededBytes))} more wanted`;
  const free = `${address}: ${humanBytes(BigInt(freeBytes))} free${wanted}`;
  if (going.length === 0) return `${free}; nothing may go${rows.length === 0 ? ', trash and archives are empty' : ''}`;
  return `${free}; ${going.length} of ${rows.length} may go, which frees ${about} ${humanBytes(freed)}`;
}

/** One portion after the other; the operator decides anew before each. Returns how many are gone. */
async function remove(context: CommandContext, address: OperatorAddress, body: object): Promise<number> {
  const { terminal, changes } = context;
  for (let gone = 0; ; ) {
    const step = await tellOperator(address, cleanStep, { path: '/api/clean', body, objects: [], changes });
    if (step.entry === '') return gone;
    if (step.remaining) continue;
    gone += 1;
    terminal.err(`removed ${step.entry} of ${step.claim} on ${step.export}\n`);
  }
}
