import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { GIB } from '../decide.fixture.ts';
import type { UsagePoint } from './history.ts';
import { decodeChunk, encodeChunk } from './history-chunk.ts';

const start = Date.UTC(2026, 0, 31);
const bytes = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 52n - 1n }),
  fc.bigInt({ min: 0n, max: 2n ** 40n - 1n }).map((pages) => pages << 12n),
);
const point = fc.record({
  seconds: fc.nat({ max: 21_600 }),
  usedBytes: bytes,
  capacityBytes: fc.oneof(fc.constant(10n * GIB), bytes),
});

test('what is put in comes out, to the byte and to the second', () => {
  fc.assert(
    fc.property(fc.array(point, { maxLength: 100 }), (given) => {
      const points = given.map(({ seconds, ...sizes }): UsagePoint => ({ at: start + seconds * 1_000, ...sizes }));
      assert.deepEqual(decodeChunk(encodeChunk(points)), points);
    }),
  );
});

test('moments are cut to the second, and from 4 PiB on used bytes to 4 KiB', () => {
  const [point] =
    decodeChunk(encodeChunk([{ at: start + 999, usedBytes: 2n ** 60n + 4_097n, capacityBytes: 2n ** 61n + 1n }])) ?? [];
  assert.deepEqual(point, { at: start, usedBytes: 2n ** 60n + 4_096n, capacityBytes: 2n ** 61n + 1n });
});

test('six hours of a volume that fills take less than four bytes a measurement', () => {
  const points = Array.from({ length: 72 }, (_, index) => ({
    at: start + index * 300_000 + ((index * 7_919) % 30) * 1_000,
    usedBytes: 4096n * BigInt(1_000_000 + index * 700 + ((index * 31) % 400)),
    capacityBytes: 10n * GIB,
  }));
  const { length } = encodeChunk(points);
  assert.ok(length < 72 * 4, `${length} bytes`);
});

test('other bytes are no chunk, and no bytes make it run on', () => {
  for (const text of [[], [0], [2, 1, 0], [1], [1, 200, 1], [1, 1, 60, 5, 5, 1, 5], [1, 2, 12, 5, 5, 1, 9, 0]]) {
    assert.equal(decodeChunk(Uint8Array.from(text)), undefined, text.join(' '));
  }
  const whole = encodeChunk([
    { at: start, usedBytes: 5n, capacityBytes: 9n },
    { at: start + 1_000, usedBytes: 6n, capacityBytes: 9n },
  ]);
  for (let length = 0; length < whole.length; length += 1) {
    assert.equal(decodeChunk(whole.subarray(0, length)), undefined, `${length} of ${whole.length} bytes`);
  }
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (random) => {
      const points = decodeChunk(random);
      assert.ok(
        points === undefined ||
          points.every(({ at, usedBytes }) => Number.isFinite(at) && typeof usedBytes === 'bigint'),
      );
    }),
    { numRuns: 2_000 },
  );
});
