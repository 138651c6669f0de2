import type { Command } from 'commander';
import { changeOfId } from '../../cluster/change/session.ts';
import type { ConfigurationChange } from '../../ledger/entity.ts';
import { type PlaceOptions, placed } from '../ledger/place.ts';
import type { OutputFormat } from '../output.ts';
import { type Column, print, printOne } from '../print.ts';
import { type CommandContext, examples, outputOption } from '../program.ts';
import { readChange } from './open-change.ts';

interface ListOptions extends PlaceOptions {
  readonly output: OutputFormat;
}

const columns: readonly Column<ConfigurationChange>[] = [
  { title: 'CHANGE', value: ({ changeId }) => changeId },
  { title: 'STATUS', value: ({ status }) => status },
  { title: 'CRITICAL', value: ({ critical }) => (critical ? 'yes' : 'no') },
  { title: 'AUTHOR', value: ({ author }) => author },
  { title: 'APPROVED BY', value: ({ approvedBy }) => approvedBy.join(', ') || '-' },
  { title: 'EVIDENCE', value: ({ evidence }) => evidence.at(-1)?.timestamp ?? '-' },
  { title: 'APPLIED', value: ({ appliedAt }) => appliedAt ?? '-' },
];

/** `larder change list`, oldest first. */
export function listChanges(parent: Command, context: CommandContext): void {
  const verb = parent.command('list').description('All changes and how far they are').addOption(outputOption());
  examples(placed(verb), ['larder change list', 'larder change list -o json']).action(async (options: ListOptions) => {
    const changes = await readChange(context.terminal, options, async ({ ledger }) => [
      ...ledger.state.changes.values(),
    ]);
    if (changes.length === 0) context.terminal.err('No change is recorded yet: `larder change new` records one.\n');
    print(context.terminal, options.output, changes, columns);
  });
}

/** `larder change show`. */
export function showChange(parent: Command, context: CommandContext): void {
  const verb = parent
    .command('show')
    .argument('<id>')
    .description('One change with its evidence, approvals and applies');
  examples(placed(verb.addOption(outputOption())), ['larder change show web-2']).action(
    async (id: string, options: ListOptions) => {
      const change = await readChange(context.terminal, options, async (session) => changeOfId(session, id));
      printOne(context.terminal, options.output, change, () => textOf(change));
    },
  );
}

function textOf(change: ConfigurationChange): string {
  const row = (name: string, value: string): string => `${`${name}:`.padEnd(12)}${oneLine(value)}\n`;
  const list = (values: readonly string[]): string => values.join(', ') || '-';
  const history = [
    ...change.evidence.map(
      (each) => [each.recordedAt, `evidence ${each['summary'] ?? ''} ${each.outputPath}`] as const,
    ),
    ...change.approvals.map(
      (each) => [each.at, `approved by ${each.operator}${each.comment ? `: ${each.comment}` : ''}`] as const,
    ),
    ...change.applies.map(
      (each) =>
        [
          each.recordedAt,
          `${each.rollback ? 'rolled back' : 'applied'} by ${each.operator}, exit code ${each.exitCode}`,
        ] as const,
    ),
  ].sort(([one], [other]) => (one < other ? -1 : 1));
  return [
    row('Change', change.changeId),
    row('Status', change.status),
    row('Summary', change.diffSummary ?? '-'),
    row('Branch', change.featureBranch),
    row('Author', change.author),
    row('Critical', change.critical ? 'yes' : 'no'),
    row('Manifests', list(change.manifestPaths)),
    row('Runbooks', list(change.runbookUpdates)),
    row('Incidents', list(change.incidentIds)),
    ...history.map(([at, text]) => `${at}  ${oneLine(text)}\n`),
  ].join('');
}

/** What somebody wrote must not look like a line of ours. */
function oneLine(text: string): string {
  return text.replaceAll('\r', '\\r').replaceAll('\n', '\\n');
}
