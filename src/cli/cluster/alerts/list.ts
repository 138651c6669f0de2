import type { Command } from 'commander';
import { type AlertRow, alertRows, isOpen } from '../../../cluster/alerts/alert-rows.ts';
import { systemClock } from '../../../telemetry/clock.ts';
import { Exit, exitCodes } from '../../exit.ts';
import { humanDuration, type OutputFormat, paint, type Terminal } from '../../output.ts';
import { print } from '../../print.ts';
import { type CommandContext, examples, outputOption } from '../../program.ts';
import { readLedgerOf } from '../record-events.ts';
import { type AlertsOptions, reachingAlertmanager, withAlertmanager } from './reach-alertmanager.ts';

interface ListOptions extends AlertsOptions {
  readonly output: OutputFormat;
}

/** `larder cluster alerts list`: exit code 1 where somebody should look. */
export function list(parent: Command, { terminal }: CommandContext): void {
  const verb = parent
    .command('list', { isDefault: true })
    .description('List what fires, and who has taken it. 0 nothing is open, 1 something is, 2 could not be asked')
    .option('--records <dir>', 'the repository with the ledger (default: that of cluster.yaml)')
    .addOption(outputOption());
  examples(reachingAlertmanager(verb), [
    'larder cluster alerts list',
    'larder cluster alerts list --alertmanager http://127.0.0.1:9093 -o json',
  ]).action((options: ListOptions & { readonly records?: string }) => run(terminal, options));
}

async function run(terminal: Terminal, options: ListOptions & { readonly records?: string }): Promise<void> {
  const now = systemClock.now();
  const rows = await withAlertmanager(terminal, options, async ({ alerts, repository }) => {
    const place = options.records === undefined ? {} : { ledger: options.records };
    const ledger = await readLedgerOf(place, repository);
    if (ledger.kind !== 'open') terminal.err(`who has acknowledged what is not known: ${ledger.why}\n`);
    const acknowledgements = ledger.kind === 'open' ? ledger.state.acknowledgements : new Map();
    return alertRows(await alerts.alerts(), { silences: await alerts.silences(), acknowledgements, now });
  });
  print(terminal, options.output, rows, [
    { title: 'ID', value: ({ fingerprint }) => fingerprint },
    { title: 'SEVERITY', value: ({ severity }) => severity },
    { title: 'ALERT', value: ({ name, subject }) => `${name} ${subject}`.trim(), cut: 'end' },
    { title: 'FOR', value: ({ since }) => humanDuration(now - since), align: 'right' },
    { title: 'STATE', value: (row) => stateText(row), cut: 'end' },
  ]);
  const open = rows.filter(isOpen);
  const said = open.length === 0 ? 'nothing is open' : paint(terminal, 'red', `${open.length} open`);
  terminal.err(`${rows.length} ${rows.length === 1 ? 'alert' : 'alerts'}, ${said}\n`);
  if (open.length > 0) throw new Exit(exitCodes.finding, '');
}

function stateText({ state, by, until }: AlertRow): string {
  const who = by === undefined || by === '' ? '' : ` by ${by}`;
  const time = until === undefined ? '' : ` until ${until.slice(0, 16)}Z`;
  switch (state) {
    case 'firing':
      return 'open: nobody has taken it';
    case 'stale':
      return `open: acknowledged${who}${time}, and that is over`;
    case 'acknowledged':
      return `acknowledged${who}${time}`;
    case 'silenced':
      return `silenced${who}${time}, and no record says so`;
    case 'inhibited':
      return 'inhibited by another alert';
    default:
      return state satisfies never;
  }
}
