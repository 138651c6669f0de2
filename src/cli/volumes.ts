import type { Command } from 'commander';
import { z } from 'zod';
import { readableDuration, readablePercent } from '../expand/readable.ts';
import {
  type AuditRow,
  auditRow,
  type TrashRow,
  trashAnswer,
  undeleteAnswer,
  type VolumeRow,
  volumeRow,
} from '../operator/api.ts';
import { addressOf, namespaceOption } from './address-of.ts';
import { adopt } from './adopt.ts';
import { claim } from './claim.ts';
import { clean } from './clean.ts';
import {
  acrossContexts,
  type ContextsOptions,
  type FromContext,
  type Gathered,
  gather,
  withContext,
} from './contexts.ts';
import { Exit, exitCodes } from './exit.ts';
import { humanBytes, type Terminal, wrap } from './output.ts';
import { type Column, print, printOne } from './print.ts';
import { type AskOptions, asking, type CommandContext, examples, group, recording } from './program.ts';
import { askOperator, type OperatorAddress, tellOperator } from './reach.ts';
import { restore } from './restore.ts';
import { syncMountOptions } from './sync-mount-options.ts';
import { endUnasked, tellUnasked } from './unasked.ts';

const size = (bytes: string): string => (bytes === '' ? '-' : humanBytes(BigInt(bytes)));
/** The least share that a row can say: one that holds less, but something, is not empty. */
const LEAST = 0.0001;
const percent = ({ used, usedRatio }: VolumeRow): string =>
  usedRatio === undefined ? '-' : readablePercent(usedRatio === 0 && used !== '' && used !== '0' ? LEAST : usedRatio);
const or = (text: string): string => (text === '' ? '-' : text);

const listColumns: readonly Column<VolumeRow>[] = [
  { title: 'NAMESPACE', value: (row) => or(row.namespace), cut: 'end' },
  { title: 'CLAIM', value: (row) => or(row.claim), cut: 'end' },
  { title: 'PHASE', value: (row) => row.phase },
  { title: 'SIZE', value: (row) => size(row.request || row.capacity), align: 'right' },
  { title: 'USED', value: (row) => percent(row), align: 'right' },
  { title: 'STATE', value: (row) => row.state },
  { title: 'PATH', value: (row) => or(row.path), cut: 'start' },
];

const usageColumns: readonly Column<VolumeRow>[] = [
  { title: 'NAMESPACE', value: (row) => or(row.namespace), cut: 'end' },
  { title: 'CLAIM', value: (row) => or(row.claim), cut: 'end' },
  { title: 'USED', value: (row) => size(row.used), align: 'right' },
  { title: 'OF', value: (row) => size(row.request), align: 'right' },
  { title: 'USE %', value: (row) => percent(row), align: 'right' },
  { title: 'INODES', value: (row) => or(row.inodes), align: 'right' },
];

/** A finding is a sentence or two, which no column has room for. */
function auditText(row: FromContext<AuditRow>, columns: number): string {
  const message = wrap(row.message, columns - INDENT.length).split('\n');
  const whose = row.context === undefined ? '' : `${row.context}  `;
  const head =
    `${whose}${row.kind}  ${[row.path, row.volume && `(pv ${row.volume})`].filter(Boolean).join(' ')}`.trimEnd();
  return `${[head, ...message.map((line) => `${INDENT}${line}`)].join('\n')}\n`;
}

const INDENT = '    ';

const day = (at: number): string => new Date(at).toISOString().slice(0, 10);

const trashColumns: readonly Column<TrashRow>[] = [
  { title: 'CLAIM', value: (row) => row.claim, cut: 'end' },
  { title: 'KIND', value: (row) => row.kind },
  { title: 'SINCE', value: (row) => day(row.trashedAt) },
  { title: 'UNTIL', value: (row) => (row.expiresAt === undefined ? 'for ever' : day(row.expiresAt)) },
  { title: 'PATH', value: (row) => row.path, cut: 'start' },
  { title: 'ENTRY', value: (row) => row.entry, cut: 'start' },
];

