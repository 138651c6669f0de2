import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { type RouteRow, routeEvents, routeRows } from '../../../cluster/alerts/routes.ts';
import { systemClock, systemRandom } from '../../../telemetry/clock.ts';
import type { RecordingOptions } from '../../changes.ts';
import { Exit, exitCodes } from '../../exit.ts';
import { kept } from '../../ledger/place.ts';
import { type OutputFormat, paint, type Terminal } from '../../output.ts';
import { print } from '../../print.ts';
import { type CommandContext, examples, outputOption, recording } from '../../program.ts';
import { readLedgerOf, record, recorderOf } from '../record-events.ts';
import { specOf } from '../spec-file.ts';
import { aboutCluster } from './reach-alertmanager.ts';

interface RoutesOptions extends RecordingOptions {
  readonly file: string;
  readonly output: OutputFormat;
  readonly record?: true;
}

/** `larder cluster alerts routes`: when each was tested, and when it must be again. */
export function routes(parent: Command, { terminal }: CommandContext): void {
  const verb = aboutCluster(parent.command('routes'))
    .description('List the alert routes with their last test and the next one that is due. 0 none is due, 1 one is')
    .option('--record', 'record the routes of cluster.yaml first; those that are gone are archived')
    .addOption(outputOption());
  examples(recording(verb), ['larder cluster alerts routes', 'larder cluster alerts routes --record']).action(
    (options: RoutesOptions) => kept(() => run(terminal, options)),
  );
}

async function run(terminal: Terminal, options: RoutesOptions): Promise<void> {
  const spec = specOf(terminal, options.file);
  const repository = resolve(dirname(options.file));
  if (options.record) await recordRoutes(terminal, options, repository);
  const ledger = await readLedgerOf(options, repository);
  if (ledger.kind !== 'open') throw new Exit(exitCodes.usage, `when a route was tested is not known: ${ledger.why}`);
  const rows = routeRows(spec, ledger.state.alertRoutes, systemClock.now());
  const left = routeEvents(spec, ledger.state.alertRoutes.values());
  print(terminal, options.output, rows, [
    { title: 'ROUTE', value: ({ routeId }) => routeId },
    { title: 'ALERT', value: ({ alert }) => alert },
    { title: 'SEVERITY', value: ({ severity }) => severity },
    { title: 'CHANNEL', value: ({ channel }) => channel },
    { title: 'TESTED', value: ({ lastTestedAt }) => lastTestedAt?.slice(0, 10) ?? 'never' },
    { title: 'DUE', value: (row) => dueText(terminal, row) },
  ]);
  if (left.length > 0)
    terminal.err(`the ledger knows ${left.length} of them otherwise: larder cluster alerts routes --record\n`);
  if (rows.some(({ state, severity }) => severity === 'critical' && state !== 'tested'))
    throw new Exit(exitCodes.finding, '');
}

function dueText(terminal: Terminal, { state, dueAt }: RouteRow): string {
  if (state === 'tested') return dueAt?.slice(0, 10) ?? '';
  return paint(terminal, 'red', state === 'never' ? 'now' : `since ${dueAt?.slice(0, 10) ?? ''}`);
}

async function recordRoutes(terminal: Terminal, options: RoutesOptions, repository: string): Promise<void> {
  const spec = specOf(terminal, options.file);
  const before = await readLedgerOf(options, repository);
  if (before.kind !== 'open') throw new Exit(exitCodes.usage, `the routes cannot be recorded: ${before.why}`);
  const events = routeEvents(spec, before.state.alertRoutes.values());
  const recorder = events.length === 0 ? undefined : await recorderOf(terminal, options, repository);
  for (const data of events) {
    const isIn = await record(terminal, recorder, {
      id: systemRandom.uuid(),
      event: { type: 'alert-route-recorded', data },
    });
    if (!isIn) throw new Exit(exitCodes.approval, `the route ${data.routeId} is not recorded`);
  }
}
