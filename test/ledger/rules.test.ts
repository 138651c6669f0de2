import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fold } from '../../src/ledger/fold.ts';
import { judge, ruleRows } from '../../src/ledger/rules/judge.ts';
import { ruleMeanings } from '../../src/ledger/rules/meaning.ts';
import type { Rule } from '../../src/ledger/rules/rule.ts';
import { decide } from '../../src/ledger/rules.ts';
import { historyOf, idOf, recordOf, type Told } from './teller.ts';
import { changeVectors } from './vectors/changes.ts';
import { nodeVectors } from './vectors/nodes.ts';
import { peopleVectors } from './vectors/people.ts';
import { recordVectors } from './vectors/records.ts';
import { upkeepVectors } from './vectors/upkeep.ts';
import type { Vector } from './vectors/vector.ts';

const vectors: readonly Vector[] = [
  ...peopleVectors,
  ...nodeVectors,
  ...changeVectors,
  ...upkeepVectors,
  ...recordVectors,
];

/** The state before, and the record that would come next. */
function situation({ before }: Vector, next: Told) {
  const records = before === 'nothing' ? [] : historyOf(...before);
  const { state, violations } = fold(records);
  assert.deepEqual(violations, [], 'the history before keeps the rules');
  return { state, records, record: recordOf(next, records.at(-1), idOf(0xabc)) };
}

for (const vector of vectors) {
  test(`${vector.rule}: ${vector.about}`, () => {
    const { state, records, record } = situation(vector, vector.breaks);
    const broken = decide(state, record, vector.breaks.key);
    assert.deepEqual(
      broken.map(({ rule }) => rule),
      [vector.rule],
      broken.map(({ message }) => message).join('; '),
    );
    assert.match(broken[0]?.message ?? '', new RegExp(vector.names.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')));
    const replayed = fold([...records, record], (id) => (id === record.id ? vector.breaks.key : undefined));
    assert.notDeepEqual(replayed.violations, [], 'what is refused at an append is found at replay');
  });
  const { keeps } = vector;
  if (keeps === undefined) continue;
  test(`${vector.rule}, kept: ${vector.about}`, () => {
    const { state, records, record } = situation(vector, keeps);
    assert.deepEqual(decide(state, record, keeps.key), []);
    assert.deepEqual(fold([...records, record], (id) => (id === record.id ? keeps.key : undefined)).violations, []);
  });
}

test('every rule is told in words and has a vector', () => {
  const told = Object.keys(ruleMeanings).filter((id) => !id.startsWith('merge-')); // merges have tests of their own
  const tried = new Set<string>(vectors.map(({ rule }) => rule));
  assert.deepEqual(
    told.filter((id) => !tried.has(id)),
    [],
  );
  const inRows = new Set<string>([...ruleRows.map(({ id }) => id), 'correction-history']);
  assert.deepEqual([...inRows].sort(), Object.keys(ruleMeanings).sort());
});

/** Rows that only merges and other files try. */
const ELSEWHERE: readonly string[] = ['merge-parents', 'merge-conflicts'];

test('each row alone stands between a vector and the ledger: without it the record would be taken', () => {
  const missed = ruleRows.filter((row) => !ELSEWHERE.includes(row.id) && !vectors.some((vector) => needs(vector, row)));
  assert.deepEqual(
    missed.map(({ id, types }) => `${id} of ${types.join(', ')}`),
    [],
  );
});

function needs(vector: Vector, row: Rule): boolean {
  const { state, record } = situation(vector, vector.breaks);
  const before = { state, key: vector.breaks.key };
  return row.broken(before, record) !== undefined && judge(before, record).length === 1;
}
