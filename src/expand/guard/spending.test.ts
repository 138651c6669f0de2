import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createManualClock } from '../../telemetry/manual-clock.ts';
import { GIB, MINUTE, NOW } from '../decide.fixture.ts';
import { claimObject } from '../group/group.fixture.ts';
import { emptyHistory, formatHistory, type Growth, type History } from '../history.ts';
import { budgetOf, leftOf } from './budget.ts';
import { Spending } from './spending.ts';

const HOUR = 60 * MINUTE;
const growth = (at: number, fromGib: bigint, toGib: bigint, over: Partial<Growth> = {}): Growth => ({
  at,
  fromBytes: fromGib * GIB,
  toBytes: toGib * GIB,
  trigger: 'storage',
  usableBytes: fromGib * GIB,
  inodes: undefined,
  origin: 'kubelet',
  ...over,
});
const claimWith = (name: string, namespace: string, growths: readonly Growth[]) => {
  let history: History = emptyHistory;
  let annotations: Readonly<Record<string, string>> = {};
  for (const one of growths) {
    annotations = formatHistory(history, one);
    history = { lastAt: one.at, growths: [...history.growths, one] };
  }
  const storage = `${growths.at(-1)?.toBytes ?? GIB}`;
  return claimObject(`${namespace}/${name}`, { annotations }, storage);
};

function spendingOf(namespaceGib: bigint | 'unlimited' = 10n, clusterGib: bigint | 'unlimited' = 15n) {
  const clock = createManualClock(NOW);
  const limit = (gib: bigint | 'unlimited') => (gib === 'unlimited' ? gib : gib * GIB);
  const spending = new Spending({
    clock,
    namespace: { bytes: limit(namespaceGib), source: 'namespace' },
    cluster: { bytes: limit(clusterGib), source: 'cluster' },
  });
  const spent = (namespace: string): readonly (bigint | undefined)[] => {
    const { namespaceBudget, clusterBudget } = spending.of(namespace);
    return [namespaceBudget.spentBytes / GIB, clusterBudget.spentBytes / GIB];
  };
  return { clock, spending, spent };
}

test('what claims spent is read from their own histories, for their namespace and for all', async () => {
  const { clock, spending, spent } = spendingOf();
  spending.follow(claimWith('a', 'shop', [growth(NOW - 30 * HOUR, 1n, 9n), growth(NOW - HOUR, 9n, 12n)]));
  spending.follow(claimWith('b', 'shop', [growth(NOW - 2 * HOUR, 1n, 3n)]));
  spending.follow(claimWith('c', 'blog', [growth(NOW - 2 * HOUR, 1n, 5n)]));
  assert.deepEqual(spent('shop'), [5n, 9n]);
  assert.deepEqual(spent('blog'), [4n, 9n]);
  assert.deepEqual(spent('empty'), [0n, 9n]);
  assert.equal(spending.of('shop').namespaceBudget.freesInMs, 22 * HOUR);
  spending.forget('blog/c');
  assert.deepEqual(spent('blog'), [0n, 5n]);
  await clock.advance(22 * HOUR + MINUTE);
  assert.deepEqual(spent('shop'), [3n, 3n], 'a day later it counts no more');
});

test('a request that was taken back gives back what it took', () => {
  const { spending, spent } = spendingOf();
  spending.follow(
    claimWith('a', 'shop', [growth(NOW - HOUR, 10n, 20n), growth(NOW - MINUTE, 20n, 15n, { trigger: 'recovery' })]),
  );
  assert.deepEqual(spent('shop'), [5n, 5n]);
});

test('of two claims that want the last of a budget, one gets it', () => {
  const { spending, spent } = spendingOf();
  assert.equal(spending.reserve('shop/a', 'shop', growth(NOW, 1n, 8n)), true);
  assert.equal(spending.reserve('shop/b', 'shop', growth(NOW, 1n, 8n)), false);
  assert.equal(spending.reserve('shop/b', 'shop', growth(NOW, 1n, 4n)), true);
  assert.deepEqual(spent('shop'), [10n, 10n]);
  assert.equal(spending.reserve('blog/c', 'blog', growth(NOW, 1n, 7n)), false, 'the cluster has a budget too');
  spending.release('shop/a');
  assert.deepEqual(spent('shop'), [3n, 3n], 'what was refused was not spent');
});

test('a growth that was set aside is not counted twice when it shows up on the claim', () => {
  const { spending, spent } = spendingOf();
  const one = growth(NOW, 1n, 6n);
  assert.equal(spending.reserve('shop/a', 'shop', one), true);
  spending.follow(claimWith('a', 'shop', []));
  assert.deepEqual(spent('shop'), [5n, 5n], 'not there yet');
  spending.follow(claimWith('a', 'shop', [one]));
  assert.deepEqual(spent('shop'), [5n, 5n]);
});

