import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { now } from '../../cluster/run/carry-out.ts';
import { continueJournal, readRuns, runOfId } from '../../cluster/run/journal.ts';
import { oneRun } from '../../cluster/run/one-run.ts';
import type { RunState } from '../../cluster/run/run-state.ts';
import { confirm } from '../confirm.ts';
import { exitCodes } from '../exit.ts';
import { humanDuration, type OutputFormat, type Terminal } from '../output.ts';
import { print, printOne } from '../print.ts';
import { type CommandContext, examples, group, outputOption } from '../program.ts';
import { recorderOf } from './record-events.ts';
import { failure } from './run-failure.ts';
import { runRecords } from './run-records.ts';
import { openSession, type RunOptions, running, stoppable } from './run-session.ts';
import { SPEC_FILE } from './spec-file.ts';

interface Options {
  readonly file: string;
  readonly output: OutputFormat;
}

/** `larder cluster runs`: what was begun from this repository, on this machine. */
export function runs(parent: Command, context: CommandContext): void {
  const { terminal } = context;
  const verbs = group(parent, 'runs', 'Runs that were begun here: list, show, abandon.');
  const list = verbs.command('list').description('List the runs that were begun from this repository, oldest first.');
  examples(reading(list), ['larder cluster runs list']).action(({ file, output }: Options) =>
    print(terminal, output, readRuns(dirname(resolve(file))).map(row), [
      { title: 'RUN', value: ({ runId }) => runId },
      { title: 'KIND', value: ({ kind }) => kind },
      { title: 'BEGUN', value: ({ startedAt }) => startedAt },
      { title: 'STATUS', value: ({ status }) => status },
      { title: 'NODES', value: ({ nodes }) => nodes.join(' '), cut: 'end' },
    ]),
  );
  const show = verbs.command('show').argument('<run>').description('Show one run: its phases, and what each host met.');
  examples(reading(show), ['larder cluster runs show 6f1c2a9e']).action((id: string, { file, output }: Options) => {
    const state = runOfId(dirname(resolve(file)), id);
    printOne(terminal, output, detail(state), () => detailText(state));
  });
  const give = verbs
    .command('abandon')
    .argument('<run>')
    .description('Give up a run that did not come to its end. What it did stays done; the ledger gets an incident.');
  examples(running(give), ['larder cluster runs abandon 6f1c2a9e --yes']).action((id: string, options: RunOptions) =>
    stoppable(terminal, () => abandon(terminal, id, options)),
  );
}

function reading(command: Command): Command {
  return command.option('-f, --file <file>', 'the cluster', SPEC_FILE).addOption(outputOption());
}

function row({ header: { runId, kind, startedAt, nodes }, over }: RunState) {
  return { runId, kind, startedAt, status: over?.status ?? 'unfinished', nodes: nodes.map(({ nodeId }) => nodeId) };
}

function detail(state: RunState) {
  const { header, done, elapsedMs, troubles, over, attempts } = state;
  return {
    ...row(state),
    attempts,
    phases: header.phases.map(({ id, hosts }) => ({
      phase: id,
      hosts,
      done: [...(done.get(id) ?? [])],
      elapsedMs: elapsedMs.get(id) ?? null,
    })),
    troubles: [...troubles].map(([host, trouble]) => ({ host, ...trouble })),
    message: over?.message ?? '',
  };
}

function detailText(state: RunState): string {
  const { runId, kind, startedAt, status, phases, troubles, message } = detail(state);
  const lines = [
    `${kind} ${runId}, begun at ${startedAt}: ${status}`,
    ...phases.map(({ phase, hosts, done, elapsedMs }) => {
      const took = elapsedMs === null ? '' : `, ${humanDuration(elapsedMs)}`;
      return `  ${phase}: ${done.length} of ${hosts.length} hosts${took}`;
    }),
    ...troubles.map(({ outcome, message: words, host, phase }) => `  ${host} ${outcome} in ${phase}: ${words}`),
    ...(message === '' ? [] : [message]),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

async function abandon(terminal: Terminal, id: string, options: RunOptions): Promise<void> {
  const session = await openSession(terminal, options);
  await oneRun(session, async () => {
    const state = runOfId(session.repository, id);
    const { header, over, ledgerRunId } = state;
    if (over !== undefined)
      throw failure('LARDER_RUN_OVER', `run ${header.runId} ended at ${over.at}: ${over.status}`, exitCodes.usage);
    await confirm(terminal, `Give up ${header.kind} ${header.runId}? What it did stays done.`, options.yes === true);
    const message = 'given up';
    if (ledgerRunId !== undefined) {
      const recorder = await recorderOf(terminal, { ...options, knownSecrets: session.secrets }, session.repository);
      const records = await runRecords({ terminal, session, options, recorder });
      const end = { header, ledgerRunId, startedAt: header.startedAt, status: 'failed', message, log: '' } as const;
      const incident = await records.finished(end);
      if (incident !== undefined)
        terminal.err(`incident ${incident} was opened: write down its remediation before the next run\n`);
    }
    using journal = continueJournal(session.repository, header.runId);
    journal.write({ line: 'over', status: 'abandoned', message, at: now(session) });
    terminal.out(`${header.runId} was given up\n`);
  });
}
