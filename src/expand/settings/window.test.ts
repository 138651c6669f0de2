import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type ChangeWindow, isOpen, opensAt, parseWindow } from './window.ts';

function windowOf(text: string): ChangeWindow {
  const parsed = parseWindow(text);
  assert.ok(parsed.ok, text);
  return parsed.value;
}
const at = (text: string): number => Date.parse(text);
const openAt = (window: string, time: string): boolean => isOpen(windowOf(window), at(time));
const next = (window: string, time: string): string => {
  const moment = opensAt(windowOf(window), at(time));
  return moment === undefined ? 'never' : new Date(moment).toISOString();
};

const DAYS = 365;
const NIGHTS = 'Mon-Fri 22:00-06:00 Europe/Berlin';

test('a span over midnight belongs to the day on which it begins', () => {
  for (const [time, open] of [
    ['2026-01-05T20:59:00Z', false], // Monday 21:59 in Berlin
    ['2026-01-05T21:00:00Z', true],
    ['2026-01-06T04:59:59Z', true],
    ['2026-01-06T05:00:00Z', false],
    ['2026-01-10T04:00:00Z', true], // Saturday morning belongs to Friday
    ['2026-01-10T21:30:00Z', false], // Saturday evening does not
    ['2026-01-05T03:00:00Z', false], // nor does Monday morning, which is Sunday's
  ] as const) {
    assert.equal(openAt(NIGHTS, time), open, time);
  }
});

test('it says when it opens', () => {
  assert.equal(next(NIGHTS, '2026-01-05T12:00:00Z'), '2026-01-05T21:00:00.000Z');
  assert.equal(next(NIGHTS, '2026-01-05T23:00:00Z'), '2026-01-05T23:00:00.000Z', 'now');
  assert.equal(next(NIGHTS, '2026-01-10T06:00:00Z'), '2026-01-12T21:00:00.000Z', 'not before Monday');
  assert.equal(next('Sat,Sun 00:00-24:00', '2026-01-05T12:00:00Z'), '2026-01-10T00:00:00.000Z');
  assert.equal(next('Fri-Mon 01:00-02:00 UTC', '2026-01-05T12:00:00Z'), '2026-01-09T01:00:00.000Z');
  assert.equal(next('12:00-13:00; 20:00-21:00', '2026-01-05T14:00:00Z'), '2026-01-05T20:00:00.000Z');
  assert.equal(next('always', '2026-01-05T14:00:00Z'), '2026-01-05T14:00:00.000Z');
});

test('in spring an hour is left out: what lies in it does not happen, what goes on after it opens at the jump', () => {
  // 2026-03-29 in Berlin: from 02:00 (+01:00) to 03:00 (+02:00), at 01:00 UTC.
  const inside = 'Sun 02:00-03:00 Europe/Berlin';
  assert.equal(openAt(inside, '2026-03-29T00:59:00Z'), false);
  assert.equal(openAt(inside, '2026-03-29T01:00:00Z'), false);
  assert.equal(next(inside, '2026-03-28T12:00:00Z'), '2026-04-05T00:00:00.000Z', 'a week later');
  assert.equal(next('Sun 02:30-04:00 Europe/Berlin', '2026-03-28T12:00:00Z'), '2026-03-29T01:00:00.000Z');
  assert.equal(next('Sun 22:00-06:00 Europe/Berlin', '2026-03-29T12:00:00Z'), '2026-03-29T20:00:00.000Z');
});

test('in autumn an hour comes twice: the window is open both times', () => {
  // 2026-10-25 in Berlin: from 03:00 (+02:00) back to 02:00 (+01:00), at 01:00 UTC.
  const inside = 'Sun 02:00-02:30 Europe/Berlin';
  assert.equal(openAt(inside, '2026-10-25T00:10:00Z'), true);
  assert.equal(openAt(inside, '2026-10-25T00:40:00Z'), false);
  assert.equal(openAt(inside, '2026-10-25T01:10:00Z'), true);
  assert.equal(next(inside, '2026-10-24T12:00:00Z'), '2026-10-25T00:00:00.000Z');
  assert.equal(next(inside, '2026-10-25T00:40:00Z'), '2026-10-25T01:00:00.000Z');
});

test('zones with halves of hours, and on the other side of the world', () => {
  assert.equal(next('09:00-10:00 Asia/Kolkata', '2026-06-01T00:00:00Z'), '2026-06-01T03:30:00.000Z');
  assert.equal(next('09:00-10:00 Australia/Lord_Howe', '2026-06-01T00:00:00Z'), '2026-06-01T22:30:00.000Z');
  assert.equal(next('Mon 00:00-01:00 Pacific/Kiritimati', '2026-06-05T00:00:00Z'), '2026-06-07T10:00:00.000Z');
});

test('what is no window is refused with the accepted form', () => {
  for (const text of [
    '',
    ';',
    'Mon',
    '25:00-26:00',
    '22:00-22:00',
    '24:00-02:00',
    'Mon-Xyz 1:00-2:00',
    '22:60-23:00',
  ]) {
    const parsed = parseWindow(text);
    assert.ok(!parsed.ok, text);
    assert.match(parsed.reason, /for example "Mon-Fri 22:00-06:00 Europe\/Berlin"/);
  }
  const nowhere = parseWindow('22:00-23:00 Europe/Nowhere');
  assert.ok(!nowhere.ok && /"Europe\/Nowhere", which is not known/.test(nowhere.reason));
  const two = parseWindow('1:00-2:00 Europe/Berlin; 3:00-4:00 UTC');
  assert.ok(!two.ok && /one time zone only/.test(two.reason));
});

test('the next opening is open, and no quarter of an hour before it is', () => {
  const time = fc
    .integer({ min: 0, max: DAYS * 24 * 4 })
    .map((quarters) => at('2026-01-01T00:00:00Z') + quarters * 900_000);
  const clock = fc.integer({ min: 0, max: 47 }).map((halves) => `${halves >> 1}:${halves % 2 === 0 ? '00' : '30'}`);
  const zone = fc.constantFrom('Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'UTC', 'Asia/Kolkata');
  const days = fc.constantFrom('Mon-Fri', 'Sun', 'Sat,Sun', 'Wed', 'Sun-Sat');
  let closed = 0;
  fc.assert(
    fc.property(days, clock, clock, zone, time, (on, from, to, where, now) => {
      if (from === to) return;
      const window = windowOf(`${on} ${from}-${to} ${where}`);
      const opening = opensAt(window, now);
      assert.ok(opening !== undefined && opening >= now && isOpen(window, opening));
      if (opening > now) closed += 1;
      for (let moment = now; moment < opening; moment += 900_000) assert.equal(isOpen(window, moment), false);
    }),
    { numRuns: 200 },
  );
  assert.ok(closed > 50, `only ${closed} were closed`);
});

test('a window that would keep the process busy, or fill its memory, is refused', () => {
  const spans = (count: number): string =>
    Array.from({ length: count }, (_, hour) => `Mon ${hour}:00-${hour}:59`).join(';');
  assert.equal(parseWindow(spans(20)).ok, true);
  assert.deepEqual(parseWindow(spans(21)), { ok: false, reason: 'must have no more than 20 spans' });
  assert.deepEqual(parseWindow(`${' '.repeat(1_000)}always`), {
    ok: false,
    reason: 'must be no longer than 1000 characters',
  });
});
