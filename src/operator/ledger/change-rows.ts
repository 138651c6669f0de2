/** Changes as the console shows them. Pure. */
import type { ConfigurationChange } from '../../ledger/entity.ts';
import type { Unsigned } from '../../ledger/record.ts';
import type { State } from '../../ledger/state.ts';
import { summary } from '../../ledger/summary.ts';
import { type ChangeFacts, changeStanding } from './change-step.ts';
import { type ChangeDetail, type ChangeRow, changeStages, type Told } from './ledger-api.ts';
import { hasFailed, objectText } from './record-objects.ts';
import { typeWords } from './record-type.ts';

/** What calls for somebody first, then the newest. */
export function inTurn(rows: readonly ChangeRow[]): readonly ChangeRow[] {
  const rank = ({ stage }: ChangeRow): number => changeStages.indexOf(stage);
  const isSettled = ({ stage }: ChangeRow): boolean => stage === 'applied' || stage === 'rolled back';
  return rows.toSorted(
    (one, other) =>
      Number(isSettled(one)) - Number(isSettled(other)) ||
      (isSettled(one) ? 0 : rank(one) - rank(other)) ||
      other.movedAt - one.movedAt,
  );
}

export function changeRow(change: ConfigurationChange, state: State, facts: ChangeFacts): ChangeRow {
  const newest = change.evidence.at(-1);
  const last = state.history.get(change.records.at(-1) ?? '')?.record;
  return {
    ...changeStanding(change, facts),
    changeId: change.changeId,
    summary: change.diffSummary ?? '',
    branch: change.featureBranch,
    author: change.author,
    critical: change.critical,
    manifests: change.manifestPaths,
    createdAt: Date.parse(change.createdAt),
    movedAt: Date.parse(last?.at ?? change.createdAt),
    ...(newest === undefined
      ? {}
      : {
          evidence: {
            evidenceId: newest.evidenceId,
            record: newest.record,
            path: newest.outputPath,
            at: Date.parse(newest.timestamp),
            summary: typeof newest['summary'] === 'string' ? newest['summary'] : '',
            authors: newest.authors,
          },
        }),
  };
}

export function changeDetail(change: ConfigurationChange, state: State, facts: ChangeFacts): ChangeDetail {
  const newest = change.evidence.at(-1)?.evidenceId;
  return {
    ...changeRow(change, state, facts),
    reviewers: change.reviewers,
    runbooks: change.runbookUpdates,
    incidents: change.incidentIds,
    approvals: change.approvals.map(({ operator, at, comment = '', evidenceId }) => ({
      ...{ by: operator, at: Date.parse(at), comment },
      current: evidenceId === newest,
    })),
    outcomes: (change.applies.at(-1)?.objects ?? []).map((object) => ({
      object: objectText(object),
      outcome: object.outcome.replace('-', ' '),
      message: object.message ?? '',
    })),
    history: change.records
      .flatMap((id) => state.history.get(id)?.record ?? [])
      .map(told)
      .toReversed(),
  };
}

/** What an operator records for somebody who is signed in was done by them. */
function doerOf({ type, data }: Unsigned): string | undefined {
  return type === 'action-recorded' ? data.user : undefined;
}

export function told(record: Unsigned): Told {
  const { id, seq, at, operator, type } = record;
  return {
    ...{ record: id, seq, at: Date.parse(at), by: doerOf(record) ?? operator },
    what: typeWords(type),
    words: summary(record),
    failed: hasFailed(record),
  };
}
