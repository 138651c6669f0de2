/** Steps of the fold for nodes and runs. */
import type { ProvisioningRun, RunNode } from '../entity.ts';
import { isBefore, minutesBetween, tookLonger } from '../moment.ts';
import type { RecordOf, Unsigned } from '../record.ts';
import type { State } from '../state.ts';

/** A success that takes longer is a breach of the objective. */
export const RUN_MINUTES_AT_MOST = 60;

export function recordNode(state: State, record: RecordOf<'node-recorded'>): State {
  const { nodeId } = record.data;
  const before = state.nodes.get(nodeId);
  const node = {
    ...record.data,
    recordedAt: before?.removed ? record.at : (before?.recordedAt ?? record.at),
    lastRebuildAt: state.nodeRuns.get(nodeId)?.builtAt,
    records: [...(before?.records ?? []), record.id],
  };
  return { ...state, nodes: state.nodes.with(nodeId, node) };
}

export function removeNode(state: State, record: RecordOf<'node-removed'>): State {
  const { nodeId, reason } = record.data;
  const node = state.nodes.get(nodeId);
  if (!node) return state;
  const removed = { ...node, removed: { at: record.at, reason }, records: [...node.records, record.id] };
  return { ...state, nodes: state.nodes.with(nodeId, removed) };
}

export function recordBootstrap(state: State, record: RecordOf<'bootstrap-recorded'>): State {
  const { data } = record;
  const run = begun(record, { ...data, triggerType: 'bootstrap', nodes: data.nodes.map(runNode) });
  // The original contract gives a bootstrap no status: what is recorded there went well, unless the client says otherwise.
  const status = data['status'] === 'failed' ? 'failed' : 'success';
  return over(state, run, { completedAt: data.completedAt, status });
}

export function recordRebuild(state: State, record: RecordOf<'rebuild-recorded'>): State {
  const { data } = record;
  const node: RunNode = { nodeId: data.nodeId, role: state.nodes.get(data.nodeId)?.role };
  const run = begun(record, { ...data, triggerType: 'rebuild', nodes: [node] });
  return over(state, run, { completedAt: data.completedAt, status: data.status });
}

export function recordUpgrade(state: State, record: RecordOf<'upgrade-recorded'>): State {
  const { data } = record;
  const run = begun(record, { ...data, triggerType: 'upgrade', nodes: data.nodes.map(runNode) });
  return over(state, run, { completedAt: data.completedAt, status: data.status });
}

export function startRun(state: State, record: RecordOf<'run-started'>): State {
  const { incidentId, nodes } = record.data;
  const run = begun(record, { ...record.data, nodes: nodes.map(runNode) });
  const follows = { ...run, incidentIds: incidentId === undefined ? [] : [incidentId] };
  return { ...state, runs: state.runs.with(run.runId, follows) };
}

export function finishRun(state: State, record: RecordOf<'run-finished'>): State {
  const { runId, incidentId, completedAt, status, logsPath } = record.data;
  const run = state.runs.get(runId);
  if (!run) return state;
  const incidentIds = incidentId === undefined ? run.incidentIds : [...new Set([...run.incidentIds, incidentId])];
  const next = { ...run, incidentIds, logsPath, records: [...run.records, record.id] };
  return over(state, next, { completedAt, status });
}

type Begun = Omit<ProvisioningRun, 'status' | 'incidentIds' | 'records'>;

/** Named one by one: what else a client says stays in the record. */
function begun(record: Unsigned, said: Begun): ProvisioningRun {
  const { runId, triggerType, nodes, initiatedBy, startedAt, ansibleCommit, diffArtifactsPath } = said;
  const { logsPath, fromVersion, toVersion } = said;
  return {
    runId,
    triggerType,
    nodes,
    initiatedBy,
    startedAt,
    status: 'pending',
    ansibleCommit,
    diffArtifactsPath,
    logsPath,
    fromVersion,
    toVersion,
    incidentIds: [],
    records: [record.id],
  };
}

function runNode({ nodeId, role }: RunNode): RunNode {
  return { nodeId, role };
}

interface End {
  readonly completedAt: string;
  readonly status: 'success' | 'failed';
}

function over(state: State, run: ProvisioningRun, { completedAt, status }: End): State {
  const done: ProvisioningRun = {
    ...run,
    completedAt,
    status,
    durationMinutes: minutesBetween(run.startedAt, completedAt),
    objectiveBreached: status === 'success' && tookLonger(run.startedAt, completedAt, RUN_MINUTES_AT_MOST),
  };
  const runs = state.runs.with(run.runId, done);
  return done.nodes.reduce((before, { nodeId }) => touched(before, nodeId, done), { ...state, runs });
}

/** Runs may be recorded in another order than they ended in: the one that ended last counts. */
function touched(state: State, nodeId: string, run: ProvisioningRun): State {
  const end = run.completedAt ?? run.startedAt;
  const before = state.nodeRuns.get(nodeId);
  const last = before && state.runs.get(before.runId);
  const isLast = !last?.completedAt || !isBefore(end, last.completedAt);
  const built =
    run.status === 'success' && run.triggerType !== 'upgrade' ? later(before?.builtAt, end) : before?.builtAt;
  const runId = before && !isLast ? before.runId : run.runId;
  const node = state.nodes.get(nodeId);
  return {
    ...state,
    nodeRuns: state.nodeRuns.with(nodeId, { runId, builtAt: built }),
    nodes: node ? state.nodes.with(nodeId, { ...node, lastRebuildAt: built }) : state.nodes,
  };
}

function later(a: string | undefined, b: string): string {
  return a !== undefined && isBefore(b, a) ? a : b;
}
