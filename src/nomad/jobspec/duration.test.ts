import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { durationMs } from './duration.ts';

test('durations are read as Go reads them', () => {
  const cases = [
    ['30s', 30_000],
    ['1h15m30.918273645s', 4_530_918.273645],
    ['1m0.5s', 60_500],
    ['-1.5h', -5_400_000],
    ['+5m', 300_000],
    ['100ms', 100],
    ['.5s', 500],
    ['5.s', 5000],
    ['10us', 0.01],
    ['10µs', 0.01],
    ['1ns', 1e-6],
    ['0', 0],
    [30_000_000_000, 30_000],
    [0, 0],
  ] as const;
  for (const [text, ms] of cases) assert.equal(durationMs(text), ms, String(text));
});

test('what Go refuses is refused', () => {
  for (const text of ['', '30', 's', '3 s', '1d', '1h ', '1.2.3s', '.s', '1S', '--1s', 'infinity', true, null, 1.5]) {
    assert.equal(durationMs(text), undefined, String(text));
  }
});

test('nanoseconds and text say the same', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1e9 }), (ms) => {
      assert.equal(durationMs(ms * 1e6), durationMs(`${ms}ms`));
    }),
  );
});
