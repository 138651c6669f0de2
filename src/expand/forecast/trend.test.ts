import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { median } from './median.ts';
import { trailOf } from './trail.ts';
import { HOUR, minutes, trailRules, trendRules } from './trend.fixture.ts';
import { medianSlope, recentSlope, trendOf } from './trend.ts';

/**
 * `robust` by scipy 1.17.1, `stats.theilslopes(level, at)`; `recent` by numpy 2.4.6 in closed form: the slopes between
 * neighbours, weighted by (1 - 2^(-dt/1800)) * 2^(-(end - t)/1800). Seconds.
 */
const vectors: readonly {
  readonly name: string;
  readonly at: readonly number[];
  readonly level: readonly number[];
  readonly robust: number;
  readonly recent: number;
}[] = [
  {
    name: 'a straight line',
    at: [0, 300, 600, 900, 1200, 1500, 1800, 2100, 2400, 2700, 3000, 3300, 3600],
    level: [0, 300000, 600000, 900000, 1200000, 1500000, 1800000, 2100000, 2400000, 2700000, 3000000, 3300000, 3600000],
    robust: 1000.0,
    recent: 1000.0,
  },
  {
    name: 'noise',
    at: [0, 300, 600, 900, 1200, 1500, 1800, 2100, 2400, 2700, 3000, 3300, 3600],
    level: [
      -40097, 233782, 587582, 921022, 1256802, 1505485, 1772368, 2060761, 2437437, 2781739, 3013638, 3238334, 3552087,
    ],
    robust: 1003.4763333333333,
    recent: 981.5489541872695,
  },
  {
    name: 'one measurement far off',
    at: [0, 300, 600, 900, 1200, 1500, 1800, 2100, 2400, 2700, 3000, 3300, 3600],
    level: [
      0, 300000, 600000, 900000, 1200000, 1500000, 501800000, 2100000, 2400000, 2700000, 3000000, 3300000, 3600000,
    ],
    robust: 1000.0,
    recent: -13845.296055235896,
  },
  {
    name: 'uneven times',
    at: [384, 1265, 1589, 2417, 3175, 3965, 4246, 4720, 5359, 5904, 6570, 7243, 7907, 8149],
    level: [
      81734, 327318, 395988, 592461, 801943, 1007847, 1028640, 1174865, 1320135, 1472537, 1616712, 1811164, 1975992,
      2031163,
    ],
    robust: 248.924824120603,
    recent: 250.49562698829075,
  },
  {
    name: 'a burst at the end',
    at: [0, 300, 600, 900, 1200, 1500, 1800, 2100, 2400, 2700, 3000, 3300, 3600],
    level: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 30000000, 60000000, 90000000],
    robust: 0.0,
    recent: 39052.42917512699,
  },
  {
    name: 'falling',
    at: [0, 300, 600, 900, 1200, 1500, 1800, 2100, 2400, 2700, 3000, 3300, 3600],
    level: [
      -1048, -210396, -421091, -631355, -839775, -1051109, -1258830, -1469283, -1681998, -1889728, -2101102, -2309967,
      -2519956,
    ],
    robust: -699.8730952380952,
    recent: -699.7017009273748,
  },
  {
    name: 'nothing moves',
    at: [0, 300, 600, 900, 1200, 1500, 1800, 2100, 2400, 2700, 3000, 3300, 3600],
    level: [5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5],
    robust: 0.0,
    recent: 0.0,
  },
  {
    name: 'half of it deleted',
    at: [
      0, 300, 600, 900, 1200, 1500, 1800, 2100, 2400, 2700, 3000, 3300, 3600, 3900, 4200, 4500, 4800, 5100, 5400, 5700,
    ],
    level: [
      0, 1000000, 2000000, 3000000, 4000000, 5000000, 6000000, 7000000, 8000000, 9000000, 10000000, 11000000, 0,
      1000000, 2000000, 3000000, 4000000, 5000000, 6000000, 7000000,
    ],
    robust: 1169.5906432748538,
    recent: 1145.7557298630145,
  },
];

function pointsOf({ at, level }: { at: readonly number[]; level: readonly number[] }): Float64Array {
  return Float64Array.from(at.flatMap((seconds, index) => [seconds * 1_000, level[index] ?? 0]));
}

const near = (actual: number, expected: number): boolean =>
  Math.abs(actual - expected) <= 1e-9 * Math.max(1, Math.abs(expected));

