/** How a change goes from draft to applied, and what comes before an apply. */
import type { ConfigurationChange, ManualApplyEvidence } from '../entity.ts';
import { updatedChange } from '../fold/changes.ts';
import { isBefore } from '../moment.ts';
import type { RecordOf } from '../record.ts';
import type { State } from '../state.ts';
import { type Breach, type Rule, rule } from './rule.ts';

const STEPS = ['draft', 'pending-review', 'applied', 'rolled-back'] as const;

export const changeRules: readonly Rule[] = [
  rule('change-begins', ['change-created'], (_, { data: { changeId, status } }) =>
    status === 'applied' || status === 'rolled-back'
      ? { message: `change ${changeId} would begin as ${status}, without evidence before it`, field: 'status' }
      : undefined,
  ),
  rule('change-applied-at', ['change-created'], (_, { data: { changeId, status, appliedAt } }) =>
    appliedAt !== undefined && (status === 'draft' || status === 'pending-review')
      ? { message: `change ${changeId} is ${status} and says when it was applied`, field: 'appliedAt' }
      : undefined,
  ),
  rule('change-order', ['change-updated'], ({ state }, { data: { changeId, status } }) => {
    const change = state.changes.get(changeId);
    if (!change || status === undefined || status === change.status) return undefined;
    if (STEPS.indexOf(status) === STEPS.indexOf(change.status) + 1) return undefined;
    return { message: `change ${changeId} is ${change.status} and cannot become ${status}`, field: 'status' };
  }),
  rule('change-settled', ['change-updated'], ({ state }, { data }) => {
    const status = state.changes.get(data.changeId)?.status;
    if (status !== 'applied' && status !== 'rolled-back') return undefined;
    if (data.manifestPaths === undefined && data.appliedAt === undefined) return undefined;
    const field = data.manifestPaths === undefined ? 'appliedAt' : 'manifestPaths';
    return { message: `change ${data.changeId} is ${status}; its ${field} stays`, field };
  }),
  rule('change-applied-at', ['change-updated'], ({ state }, record) => {
    const after = afterUpdate(state, record);
    if (record.data.appliedAt === undefined || !after || after.status === 'applied') return undefined;
    if (after.status === 'rolled-back') return undefined; // settled: another rule
    return { message: `change ${after.changeId} is ${after.status} and says when it was applied`, field: 'appliedAt' };
  }),
  rule('change-critical', ['change-updated'], ({ state }, { data: { changeId, critical } }) =>
    critical === false && state.changes.get(changeId)?.critical
      ? { message: `change ${changeId} is critical`, field: 'critical' }
      : undefined,
  ),
  rule('change-evidence', ['change-updated'], ({ state }, record) => {
    const after = becomesApplied(state, record);
    if (!after || after.evidence.some(({ timestamp }) => !isBefore(after.appliedAt ?? record.at, timestamp))) return;
    const message = `change ${after.changeId} has no evidence from before ${after.appliedAt}`;
    return { message, field: 'status' };
  }),
  rule('change-runbook', ['change-updated'], ({ state }, record) => {
    const after = afterUpdate(state, record);
    const before = state.changes.get(record.data.changeId);
    const concerned = after?.status === 'applied' && (before?.status !== 'applied' || record.data.runbookUpdates);
    return after && concerned ? runbookBreach(after) : undefined;
  }),
  rule('change-approval', ['change-updated'], ({ state }, record) => {
    const after = afterUpdate(state, record);
    const before = state.changes.get(record.data.changeId);
    const concerned = after?.status === 'applied' && (before?.status !== 'applied' || record.data.critical);
    return after && concerned ? approvalBreach(after) : undefined;
  }),
  rule('change-incident', ['change-updated'], ({ state }, record) => {
    const after = afterUpdate(state, record);
    return after && record.data.status === 'rolled-back' ? incidentBreach(after) : undefined;
  }),
  rule('approval-newest', ['change-approved'], ({ state }, { data }) =>
    newestBreach(state.changes.get(data.changeId), data.evidenceId),
  ),
  rule('approval-by-another', ['change-approved'], ({ state }, { operator, data }) => {
    const change = state.changes.get(data.changeId);
    const evidence = evidenceOf(change, data.evidenceId);
    if (change?.authors.includes(operator)) return `${operator} made change ${data.changeId}`;
    return evidence?.authors.includes(operator) ? `${operator} took evidence ${data.evidenceId}` : undefined;
  }),

  rule('apply-newest', ['change-applied'], ({ state }, { data }) =>
    newestBreach(state.changes.get(data.changeId), data.evidenceId),
  ),
  rule('apply-manifests', ['change-applied'], ({ state }, { data }) => {
    const evidence = evidenceOf(state.changes.get(data.changeId), data.evidenceId);
    if (!evidence || evidence.manifestHash === data.manifestHash) return undefined;
    const compared = evidence.manifestHash ?? 'no manifests that it names';
    return { message: `evidence ${data.evidenceId} compared ${compared}`, field: 'manifestHash' };
  }),
  rule('change-evidence', ['change-applied'], ({ state }, { data }) => {
    const evidence = evidenceOf(state.changes.get(data.changeId), data.evidenceId);
    if (!evidence || !isBefore(data.startedAt, evidence.timestamp)) return undefined;
    const message = `evidence ${data.evidenceId} is of ${evidence.timestamp}, after the apply began at ${data.startedAt}`;
    return { message, field: 'startedAt' };
  }),
  rule('change-runbook', ['change-applied'], ({ state }, { data }) => {
    const change = state.changes.get(data.changeId);
    return change && !data.rollback ? runbookBreach(change) : undefined;
  }),
  rule('change-approval', ['change-applied'], ({ state }, { data }) => {
    const change = state.changes.get(data.changeId);
    return change ? approvalBreach(change) : undefined;
  }),
  rule('change-incident', ['change-applied'], ({ state }, { data }) => {
    const change = state.changes.get(data.changeId);
    return change && data.rollback ? incidentBreach(change) : undefined;
  }),
  rule('apply-exit', ['change-applied'], (_, { data: { exitCode, objects } }) => {
    const failed = objects.find(({ outcome }) => outcome === 'failed' || outcome === 'not-tried');
    if (exitCode !== 0 || !failed) return undefined;
    return { message: `${failed.kind} ${failed.name} is ${failed.outcome}, and the exit code 0`, field: 'exitCode' };
  }),
  rule('apply-state', ['change-applied'], ({ state }, { data }) => {
    const change = state.changes.get(data.changeId);
    if (change?.status === 'rolled-back')
      return { message: `change ${data.changeId} was rolled back`, field: 'changeId' };
    const wasApplied = change?.status === 'applied' || Boolean(change?.applies.length);
    if (!change || !data.rollback || wasApplied) return undefined;
    return { message: `change ${data.changeId} was never applied`, field: 'rollback' };
  }),
];

