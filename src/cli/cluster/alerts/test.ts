import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import { routeEvents } from '../../../cluster/alerts/routes.ts';
import { type Tested, testRoute } from '../../../cluster/alerts/test-route.ts';
import { WatchError } from '../../../cluster/registry.ts';
import type { EventData } from '../../../ledger/event.ts';
import { systemClock, systemRandom } from '../../../telemetry/clock.ts';
import { canAsk, confirm } from '../../confirm.ts';
import { Exit, exitCodes } from '../../exit.ts';
import { type AskedOptions, asked } from '../../ledger/asked.ts';
import { humanDuration, type Terminal } from '../../output.ts';
import { type CommandContext, examples, recording } from '../../program.ts';
import { readLedgerOf, record, recorderOf } from '../record-events.ts';
import { duration } from './duration.ts';
import { type AlertsOptions, type Reached, reachingAlertmanager, withAlertmanager } from './reach-alertmanager.ts';

interface TestRouteOptions extends AlertsOptions, AskedOptions {
  readonly within: string;
  readonly by?: string;
}

/** `larder cluster alerts test`: an alert that says it is a test, and a record of how far it came. */
export function test(parent: Command, { terminal }: CommandContext): void {
  const verb = parent
    .command('test')
    .argument('<route>', 'id of a route of cluster.yaml')
    .description(
      'Send an alert that says it is a test along a route, watch it, and record the result. 0 arrived, 1 did not',
    )
    .option('--within <time>', 'how long to wait for it', '5m')
    .option('--by <name>', 'who tests (default: the user of this machine)');
  examples(recording(asked(reachingAlertmanager(verb))), [
    'larder cluster alerts test node-offline --yes',
    'larder cluster alerts test drift --within 2m --dry-run',
  ]).action((route: string, options: TestRouteOptions) => run(terminal, route, options));
}

function run(terminal: Terminal, routeId: string, options: TestRouteOptions): Promise<void> {
  const withinMs = duration(options.within);
  return withAlertmanager(terminal, options, (reached) => tested(terminal, { routeId, withinMs, options, reached }));
}

interface Testing {
  readonly routeId: string;
  readonly withinMs: number;
  readonly options: TestRouteOptions;
  readonly reached: Reached;
}

async function tested(terminal: Terminal, { routeId, withinMs, options, reached }: Testing): Promise<void> {
  const { spec, alerts, repository } = reached;
  const route = spec.alerts.routes.find(({ id }) => id === routeId);
  if (route === undefined) {
    const known = spec.alerts.routes.map(({ id }) => id).join(', ') || 'none';
    throw new WatchError('LARDER_ALERTS_NOT_FOUND', `${options.file} has no alert route ${routeId}; it has: ${known}`);
  }
  const what = `a test alert ${route.alert} (${route.severity}) goes to everybody on the route ${routeId} (${route.channel})`;
  if (options.dryRun) return terminal.err(`Would be done: ${what}\n`);
  await confirm(terminal, `${what}.`, options.yes === true, '--dry-run');
  const recorder = await recorderOf(terminal, options, repository);
  const testId = systemRandom.uuid();
  const initiatedBy = options.by ?? terminal.env['USER'] ?? terminal.env['LOGNAME'] ?? 'unknown';
  const startedAt = new Date(systemClock.now()).toISOString();
  const outcome = await testRoute({
    ...{ alertmanager: alerts, route, testId, initiatedBy, withinMs, clock: systemClock, canAsk: canAsk(terminal) },
    isDelivered: (fingerprint) => isDelivered(options, repository, { fingerprint, routeId }),
  });
  const result = await judged(outcome, canAsk(terminal));
  terminal.out(`${routeId}: ${result.result}: ${result.notes}\n`);
  const before = await readLedgerOf(options, repository);
  const known = before.kind === 'open' ? [...before.state.alertRoutes.values()] : [];
  // The report counts tests of routes whose severity it knows.
  const missing = routeEvents(spec, known).filter((each) => each.routeId === routeId);
  for (const data of missing)
    await record(terminal, recorder, { id: systemRandom.uuid(), event: { type: 'alert-route-recorded', data } });
  const completedAt = new Date(systemClock.now()).toISOString();
  const data: EventData<'alert-tested'> = { routeId, initiatedBy, startedAt, completedAt, ...result };
  const isIn = await record(terminal, recorder, { id: testId, event: { type: 'alert-tested', data } });
  if (result.result === 'failed') throw new Exit(exitCodes.finding, '');
  if (!isIn) throw new Exit(exitCodes.usage, 'the test is not recorded');
}

/** What a counter says of some receiver is no proof for this one: a person is asked, or nothing is recorded. */
async function judged(outcome: Tested, isAsked: boolean): Promise<Pick<EventData<'alert-tested'>, 'result' | 'notes'>> {
  if (outcome.kind === 'lost') return { result: 'failed', notes: outcome.note };
  const notes = `${outcome.note} after ${humanDuration(outcome.tookMs)}`;
  if (outcome.kind === 'arrived') return { result: 'success', notes };
  if (!isAsked)
    throw new Exit(
      exitCodes.usage,
      `${notes}, and nobody can say whether it was this test: nothing is recorded. Test on a terminal, put a webhook of the route to larder cluster alerts receive, or start Alertmanager with --enable-feature=receiver-name-in-metrics`,
    );
  const input = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await input.question('Did it arrive? [y/N] ');
    const isThere = /^y(es)?$/i.test(answer.trim());
    return {
      result: isThere ? 'success' : 'failed',
      notes: `${notes}; ${isThere ? 'a person' : 'nobody'} saw it arrive`,
    };
  } finally {
    input.close();
  }
}

interface Expected {
  readonly fingerprint: string;
  readonly routeId: string;
}

async function isDelivered(
  options: AlertsOptions,
  repository: string,
  { fingerprint, routeId }: Expected,
): Promise<boolean> {
  const ledger = await readLedgerOf(options, repository);
  if (ledger.kind !== 'open') return false;
  return [...ledger.state.deliveries.values()].some(
    (each) => each.fingerprint === fingerprint && each.routeId === routeId,
  );
}
