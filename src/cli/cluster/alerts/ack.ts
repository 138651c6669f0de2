import type { Command } from 'commander';
import {
  ACKNOWLEDGED_AT_MOST_MS,
  acknowledgementPlan,
  alertMeant,
  runningSilence,
} from '../../../cluster/alerts/acknowledgement.ts';
import type { Alert, Silence } from '../../../cluster/alerts/alert.ts';
import { systemClock, systemRandom } from '../../../telemetry/clock.ts';
import { confirm } from '../../confirm.ts';
import { Exit, exitCodes } from '../../exit.ts';
import { type AskedOptions, asked } from '../../ledger/asked.ts';
import type { Terminal } from '../../output.ts';
import { type CommandContext, examples, recording } from '../../program.ts';
import { checkRecord, readLedgerOf, record, recorderOf } from '../record-events.ts';
import { duration } from './duration.ts';
import { type AlertsOptions, type Reached, reachingAlertmanager, withAlertmanager } from './reach-alertmanager.ts';

interface AckOptions extends AlertsOptions, AskedOptions {
  readonly for: string;
  readonly reason: string;
  readonly by?: string;
}

/** `larder cluster alerts ack`: a silence with an end, and a record of it. */
export function ack(parent: Command, { terminal }: CommandContext): void {
  const verb = parent
    .command('ack')
    .argument('<id>', 'of the alert, as the list has it, or its beginning; or its name where one alert has it')
    .description('Acknowledge an alert: it is silent for a while, and the ledger says who takes care and why.')
    .requiredOption('--reason <text>', 'what is known and what is being done')
    .option('--for <time>', 'until it is told again: 30m, 2h, 1d; at most 7d', '2h')
    .option('--by <name>', 'who takes care (default: the user of this machine)');
  examples(recording(asked(reachingAlertmanager(verb))), [
    'larder cluster alerts ack 4f1c --for 2h --reason "disk is on its way"',
    'larder cluster alerts ack NodeOffline --reason "moved to the other room" --dry-run',
  ]).action((id: string, options: AckOptions) => run(terminal, id, options));
}

function run(terminal: Terminal, id: string, options: AckOptions): Promise<void> {
  const ms = duration(options.for);
  if (ms > ACKNOWLEDGED_AT_MOST_MS)
    throw new Exit(exitCodes.usage, `--for ${options.for} is longer than 7d: acknowledge it again when that is over`);
  if (options.reason.trim() === '') throw new Exit(exitCodes.usage, '--reason is empty: say what is being done');
  return withAlertmanager(terminal, options, (reached) => acknowledge(terminal, { id, ms, options, reached }));
}

interface Acknowledging {
  readonly id: string;
  readonly ms: number;
  readonly options: AckOptions;
  readonly reached: Reached;
}

async function acknowledge(terminal: Terminal, { id, ms, options, reached }: Acknowledging): Promise<void> {
  const { alerts, repository } = reached;
  const alert = alertMeant(await alerts.alerts(), id, alerts.name);
  const by = options.by ?? terminal.env['USER'] ?? terminal.env['LOGNAME'] ?? 'unknown';
  const wish = { ms, reason: options.reason, by };
  const earlier = await earlierSilence(alert, options, reached);
  const { what, data, silence } = acknowledgementPlan(alert, wish, systemClock.now(), earlier);
  if (options.dryRun) return terminal.err(`Would be acknowledged: ${what}\n`);
  await confirm(terminal, `Acknowledge: ${what}.`, options.yes === true, '--dry-run');
  const recorder = await recorderOf(terminal, options, repository);
  await checkRecord(recorder, { type: 'alert-acknowledged', data });
  const silenceId = await alerts.silence(silence);
  terminal.err(`silence ${silenceId} until ${data.expiresAt}\n`);
  const event = { type: 'alert-acknowledged' as const, data: { ...data, silenceId } };
  if (!(await record(terminal, recorder, { id: systemRandom.uuid(), event })))
    throw new Exit(exitCodes.finding, `the alert is silent, and the ledger does not say so`);
}

/** The silence of the last acknowledgement, where it still runs. */
async function earlierSilence(
  { fingerprint }: Alert,
  options: AckOptions,
  { alerts, repository }: Reached,
): Promise<Silence | undefined> {
  const ledger = await readLedgerOf(options, repository);
  const silenceId = ledger.kind === 'open' ? ledger.state.acknowledgements.get(fingerprint)?.silenceId : undefined;
  return silenceId === undefined ? undefined : runningSilence(await alerts.silences(), silenceId);
}
