/** What records may say about other records: ids, corrections, tombstones, merges. */
import type { EventType } from '../event.ts';
import { isBefore } from '../moment.ts';
import { parseEvent, type Unsigned } from '../record.ts';
import type { State } from '../state.ts';
import { type Breach, type Rule, rule } from './rule.ts';

/** Nobody corrects these: what they allow was done with them. */
const UNCORRECTABLE: readonly EventType[] = [
  'ledger-opened',
  'ledger-merged',
  'correction',
  'artifact-tombstoned',
  'operator-added',
  'operator-changed',
  'operator-removed',
  'key-rotated',
  'key-revoked',
  'change-approved',
  'evidence-attached',
  'change-applied',
];

/** What a record is about is the first of these that it has; a correction keeps it. */
const IDENTITY = [
  ...['runId', 'changeId', 'drillId', 'incidentId', 'nodeId', 'deviationId', 'rotationId', 'fingerprint'],
  ...['routeId', 'reportId', 'path', 'actionId'],
];

export const recordRules: readonly Rule[] = [
  rule('times-in-order', ['bootstrap-recorded', 'rebuild-recorded', 'upgrade-recorded'], (_, { data }) =>
    ended(`run ${data.runId}`, data.startedAt, data.completedAt),
  ),
  rule('times-in-order', ['run-finished'], ({ state }, { data: { runId, completedAt } }) => {
    const run = state.runs.get(runId);
    return run && ended(`run ${runId}`, run.startedAt, completedAt);
  }),
  rule('times-in-order', ['change-applied'], (_, { data }) =>
    ended(`the apply of ${data.changeId}`, data.startedAt, data.completedAt),
  ),
  rule('times-in-order', ['alert-tested'], (_, { data }) =>
    ended(`the test of route ${data.routeId}`, data.startedAt, data.completedAt),
  ),
  rule('times-in-order', ['action-recorded'], (_, { data }) =>
    ended(`action ${data.actionId}`, data.startedAt, data.completedAt),
  ),
  rule('times-in-order', ['drill-recorded'], (_, { data }) => {
    const steps = data.steps ?? [];
    const breach = steps.map((step) => ended(`step ${step.step}`, step.startedAt, step.completedAt)).find(Boolean);
    return ended(`drill ${data.drillId}`, data.startedAt, data.completedAt) ?? breach;
  }),
  rule('times-in-order', ['alert-delivered'], (_, { data }) =>
    isBefore(data.deliveredAt, data.firedAt)
      ? { message: `alert ${data.alertName} was delivered before it fired`, field: 'deliveredAt' }
      : undefined,
  ),
  rule('times-in-order', ['rotation-recorded'], (_, { data }) =>
    data.completedAt === undefined
      ? undefined
      : ended(`rotation ${data.rotationId}`, data.initiatedAt, data.completedAt),
  ),
  rule('times-in-order', ['incident-updated'], ({ state }, { data: { incidentId, closedAt } }) => {
    const incident = state.incidents.get(incidentId);
    if (!incident || closedAt === undefined || !isBefore(closedAt, incident.openedAt)) return undefined;
    return { message: `incident ${incidentId} was closed before it was opened`, field: 'closedAt' };
  }),
  rule('correction-of', ['correction'], ({ state }, { data: { amends } }) => {
    const target = state.history.get(amends)?.record;
    if (!target) return { message: `there is no record ${amends} before it`, field: 'amends' };
    if (!UNCORRECTABLE.includes(target.type)) return undefined;
    return { message: `${target.type} cannot be corrected`, field: 'amends' };
  }),
  rule('correction-by', ['correction'], ({ state }, { operator, data }) => {
    const target = state.history.get(data.amends)?.record;
    const isAdmin = state.operators.get(operator)?.role === 'admin';
    if (!target || isAdmin || target.operator === operator) return undefined;
    return `${operator} did not sign record ${data.amends} and is no admin`;
  }),
  rule('correction-data', ['correction'], ({ state }, { data }) => {
    const target = state.history.get(data.amends)?.record;
    if (!target || UNCORRECTABLE.includes(target.type)) return undefined;
    const amended = parseEvent(target.type, data.data);
    if (amended.kind === 'malformed') return { message: `no ${target.type}: ${amended.why}`, field: 'data' };
    const identity = IDENTITY.find((name) => name in target.data);
    if (identity !== undefined && member(target.data, identity) !== data.data[identity]) {
      return { message: `${identity} is not the one of the record`, field: `data.${identity}` };
    }
    const said = state.amendments.get(data.amends)?.event.data ?? target.data;
    const wasCritical = 'critical' in said && said.critical === true;
    if (wasCritical && data.data['critical'] !== true) return { message: CRITICAL_STAYS, field: 'data.critical' };
    return undefined;
  }),
  rule('tombstone-artifact', ['artifact-tombstoned'], ({ state }, { data: { path, sha256 } }) => {
    const artifact = state.artifacts.get(path);
    if (!artifact) return { message: `no record names the file ${path}`, field: 'path' };
    if (artifact.sha256 !== sha256) return { message: `${path} was recorded with another hash`, field: 'sha256' };
    return state.tombstones.has(path) ? { message: `${path} has a tombstone`, field: 'path' } : undefined;
  }),
  rule('merge-parents', ['ledger-merged'], (_, { prev, data: { parents } }) => {
    if (new Set(parents).size !== parents.length) return { message: 'a parent stands twice', field: 'parents' };
    return parents[0] === prev
      ? undefined
      : { message: 'the record does not follow its first parent', field: 'parents' };
  }),
  rule('merge-conflicts', ['ledger-merged'], ({ state }, { data: { conflicts } }) => mergeBreach(state, conflicts)),
];

const CRITICAL_STAYS = 'a change that was called critical stays it';

function ended(what: string, start: string, end: string): Breach | undefined {
  if (!isBefore(end, start)) return undefined;
  return { message: `${what} ended at ${end}, before it began at ${start}`, field: 'completedAt' };
}

function member(data: Unsigned['data'], name: string): unknown {
  return Object.entries(data).find(([key]) => key === name)?.[1];
}

function mergeBreach(
  state: State,
  conflicts: readonly { readonly id: string; readonly rule: string }[],
): Breach | undefined {
  const listed = new Map(conflicts.map(({ id, rule }) => [id, rule]));
  const missing = [...state.unsettled].find(([id, broken]) => listed.get(id) !== broken);
  if (missing) return { message: `record ${missing[0]} breaks ${missing[1]} and is not listed so`, field: 'conflicts' };
  const extra = conflicts.find(({ id }) => !state.unsettled.has(id));
  if (extra) return { message: `record ${extra.id} breaks no rule and is listed`, field: 'conflicts' };
  return conflicts.length === listed.size ? undefined : { message: 'a record is listed twice', field: 'conflicts' };
}
