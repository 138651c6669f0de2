import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { spread } from './backoff.ts';

const of = (next: number) => ({ next: () => next, uuid: () => '' });

test('property: a wait that was asked for is never cut, at most doubled, and never stretched by more than five seconds', () => {
  fc.assert(
    fc.property(fc.nat(120_000), fc.double({ min: 0, max: 1, noNaN: true }), (askedMs, next) => {
      const waitMs = spread(askedMs, of(next));
      assert.ok(waitMs >= askedMs && waitMs <= Math.min(askedMs * 2, askedMs + 5_000), `${askedMs} became ${waitMs}`);
    }),
  );
});

test('those who were told the same second come back at different times', () => {
  assert.deepEqual(
    [0, 0.25, 0.5, 1].map((next) => spread(1_000, of(next))),
    [2_000, 1_750, 1_500, 1_000],
  );
});
