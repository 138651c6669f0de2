/** Ids name one thing, and what is referred to is there. */
import type { State } from '../state.ts';
import { type Breach, type Rule, rule } from './rule.ts';

export const idRules: readonly Rule[] = [
  rule('id-new', ['bootstrap-recorded', 'rebuild-recorded', 'upgrade-recorded', 'run-started'], ({ state }, { data }) =>
    used(state, 'run', 'runId', data.runId),
  ),
  rule('id-new', ['change-created'], ({ state }, { data }) => used(state, 'change', 'changeId', data.changeId)),
  rule('id-new', ['evidence-attached'], ({ state }, { data: { changeId, evidenceId } }) => {
    const there = state.changes.get(changeId)?.evidence.some((evidence) => evidence.evidenceId === evidenceId);
    return there ? { message: `change ${changeId} has evidence ${evidenceId}`, field: 'evidenceId' } : undefined;
  }),
  rule('id-new', ['incident-opened'], ({ state }, { data }) => used(state, 'incident', 'incidentId', data.incidentId)),
  rule('id-new', ['drill-recorded'], ({ state }, { data }) => used(state, 'drill', 'drillId', data.drillId)),
  rule('id-new', ['drift-reported'], ({ state }, { data }) => used(state, 'drift report', 'reportId', data.reportId)),
  rule('id-new', ['action-recorded'], ({ state }, { data }) => used(state, 'action', 'actionId', data.actionId)),
  rule('id-new', ['deviation-recorded'], ({ state }, { data }) =>
    used(state, 'deviation', 'deviationId', data.deviationId),
  ),

  rule('id-known', ['run-finished'], ({ state }, { data }) => unknown(state, 'run', 'runId', data.runId)),
  rule(
    'id-known',
    ['change-updated', 'change-approved', 'evidence-attached', 'change-applied'],
    ({ state }, { data }) => unknown(state, 'change', 'changeId', data.changeId),
  ),
  rule('id-known', ['change-approved', 'change-applied'], ({ state }, { data: { changeId, evidenceId } }) => {
    const change = state.changes.get(changeId);
    if (!change || change.evidence.some((evidence) => evidence.evidenceId === evidenceId)) return undefined;
    return { message: `change ${changeId} has no evidence ${evidenceId}`, field: 'evidenceId' };
  }),
  rule('id-known', ['incident-updated'], ({ state }, { data }) =>
    unknown(state, 'incident', 'incidentId', data.incidentId),
  ),
  rule('id-known', ['run-started', 'run-finished', 'change-updated'], ({ state }, { data: { incidentId } }) =>
    incidentId === undefined ? undefined : unknown(state, 'incident', 'incidentId', incidentId),
  ),
  rule('id-known', ['incident-opened'], ({ state }, { data: { runIds = [], changeIds = [] } }) => {
    const run = runIds.map((id) => unknown(state, 'run', 'runIds', id)).find(Boolean);
    return run ?? changeIds.map((id) => unknown(state, 'change', 'changeIds', id)).find(Boolean);
  }),
  rule('id-known', ['node-removed'], ({ state }, { data: { nodeId } }) => {
    const node = state.nodes.get(nodeId);
    return node && !node.removed ? undefined : { message: `there is no node ${nodeId}`, field: 'nodeId' };
  }),
  rule('id-known', ['artifact-tombstoned'], ({ state }, { data: { rotationId } }) =>
    rotationId === undefined || state.rotations.has(rotationId)
      ? undefined
      : { message: `there is no rotation ${rotationId}`, field: 'rotationId' },
  ),
];

const MAPS = {
  run: 'runs',
  change: 'changes',
  incident: 'incidents',
  drill: 'drills',
  'drift report': 'driftReports',
  action: 'actions',
  deviation: 'deviations',
} as const satisfies Readonly<Record<string, keyof State>>;

function used(state: State, kind: keyof typeof MAPS, field: string, id: string): Breach | undefined {
  return state[MAPS[kind]].has(id) ? { message: `${kind} ${id} is recorded already`, field } : undefined;
}

function unknown(state: State, kind: keyof typeof MAPS, field: string, id: string): Breach | undefined {
  return state[MAPS[kind]].has(id) ? undefined : { message: `there is no ${kind} ${id}`, field };
}
