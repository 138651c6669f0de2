import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  configured,
  constraintsOf,
  GIB,
  MIB,
  MINUTE,
  NOW,
  type SituationOptions,
  sampleAt,
  situationInput,
} from '../decide.fixture.ts';
import { decide } from '../decide.ts';
import type { Decision } from '../decision.ts';
import type { DecideInput } from '../facts.ts';
import { emptyHistory, type Growth, type History } from '../history.ts';
import { slotAfter } from './slot.ts';
import { HOUR, steady } from './trend.fixture.ts';

const gib = Number(GIB);
const DAY = 24 * HOUR;

/** 100Gi, filling at so many GiB an hour. */
function filling(gibPerHour: number, options: SituationOptions = {}): DecideInput {
  return situationInput({
    request: '100Gi',
    usedRatio: 0.85,
    ...options,
    over: { trend: steady(gibPerHour * gib), ...options.over },
  });
}

const grownAt = (at: number): Growth => ({
  at,
  fromBytes: GIB,
  toBytes: 2n * GIB,
  trigger: 'storage',
  usableBytes: 1n,
  inodes: undefined,
  origin: 'kubelet',
});
const modified = (perWindow: number, hours: number) =>
  constraintsOf({
    provider: 'aws',
    volume: {
      minSize: GIB,
      maxSize: undefined,
      stepSize: GIB,
      volumeType: 'gp3',
      modifications: { perWindow, windowMs: DAY, minIntervalMs: hours * HOUR },
    },
  });

test('the size holds until the next allowed slot: used + rate × (slot − now + safety) ≤ targetUse × size', () => {
  // [GiB an hour, options, expected GiB]; by the increase alone it would be 110.
  const slow = constraintsOf();
  const rows: readonly (readonly [string, number, SituationOptions, bigint])[] = [
    ['(85 + 0) / 0.75', 0, {}, 114n],
    ['(85 + 4 × (15m + 30m)) / 0.75', 4, {}, 118n],
    ['(85 + 4 × (6h + 30m)) / 0.75', 4, { over: { constraints: modified(4, 6) } }, 148n],
    ['a cooldown that somebody set counts', 4, { annotations: { 'pvc-chonker.io/cooldown': '6h' } }, 148n],
    ['it empties: what is used counts', -4, {}, 114n],
    ['max-step is not passed', 4, { annotations: { 'pvc-chonker.io/max-step': '12Gi' } }, 112n],
    ['a larger increase is not reduced', 4, { annotations: { 'pvc-chonker.io/increase': '50%' } }, 150n],
    ['never more than twice the size', 500, {}, 200n],
    ['max-size is not passed', 500, { annotations: { 'pvc-chonker.io/max-size': '130Gi' } }, 130n],
    ['and nothing is looked ahead without a trend', 4, { over: { trend: undefined, constraints: slow } }, 110n],
  ];
  for (const [name, rate, options, expected] of rows) {
    const decision = decide(filling(rate, options));
    assert.equal(decision.verdict.kind, 'Expand', name);
    assert.equal(decision.targetBytes, expected * GIB, name);
  }
});

test('a target of 90 % asks for less', () => {
  const configuration = configured({ flags: { targetUse: '90%', forecastSafety: '0' } });
  // (85 + 24 × 15m) / 0.9 = 101.1, less than the increase gives.
  assert.equal(decide(filling(24, { configuration })).targetBytes, 110n * GIB);
  assert.equal(decide(filling(60, { configuration })).targetBytes, 112n * GIB);
});

test('the overhead of a filesystem is added; a filesystem larger than its claim is not the claim’s', () => {
  const samples = (capacityBytes: bigint) =>
    [1, 0].map((back) => sampleAt(NOW - back * MINUTE - 1_000, 0.85, { capacityBytes }));
  const ext4 = decide(filling(4, { over: { trend: steady(4 * gib), samples: samples(95n * GIB) } }));
  // (80.75 + 3) / 0.75 = 111.67 inside, × 100 / 95 outside.
  assert.equal(ext4.targetBytes, 118n * GIB);
  const shared = decide(filling(4, { over: { trend: steady(4 * gib), samples: samples(1_000n * GIB) } }));
  assert.deepEqual([shared.ahead, shared.targetBytes], [undefined, 110n * GIB]);
});

test('the next slot is the last of cooldown, day and provider, counting the growth of now', () => {
  const at = (history: History, options: SituationOptions = {}) => slotAfter(history, filling(1, options)) - NOW;
  const past = (...hours: readonly number[]): History => ({
    lastAt: NOW - (hours.at(-1) ?? 0) * HOUR,
    growths: hours.map((ago) => grownAt(NOW - ago * HOUR)),
  });
  assert.equal(at(emptyHistory), 15 * MINUTE);
  assert.equal(at(past(23, 22, 21, 20)), 15 * MINUTE, 'five of six');
  assert.equal(at(past(23, 22, 21, 20, 19)), HOUR, 'the sixth: when the first leaves the day');
  assert.equal(at(emptyHistory, { over: { constraints: modified(1, 6) } }), DAY, 'one a day');
  assert.equal(at(past(20, 12, 6), { over: { constraints: modified(4, 6) } }), 6 * HOUR, 'the interval is the longer');
  assert.equal(at(past(10, 8, 7), { over: { constraints: modified(4, 6) } }), 14 * HOUR, 'the window is the longer');
  // NOW is a Saturday, 12:00 UTC.
  const window = { annotations: { 'pvc-chonker.io/window': 'Sat 11:00-13:00' } };
  assert.equal(at(emptyHistory, window), 15 * MINUTE, 'the change window is still open then');
  assert.equal(at(past(23, 22, 21, 20, 19), window), 7 * DAY - HOUR, 'it opens a week later');
});

