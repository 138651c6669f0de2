import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createManualClock } from '../../telemetry/manual-clock.ts';
import { createPace } from './pace.ts';

test('over any run of pieces the pace is kept, whatever their sizes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 5_000 }), { minLength: 2, maxLength: 20 }), async (pieces) => {
      const clock = createManualClock();
      const pace = createPace(clock, 1_000n);
      const startMs = clock.monotonic();
      let before = 0;
      for (const piece of pieces) {
        await clock.advance(pace.waitMs());
        assert.equal(pace.waitMs(), 0);
        // What was spent before this piece is paid for, and no more than a millisecond of each piece is lost by rounding.
        const elapsedMs = clock.monotonic() - startMs;
        assert.ok(elapsedMs >= before && elapsedMs <= before + pieces.length, `${elapsedMs} ms for ${before} bytes`);
        pace.spend(BigInt(piece));
        before += piece;
      }
    }),
    { numRuns: 50 },
  );
});

test('without a rate nothing waits, and idleness earns no credit', async () => {
  const clock = createManualClock();
  const unlimited = createPace(clock, undefined);
  unlimited.spend(10n ** 12n);
  assert.equal(unlimited.waitMs(), 0);
  const pace = createPace(clock, 1_000n);
  await clock.advance(60_000);
  pace.spend(500n);
  assert.equal(pace.waitMs(), 500);
});
