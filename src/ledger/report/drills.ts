import type { EventData } from '../event.ts';
import { momentOf } from '../moment.ts';
import type { State } from '../state.ts';
import { type Criterion, type CriterionVerdict, dayText, sourcesOf } from './criterion.ts';
import { type Quarter, quarterOf } from './quarter.ts';

type DrillKind = EventData<'drill-recorded'>['kind'];
const KINDS: readonly DrillKind[] = ['failover', 'rebuild', 'alert', 'restore', 'quorum'];

export interface Standing {
  readonly kind: DrillKind;
  readonly due: 'done' | 'due' | 'overdue' | 'excused';
  /** The last that succeeded. */
  readonly last?: { readonly at: string; readonly record: string };
}

/** Each kind once a quarter. It is overdue when a whole quarter went by without it, since the ledger was opened. */
export function drillsHeld(state: State, now: number): Criterion {
  const quarter = quarterOf(now);
  const all = drillStandings(state, now);
  const asked = all.filter(({ due }) => due !== 'excused');
  const done = asked.filter(({ due }) => due === 'done');
  return {
    id: 'drills',
    title: 'Drills held',
    target: `each kind in ${quarter.name}`,
    value: `${done.length} of ${asked.length} kinds in ${quarter.name}`,
    verdict: verdictOf(asked, quarter),
    notes: all.filter(({ due }) => due !== 'done').map((each) => note(each, quarter)),
    records: sourcesOf(
      state,
      all.flatMap(({ last }) => (last ? [last.record] : [])),
    ),
  };
}

/** How each kind stands in the quarter of `now`. */
export function drillStandings(state: State, now: number): readonly Standing[] {
  return KINDS.map((kind) => standing(state, kind, now));
}

function standing(state: State, kind: DrillKind, now: number): Standing {
  const last = [...state.drills.values()]
    .filter((drill) => drill.kind === kind && drill.result === 'success' && momentOf(drill.completedAt) <= now)
    .reduce<Standing['last']>(
      (before, { completedAt: at, record }) =>
        before === undefined || momentOf(at) >= momentOf(before.at) ? { at, record } : before,
      undefined,
    );
  const told = last === undefined ? { kind } : { kind, last };
  if (isExcused(state, kind, now)) return { ...told, due: 'excused' };
  const current = quarterOf(now).number;
  const opened = state.ledger === undefined ? current : quarterOf(momentOf(state.ledger.openedAt)).number;
  const held = last === undefined ? opened - 1 : quarterOf(momentOf(last.at)).number;
  return { ...told, due: held >= current ? 'done' : held < current - 1 ? 'overdue' : 'due' };
}

/** By a deviation with `rule: drill-KIND`, as for a cluster of one server, which cannot fail over. */
function isExcused(state: State, kind: DrillKind, now: number): boolean {
  return [...state.deviations.values()].some(
    ({ rule, expiresAt }) => rule === `drill-${kind}` && (expiresAt === undefined || now < momentOf(expiresAt)),
  );
}

function verdictOf(asked: readonly Standing[], quarter: Quarter): CriterionVerdict {
  const overdue = asked.filter(({ due }) => due === 'overdue');
  if (overdue.length > 0) return { kind: 'missed', why: `overdue: ${overdue.map(({ kind }) => kind).join(', ')}` };
  const due = asked.filter((each) => each.due === 'due');
  if (due.length === 0) return { kind: 'met' };
  return { kind: 'not-known', why: `${due.length} due by ${dayText(quarter.to - 1)}` };
}

function note({ kind, due, last }: Standing, quarter: Quarter): string {
  const held = last === undefined ? 'never held' : `held last on ${dayText(last.at)}`;
  if (due === 'excused') return `${kind}: excused by a deviation, ${held}`;
  return `${kind}: ${due === 'overdue' ? 'overdue' : `due by ${dayText(quarter.to - 1)}`}, ${held}`;
}
