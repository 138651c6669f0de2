import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { GIB, situationInput } from '../decide.fixture.ts';
import { decide } from '../decide.ts';
import { type ChartOptions, chart, type Drawn, money, totalText } from './chart.ts';
import type { Step } from './course.ts';
import { curveOf } from './curve.ts';
import { nothingYet } from './outcome.ts';

const DAY = 86_400_000;
const FROM = Date.UTC(2026, 0, 1);
const TO = FROM + 10 * DAY;
const last = decide(situationInput());

const step = (day: number, from: bigint, to: bigint): Step => ({
  at: FROM + day * DAY,
  doneAt: FROM + day * DAY + 60_000,
  fromBytes: from * GIB,
  toBytes: to * GIB,
  trigger: 'storage',
});

function drawn(claim: string, steps: readonly Step[], usedGib: readonly number[], fullMs = 0): Drawn {
  const endBytes = steps.at(-1)?.toBytes ?? 10n * GIB;
  const fullness = { above95Ms: 0, fullMs, fullAt: undefined, usedByteMs: 0 };
  const sizes = { startBytes: 10n * GIB, endBytes, usedBytes: 0, capacityByteMs: 0 };
  return {
    course: { claim, steps, ...sizes, ...fullness, violations: 0, decisions: 1, last },
    outcome: {
      ...{ claim, startBytes: 10n * GIB, endBytes, steps: steps.length, violations: 0, above95Ms: 0 },
      ...{ fullMs, fullAt: undefined, unusedBytes: 0n, cost: undefined, verdict: 'Hold' },
    },
    curve: curveOf(usedGib.map((gib, day) => [FROM + day * DAY, gib * Number(GIB)])),
  };
}

const options = (over: Partial<ChartOptions> = {}): ChartOptions => ({
  title: 'what if',
  from: FROM,
  to: TO,
  total: { ...nothingYet, claims: 1 },
  currency: '',
  ...over,
});

/** The end points of a path of absolute M, L, H and V. */
function pointsOf(html: string, kind: 'size' | 'used'): readonly (readonly [number, number])[] {
  const path = new RegExp(`class="${kind}" d="([^"]*)"`).exec(html)?.[1] ?? '';
  const points: [number, number][] = [];
  for (const [, letter, first = '', second] of path.matchAll(/([MLHV])(-?[\d.]+)(?: (-?[\d.]+))?/g)) {
    const [x, y] = points.at(-1) ?? [0, 0];
    if (letter === 'H') points.push([Number(first), y]);
    else if (letter === 'V') points.push([x, Number(first)]);
    else points.push([Number(first), Number(second)]);
  }
  return points;
}

test('names are text, whatever is in them: a page from a cluster runs nothing', () => {
  const html = chart([drawn('shop/<script>alert(1)</script>"&', [], [1])], options({ title: '</title><img src=x>' }));
  assert.ok(!/<script|<img/.test(html));
  assert.ok(html.includes('shop/&#60;script&#62;'));
  assert.match(html, /default-src 'none'/);
});

test('each growth is a mark with its time, sizes and reason, and raises the line of the size', () => {
  const html = chart([drawn('shop/db', [step(2, 10n, 15n), step(6, 15n, 20n)], [8, 12, 18])], options());
  const marks = [...html.matchAll(/<circle [^>]*><title>([^<]*)<\/title>/g)].map(([, text]) => text);
  assert.deepEqual(marks, [
    '2026-01-03 00:00:00Z: 10Gi to 15Gi (storage)',
    '2026-01-07 00:00:00Z: 15Gi to 20Gi (storage)',
  ]);
  const levels = [...new Set(pointsOf(html, 'size').map(([, y]) => y))];
  assert.equal(levels.length, 3);
  assert.deepEqual(
    levels,
    levels.toSorted((a, b) => b - a),
    'larger is higher up',
  );
  assert.match(html, /10Gi to 20Gi in 2 growths; at the end Hold/);
});

test('a claim that was full says for how long, and no more is drawn than there was room for', () => {
  const html = chart([drawn('shop/db', [step(6, 10n, 15n)], [9, 30, 5], 2 * DAY)], options());
  assert.match(html, /, full for 2d; at the end Hold/);
  const [first] = pointsOf(html, 'size');
  assert.equal(Math.min(...pointsOf(html, 'used').map(([, y]) => y)), first?.[1], 'as high as the size was then');
});

test('lines stay within the drawing, whatever the sizes', () => {
  const gib = fc.bigInt({ min: 1n, max: 2n ** 40n });
  fc.assert(
    fc.property(
      gib,
      fc.array(fc.double({ min: 0, max: 2 ** 50, noNaN: true }), { minLength: 1, maxLength: 8 }),
      (to, used) => {
        const html = chart([drawn('a/b', [step(1, 10n, 10n + to)], used)], options());
        for (const [x, y] of [...pointsOf(html, 'size'), ...pointsOf(html, 'used')]) {
          assert.ok(x >= 0 && x <= 720 && y >= 0 && y <= 180, `${x} ${y}`);
        }
      },
    ),
    { numRuns: 50 },
  );
});

test('it says when only some are drawn', () => {
  const one = [drawn('a/b', [], [1])];
  assert.match(chart(one, options({ total: { ...nothingYet, claims: 7 } })), /The 1 that fared worst are drawn\./);
  assert.doesNotMatch(chart(one, options()), /fared worst/);
});

test('the sentence about all of them counts in words', () => {
  const total = { ...nothingYet, claims: 1, steps: 1, startBytes: 10n * GIB, endBytes: 11n * GIB, violations: 1 };
  assert.equal(
    totalText({ total, currency: '' }),
    '1 claim, 1 growth: 10Gi became 11Gi; none was ever full; 0s above 95 % in all; 0 B unused on average; 1 cooldown violation.',
  );
  const many = { ...total, claims: 12_000, steps: 2, everFull: 2, violations: 0, cost: 3.456 };
  assert.equal(
    totalText({ total: many, currency: 'EUR' }),
    '12,000 claims, 2 growths: 10Gi became 11Gi; 2 were ever full; 0s above 95 % in all; 0 B unused on average; no cooldown violations; cost 3.46 EUR.',
  );
  assert.match(totalText({ total: { ...total, everFull: 1 }, currency: '' }), /; 1 was ever full;/);
  assert.equal(money(1, ''), '1.00');
});