test('a clock that is set forward by days does not set a budget free, and one that is set back does not bind it', async () => {
  const { clock, spending, spent } = spendingOf();
  spending.follow(claimWith('a', 'shop', [growth(NOW - HOUR, 1n, 6n)]));
  clock.stepWall(3 * 24 * HOUR);
  spending.follow(claimWith('a', 'shop', [growth(NOW - HOUR, 1n, 6n)]));
  assert.deepEqual(spent('shop'), [5n, 5n]);
  clock.stepWall(-30 * 24 * HOUR);
  await clock.advance(23 * HOUR + MINUTE);
  spending.follow(claimWith('a', 'shop', [growth(NOW - HOUR, 1n, 6n)]));
  assert.deepEqual(spent('shop'), [0n, 0n]);
});

test('a history that cannot be read keeps what was known of the claim', () => {
  const { spending, spent } = spendingOf();
  spending.follow(claimWith('a', 'shop', [growth(NOW - HOUR, 1n, 6n)]));
  spending.follow(claimObject('shop/a', { annotations: { 'pvc-chonker.io/history': '[{' } }, '6Gi'));
  assert.deepEqual(spent('shop'), [5n, 5n]);
});

test('a claim that says that it spent more than it has is not believed', () => {
  const { spending, spent } = spendingOf();
  const rows = [growth(NOW - 3 * HOUR, 0n, 900n), growth(NOW - 2 * HOUR, 0n, 900n), growth(NOW - HOUR, 0n, 1n)];
  spending.follow(claimWith('a', 'shop', rows));
  assert.deepEqual(spent('blog'), [0n, 1n], 'others can still grow');
});

test('a forged history gives nothing back that was not spent, neither to its namespace nor to all', () => {
  const { spending, spent } = spendingOf();
  spending.follow(claimWith('a', 'shop', [growth(NOW - 3 * HOUR, 1n, 9n)]));
  const forged = growth(NOW - HOUR, 1_000_000n, 0n);
  const rows = [forged, { ...forged, at: NOW - MINUTE, trigger: 'recovery' as const }];
  spending.follow(claimObject('shop/b', claimWith('b', 'shop', rows).metadata, '1Gi'));
  assert.deepEqual(spent('shop'), [8n, 8n]);
  const both = [...rows, growth(NOW - 1_000, 0n, 900_000n)];
  spending.follow(claimObject('shop/b', claimWith('b', 'shop', both).metadata, '1Gi'));
  assert.deepEqual(spent('shop'), [9n, 9n], 'nor does it make room for a spend that others have to bear');
});

test('whoever takes the history off his claim has spent what he spent', async () => {
  const { clock, spending, spent } = spendingOf();
  spending.follow(claimWith('a', 'shop', [growth(NOW - HOUR, 1n, 6n)]));
  spending.follow(claimObject('shop/a', {}, '6Gi'));
  assert.deepEqual(spent('shop'), [5n, 5n]);
  for (let second = 0; second < 2_000; second += 1) {
    spending.follow(claimWith('a', 'shop', [growth(NOW + second * 1_000, 5n, 6n)]));
  }
  assert.deepEqual(spent('shop'), [6n, 6n], 'made up again and again it is no more than the claim has');
  await clock.advance(25 * HOUR);
  spending.follow(claimObject('shop/a', {}, '6Gi'));
  assert.deepEqual(spent('shop'), [0n, 0n]);
});

test('one namespace cannot use up the budget of all', () => {
  const { spending, spent } = spendingOf(10n, 15n);
  spending.follow(claimWith('a', 'shop', [growth(NOW - HOUR, 0n, 500n)]));
  spending.follow(claimWith('b', 'shop', [growth(NOW - HOUR, 0n, 500n)]));
  assert.deepEqual(spent('shop'), [1_000n, 10n]);
  assert.equal(spending.reserve('blog/c', 'blog', growth(NOW, 1n, 6n)), true);
});

test('whatever is asked for in whatever order, no more than the budgets is set aside', () => {
  const ask = fc.record({
    name: fc.constantFrom('a', 'b', 'c', 'd'),
    namespace: fc.constantFrom('shop', 'blog'),
    gib: fc.bigInt({ min: 1n, max: 12n }),
  });
  let refused = 0;
  fc.assert(
    fc.property(fc.array(ask, { maxLength: 12 }), (asks) => {
      const { spending, spent } = spendingOf();
      const taken = new Map<string, bigint>();
      for (const { name, namespace, gib } of asks) {
        const key = `${namespace}/${name}`;
        if (taken.has(key)) continue;
        if (spending.reserve(key, namespace, growth(NOW, 0n, gib))) taken.set(key, gib);
        else refused += 1;
      }
      const sum = (of: string): bigint =>
        [...taken].filter(([key]) => key.startsWith(of)).reduce((total, [, gib]) => total + gib, 0n);
      assert.ok(sum('shop') <= 10n && sum('blog') <= 10n && sum('') <= 15n);
      assert.deepEqual(spent('shop'), [sum('shop'), sum('')]);
    }),
    { numRuns: 300 },
  );
  assert.ok(refused > 20);
});

test('an unlimited budget leaves as much as wanted, a spent one nothing', () => {
  assert.equal(leftOf(budgetOf('unlimited', [{ ageMs: 0, bytes: GIB }], '')), undefined);
  assert.equal(leftOf(budgetOf(GIB, [{ ageMs: 0, bytes: 2n * GIB }], '')), 0n);
  assert.equal(budgetOf(GIB, [{ ageMs: 0, bytes: -GIB }], '').spentBytes, 0n);
});
