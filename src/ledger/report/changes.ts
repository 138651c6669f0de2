import type { ApplyEvent, ConfigurationChange, DriftReport, ManualApplyEvidence } from '../entity.ts';
import { momentOf } from '../moment.ts';
import type { State } from '../state.ts';
import {
  type Criterion,
  type CriterionVerdict,
  isShare,
  isWithin,
  type Span,
  shareText,
  sourcesOf,
} from './criterion.ts';

const DRIFT_FREE_PERCENT = 95;

interface Applied {
  readonly change: ConfigurationChange;
  readonly at: number;
}

/**
 * Applied changes whose next drift report is empty ÷ applied changes. A report that could not look at everything tells
 * nothing, so the next one that does is asked. Where there is none yet the change is counted apart, never as a success.
 */
export function changesWithoutDrift(state: State, span: Span): Criterion {
  const reports = [...state.driftReports.values()]
    .filter(({ verdict, observedAt }) => verdict !== 'unknown' && momentOf(observedAt) <= span.now)
    .sort((a, b) => momentOf(a.observedAt) - momentOf(b.observedAt));
  const told = appliedIn(state, span).map((applied) => ({ ...applied, next: nextAfter(reports, applied.at) }));
  const free = told.filter(({ next }) => next?.verdict === 'none');
  const drifted = told.filter(({ next }) => next?.verdict === 'drift');
  const open = told.filter(({ next }) => next === undefined);
  const apart = open.length === 0 ? '' : `, ${open.length} not known yet`;
  return {
    id: 'drift-free',
    title: 'Applied changes without drift after them',
    target: `at least ${DRIFT_FREE_PERCENT} %`,
    value: `${shareText(free.length, told.length)}${apart}`,
    verdict: driftVerdict(free.length, open.length, told.length),
    notes: [
      ...drifted.map(({ change, next }) => `change ${change.changeId}: drift report ${next?.reportId} found drift`),
      ...open.map(({ change }) => `change ${change.changeId}: no drift report since it was applied`),
    ],
    records: sourcesOf(
      state,
      told.flatMap(({ change, next }) => [...change.records, ...(next ? [next.record] : [])]),
    ),
  };
}

/** Only said where the reports that are still missing could not change it. */
function driftVerdict(free: number, open: number, all: number): CriterionVerdict {
  if (all === 0) return { kind: 'not-known', why: 'no change was applied' };
  if (isShare(free, all, DRIFT_FREE_PERCENT)) return { kind: 'met' };
  if (isShare(free + open, all, DRIFT_FREE_PERCENT)) {
    return { kind: 'not-known', why: `${open} of ${all} changes wait for a drift report` };
  }
  return { kind: 'missed', why: `${all - free - open} of ${all} changes were followed by drift` };
}

/** Reports in the order of time. */
function nextAfter(reports: readonly DriftReport[], at: number): DriftReport | undefined {
  let [low, high] = [0, reports.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const report = reports[middle];
    if (report && momentOf(report.observedAt) <= at) low = middle + 1;
    else high = middle;
  }
  return reports[low];
}

/**
 * An apply that the ledger saw, of evidence whose file it has the hash of. A change that somebody only said to be applied, or
 * whose evidence is a path in words, may be as it says; the records do not show it, and it is counted apart.
 */
export function changesWithEvidence(state: State, span: Span): Criterion {
  const applied = appliedIn(state, span);
  const kinds = Map.groupBy(applied, ({ change, at }) => shownOf(state, change, at));
  const [shown = [], claimed = [], without = []] = [kinds.get('shown'), kinds.get('claimed'), kinds.get('without')];
  return {
    id: 'evidence',
    title: 'Applied changes with evidence before them',
    target: '100 %',
    value: `${shareText(shown.length, applied.length)}${claimed.length === 0 ? '' : `, ${claimed.length} only claimed`}`,
    verdict: evidenceVerdict(applied.length, claimed.length, without.length),
    notes: [
      ...without.map(({ change }) => `change ${change.changeId} was applied without evidence before it`),
      ...claimed.map(({ change }) => `change ${change.changeId}: only claimed, ${whyClaimed(change)}`),
    ],
    records: sourcesOf(
      state,
      applied.flatMap(({ change }) => change.records),
    ),
  };
}

function shownOf(state: State, change: ConfigurationChange, at: number): 'shown' | 'claimed' | 'without' {
  const apply = applyOf(change);
  const evidence = change.evidence.find(({ evidenceId }) => evidenceId === apply?.evidenceId);
  if (evidence && isOnFile(state, evidence) && momentOf(evidence.timestamp) <= at) return 'shown';
  return change.evidence.some(({ timestamp }) => momentOf(timestamp) <= at) ? 'claimed' : 'without';
}

/** The one that made it applied; undefined: somebody said so. */
function applyOf({ applies, appliedAt }: ConfigurationChange): ApplyEvent | undefined {
  return applies.find(
    ({ exitCode, rollback, completedAt }) => exitCode === 0 && rollback !== true && completedAt === appliedAt,
  );
}

/** `verify` compares the file with this hash. */
function isOnFile(state: State, { record, outputPath }: ManualApplyEvidence): boolean {
  return state.history.get(record)?.record.artifacts.some(({ path }) => path === outputPath) ?? false;
}

function whyClaimed(change: ConfigurationChange): string {
  return applyOf(change) === undefined
    ? 'no apply of it is recorded'
    : 'the ledger has no hash of the file of its evidence';
}

function evidenceVerdict(all: number, claimed: number, without: number): CriterionVerdict {
  if (all === 0) return { kind: 'not-known', why: 'no change was applied' };
  if (without > 0) return { kind: 'missed', why: `${without} without evidence` };
  return claimed === 0 ? { kind: 'met' } : { kind: 'not-known', why: `${claimed} of ${all} changes only claim it` };
}

/** Also what was rolled back later: it was applied. */
function appliedIn(state: State, span: Span): readonly Applied[] {
  return [...state.changes.values()].flatMap((change) => {
    const isApplied = change.status === 'applied' || change.status === 'rolled-back';
    if (!isApplied || change.appliedAt === undefined) return [];
    const at = momentOf(change.appliedAt);
    return isWithin(span, at) ? [{ change, at }] : [];
  });
}