/** `larder volumes …`: what is there, how full it is, what is wrong, and bringing deleted data back. */
export function volumes(program: Command, context: CommandContext): void {
  const root = group(program, 'volumes', 'Volumes and their directories');
  list(root, context);
  show(root, context);
  audit(root, context);
  undelete(root, context);
  clean(root, context);
  restore(root, context);
  adopt(root, context);
  syncMountOptions(root, context);
}

function rowsOf(context: CommandContext, options: ContextsOptions): Promise<Gathered<VolumeRow>> {
  return gather(context, options, async (address) => {
    const rows = await askOperator(address, z.array(volumeRow), { path: '/api/volumes' });
    return options.namespace === undefined ? rows : rows.filter((row) => row.namespace === options.namespace);
  });
}

function tellNone({ terminal }: CommandContext, { namespace }: ContextsOptions): void {
  const where = namespace === undefined ? '' : ` in namespace ${namespace}`;
  terminal.err(`No claims of Larder${where}.\n`);
}

function list(root: Command, context: CommandContext): void {
  examples(
    acrossContexts(
      asking(
        root.command('list').description('List claims with their directories (all namespaces unless -n is given)'),
      ),
    ),
    ['larder volumes list', 'larder volumes list -n default -o json'],
  ).action(async (options: ContextsOptions) => {
    const { rows, settle } = await rowsOf(context, options);
    if (rows.length === 0 && options.output === 'table') tellNone(context, options);
    print(context.terminal, options.output, rows, withContext(options, listColumns));
    settle();
  });
  examples(acrossContexts(asking(root.command('usage').description('How full each volume is, fullest first'))), [
    'larder volumes usage',
  ]).action(async (options: ContextsOptions) => {
    const { rows, settle } = await rowsOf(context, options);
    const fullest = rows.toSorted((a, b) => (b.usedRatio ?? -1) - (a.usedRatio ?? -1));
    if (rows.length === 0 && options.output === 'table') tellNone(context, options);
    print(context.terminal, options.output, fullest, withContext(options, usageColumns));
    settle();
  });
}

function show(root: Command, context: CommandContext): void {
  examples(asking(root.command('show <claim>').description('One volume in full')), [
    'larder volumes show pvc/myapp-data -n default',
    'larder volumes show default/myapp-data -o yaml',
  ]).action(async (text: string, options: AskOptions) => {
    const wanted = claim(text, namespaceOption(context, options));
    const rows = await askOperator(addressOf(context, options), z.array(volumeRow), { path: '/api/volumes' });
    const row = rows.find((candidate) => candidate.namespace === wanted.namespace && candidate.claim === wanted.name);
    if (!row) throw notOurs(wanted);
    printOne(context.terminal, options.output, row, () => describe(row, context.terminal));
  });
}

function notOurs(wanted: { namespace: string; name: string }): Exit {
  return new Exit(
    exitCodes.finding,
    `no claim ${wanted.namespace}/${wanted.name} of a class of Larder's: \`larder volumes list\` shows those there are`,
  );
}

/** Width of the titles. */
const TITLE = 11;

const hanging = (text: string, columns: number): string =>
  wrap(text, columns - TITLE).replaceAll('\n', `\n${' '.repeat(TITLE)}`);

function describe(row: VolumeRow, { columns, interactive }: Terminal): string {
  const lines: readonly (readonly [string, string])[] = [
    ['Claim', `${row.namespace}/${row.claim}`],
    ['Volume', or(row.volume)],
    ['Class', row.class],
    ['Phase', row.phase],
    ['Path', or(row.path)],
    ['Directory', or(row.directory)],
    ['Request', size(row.request)],
    ['Capacity', size(row.capacity)],
    [
      'Used',
      row.used === ''
        ? 'not measured yet'
        : `${size(row.used)} (${percent(row)}), ${row.inodes} ${row.inodes === '1' ? 'inode' : 'inodes'}`,
    ],
    ...(row.fullInMs === undefined ? [] : [['Full in', readableDuration(row.fullInMs)] as const]),
    ['State', row.state],
    ['Verdict', or(row.verdict)],
    ['Why', interactive ? hanging(or(row.summary), columns) : or(row.summary)],
  ];
  return lines.map(([title, value]) => `${`${title}:`.padEnd(TITLE)}${value}\n`).join('');
}

