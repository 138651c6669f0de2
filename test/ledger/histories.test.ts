import assert from 'node:assert/strict';
import { test } from 'node:test';
import { byOrder } from '../../src/ledger/chain.ts';
import { fold, replay, step } from '../../src/ledger/fold.ts';
import { PersistentMap } from '../../src/ledger/persistent-map.ts';
import type { LedgerRecord, Unsigned } from '../../src/ledger/record.ts';
import { decide } from '../../src/ledger/rules.ts';
import { emptyState, type State } from '../../src/ledger/state.ts';
import { randomHistory } from './history.ts';
import { breachesOf } from './invariant.ts';
import { branch, draftOf, idOf, opening, recordOf, type Told, told } from './teller.ts';

const HISTORIES = 10_000;
const LENGTH = 24;
const MERGES = 400;
/** Records that are said in each branch, and before them. */
const BRANCH = 12;

interface Played {
  readonly records: readonly Unsigned[];
  readonly state: State;
  readonly refused: ReadonlyMap<string, number>;
}

/** Appends what the rules let through, as a ledger does. */
function play(seed: number): Played {
  const records: Unsigned[] = [];
  const refused = new Map<string, number>();
  let state = emptyState;
  for (const said of [opening, ...randomHistory(seed, LENGTH)]) {
    const record = draftOf(said, records.at(-1));
    const violations = decide(state, record);
    for (const { rule } of violations) refused.set(rule, (refused.get(rule) ?? 0) + 1);
    if (violations.length > 0) continue;
    state = step(state, record);
    records.push(record);
  }
  return { records, state, refused };
}

test(`${HISTORIES} random histories keep the rules, seen by somebody who does not know how rules are written`, (t) => {
  const types = new Map<string, number>();
  const rules = new Map<string, number>();
  for (let seed = 1; seed <= HISTORIES; seed += 1) {
    const { records, state, refused } = play(seed);
    assert.deepEqual(breachesOf(records), [], `seed ${seed}`);
    const folded = replay(records.map((record) => ({ record })));
    assert.deepEqual(folded.violations, [], `seed ${seed}: what was appended is accepted at replay`);
    if (seed % 20 === 0) assert.equal(plain(state), plain(folded.state), `seed ${seed}: step by step is the same`);
    for (const { type } of records) types.set(type, (types.get(type) ?? 0) + 1);
    for (const [rule, times] of refused) rules.set(rule, (rules.get(rule) ?? 0) + times);
  }
  t.diagnostic(`recorded: ${counted(types)}`);
  t.diagnostic(`refused: ${counted(rules)}`);
  for (const type of ['change-applied', 'change-approved', 'correction', 'run-started', 'operator-removed']) {
    assert.ok(
      (types.get(type) ?? 0) > 500,
      `${type} is hardly ever recorded, so this shows little: ${types.get(type)}`,
    );
  }
});

test('a history with a rule left out is seen to break it', () => {
  const leftOut = ['change-approval', 'change-evidence', 'admin-stays', 'approval-by-another', 'run-after-failure'];
  leftOut.push('apply-manifests', 'change-order', 'node-unique', 'admin-governs', 'change-runbook', 'signer-known');
  for (const rule of leftOut) {
    let seen = false;
    for (let seed = 1; seed <= 3000 && !seen; seed += 1) seen = breachesOf(playWithout(seed, rule)).length > 0;
    assert.ok(seen, `nobody sees it when ${rule} is not kept`);
  }
});

function playWithout(seed: number, rule: string): readonly Unsigned[] {
  const records: Unsigned[] = [];
  let state = emptyState;
  for (const said of [opening, ...randomHistory(seed, LENGTH)]) {
    const record = draftOf(said, records.at(-1));
    if (record.type === 'correction' || decide(state, record).some((broken) => broken.rule !== rule)) continue;
    state = step(state, record);
    records.push(record);
  }
  return records;
}

/** Goes on from `base` with what the rules let through. */
function playBranch(base: readonly LedgerRecord[], line: number, said: readonly Told[]): readonly LedgerRecord[] {
  let records = base;
  let { state } = fold(base);
  for (const each of said) {
    const next = branch(records, line, each);
    const record = next.at(-1);
    if (!record || decide(state, record).length > 0) continue;
    state = step(state, record);
    records = next;
  }
  return records;
}

test(`${MERGES} pairs of random branches are joined by a merge that says what does not count`, (t) => {
  let conflicting = 0;
  for (let seed = 1; seed <= MERGES; seed += 1) {
    const said = randomHistory(seed, 3 * BRANCH);
    const base = playBranch([], 0, [opening, ...said.slice(0, BRANCH)]);
    const ours = playBranch(base, 1, said.slice(BRANCH, 2 * BRANCH));
    const theirs = playBranch(base, 2, said.slice(2 * BRANCH));
    const both = [...new Set([...ours, ...theirs])].sort(byOrder);
    const parents = [ours, theirs].map((records) => records.at(-1)?.hash);
    if (parents[0] === parents[1]) continue;
    const conflicts = [...fold(both).state.unsettled].map(([id, rule]) => ({ id, rule }));
    const longest = ours.length > theirs.length ? ours : theirs;
    const admin = fold(both)
      .state.operators.values()
      .find(({ role, removed }) => role === 'admin' && !removed);
    const merge = told('ledger-merged', { parents, conflicts }, { operator: admin?.operatorId ?? '' });
    const joined = { ...recordOf(merge, longest.at(-1), idOf(0xeee)), prev: parents[0] ?? null };
    const { state, violations } = fold([...both, joined]);
    assert.deepEqual(violations, [], `seed ${seed}`);
    const taken = both.filter(({ id }) => !state.conflicts.has(id));
    assert.deepEqual(breachesOf(taken), [], `seed ${seed}`);
    conflicting += conflicts.length > 0 ? 1 : 0;
  }
  t.diagnostic(`${conflicting} of ${MERGES} had conflicts`);
  assert.ok(conflicting > MERGES / 4, `hardly any has a conflict: ${conflicting}`);
});

/** The same state may be laid out differently in memory. */
function plain(state: State): string {
  return JSON.stringify(state, (_key, value: unknown) => (value instanceof PersistentMap ? [...value] : value));
}

function counted(counts: ReadonlyMap<string, number>): string {
  return [...counts].map(([name, count]) => `${name} ${count}`).join(', ');
}
