/** Steps of the fold for changes of the configuration. */
import type { ConfigurationChange } from '../entity.ts';
import type { RecordOf } from '../record.ts';
import type { State } from '../state.ts';

export function createChange(state: State, record: RecordOf<'change-created'>): State {
  const { changeId, featureBranch, manifestPaths, status, diffSummary, appliedAt } = record.data;
  const change: ConfigurationChange = {
    changeId,
    featureBranch,
    manifestPaths,
    status,
    diffSummary,
    reviewers: record.data.reviewers ?? [],
    appliedAt,
    approvedBy: [],
    runbookUpdates: record.data.runbookUpdates ?? [],
    critical: record.data.critical ?? false,
    author: record.operator,
    authors: authorsOf(record.operator, record.data['operatorId']),
    createdAt: record.at,
    evidence: [],
    approvals: [],
    applies: [],
    incidentIds: [],
    records: [record.id],
  };
  return { ...state, changes: state.changes.with(changeId, change) };
}

/** What the change is after an update: rules look at this before it is so. */
export function updatedChange(change: ConfigurationChange, record: RecordOf<'change-updated'>): ConfigurationChange {
  const { data } = record;
  const becomesApplied = data.status === 'applied' && change.status !== 'applied';
  return {
    ...change,
    status: data.status ?? change.status,
    manifestPaths: data.manifestPaths ?? change.manifestPaths,
    diffSummary: data.diffSummary ?? change.diffSummary,
    reviewers: data.reviewers ?? change.reviewers,
    appliedAt: data.appliedAt ?? (becomesApplied ? record.at : change.appliedAt),
    runbookUpdates: data.runbookUpdates ?? change.runbookUpdates,
    critical: data.critical ?? change.critical,
    incidentIds: linked(change.incidentIds, data.incidentId),
  };
}

export function updateChange(state: State, record: RecordOf<'change-updated'>): State {
  return changed(state, record, (change) => updatedChange(change, record));
}

export function approveChange(state: State, record: RecordOf<'change-approved'>): State {
  const { operator, at } = record;
  const { evidenceId, comment } = record.data;
  return changed(state, record, (change) => ({
    ...change,
    approvals: [...change.approvals, { evidenceId, operator, at, comment, record: record.id }],
    approvedBy: [...new Set([...change.approvedBy, operator])],
  }));
}

/** Who signed it, and whom it names: a server records for others. */
function authorsOf(operator: string, named: unknown): readonly string[] {
  return typeof named === 'string' && named !== '' && named !== operator ? [operator, named] : [operator];
}

/** Evidence puts a draft up for review. */
export function attachEvidence(state: State, record: RecordOf<'evidence-attached'>): State {
  const { operator, at, data } = record;
  const authors = authorsOf(operator, data.operatorId);
  return changed(state, record, (change) => ({
    ...change,
    status: change.status === 'draft' ? 'pending-review' : change.status,
    evidence: [...change.evidence, { ...data, authors, recordedAt: at, record: record.id }],
  }));
}

export function applyChange(state: State, record: RecordOf<'change-applied'>): State {
  const { operator, at, data } = record;
  const outcome = data.rollback ? 'rolled-back' : 'applied';
  return changed(state, record, (change) => ({
    ...change,
    applies: [...change.applies, { ...data, operator, recordedAt: at, record: record.id }],
    status: data.exitCode === 0 ? outcome : change.status,
    appliedAt: data.exitCode === 0 && !data.rollback ? data.completedAt : change.appliedAt,
  }));
}

function changed(
  state: State,
  { id, data }: RecordOf<'change-updated' | 'change-approved' | 'evidence-attached' | 'change-applied'>,
  change: (before: ConfigurationChange) => ConfigurationChange,
): State {
  const before = state.changes.get(data.changeId);
  if (!before) return state;
  const next = { ...change(before), records: [...before.records, id] };
  return { ...state, changes: state.changes.with(data.changeId, next) };
}

export function linked(ids: readonly string[], id: string | undefined): readonly string[] {
  return id === undefined || ids.includes(id) ? ids : [...ids, id];
}
