import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { configured, GIB } from '../decide.fixture.ts';
import { rulesOf } from '../settings/configuration.ts';
import { forecastOf, projectedBytes } from './forecast.ts';
import { HOUR, steady } from './trend.fixture.ts';
import type { Trend } from './trend.ts';

const rules = rulesOf(configured());
const gib = Number(GIB);
/** Rates in GiB an hour; looked back on six hours and on the last half hour. */
const trend = (robust: number, recent?: number): Trend => ({
  points: 72,
  spanMs: 6 * HOUR,
  robust: { perMs: (robust * gib) / HOUR, trustedMs: 24 * HOUR },
  recent: recent === undefined ? undefined : { perMs: (recent * gib) / HOUR, trustedMs: 2 * HOUR },
});

test('the time to full is that of the larger rate, as far as each can be trusted', () => {
  const vectors: readonly (readonly [string, Trend, bigint, number | undefined, boolean])[] = [
    ['both agree', trend(1, 1), 5n * GIB, 5, true],
    ['the last half hour is faster, and it is near', trend(1, 10), 5n * GIB, 0.5, true],
    ['the last half hour is faster, but says nothing about six hours', trend(1, 10), 22n * GIB, 22, true],
    ['too far for both', trend(1, 10), 60n * GIB, 60, false],
    ['only lately', trend(0, 4), 4n * GIB, 1, true],
    ['only lately, and too far', trend(0, 4), 40n * GIB, undefined, false],
    ['it does not fill', trend(0, 0), GIB, undefined, false],
    ['it empties', trend(-1, -5), GIB, undefined, false],
    ['it is full', trend(-1, -5), 0n, 0, true],
    ['much was deleted just now', trend(2), 4n * GIB, 2, true],
    ['as good as never', trend(1e-9, 0), 2n ** 60n, undefined, false],
  ];
  for (const [name, given, room, hours, trusted] of vectors) {
    const forecast = forecastOf(given, room, rules);
    assert.ok(forecast.kind === 'known');
    assert.equal(forecast.timeToFullMs, hours === undefined ? undefined : hours * HOUR, name);
    assert.equal(forecast.trusted, trusted, name);
  }
});

test('without enough measurements it is not known, and says what is needed', () => {
  const expected = { kind: 'unknown', points: 0, spanMs: 0, neededPoints: 12, neededSpanMs: HOUR };
  assert.deepEqual(forecastOf(undefined, GIB, rules), expected);
  const early = { points: 11, spanMs: 50_000, robust: undefined, recent: undefined };
  assert.deepEqual(forecastOf(early, GIB, rules), { ...expected, points: 11, spanMs: 50_000 });
  assert.equal(projectedBytes(undefined, HOUR), 0n);
  assert.equal(projectedBytes(early, HOUR), 0n);
});

test('no rate is carried further than it can be trusted', () => {
  assert.equal(projectedBytes(trend(1, 10), HOUR), 10n * GIB);
  assert.equal(projectedBytes(trend(1, 10), 12 * HOUR), 20n * GIB, 'two hours of the fast one');
  assert.equal(projectedBytes(trend(1, 10), 22 * HOUR), 22n * GIB, 'and then the slow one');
  assert.equal(projectedBytes(trend(1, 10), 99 * HOUR), 24n * GIB);
  assert.equal(projectedBytes(trend(-1, -2), HOUR), 0n);
});

const rate = fc.double({ min: -1e7, max: 1e7, noNaN: true });
const anyTrend = fc
  .record({
    robust: rate,
    recent: fc.option(rate, { nil: undefined }),
    far: fc.nat({ max: 1e9 }),
    near: fc.nat({ max: 1e7 }),
  })
  .map(
    ({ robust, recent, far, near }): Trend => ({
      points: 20,
      spanMs: HOUR,
      robust: { perMs: robust, trustedMs: far },
      recent: recent === undefined ? undefined : { perMs: recent, trustedMs: near },
    }),
  );

test('the longer one looks, the more is stored; never less than nothing; a larger rate never gives less', () => {
  fc.assert(
    fc.property(
      anyTrend,
      fc.nat({ max: 1e10 }),
      fc.nat({ max: 1e10 }),
      fc.double({ min: 0, max: 1e6, noNaN: true }),
      (given, a, b, more) => {
        const [short, long] = [Math.min(a, b), Math.max(a, b)];
        const near = projectedBytes(given, short);
        assert.ok(near >= 0n && near <= projectedBytes(given, long));
        const { robust } = given;
        assert.ok(robust);
        assert.ok(projectedBytes({ ...given, robust: { ...robust, perMs: robust.perMs + more } }, short) >= near);
      },
    ),
  );
});

test('what is projected until the volume is full is what is free, and a forecast holds only numbers', () => {
  let full = 0;
  fc.assert(
    fc.property(anyTrend, fc.bigInt({ min: 1n, max: 2n ** 45n }), (given, room) => {
      const forecast = forecastOf(given, room, rules);
      assert.ok(forecast.kind === 'known');
      for (const value of [
        forecast.robust.bytesPerHour,
        forecast.recent?.bytesPerHour ?? 0,
        forecast.timeToFullMs ?? 0,
      ]) {
        assert.ok(Number.isFinite(value));
      }
      if (!forecast.trusted) return;
      full += 1;
      const ms = forecast.timeToFullMs ?? Number.NaN;
      assert.ok(ms >= 0);
      const slack =
        BigInt(Math.ceil(Math.max(given.robust?.perMs ?? 0, given.recent?.perMs ?? 0, 1))) + room / 1_000_000n;
      assert.ok(projectedBytes(given, ms + 1) + slack >= room, `${projectedBytes(given, ms)} ${room}`);
    }),
    { numRuns: 1_000 },
  );
  assert.ok(full > 10, `only ${full} were full in time`);
});

test('twice the data at twice the rate into twice the room is full at the same time', () => {
  const [one, two] = [forecastOf(steady(gib), 7n * GIB, rules), forecastOf(steady(2 * gib), 14n * GIB, rules)];
  assert.ok(one.kind === 'known' && two.kind === 'known');
  assert.equal(one.timeToFullMs, two.timeToFullMs);
});
