import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { constraintsOf, GIB, situationInput } from '../decide.fixture.ts';
import { decide } from '../decide.ts';
import type { Situation } from '../situation.ts';
import type { Course } from './course.ts';
import { added, byTrouble, nothingYet, type Outcome, outcomeOf } from './outcome.ts';

const HOUR = 3_600_000;
const MONTH = 730 * HOUR;
const input = situationInput();

const course: Course = {
  claim: 'shop/db',
  steps: [],
  startBytes: 10n * GIB,
  endBytes: 20n * GIB,
  usedBytes: 5 * Number(GIB),
  capacityByteMs: 15 * Number(GIB) * MONTH,
  usedByteMs: 5 * Number(GIB) * MONTH,
  above95Ms: 1_000.4,
  fullMs: 0,
  fullAt: undefined,
  violations: 0,
  decisions: 3,
  last: decide(input),
};

function situationOf(volumeType: string): Situation {
  const volume = { ...constraintsOf().volume, volumeType };
  const { claim, resolution } = input;
  return {
    object: {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'db', namespace: 'shop', uid: 'u', resourceVersion: '1' },
      spec: { resources: { requests: {} } },
    },
    claim,
    layers: [],
    resolution,
    constraints: constraintsOf({ volume }),
    notes: [],
  };
}

const costOf = (volumeType: string, perType: Readonly<Record<string, number>>): number | undefined =>
  outcomeOf(course, situationOf(volumeType), MONTH, { perType, currency: 'EUR' }).cost;

test('what was there costs by the GiB and month, at the price of its type or of all others', () => {
  assert.equal(costOf('gp3', { gp3: 0.1, '*': 1 }), 1.5);
  assert.equal(costOf('io2', { gp3: 0.1, '*': 1 }), 15);
  assert.equal(costOf('io2', { gp3: 0.1 }), undefined, 'without a price there is no cost, rather than none');
  assert.equal(costOf('gp3', { gp3: 0 }), 0);
});

test('bytes that were there and not used are a mean over the time', () => {
  const outcome = outcomeOf(course, situationOf(''), MONTH, { perType: {}, currency: '' });
  assert.equal(outcome.unusedBytes, 10n * GIB);
  assert.deepEqual([outcome.above95Ms, outcome.fullAt, outcome.verdict], [1_000, undefined, 'Hold']);
});

const count = fc.nat({ max: 1_000 });
const anyOutcome: fc.Arbitrary<Outcome> = fc.record({
  claim: fc.string({ minLength: 1, maxLength: 3 }),
  startBytes: fc.bigInt({ min: 0n, max: 2n ** 60n }),
  endBytes: fc.bigInt({ min: 0n, max: 2n ** 60n }),
  steps: count,
  violations: fc.constantFrom(0, 0, 0, 1, 2),
  above95Ms: count,
  fullMs: fc.constantFrom(0, 0, 7, 100),
  fullAt: fc.constant(undefined),
  unusedBytes: fc.bigInt({ min: 0n, max: 2n ** 60n }),
  cost: fc.option(count, { nil: undefined }),
  verdict: fc.constant('Hold'),
});

test('the total is the sum of what was added, whatever the order', () => {
  fc.assert(
    fc.property(fc.array(anyOutcome, { maxLength: 20 }), (outcomes) => {
      const total = outcomes.reduce((sum, each) => added(sum, each, 2), nothingYet);
      assert.deepEqual(
        outcomes.toReversed().reduce((sum, each) => added(sum, each, 2), nothingYet),
        total,
      );
      assert.deepEqual([total.claims, total.decisions], [outcomes.length, 2 * outcomes.length]);
      assert.equal(total.everFull, outcomes.filter(({ fullMs }) => fullMs > 0).length);
      const grown = outcomes.reduce((sum, { startBytes, endBytes }) => sum + endBytes - startBytes, 0n);
      assert.equal(total.endBytes - total.startBytes, grown);
      const priced = outcomes.flatMap(({ cost }) => (cost === undefined ? [] : [cost]));
      assert.equal(total.cost, priced.length === 0 ? undefined : priced.reduce((sum, each) => sum + each, 0));
    }),
  );
});

test('what a person should look at first comes first, and the order is the same each time', () => {
  const plain: Outcome = { ...outcomeOf(course, situationOf(''), MONTH, { perType: {}, currency: '' }), above95Ms: 0 };
  const rows: readonly Outcome[] = [
    { ...plain, claim: 'too-soon', violations: 1 },
    { ...plain, claim: 'full', fullMs: 5 },
    { ...plain, claim: 'nearly', above95Ms: 9_000 },
    { ...plain, claim: 'busy', steps: 3 },
    { ...plain, claim: 'a' },
    { ...plain, claim: 'b' },
  ];
  const order = rows.map(({ claim }) => claim);
  assert.deepEqual(
    rows
      .toReversed()
      .sort(byTrouble)
      .map(({ claim }) => claim),
    order,
  );
  fc.assert(
    fc.property(fc.uniqueArray(anyOutcome, { selector: ({ claim }) => claim }), (outcomes) => {
      assert.deepEqual(outcomes.toSorted(byTrouble), outcomes.toReversed().sort(byTrouble));
    }),
  );
});
