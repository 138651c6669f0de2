import type { ConfigurationChange, DriftReport } from '../entity.ts';
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

export function changesWithEvidence(state: State, span: Span): Criterion {
  const applied = appliedIn(state, span);
  const without = applied.filter(
    ({ change, at }) => !change.evidence.some(({ timestamp }) => momentOf(timestamp) <= at),
  );
  const shown = applied.length - without.length;
  return {
    id: 'evidence',
    title: 'Applied changes with evidence before them',
    target: '100 %',
    value: shareText(shown, applied.length),
    verdict: evidenceVerdict(applied.length, without.length),
    notes: without.map(({ change }) => `change ${change.changeId} was applied without evidence before it`),
    records: sourcesOf(
      state,
      applied.flatMap(({ change }) => change.records),
    ),
  };
}

function evidenceVerdict(all: number, without: number): CriterionVerdict {
  if (all === 0) return { kind: 'not-known', why: 'no change was applied' };
  return without === 0 ? { kind: 'met' } : { kind: 'missed', why: `${without} without evidence` };
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
