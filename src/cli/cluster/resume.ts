import type { Command } from 'commander';
import { now, type RunSession } from '../../cluster/run/carry-out.ts';
import { continueJournal, readRuns, runOfId } from '../../cluster/run/journal.ts';
import { oneRun } from '../../cluster/run/one-run.ts';
import { type RunState, remaining } from '../../cluster/run/run-state.ts';
import { confirm } from '../confirm.ts';
import { Exit, exitCodes } from '../exit.ts';
import type { Terminal } from '../output.ts';
import { type CommandContext, examples } from '../program.ts';
import { readLedgerOf, recorderOf } from './record-events.ts';
import { titleOf } from './run-cluster.ts';
import { failure } from './run-failure.ts';
import { finishRun } from './run-finish.ts';
import { runRecords } from './run-records.ts';
import { openSession, type RunOptions, running, sha256OfSpec, stoppable } from './run-session.ts';

interface Options extends RunOptions {
  readonly acceptChanges?: true;
}

/** `larder cluster resume`: the rest of a run, from the last phase that each host has completed. */
export function resume(parent: Command, { terminal }: CommandContext): void {
  const verb = parent
    .command('resume')
    .argument('[run]', 'its id or the beginning of it (default: the newest that has no end)')
    .description('Continue a run that was cut off or failed. 1 failed, 3 needs approval or an incident')
    .option('--accept-changes', 'go on although cluster.yaml was changed since the run began');
  examples(running(verb), ['larder cluster resume', 'larder cluster resume 6f1c2a9e --yes']).action(
    (id: string | undefined, options: Options) =>
      stoppable(terminal, async (signal) => {
        const session = await openSession(terminal, options, signal);
        await oneRun(session, () => goOn(terminal, { session, options, state: chosen(session, id) }));
      }),
  );
}

function chosen({ repository }: RunSession, id: string | undefined): RunState {
  if (id !== undefined) return runOfId(repository, id);
  const newest = readRuns(repository).findLast(({ over }) => over === undefined || over.status === 'failed');
  if (newest !== undefined) return newest;
  throw failure('LARDER_RUN_NOT_FOUND', 'no run waits for its rest', exitCodes.usage);
}

interface Resumed {
  readonly session: RunSession;
  readonly options: Options;
  readonly state: RunState;
}

async function goOn(terminal: Terminal, { session, options, state }: Resumed): Promise<void> {
  const { header } = state;
  const { runId } = header;
  refuseOver(state);
  const specSha256 = sha256OfSpec(session.file);
  if (specSha256 !== state.specSha256 && options.acceptChanges !== true)
    throw failure('LARDER_RUN_CHANGED', `cluster.yaml is another one than when ${runId} began`, exitCodes.approval);
  const recorder = await recorderOf(terminal, { ...options, knownSecrets: session.secrets }, session.repository);
  const records = await runRecords({ terminal, session, options, recorder });
  // A run that failed has its end in the ledger: what follows is another one there.
  const known = state.over === undefined ? await recordedId(session, options, state) : undefined;
  const ledgerRunId = known ?? (state.over === undefined ? runId : session.random.uuid());
  if (known === undefined) await records.check({ ...header, runId: ledgerRunId });
  terminal.err(leftText(state));
  await confirm(terminal, `${titleOf(header.kind)} ${runId}: continue?`, options.yes === true);
  const startedAt = state.over === undefined ? header.startedAt : now(session);
  using journal = continueJournal(session.repository, runId);
  const text = `# continues ${header.kind} ${runId}\n${leftText(state)}`;
  if (known === undefined && !(await records.started(header, ledgerRunId, text)))
    throw new Exit(exitCodes.approval, 'what cannot be recorded is not begun: nothing was changed');
  journal.write({ line: 'attempt', at: now(session), ledgerRunId, specSha256 });
  await finishRun(terminal, { session, options, journal, records, startedAt, runId });
}

function refuseOver({ header: { runId }, over }: RunState): void {
  if (over === undefined || over.status === 'failed') return;
  const how = over.status === 'success' ? 'went well' : 'was given up';
  throw failure('LARDER_RUN_OVER', `run ${runId} ${how} at ${over.at}`, exitCodes.usage);
}

/** Its name in the ledger, where its beginning is recorded and its end is not; a command may have been cut off between the two. */
async function recordedId({ repository }: RunSession, options: Options, state: RunState): Promise<string | undefined> {
  if (state.ledgerRunId !== undefined) return state.ledgerRunId;
  const read = await readLedgerOf(options, repository);
  const { runId } = state.header;
  return read.kind === 'open' && read.state.runs.get(runId)?.status === 'pending' ? runId : undefined;
}

function leftText(state: RunState): string {
  const rest = state.header.phases.flatMap((phase) => {
    const hosts = remaining(state, phase);
    return hosts.length === 0 ? [] : [`  ${phase.id}: ${hosts.join(', ')}\n`];
  });
  return rest.length === 0
    ? 'every phase is done; the cluster is looked at again\n'
    : `what is left:\n${rest.join('')}`;
}