test('both rates are those of scipy and numpy', () => {
  assert.ok(vectors.length >= 8);
  for (const vector of vectors) {
    const points = pointsOf(vector);
    const robust = medianSlope(points) * 1_000;
    const recent = recentSlope(points) * 1_000;
    assert.ok(near(robust, vector.robust), `${vector.name}: ${robust} is not ${vector.robust}`);
    assert.ok(near(recent, vector.recent), `${vector.name}: ${recent} is not ${vector.recent}`);
  }
});

test('a median is what sorting gives', () => {
  const values = fc.array(
    fc.oneof(fc.integer(), fc.constantFrom(0, 1, 1, 2), fc.double({ noNaN: true, min: -1e12, max: 1e12 })),
  );
  fc.assert(
    fc.property(values, (given) => {
      const sorted = given.toSorted((a, b) => a - b);
      const { length } = sorted;
      const upper = sorted[length >> 1] ?? 0;
      const expected = length % 2 === 1 ? upper : ((sorted[(length >> 1) - 1] ?? 0) + upper) / 2;
      assert.ok(near(median(Float64Array.from(given)), length === 0 ? 0 : expected));
    }),
    { numRuns: 1_000 },
  );
});

const steps = fc.array(fc.tuple(fc.integer({ min: 1, max: 3_600_000 }), fc.integer({ min: -1e9, max: 1e9 })), {
  minLength: 2,
  maxLength: 40,
});

function walk(path: readonly (readonly [number, number])[]): Float64Array {
  let at = 1_790_000_000_000;
  let level = 0;
  return Float64Array.from(
    path.flatMap(([ms, bytes]) => {
      at += ms;
      level += bytes;
      return [at, level];
    }),
  );
}

const mapped = (points: Float64Array, levelOf: (level: number, at: number) => number): Float64Array =>
  points.map((value, index) => (index % 2 === 0 ? value : levelOf(value, points[index - 1] ?? 0)));

for (const [name, slope] of [
  ['robust', medianSlope],
  ['recent', recentSlope],
] as const) {
  test(`the ${name} rate scales with the data, ignores where it begins, follows a slope that is added, and is a number`, () => {
    fc.assert(
      fc.property(
        steps,
        fc.integer({ min: 1, max: 1_000 }),
        fc.integer({ min: -1e6, max: 1e6 }),
        (path, factor, added) => {
          const points = walk(path);
          const rate = slope(points);
          assert.ok(Number.isFinite(rate));
          const close = (actual: number, expected: number): void =>
            assert.ok(
              Math.abs(actual - expected) <= 1e-6 * Math.max(1, Math.abs(expected), Math.abs(rate)),
              `${actual} ${expected}`,
            );
          close(slope(mapped(points, (level) => level * factor)), rate * factor);
          close(slope(mapped(points, (level) => level + 1e9)), rate);
          close(slope(mapped(points, (level) => -level)), -rate);
          const begin = points[0] ?? 0;
          close(slope(mapped(points, (level, at) => level + (added * (at - begin)) / HOUR)), rate + added / HOUR);
        },
      ),
      { numRuns: 500 },
    );
  });
}

test('data that only grows has no negative rate, and data that only goes no positive one', () => {
  const growing = fc.array(fc.tuple(fc.integer({ min: 1, max: HOUR }), fc.nat({ max: 1e12 })), {
    minLength: 2,
    maxLength: 40,
  });
  fc.assert(
    fc.property(growing, (path) => {
      const points = walk(path);
      assert.ok(medianSlope(points) >= 0 && recentSlope(points) >= 0);
      const going = mapped(points, (level) => -level);
      assert.ok(medianSlope(going) <= 0 && recentSlope(going) <= 0);
    }),
  );
});

test('a fifth of the measurements may be anything: the robust rate stays near the truth', () => {
  const wrong = fc.array(fc.tuple(fc.nat({ max: 59 }), fc.integer({ min: -1e12, max: 1e12 })), { maxLength: 12 });
  fc.assert(
    fc.property(wrong, (outliers) => {
      const points = pointsOf({
        at: Array.from({ length: 60 }, (_, i) => i * 300),
        level: Array.from({ length: 60 }, (_, i) => i * 1e6),
      });
      for (const [index, level] of outliers) points[2 * index + 1] = level;
      const perPoint = medianSlope(points) * 300_000;
      assert.ok(Math.abs(perPoint - 1e6) < 5e5, `${perPoint}`);
    }),
  );
});

