/** From records to the state, and which of them break a rule on the way. */
import { parentsOf } from './chain.ts';
import { advance } from './fold/advance.ts';
import { type LedgerRecord, parseEvent, type RecordOf, type Unsigned } from './record.ts';
import { judge } from './rules/judge.ts';
import type { Violation } from './rules.ts';
import { emptyState, type Kept, type State } from './state.ts';

export interface Broken {
  readonly id: string;
  readonly violations: readonly Violation[];
}
export interface Folded {
  readonly state: State;
  /** Records that break a rule and that no merge lists as a conflict. They do not count. */
  readonly violations: readonly Broken[];
}

/**
 * Replays records, each after those that it follows. A record that breaks a rule does not count, whether a merge lists it or
 * not. `keyOf` tells which key signed a record (OpenSSH); without it nothing is said about keys.
 */
export function fold(records: readonly LedgerRecord[], keyOf?: (id: string) => string | undefined): Folded {
  const folded = replay(records.map((record) => ({ record, key: keyOf?.(record.id) })));
  const own = brokenAlone(records, folded.state, keyOf);
  return own.length === 0 ? folded : { ...folded, violations: [...folded.violations, ...own] };
}

/** The state after one more record, which must keep the rules (`decide`). */
export function step(state: State, record: Unsigned, key?: string): State {
  const kept = { record, key };
  if (record.type === 'correction') return replay([...state.history.values(), kept]).state;
  if (record.type === 'ledger-merged') return remembered(settled(state, record), kept);
  return remembered(advance(state, record), kept);
}

/** Corrections count from the beginning: a first pass finds them, and only where there are some a second one reads them. */
export function replay(history: readonly Kept[]): Folded {
  const first = pass(history, emptyState.amendments);
  const amendments = first.state.amendments;
  return amendments.size === 0 ? first : pass(history, amendments);
}

function pass(history: readonly Kept[], amendments: State['amendments']): Folded {
  let state: State = emptyState; // a correction is judged by those before it
  const broken = new Map<string, readonly Violation[]>();
  for (const kept of history) {
    const record = amended(kept.record, amendments);
    const violations = judge({ state, key: kept.key }, record);
    const [first] = violations;
    if (first) {
      broken.set(record.id, violations);
      state = { ...state, unsettled: state.unsettled.with(record.id, first.rule) };
    } else if (record.type === 'ledger-merged') {
      for (const id of state.unsettled.keys()) broken.delete(id);
      state = settled(state, record);
    } else state = record.type === 'correction' ? withAmendment(state, record) : advance(state, record);
    state = remembered(state, kept);
  }
  return { state, violations: [...broken].map(([id, violations]) => ({ id, violations })) };
}

function amended(record: Unsigned, amendments: State['amendments']): Unsigned {
  const amendment = amendments.get(record.id);
  return amendment ? { ...record, ...amendment.event } : record;
}

function withAmendment(state: State, { id, data }: RecordOf<'correction'>): State {
  const target = state.history.get(data.amends)?.record;
  const parsed = target && parseEvent(target.type, data.data);
  if (parsed?.kind !== 'event') return state; // the rules have refused it
  return { ...state, amendments: state.amendments.with(data.amends, { event: parsed.event, record: id }) };
}

/** What a merge lists is settled: it does not count, and that is no finding any more. */
function settled(state: State, { id: merge }: RecordOf<'ledger-merged'>): State {
  const conflicts = [...state.unsettled].reduce(
    (before, [id, rule]) => before.with(id, { id, rule, merge }),
    state.conflicts,
  );
  return { ...state, conflicts, unsettled: emptyState.unsettled };
}

function remembered(state: State, kept: Kept): State {
  return { ...state, history: state.history.with(kept.record.id, kept) };
}

/** A merge excuses what two branches did to each other. A record that breaks a rule in its own branch stays a finding. */
function brokenAlone(
  records: readonly LedgerRecord[],
  state: State,
  keyOf: ((id: string) => string | undefined) | undefined,
): readonly Broken[] {
  const found = new Map<string, Broken>();
  const byHash = new Map(records.map((record) => [record.hash, record]));
  for (const merge of records) {
    if (merge.type !== 'ledger-merged' || merge.data.conflicts.length === 0 || !state.history.has(merge.id)) continue;
    for (const parent of merge.data.parents) {
      const branch = records.filter(inBranch(parent, byHash));
      const { violations } = replay(branch.map((record) => ({ record, key: keyOf?.(record.id) })));
      for (const broken of violations) if (state.conflicts.has(broken.id)) found.set(broken.id, broken);
    }
  }
  return [...found.values()];
}

function inBranch(end: string, byHash: ReadonlyMap<string, LedgerRecord>): (record: LedgerRecord) => boolean {
  const seen = new Set<string>();
  const waiting = [end];
  for (let hash = waiting.pop(); hash !== undefined; hash = waiting.pop()) {
    const record = byHash.get(hash);
    if (!record || seen.has(hash)) continue;
    seen.add(hash);
    waiting.push(...parentsOf(record));
  }
  return ({ hash }) => seen.has(hash);
}