function afterUpdate(state: State, record: RecordOf<'change-updated'>): ConfigurationChange | undefined {
  const change = state.changes.get(record.data.changeId);
  return change && updatedChange(change, record);
}

function becomesApplied(state: State, record: RecordOf<'change-updated'>): ConfigurationChange | undefined {
  const isApplied = state.changes.get(record.data.changeId)?.status === 'applied';
  return record.data.status === 'applied' && !isApplied ? afterUpdate(state, record) : undefined;
}

function evidenceOf(change: ConfigurationChange | undefined, id: string): ManualApplyEvidence | undefined {
  return change?.evidence.find(({ evidenceId }) => evidenceId === id);
}

function newestBreach(change: ConfigurationChange | undefined, evidenceId: string): Breach | undefined {
  const newest = change?.evidence.at(-1);
  if (!newest || newest.evidenceId === evidenceId || !evidenceOf(change, evidenceId)) return undefined;
  return { message: `the newest evidence of change ${change?.changeId} is ${newest.evidenceId}`, field: 'evidenceId' };
}

function runbookBreach({ changeId, runbookUpdates }: ConfigurationChange): Breach | undefined {
  if (runbookUpdates.some((path) => path.trim() !== '')) return undefined;
  return { message: `change ${changeId} refers to no runbook`, field: 'runbookUpdates' };
}

function approvalBreach({ changeId, critical, evidence, approvals }: ConfigurationChange): Breach | undefined {
  const newest = evidence.at(-1)?.evidenceId;
  if (!critical || newest === undefined || approvals.some(({ evidenceId }) => evidenceId === newest)) return undefined;
  return { message: `change ${changeId} is critical, and nobody approved its evidence ${newest}`, field: 'critical' };
}

function incidentBreach({ changeId, incidentIds }: ConfigurationChange): Breach | undefined {
  return incidentIds.length > 0
    ? undefined
    : { message: `change ${changeId} is rolled back without an incident`, field: 'incidentId' };
}
