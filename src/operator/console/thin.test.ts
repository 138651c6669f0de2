import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { thin } from './thin.ts';

type Point = readonly [number, number, number];

const series = fc
  .array(fc.tuple(fc.nat(1_000_000), fc.nat(1_000_000)), { maxLength: 500 })
  .map((pairs): readonly Point[] =>
    [...new Map(pairs).entries()].sort(([one], [other]) => one - other).map(([at, used]) => [at, used, 1]),
  );

test('no more points than asked for, in order, from the first to the last, and none that was not measured', () => {
  fc.assert(
    fc.property(series, fc.integer({ min: 2, max: 120 }), (points, atMost) => {
      const kept = thin(points, atMost);
      assert.ok(kept.length <= atMost || kept === points);
      assert.ok(kept.length <= Math.max(atMost, 2));
      assert.deepEqual([kept[0], kept.at(-1)], [points[0], points.at(-1)]);
      assert.ok(kept.every((point, index) => index === 0 || (kept[index - 1]?.[0] ?? 0) < point[0]));
      assert.ok(kept.every((point) => points.includes(point)));
    }),
  );
});

test('a peak stays, however short it was', () => {
  const flat = Array.from({ length: 10_000 }, (_, at): Point => [at, at === 4_321 ? 99 : 1, 1]);
  assert.ok(thin(flat, 40).some(([, used]) => used === 99));
});
