import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { drillStandings, type Standing } from '../../../ledger/report/drills.ts';
import { quarterOf } from '../../../ledger/report/quarter.ts';
import { systemClock } from '../../../telemetry/clock.ts';
import { Exit, exitCodes } from '../../exit.ts';
import { type OutputFormat, paint, type Terminal } from '../../output.ts';
import { print } from '../../print.ts';
import { type CommandContext, examples, outputOption } from '../../program.ts';
import { readLedgerOf } from '../record-events.ts';
import { SPEC_FILE } from '../spec-file.ts';

interface Options {
  readonly file: string;
  readonly records?: string;
  readonly output: OutputFormat;
}

/** `larder cluster drill status`: what is due in this quarter. */
export function status(parent: Command, { terminal }: CommandContext): void {
  const verb = parent
    .command('status')
    .description('Say which drills are due in this quarter. 0 none is overdue, 1 one is, 2 the ledger cannot be read')
    .option('-f, --file <file>', 'the cluster', SPEC_FILE)
    .option('--records <dir>', 'the repository with the ledger (default: that of cluster.yaml)')
    .addOption(outputOption());
  examples(verb, ['larder cluster drill status']).action((options: Options) => show(terminal, options));
}

async function show(terminal: Terminal, { file, records, output }: Options): Promise<void> {
  const place = records === undefined ? {} : { ledger: records };
  const ledger = await readLedgerOf(place, dirname(resolve(file)));
  if (ledger.kind !== 'open') throw new Exit(exitCodes.usage, `nobody can tell which drills were held: ${ledger.why}`);
  const now = systemClock.now();
  const standings = drillStandings(ledger.state, now);
  const { to, name } = quarterOf(now);
  const by = new Date(to - 1).toISOString().slice(0, 10);
  print(terminal, output, standings, [
    { title: 'DRILL', value: ({ kind }) => kind },
    { title: 'LAST HELD', value: ({ last }) => last?.at.slice(0, 10) ?? 'never' },
    { title: name.toUpperCase(), value: (standing) => dueText(terminal, standing, by) },
  ]);
  if (standings.some(({ due }) => due === 'overdue')) throw new Exit(exitCodes.finding, '');
}

function dueText(terminal: Terminal, { due }: Standing, by: string): string {
  switch (due) {
    case 'done':
      return 'held';
    case 'due':
      return `due by ${by}`;
    case 'overdue':
      return paint(terminal, 'red', `overdue, due by ${by}`);
    case 'excused':
      return 'excused by a deviation';
    default:
      return due satisfies never;
  }
}