test('looking ahead never gives less than the increase, nor passes a bound, and more rate never gives less', () => {
  const rate = fc.double({ min: -1_000, max: 1_000, noNaN: true });
  const word = fc.constantFrom('1Gi', '7Gi', '200Gi');
  fc.assert(
    fc.property(
      rate,
      rate,
      word,
      fc.constantFrom('3Gi', '50Gi', undefined),
      fc.constantFrom('0', '24h'),
      (a, b, increase, maxStep, within) => {
        const annotations = {
          'pvc-chonker.io/increase': increase,
          'pvc-chonker.io/full-within': within,
          ...(maxStep ? { 'pvc-chonker.io/max-step': maxStep } : {}),
        };
        const sizeAt = (perHour: number | undefined): bigint => {
          const over = perHour === undefined ? { trend: undefined } : { trend: steady(perHour * gib) };
          return decide(situationInput({ request: '100Gi', usedRatio: 0.85, annotations, over })).targetBytes ?? 0n;
        };
        const [less, more, blind] = [sizeAt(Math.min(a, b)), sizeAt(Math.max(a, b)), sizeAt(undefined)];
        assert.ok(blind <= less && less <= more, `${blind} ${less} ${more}`);
        const most = maxStep === '3Gi' ? 3n : maxStep ? 50n : 100n;
        const fixed = blind - 100n * GIB;
        assert.ok(more - 100n * GIB <= (fixed > most * GIB ? fixed : most * GIB));
      },
    ),
    { numRuns: 300 },
  );
});

/** Follows a volume of 100Gi for days; `usedOf` gives GiB in use after so many hours. Returns the growths. */
function follow(
  days: number,
  options: {
    readonly usedOf: (hours: number, size: bigint) => number;
    readonly perHour: (hours: number) => number;
    readonly within: string;
  },
) {
  let size = 100n * GIB;
  let history: History = emptyHistory;
  const decisions: Decision[] = [];
  for (let now = NOW; now < NOW + days * DAY; now += 20 * MINUTE) {
    const hours = (now - NOW) / HOUR;
    const used = BigInt(Math.round(options.usedOf(hours, size) * gib));
    assert.ok(used <= size, `full after ${hours} h`);
    const samples = [1, 0].map((back) => ({
      ...sampleAt(now - 1_000 - back * MINUTE, 0, { capacityBytes: size }),
      availableBytes: size - used,
      usedBytes: used,
    }));
    const annotations = { 'pvc-chonker.io/full-within': options.within };
    const base = situationInput({ request: `${size}`, annotations });
    const decision = decide({
      ...base,
      samples,
      now,
      history,
      settledAt: history.lastAt,
      trend: steady(options.perHour(hours) * gib),
    });
    if (decision.verdict.kind !== 'Expand' || decision.targetBytes === undefined) continue;
    decisions.push(decision);
    const growth = {
      ...grownAt(now),
      fromBytes: size,
      toBytes: decision.targetBytes,
      trigger: decision.trigger ?? 'storage',
      usableBytes: size,
    };
    history = { lastAt: now, growths: [...history.growths, growth].slice(-20) };
    size = decision.targetBytes;
  }
  return { decisions, size };
}

test('growing for its time to full does not end in growing again and again', () => {
  fc.assert(
    fc.property(fc.double({ min: 0.2, max: 2, noNaN: true }), fc.constantFrom('6h', '12h', '20h'), (rate, within) => {
      const { decisions, size } = follow(4, {
        usedOf: (hours) => 20 + rate * Math.min(hours, 60),
        perHour: (hours) => (hours < 60 ? rate : 0),
        within,
      });
      const used = 20 + rate * 60;
      assert.ok(
        Number(size) / gib <= Math.max(100, (used + rate * 24) / 0.75 + 2),
        `${Number(size) / gib} GiB for ${used}`,
      );
      assert.ok(decisions.length <= 20, `${decisions.length} growths`);
      assert.ok(
        decisions.every(({ at }) => at <= NOW + 61 * HOUR),
        'nothing grows when the data has stopped',
      );
    }),
    { numRuns: 20 },
  );
});

test('a volume that is filled and cleaned in turns is not grown for it', () => {
  // Up to 70 GiB in six hours, then emptied: the robust rate of that is about nothing, the recent one steep.
  const { decisions } = follow(3, { usedOf: (hours) => 10 + (hours % 6) * 10, perHour: () => 0, within: '24h' });
  assert.equal(decisions.length, 0);
});

test('small steps are not turned into large ones by a step of a mebibyte', () => {
  const volume = { minSize: MIB, maxSize: undefined, stepSize: MIB, volumeType: '', modifications: undefined };
  const { targetBytes } = decide(
    filling(4, { over: { constraints: constraintsOf({ volume }), trend: steady(4 * gib) } }),
  );
  // 88 GiB / 0.75, rounded up to a mebibyte.
  assert.equal(targetBytes, 120_150n * MIB);
});
