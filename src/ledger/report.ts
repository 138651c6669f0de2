/** The success criteria of the requirement, computed from the records instead of claimed. */
import { alertTime, routesTested } from './report/alerts.ts';
import { changesWithEvidence, changesWithoutDrift } from './report/changes.ts';
import type { Criterion, CriterionVerdict, Span } from './report/criterion.ts';
import { drillsHeld } from './report/drills.ts';
import { incidentsOpen, runsWithIncident } from './report/incidents.ts';
import { quarterOf } from './report/quarter.ts';
import { rebuildTime } from './report/rebuilds.ts';
import { rotationsDue } from './report/rotations.ts';
import type { State } from './state.ts';

export interface Report {
  /** Of the ledger; undefined where none is open. */
  readonly ledger?: { readonly ledgerId: string; readonly title: string };
  readonly from: string;
  readonly at: string;
  readonly quarter: string;
  /** Records that were read, and how many of them do not count. */
  readonly records: { readonly read: number; readonly notCounted: number };
  readonly counts: { readonly [Kind in CriterionVerdict['kind']]: number };
  readonly criteria: readonly Criterion[];
}

/** Without another one: 30 days. */
export const WINDOW_MS = 30 * 86_400_000;

/**
 * `state` is what the ledger said at `now` (epoch milliseconds). What is measured over days counts from `from` on; what is
 * measured by quarter, in the quarter of `now`.
 */
export function report(state: State, now: number, from: number = now - WINDOW_MS): Report {
  const span: Span = { from, now };
  const criteria = [
    rebuildTime(state, now),
    changesWithoutDrift(state, span),
    changesWithEvidence(state, span),
    alertTime(state, span),
    drillsHeld(state, now),
    rotationsDue(state, now),
    routesTested(state, now),
    runsWithIncident(state, span),
    incidentsOpen(state),
  ];
  const count = (kind: CriterionVerdict['kind']): number =>
    criteria.filter(({ verdict }) => verdict.kind === kind).length;
  const { ledger } = state;
  return {
    ...(ledger && { ledger: { ledgerId: ledger.ledgerId, title: ledger.title } }),
    from: new Date(from).toISOString(),
    at: new Date(now).toISOString(),
    quarter: quarterOf(now).name,
    records: { read: state.history.size, notCounted: state.conflicts.size + state.unsettled.size },
    counts: { met: count('met'), missed: count('missed'), 'not-known': count('not-known') },
    criteria,
  };
}