function audit(root: Command, context: CommandContext): void {
  examples(
    acrossContexts(
      asking(
        root
          .command('audit')
          .description(
            'Look for shared, overlapping, unsafe, orphaned and leaked volumes; exit code 1 when there is a finding, 2 when there is none and not all could be looked at',
          ),
      ),
    ),
    ['larder volumes audit'],
  ).action(async (options: ContextsOptions) => {
    const { rows, settle } = await gather(context, options, (address) =>
      askOperator(address, z.array(auditRow), { path: '/api/audit' }),
    );
    const { terminal } = context;
    if (options.output === 'table') for (const row of rows) terminal.out(auditText(row, terminal.columns));
    else print(terminal, options.output, rows, []);
    if (rows.length === 0) context.terminal.err('Nothing found.\n');
    settle();
    const kindsFound = new Set(rows.map(({ kind }) => kind));
    const unread = kindsFound.delete('not-looked-at');
    kindsFound.delete('adopts-anything'); // what a class allows is advice; what is wrong with a directory is a finding
    if (kindsFound.size > 0) throw new Exit(exitCodes.finding, '');
    if (unread) throw new Exit(exitCodes.usage, '');
  });
}

async function listTrash(
  { terminal }: CommandContext,
  { output }: AskOptions,
  address: OperatorAddress,
): Promise<void> {
  const answer = await askOperator(address, trashAnswer, { path: '/api/trash' });
  const { entries, problems } = answer;
  if (entries.length === 0 && problems.length === 0) terminal.err('The trash is empty.\n');
  if (output === 'table') print(terminal, output, entries, trashColumns);
  else printOne(terminal, output, answer, () => '');
  tellUnasked(terminal, problems);
  endUnasked(problems);
}

interface UndeleteOptions extends AskOptions {
  readonly dryRun?: boolean;
  readonly entry?: string;
  readonly export?: string;
}

function undelete(root: Command, context: CommandContext): void {
  const verb = recording(
    asking(
      root
        .command('undelete [claim]')
        .description('Bring the directory of a deleted claim back from the trash; without a claim: list the trash'),
    ),
  )
    .option('--dry-run', 'say what would happen, change nothing')
    .option('--entry <name>', 'which entry, when the trash has several of that claim (default: the newest)')
    .option('--export <export>', 'only from there, as SERVER:/PATH, when several have it or one does not answer');
  examples(verb, ['larder volumes undelete', 'larder volumes undelete default/myapp-data --dry-run']).action(
    async (text: string | undefined, options: UndeleteOptions) => {
      const address = addressOf(context, options);
      if (text === undefined) {
        await listTrash(context, options, address);
        return;
      }
      const wanted = claim(text, namespaceOption(context, options));
      const body = {
        ...wanted,
        dryRun: options.dryRun ?? false,
        ...(options.entry ? { entry: options.entry } : {}),
        ...(options.export ? { export: options.export } : {}),
      };
      const objects = options.dryRun ? [] : [{ kind: 'PersistentVolumeClaim', ...wanted, verb: 'undelete' }];
      const call = { path: '/api/undelete', body, objects, changes: context.changes };
      const answer = await tellOperator(address, undeleteAnswer, call);
      const verbDone = answer.restored ? 'restored' : 'would restore';
      printOne(
        context.terminal,
        options.output,
        answer,
        () => `${verbDone} ${answer.path} from ${answer.entry}\n${answer.next}\n`,
      );
    },
  );
}
