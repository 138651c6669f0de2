import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { VolumeConstraints } from '../provider.ts';
import { LEAST_HISTORY_MS, type Measured, type Observed, recommend } from './recommend.ts';

const GIB = 2 ** 30;
const gib = (count: number): bigint => BigInt(count * GIB);
const constraintsOf = (over: Partial<VolumeConstraints> = {}): VolumeConstraints => ({
  minSize: gib(1),
  maxSize: gib(16_384),
  stepSize: gib(1),
  volumeType: 'gp3',
  modifications: undefined,
  ...over,
});
/** Thirty days, a point a day. */
const used = (at: (day: number) => number, capacity = 100): readonly Measured[] =>
  Array.from({ length: 31 }, (_, day) => [day * 86_400_000, Math.round(at(day) * GIB), capacity * GIB]);
const observed = (over: Partial<Observed> = {}): Observed => ({
  requestBytes: gib(100),
  points: used(() => 15),
  provider: 'aws',
  constraints: constraintsOf(),
  ...over,
});
const noPrices = { targetUse: 0.75, priceOf: () => undefined };
const advice = (over?: Partial<Observed>, priceOf: (type: string) => number | undefined = () => undefined) =>
  recommend(observed(over), { targetUse: 0.75, priceOf });
const kindsOf = (...args: Parameters<typeof advice>) => advice(...args).map(({ kind }) => kind);

test('far too large: a size with room for the peak and for once more what came', () => {
  assert.deepEqual(
    advice({}, () => 0.1),
    [{ kind: 'shrink', toBytes: gib(20), peakBytes: gib(15), grownBytes: 0n, saves: 8 }],
  );
  const [growing] = advice({ points: used((day) => 5 + day / 3) });
  assert.deepEqual(growing, {
    kind: 'shrink',
    toBytes: gib(34),
    peakBytes: gib(15),
    grownBytes: gib(10),
    saves: undefined,
  });
});

test('a peak of one day counts as much as any', () => {
  assert.deepEqual(kindsOf({ points: used((day) => (day === 3 ? 60 : 5)) }), ['keep']);
});

test('a little too large is left alone', () => {
  assert.deepEqual(advice({ points: used(() => 50) }), [{ kind: 'keep', peakBytes: gib(50) }]);
});

test('a size is never below what the storage has', () => {
  const [shrink] = advice({ points: used(() => 1), constraints: constraintsOf({ minSize: gib(40) }) });
  assert.equal(shrink?.kind === 'shrink' && shrink.toBytes, gib(40));
});

test('too little history says how much there is, and judges no size', () => {
  const points = used(() => 1).slice(0, 7);
  assert.deepEqual(advice({ points }), [
    { kind: 'too-little-history', haveMs: 6 * 86_400_000, needMs: LEAST_HISTORY_MS },
  ]);
  assert.deepEqual(kindsOf({ points: [] }), ['too-little-history']);
  assert.deepEqual(kindsOf({ points: used(() => 1).filter((_, day) => day % 10 === 0) }), ['too-little-history']);
});

test('gp2 becomes gp3 without becoming slower, also while nothing was measured', () => {
  const gp2 = constraintsOf({ volumeType: 'gp2' });
  const prices: Readonly<Record<string, number>> = { gp2: 0.1, gp3: 0.08 };
  const busy = { points: used(() => 60), constraints: gp2 };
  assert.deepEqual(
    advice(busy, (type) => prices[type]).map((each) => ({ ...each, saves: 'saves' in each && each.saves?.toFixed(2) })),
    [{ kind: 'gp3', iops: 3000, throughputMib: 125, saves: '2.00' }],
  );
  assert.deepEqual(kindsOf({ points: [], constraints: gp2 }), ['gp3', 'too-little-history']);
  assert.deepEqual(kindsOf({ constraints: gp2 }), ['gp3', 'shrink']);
  const large = (size: number) => advice({ requestBytes: gib(size), points: [], constraints: gp2 })[0];
  assert.deepEqual(large(2_000), { kind: 'gp3', iops: 6000, throughputMib: 250, saves: undefined });
  assert.deepEqual(large(9_000), { kind: 'gp3', iops: 16_000, throughputMib: 250, saves: undefined });
});

test('inside a tier growth is free, and a smaller size saves only in a lower one', () => {
  const tiers = [32, 64, 128, 256].map(gib);
  const disk = constraintsOf({ volumeType: 'Premium_LRS', tiers });
  assert.deepEqual(advice({ points: used(() => 60), constraints: disk }), [{ kind: 'tier', toBytes: gib(128) }]);
  assert.deepEqual(kindsOf({ requestBytes: gib(128), points: used(() => 60), constraints: disk }), ['keep']);
  const [shrink] = advice({ points: used(() => 20), constraints: disk });
  assert.equal(shrink?.kind === 'shrink' && shrink.toBytes, gib(32));
  const full = constraintsOf({ tiers, maxSize: gib(100) });
  assert.deepEqual(kindsOf({ points: used(() => 60), constraints: full }), ['keep']);
});

test('directories, and figures of a filesystem that others share, are not judged', () => {
  assert.deepEqual(kindsOf({ provider: 'nfs' }), ['nominal']);
  assert.deepEqual(kindsOf({ provider: 'local' }), ['nominal']);
  assert.deepEqual(kindsOf({ points: used(() => 15, 4_000) }), ['nominal']);
});

test('whatever was measured, an advised size holds it, is one that the storage has, and is smaller', () => {
  const uses = fc.array(fc.double({ min: 0, max: 500, noNaN: true }), { minLength: 12, maxLength: 40 });
  const sizes = fc.record({ request: fc.integer({ min: 1, max: 600 }), step: fc.constantFrom(1, 4, 10) });
  fc.assert(
    fc.property(uses, sizes, (days, { request, step }) => {
      const points = days.map((each, day): Measured => [day * 86_400_000, each * GIB, request * GIB]);
      const constraints = constraintsOf({ stepSize: gib(step), minSize: gib(step) });
      const found = recommend({ requestBytes: gib(request), points, provider: 'generic', constraints }, noPrices);
      assert.ok(found.length > 0);
      for (const each of found) {
        if (each.kind !== 'shrink') continue;
        assert.ok(Number(each.toBytes) * 0.75 >= Math.max(...days) * GIB);
        assert.ok(each.toBytes % gib(step) === 0n && each.toBytes < gib(request));
      }
    }),
  );
});
