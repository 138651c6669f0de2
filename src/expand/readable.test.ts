import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { portionOf, ratioOf, reaches } from './portion.ts';
import {
  exactRatio,
  readableBytes,
  readableDuration,
  readablePercent,
  readableRatio,
  readableTime,
} from './readable.ts';

test('sizes are exact where they are round, else cut to two decimals', () => {
  for (const [bytes, text] of [
    [20n * 1024n ** 2n, '20Mi'],
    [1000n * 1024n ** 3n, '1000Gi'],
    [0n, '0 B'],
    [1023n, '1023 B'],
    [1_536n, '1.5Ki'],
    [20_480_000n, '19.53Mi'],
    [2n ** 63n - 1n, '7.99Ei'],
  ] as const) {
    assert.equal(readableBytes(bytes), text);
  }
});

test('a share never reads as more than it is', () => {
  assert.equal(readableRatio(0.8), '80 %');
  assert.equal(readableRatio(0.79999), '79.9 %');
  assert.equal(readableRatio(0.29), '29 %');
});

test('what is used a little never reads as empty, in sentences as in columns', () => {
  const ratios = [0, 0.0004, 0.0099, 0.01, 0.0159, 0.7999, 1.25];
  assert.deepEqual(ratios.map(readableRatio), ['0 %', '< 1 %', '< 1 %', '1 %', '1.5 %', '79.9 %', '125 %']);
  assert.deepEqual(ratios.map(readablePercent), ['0 %', '< 1 %', '< 1 %', '1 %', '1 %', '79 %', '125 %']);
  assert.deepEqual([0.005, 0.8, 0.123456].map(exactRatio), ['0.5 %', '80 %', '12.3456 %'], 'what was written stays');
});

test('durations and times are short', () => {
  assert.deepEqual([0, 999, 61_000, 900_000, 5_400_000, 86_400_000, 90_061_000].map(readableDuration), [
    '0s',
    '1s',
    '1m 1s',
    '15m',
    '1h 30m',
    '1d',
    '1d 1h',
  ]);
  assert.equal(readableTime(Date.UTC(2026, 0, 31, 12)), '2026-01-31 12:00:00Z');
});

test('a portion is the least part that reaches its share', () => {
  const total = fc.bigInt({ min: 1n, max: 2n ** 62n });
  const share = fc.integer({ min: 1, max: 1_000_000 }).map((millionths) => millionths / 1_000_000);
  fc.assert(
    fc.property(total, share, (whole, ratio) => {
      const part = portionOf(whole, ratio);
      assert.ok(reaches(part, whole, ratio));
      assert.ok(!reaches(part - 1n, whole, ratio));
      assert.ok(Math.abs(ratioOf(part, whole) - Number(part) / Number(whole)) < 0.000_002);
    }),
    { numRuns: 200 },
  );
});
