/** The second half of a run, which is the same when it is resumed: play what is left, verify, record, say what is next. */
import { type CarriedOut, carryOut, now, type RunSession } from '../../cluster/run/carry-out.ts';
import { type Journal, readRuns, runOfId } from '../../cluster/run/journal.ts';
import { kubeconfigPath, makeKubeconfigFolder } from '../../cluster/run/kubeconfig.ts';
import type { RunCode } from '../../cluster/run/run-error.ts';
import type { RunState } from '../../cluster/run/run-state.ts';
import { verify } from '../../cluster/run/verify.ts';
import { maskText } from '../../ledger/secret/scan.ts';
import { Exit, exitCodes } from '../exit.ts';
import { paint, type Terminal } from '../output.ts';
import { applyBase } from './base-manifests.ts';
import { leftToInstall } from './left-to-install.ts';
import { withApi } from './reach-api.ts';
import { failure } from './run-failure.ts';
import type { RunRecords } from './run-records.ts';
import type { RunOptions } from './run-session.ts';
import { runView } from './run-view.ts';

export interface Finishing {
  readonly session: RunSession;
  readonly journal: Journal;
  readonly records: RunRecords;
  readonly options: RunOptions;
  /** Of this attempt. */
  readonly startedAt: string;
  readonly runId: string;
}

export async function finishRun(terminal: Terminal, finishing: Finishing): Promise<void> {
  const { session, journal, runId } = finishing;
  makeKubeconfigFolder(session);
  const state = withinSpec(runOfId(session.repository, runId), session);
  const earlier = readRuns(session.repository).filter(({ over }) => over?.status === 'success');
  const { phases } = state.header;
  using view = runView({ terminal, clock: session.clock, word: '', phases, earlier });
  const outcome = await carryOut({ session, state, journal, watching: view });
  await conclude(terminal, finishing, { state, outcome });
}

/** Nodes that were taken out of cluster.yaml meanwhile are none of its business any more. */
function withinSpec(state: RunState, { spec }: RunSession): RunState {
  const known = (hosts: readonly string[]): string[] =>
    hosts.filter((host) => spec.nodes.some(({ name }) => name === host));
  const phases = state.header.phases.map((phase) => ({
    ...phase,
    hosts: known(phase.hosts),
    limit: phase.limit && known(phase.limit),
  }));
  return { ...state, header: { ...state.header, phases } };
}

interface Ended {
  readonly state: RunState;
  readonly outcome: CarriedOut;
}

async function conclude(terminal: Terminal, finishing: Finishing, { state, outcome }: Ended): Promise<void> {
  const { log } = outcome;
  switch (outcome.kind) {
    case 'complete':
      return verified(terminal, finishing, { state, log });
    case 'failed':
      for (const { message } of outcome.troubles) terminal.err(`${paint(terminal, 'red', 'failed')} ${message}\n`);
      return end(terminal, finishing, { state, log, code: 'LARDER_RUN_FAILED', message: firstOf(outcome) });
    case 'host-key':
      throw left('LARDER_RUN_HOST_KEY', outcome.message, state);
    case 'unreachable':
      for (const { message } of outcome.troubles) terminal.err(`${paint(terminal, 'red', 'unreachable')} ${message}\n`);
      throw left('LARDER_RUN_UNREACHABLE', hostsOf(outcome), state);
    case 'interrupted':
      throw left('LARDER_RUN_INTERRUPTED', 'the run was stopped', state);
    case 'unavailable':
      throw left('LARDER_RUN_ANSIBLE', outcome.reason, state);
    default:
      return outcome satisfies never;
  }
}

function firstOf({ troubles }: Extract<CarriedOut, { kind: 'failed' | 'unreachable' }>): string {
  return troubles.find(({ outcome }) => outcome === 'failed')?.message ?? '';
}

function hostsOf({ troubles }: Extract<CarriedOut, { kind: 'failed' | 'unreachable' }>): string {
  return `${troubles.map(({ host, phase }) => `${host} did not answer in phase ${phase}`).join('; ')}; what is left waits for it`;
}

/** It has no end yet: the same run goes on later. */
function left(code: RunCode, message: string, { header }: RunState): Exit {
  const exit = failure(code, message);
  return new Exit(exitCodes.finding, `${exit.message}\nContinue with: larder cluster resume ${header.runId}`);
}

interface Verified {
  readonly state: RunState;
  readonly log: string;
}

async function verified(terminal: Terminal, finishing: Finishing, { state, log }: Verified): Promise<void> {
  const { session } = finishing;
  const { header } = state;
  terminal.err('verifying: every node Ready\n');
  const nodes = session.spec.nodes.filter(
    ({ name }) => header.kind !== 'rebuild' || header.nodes.some(({ nodeId }) => nodeId === name),
  );
  const wanted = { nodes, release: header.version, bringsOwnNetwork: session.spec.cni !== 'flannel' };
  const { missing, withoutNetwork } = await withApi(
    terminal,
    { kubeconfig: kubeconfigPath(session), name: session.spec.name },
    async (api) =>
      typeof api === 'string'
        ? { missing: [`the API cannot be asked: ${api}`], withoutNetwork: [] }
        : verify(wanted, { ...session, client: api.client }),
  );
  if (missing.length > 0) {
    for (const line of missing) terminal.err(`${paint(terminal, 'red', 'not so')} ${line}\n`);
    return end(terminal, finishing, { state, log, code: 'LARDER_RUN_VERIFY', message: missing.join('; ') });
  }
  return end(terminal, finishing, { state, log, message: '', withoutNetwork });
}

interface Ending extends Verified {
  /** Absent: it went well. */
  readonly code?: RunCode;
  readonly message: string;
  /** Nodes that wait for it. */
  readonly withoutNetwork?: readonly string[];
}

async function end(terminal: Terminal, finishing: Finishing, ending: Ending): Promise<void> {
  const { session, journal, records, startedAt, runId } = finishing;
  const { state, log, code } = ending;
  const message = maskText(ending.message, session.secrets);
  const status = code === undefined ? 'success' : 'failed';
  const ledgerRunId = runOfId(session.repository, runId).ledgerRunId ?? runId;
  const incident = await records.finished({ header: state.header, ledgerRunId, startedAt, status, message, log });
  journal.write({ line: 'over', status, message, at: now(session) });
  if (code === undefined) {
    if (incident !== undefined)
      terminal.err(`${paint(terminal, 'yellow', 'slow')}: incident ${incident} was opened (LARDER_RUN_SLOW)\n`);
    const { withoutNetwork = [] } = ending;
    const well = withoutNetwork.length === 0 ? 'every node is Ready' : 'every node is there, and has no network yet';
    terminal.out(`${state.header.kind} ${runId}: ${well}\n`);
    const kubeconfig = kubeconfigPath(session);
    for (const line of leftToInstall(session.spec, { withoutNetwork, kubeconfig })) terminal.err(`${line}\n`);
    terminal.err(`kubectl --kubeconfig ${kubeconfig} get nodes\n`);
    const { options } = finishing;
    if (state.header.kind === 'bootstrap') await applyBase(terminal, { session, options, kubeconfig, runId });
    return;
  }
  const opened =
    incident === undefined
      ? ''
      : `\nIncident ${incident} was opened. Write down what was done about it, then: larder cluster resume ${runId} --incident ${incident}`;
  const exit = failure(code, message);
  throw new Exit(
    exitCodes.finding,
    `${exit.message}${opened === '' ? `\nContinue with: larder cluster resume ${runId}` : opened}`,
  );
}
