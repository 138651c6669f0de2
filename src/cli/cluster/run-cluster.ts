/** A run from its beginning: look, say, ask, play, verify, record. */
import type { HostFacts } from '../../cluster/preflight/host-facts.ts';
import type { PreflightFinding } from '../../cluster/preflight/judge.ts';
import { preflight } from '../../cluster/preflight/look.ts';
import { now, type RunSession } from '../../cluster/run/carry-out.ts';
import { readRuns, startJournal } from '../../cluster/run/journal.ts';
import { type Looked, lookAhead } from '../../cluster/run/look-ahead.ts';
import { oneRun } from '../../cluster/run/one-run.ts';
import type { Phase, RunKind } from '../../cluster/run/phase.ts';
import type { RunHeader } from '../../cluster/run/run-state.ts';
import type { NodeSpec } from '../../cluster/spec/cluster-spec.ts';
import { git } from '../../ledger/git.ts';
import { LedgerError } from '../../ledger/registry.ts';
import { confirm } from '../confirm.ts';
import { Exit, exitCodes } from '../exit.ts';
import type { Terminal } from '../output.ts';
import { outsideWindows, refuseOutside } from './outside-windows.ts';
import { findingsText } from './preflight-text.ts';
import { recorderOf } from './record-events.ts';
import { failure } from './run-failure.ts';
import { finishRun } from './run-finish.ts';
import { runRecords } from './run-records.ts';
import { openSession, type RunOptions, sha256OfSpec, stoppable } from './run-session.ts';
import { runView } from './run-view.ts';
import { withReboots } from './with-reboots.ts';

/** What a verb wants. */
export interface RunRequest {
  readonly kind: RunKind;
  /** What is done to which nodes, with what the hosts said of themselves. Throws Exit where that is refused. */
  plan(session: RunSession, found: Found): Planned | Promise<Planned>;
  /** Hosts that may be silent; the others must answer. */
  maySkip(node: NodeSpec): boolean;
}

export interface Found {
  readonly facts: ReadonlyMap<string, HostFacts>;
  readonly silent: ReadonlySet<string>;
}

export interface Planned {
  readonly nodes: readonly NodeSpec[];
  readonly phases: readonly Phase[];
  /** What every node runs in the end, where that is known. */
  readonly version?: string | undefined;
  readonly fromVersion?: string | undefined;
  /** What a person agrees to, a line each. */
  readonly summary: readonly string[];
  /** Nodes whose pods move away, or stop. */
  readonly disturbs: readonly NodeSpec[];
  /** Nodes whose kernel must be started anew. */
  readonly reboots: readonly NodeSpec[];
}

/** Shows what a run would do. True: something would change. */
export function planRun(terminal: Terminal, options: RunOptions, request: RunRequest): Promise<boolean> {
  return stoppable(terminal, async (signal) => {
    const session = await openSession(terminal, options, signal);
    const task = { session, options, request };
    const found = await looking(terminal, task);
    const planned = await request.plan(session, found);
    const { looked, changes } = await dryRun(terminal, task, { planned, found });
    terminal.out(looked.text);
    terminal.out(summaryText(session, planned, looked));
    return changes;
  });
}

export function beginRun(terminal: Terminal, options: RunOptions, request: RunRequest): Promise<void> {
  return stoppable(terminal, async (signal) => {
    const session = await openSession(terminal, options, signal);
    await oneRun(session, () => run(terminal, { session, options, request }));
  });
}

interface Task {
  readonly session: RunSession;
  readonly options: RunOptions;
  readonly request: RunRequest;
}

async function run(terminal: Terminal, task: Task): Promise<void> {
  const { session, options, request } = task;
  refuseUnfinished(session);
  const recorder = await recorderOf(terminal, { ...options, knownSecrets: session.secrets }, session.repository);
  const records = await runRecords({ terminal, session, options, recorder });
  const found = await looking(terminal, task);
  const planned = await request.plan(session, found);
  refuseOutside(terminal, { session, options, planned });
  const begun = await headerOf(session, request, planned);
  // Who may not begin it is told before minutes of dry run.
  if (planned.phases.length > 0) await records.check(begun);
  const { looked, changes } = await dryRun(terminal, task, { planned, found });
  if (!changes) {
    terminal.err('nothing to do: every host is as cluster.yaml says\n');
    return;
  }
  terminal.err(summaryText(session, planned, looked));
  const question = `${titleOf(request.kind)} ${planned.nodes.map(({ name }) => name).join(', ')}?`;
  await confirm(terminal, question, options.yes === true, 'larder cluster plan');
  const header = { ...begun, phases: written(await withReboots(terminal, { session, options, planned })) };
  using journal = startJournal(session.repository, header);
  const startedAt = now(session);
  if (!(await records.started(header, header.runId, evidenceText(header, options, looked)))) {
    journal.write({ line: 'over', status: 'abandoned', message: 'its beginning could not be recorded', at: startedAt });
    throw new Exit(exitCodes.approval, 'what cannot be recorded is not begun: nothing was changed');
  }
  journal.write({ line: 'attempt', at: startedAt, ledgerRunId: header.runId });
  terminal.err(`run ${header.runId}\n`);
  await finishRun(terminal, { session, options, journal, records, startedAt, runId: header.runId });
}

interface DryRun {
  readonly looked: Looked;
  readonly changes: boolean;
}

interface Intended {
  readonly planned: Planned;
  readonly found: Found;
}

