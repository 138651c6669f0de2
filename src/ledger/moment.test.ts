import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { time } from './event.ts';
import { isBefore, minutesBetween, momentOf, tookLonger } from './moment.ts';

const two = (most: number) => fc.integer({ min: 0, max: most }).map((number) => String(number).padStart(2, '0'));
const year = fc.integer({ min: 0, max: 9999 }).map((number) => String(number).padStart(4, '0'));
const fraction = fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 25 }).map((digits) => digits.join(''));
const offset = fc.oneof(
  fc.constant('Z'),
  fc.tuple(fc.constantFrom('+', '-'), two(24), two(60)).map(([sign, h, m]) => `${sign}${h}:${m}`),
);

test('every time that a record may hold is a moment that can be compared and written', () => {
  let taken = 0;
  const clock = fc.tuple(two(24), two(60), fc.option(two(60)));
  fc.assert(
    fc.property(
      fc.tuple(year, two(13), two(32), clock, fraction, offset),
      ([y, month, day, [h, m, s], digits, zone]) => {
        const seconds = s === null ? '' : `:${s}${digits === '' ? '' : `.${digits}`}`;
        const text = `${y}-${month}-${day}T${h}:${m}${seconds}${zone}`;
        if (!time.safeParse(text).success) return;
        taken += 1;
        assert.ok(Number.isFinite(momentOf(text)), text);
        assert.ok(new Date(momentOf(text)).toISOString().length > 0);
        assert.equal(isBefore(text, text), false);
      },
    ),
    { numRuns: 5000 },
  );
  assert.ok(taken > 2000, `hardly any was a time: ${taken}`);
});

test('offsets are of the same clock; durations are exact where they decide', () => {
  assert.equal(isBefore('2026-03-01T12:00:00+02:00', '2026-03-01T10:00:00.001Z'), true);
  assert.equal(isBefore('2026-03-01T12:00:00+02:00', '2026-03-01T10:00:00Z'), false);
  assert.equal(minutesBetween('2026-03-01T10:00:00Z', '2026-03-01T10:00:20Z'), 0.33);
  assert.equal(tookLonger('2026-03-01T10:00:00Z', '2026-03-01T10:05:00Z', 5), false);
  assert.equal(tookLonger('2026-03-01T10:00:00Z', '2026-03-01T10:05:00.001Z', 5), true);
});
