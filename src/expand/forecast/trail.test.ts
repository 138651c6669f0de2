import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { extendTrail, type Measured, TRAIL_LIMIT, trailOf } from './trail.ts';
import { HOUR, minutes, trailRules } from './trend.fixture.ts';

const at = 1_000_000_000_000;
const measured = (over: Partial<Measured> = {}): Measured => ({
  at,
  capacityBytes: 1_000n,
  availableBytes: 600n,
  origin: 'kubelet',
  ...over,
});

test('what is impossible or not newer leaves the trail as it is', () => {
  const trail = extendTrail(undefined, measured(), trailRules);
  assert.ok(trail);
  for (const over of [
    {},
    { at: at + 1, availableBytes: 1_001n },
    { at: at + 1, availableBytes: -1n },
    { at: at + 1, capacityBytes: 0n, availableBytes: 0n },
    { at: Number.NaN },
    { at: Number.POSITIVE_INFINITY },
  ]) {
    assert.equal(extendTrail(trail, measured(over), trailRules), trail);
  }
  assert.equal(extendTrail(undefined, measured({ availableBytes: 1_001n }), trailRules), undefined);
});

test('a clock that was set back begins afresh', () => {
  const trail = minutes(120, (minute) => minute);
  const again = extendTrail(trail, measured({ at: at - 1 }), trailRules);
  assert.deepEqual([...(again?.points ?? [])], [at - 1, 0]);
});

test('points lie at least the spacing apart, the newest hours dense, the window whole, and never too many', () => {
  const { points } = minutes(3 * 24 * 60, (minute) => minute);
  assert.ok(points.length <= 2 * TRAIL_LIMIT);
  const times = [...points].filter((_, index) => index % 2 === 0);
  for (const [index, time] of times.entries()) {
    if (index > 0) assert.ok(time - (times[index - 1] ?? 0) >= trailRules.spacingMs);
  }
  const last = times.at(-1) ?? 0;
  assert.ok(times.filter((time) => time > last - 3 * HOUR).length >= 35, 'the last three hours are dense');
  assert.ok(last - (times[0] ?? 0) > 20 * HOUR && last - (times[0] ?? 0) <= trailRules.windowMs);
});

test('another capacity or source is counted on from where it was, and a history is continued by whoever measures next', () => {
  const [a, b] = [measured(), measured({ at: at + 300_000, availableBytes: 500n })];
  const grown = measured({ at: at + 600_000, capacityBytes: 2_000n, availableBytes: 1_300n });
  const walked = measured({ at: at + 900_000, capacityBytes: 2_000n, availableBytes: 1_900n, origin: 'directory' });
  const levels = [...(trailOf([a, b, grown, walked], trailRules)?.points ?? [])].filter((_, index) => index % 2 === 1);
  assert.deepEqual(levels, [0, 100, 100, 100]);
  const kept = trailOf([measured({ origin: '' })], trailRules);
  assert.equal(extendTrail(kept, b, trailRules)?.latestLevel, 100);
});

test('only a fall by a tenth is a deletion', () => {
  const first = measured({ capacityBytes: 10_000n, availableBytes: 9_000n });
  const after = (availableBytes: bigint) =>
    trailOf([first, measured({ at: at + 1, capacityBytes: 10_000n, availableBytes })], trailRules)?.cleanedAt;
  assert.deepEqual([after(9_100n), after(9_101n), after(8_000n)], [undefined, at + 1, undefined]);
});

test('whatever is measured, a trail holds numbers in the order of time', () => {
  const any = fc.record({
    at: fc.integer({ min: at, max: at + 3 * 24 * HOUR }),
    capacityBytes: fc.bigInt({ min: -1n, max: 2n ** 62n }),
    availableBytes: fc.bigInt({ min: -1n, max: 2n ** 62n }),
    origin: fc.constantFrom('kubelet', 'directory', ''),
  });
  fc.assert(
    fc.property(fc.array(any, { maxLength: 60 }), (all) => {
      const points = trailOf(all, trailRules)?.points ?? new Float64Array();
      for (let index = 0; index < points.length; index += 2) {
        assert.ok(Number.isFinite(points[index]) && Number.isFinite(points[index + 1]));
        if (index > 0) assert.ok((points[index] ?? 0) > (points[index - 2] ?? 0));
      }
    }),
  );
});