test('too few points, or too short a time, give no rate', () => {
  assert.equal(
    trendOf(
      minutes(55, (minute) => minute * 1e6),
      trendRules,
    ).robust,
    undefined,
  );
  assert.deepEqual(
    trendOf(
      minutes(55, (minute) => minute * 1e6),
      trendRules,
    ).points,
    11,
  );
  const dense = { ...trailRules, spacingMs: 0 };
  const close = trailOf(
    Array.from({ length: 40 }, (_, index) => ({
      at: index * 60_000,
      capacityBytes: 100n,
      availableBytes: 50n,
      origin: '',
    })),
    dense,
  );
  assert.ok(close && close.points.length === 80);
  assert.equal(trendOf(close, trendRules).robust, undefined, '40 points within 39 minutes');
  const trend = trendOf(
    minutes(61, (minute) => minute * 1e6),
    trendRules,
  );
  assert.ok(trend.robust && trend.recent);
  assert.ok(near(trend.robust.perMs * 60_000, 1e6) && near(trend.recent.perMs * 60_000, 1e6));
  assert.deepEqual([trend.robust.trustedMs, trend.recent.trustedMs], [4 * HOUR, 2 * HOUR]);
});

test('a growth of the volume moves no rate, whatever the filesystem takes for itself', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 70, max: 300 }),
      fc.nat({ max: 2 ** 40 }),
      fc.nat({ max: 60 }),
      (count, reserved, when) => {
        const flat = trendOf(
          minutes(count, (minute) => 1e9 + minute * 1e6),
          trendRules,
        );
        const grownAt = count - 61 + when;
        const rows = Array.from({ length: count }, (_, minute) => {
          const grown = minute >= grownAt;
          const capacityBytes = grown ? 2n ** 51n : 2n ** 50n;
          const used = BigInt(1e9 + minute * 1e6 + (grown ? reserved : 0));
          return {
            at: 1_000_000_000_000 + minute * 60_000,
            capacityBytes,
            availableBytes: capacityBytes - used,
            origin: 'kubelet',
          };
        });
        const trail = trailOf(rows, trailRules);
        assert.ok(trail && flat.robust && flat.recent);
        const { robust, recent } = trendOf(trail, trendRules);
        assert.ok(robust && recent);
        // What was stored in the minute of the growth itself cannot be told from what the filesystem took.
        assert.ok(robust.perMs <= flat.robust.perMs * 1.000_001 && robust.perMs >= flat.robust.perMs * 0.95);
        assert.ok(recent.perMs <= flat.recent.perMs * 1.000_001 && recent.perMs >= flat.recent.perMs * 0.9);
      },
    ),
    { numRuns: 200 },
  );
});

test('after a deletion the recent rate is that of the data since, and says so until there is enough', () => {
  const used = (minute: number): number => (minute < 120 ? 1e9 + minute * 1e6 : 1e8 + (minute - 120) * 3e6);
  assert.equal(trendOf(minutes(131, used), trendRules).recent, undefined, 'ten minutes later nothing is known');
  const later = trendOf(minutes(145, used), trendRules);
  assert.ok(later.recent && near(later.recent.perMs * 60_000, 3e6), `${later.recent?.perMs}`);
  assert.ok(later.recent.trustedMs < 2 * HOUR, 'twenty minutes do not tell of two hours');
  const forgotten = trendOf(minutes(120 + 25 * 60, used), trendRules);
  const never = trendOf(
    minutes(25 * 60, (minute) => 1e8 + minute * 3e6),
    trendRules,
  );
  assert.ok(
    forgotten.robust && never.robust && near(forgotten.robust.perMs, never.robust.perMs),
    'when it left the window',
  );
});

test('a volume that is filled and cleaned in turns does not fill', () => {
  const saw = (minute: number): number => 1e10 + (minute % 360) * 1e7;
  for (const count of [900, 1_000, 1_100, 1_300, 1_440, 2_000]) {
    const { robust } = trendOf(minutes(count, saw), trendRules);
    assert.ok(
      robust && robust.perMs * 60_000 < 0.25 * 1e7,
      `${count}: ${(robust?.perMs ?? 0) * 60_000} bytes a minute`,
    );
  }
});