async function dryRun(terminal: Terminal, { session, request }: Task, { planned, found }: Intended): Promise<DryRun> {
  const { phases } = planned;
  if (phases.length === 0) return { looked: { text: '', changes: new Map() }, changes: false };
  using view = runView({ terminal, clock: session.clock, word: 'dry run: ', phases, earlier: [] });
  const looked = await lookAhead({
    ...{ session, phases, without: found.silent },
    onPhase: (phase) => view.onPhase(phase, phase.limit ?? phase.hosts),
    onEvent: (event) => view.onEvent(event),
    onPhaseEnd: (phase) => view.onPhaseEnd(phase),
  });
  switch (looked.kind) {
    case 'looked': {
      const would = [...looked.changes.values()].some((count) => count > 0);
      // Of a host that does not answer nobody knows.
      return { looked, changes: would || found.silent.size > 0 || request.kind !== 'bootstrap' };
    }
    case 'failed':
      throw failure('LARDER_RUN_LOOK_AHEAD', looked.message);
    case 'host-key':
      throw failure('LARDER_RUN_HOST_KEY', looked.message);
    case 'unavailable':
      throw failure('LARDER_RUN_ANSIBLE', looked.reason, exitCodes.usage);
    case 'interrupted':
      throw new Exit(exitCodes.finding, 'stopped; nothing was changed');
    default:
      return looked satisfies never;
  }
}

/** Preflight: what must not be so ends it here. */
async function looking(terminal: Terminal, { session, options, request }: Task): Promise<Found> {
  const { nodes } = session.spec;
  terminal.err(`preflight of ${nodes.length} hosts\n`);
  const looked = await preflight({
    session,
    hosts: nodes.map(({ name }) => name),
    measure: request.kind !== 'upgrade',
  });
  if (looked.kind === 'unavailable') throw failure('LARDER_RUN_ANSIBLE', looked.reason, exitCodes.usage);
  if (looked.kind === 'interrupted') throw new Exit(exitCodes.finding, 'stopped; nothing was changed');
  const { facts, findings } = looked;
  terminal.err(findingsText(terminal, findings));
  const key = findings.find(({ code }) => code === 'LARDER_PREFLIGHT_HOST_KEY');
  if (key !== undefined) throw failure('LARDER_RUN_HOST_KEY', key.message);
  const silent = nodes.filter(({ name }) => !facts.has(name));
  const needed = silent.filter((node) => !request.maySkip(node)).map(({ name }) => name);
  if (needed.length > 0) throw failure('LARDER_RUN_UNREACHABLE', `${needed.join(', ')} must answer for this run`);
  const bad = findings.filter((finding) => isAgainst(finding, options));
  if (bad.length > 0)
    throw failure('LARDER_RUN_PREFLIGHT', `${bad.length} findings are against it: nothing was changed`);
  return { facts, silent: new Set(silent.map(({ name }) => name)) };
}

function isAgainst({ severity, code }: PreflightFinding, { accept }: RunOptions): boolean {
  return severity === 'error' && code !== 'LARDER_PREFLIGHT_UNREACHABLE' && !accept.includes(code);
}

/** One that came to no end may be in the middle of something. */
function refuseUnfinished({ repository }: RunSession): void {
  const unfinished = readRuns(repository).findLast(({ over }) => over === undefined);
  if (unfinished === undefined) return;
  const { runId, kind, startedAt } = unfinished.header;
  const message = `the ${kind} ${runId} was begun at ${startedAt} and did not come to its end`;
  throw failure('LARDER_RUN_UNFINISHED', message, exitCodes.approval);
}

async function headerOf(session: RunSession, { kind }: RunRequest, planned: Planned): Promise<RunHeader> {
  const commit = await commitOf(session);
  const { version, fromVersion, nodes, phases } = planned;
  return {
    ...{ line: 'run', runId: session.random.uuid(), kind, cluster: session.spec.name },
    nodes: nodes.map(({ name, role }) => ({ nodeId: name, role })),
    phases: written(phases),
    specSha256: sha256OfSpec(session.file),
    startedAt: now(session),
    ...(commit === undefined ? {} : { commit }),
    ...(version === undefined ? {} : { version }),
    ...(fromVersion === undefined ? {} : { fromVersion }),
  };
}

function written(phases: readonly Phase[]): RunHeader['phases'] {
  return phases.map((phase) => ({ ...phase, hosts: [...phase.hosts], limit: phase.limit && [...phase.limit] }));
}

async function commitOf({ repository }: RunSession): Promise<string | undefined> {
  try {
    const { code, output } = await git(repository, ['rev-parse', '--verify', 'HEAD']);
    return code === 0 ? output.trim() : undefined;
  } catch (cause) {
    if (cause instanceof LedgerError) return undefined; // no git here, and so no commit
    throw cause;
  }
}

export function titleOf(kind: RunKind): string {
  return { bootstrap: 'Bootstrap', rebuild: 'Rebuild', upgrade: 'Upgrade' }[kind];
}

function summaryText(session: RunSession, planned: Planned, { changes }: Looked): string {
  const { summary, phases } = planned;
  const byName = [...changes].toSorted(([a], [b]) => a.localeCompare(b));
  const lines = [
    ...summary,
    ...outsideWindows({ session }, planned).map((line) => `  ${line}`),
    ...byName.map(([host, count]) => `  ${host}: ${count} tasks would change something`),
    `phases: ${phases.map(({ id }) => id).join(', ')}`,
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function evidenceText(header: RunHeader, { accept }: RunOptions, { text }: Looked): string {
  const { runId, kind, cluster, specSha256, commit = 'none', phases } = header;
  const head = [
    `# ${kind} ${runId} of ${cluster}: ansible-playbook --check --diff of each phase`,
    `# cluster.yaml sha256 ${specSha256}, commit ${commit}`,
    ...(accept.length === 0 ? [] : [`# accepted: ${accept.join(', ')}`]),
    ...phases.map(({ id, hosts }) => `# ${id}: ${hosts.join(', ')}`),
  ];
  return `${head.join('\n')}\n${text}`;
}
