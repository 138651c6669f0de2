import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  countWithin,
  emptyHistory,
  formatHistory,
  formatTime,
  freeAt,
  type Growth,
  HISTORY,
  HISTORY_LIMIT,
  LAST_EXPANSION,
  parseHistory,
  retimeHistory,
} from './history.ts';

const NOW = Date.UTC(2026, 0, 31, 12);
const HOUR = 3_600_000;
const growth = (at: number, over: Partial<Growth> = {}): Growth => ({
  at,
  fromBytes: 10n,
  toBytes: 20n,
  trigger: 'storage',
  usableBytes: 9n,
  inodes: undefined,
  origin: 'kubelet',
  ...over,
});
const historyOf = (...at: readonly number[]) => ({ lastAt: at.at(-1), growths: at.map((moment) => growth(moment)) });

test('what is written is read back', () => {
  const seconds = fc.integer({ min: 0, max: 4_000_000_000 }).map((second) => second * 1_000);
  const bytes = fc.bigInt({ min: 0n, max: 2n ** 63n });
  const any = fc.record({
    at: seconds,
    fromBytes: bytes,
    toBytes: bytes,
    trigger: fc.constantFrom('storage' as const, 'inodes' as const),
    usableBytes: bytes,
    inodes: fc.option(bytes, { nil: undefined }),
    origin: fc.string(),
  });
  fc.assert(
    fc.property(any, (one) => {
      const parsed = parseHistory(formatHistory(emptyHistory, one));
      assert.deepEqual(parsed, { ok: true, value: { lastAt: one.at, growths: [{ ...one }] } });
    }),
    { numRuns: 100 },
  );
});

test('the stamp is RFC 3339 in whole seconds, and the history stays bounded', () => {
  let annotations: Readonly<Record<string, string>> = {};
  for (let index = 0; index < 30; index += 1) {
    const parsed = parseHistory(annotations);
    assert.ok(parsed.ok);
    annotations = formatHistory(parsed.value, growth(NOW + index * HOUR + 123, { toBytes: BigInt(index) }));
  }
  assert.equal(annotations[LAST_EXPANSION], '2026-02-01T17:00:00Z');
  const parsed = parseHistory(annotations);
  assert.ok(parsed.ok);
  assert.equal(parsed.value.growths.length, HISTORY_LIMIT);
  assert.equal(parsed.value.growths.at(-1)?.toBytes, 29n);
  assert.ok((annotations[HISTORY]?.length ?? 0) < 4_096);
});

test('a stamp without a history, as pvc-chonker leaves it, is a cooldown', () => {
  const parsed = parseHistory({ [LAST_EXPANSION]: '2024-01-15T10:30:00+01:00' });
  assert.deepEqual(parsed, { ok: true, value: { lastAt: Date.UTC(2024, 0, 15, 9, 30), growths: [] } });
});

test('garbage is reported with its field, value and the accepted form, never taken for an empty past', () => {
  for (const [annotations, field] of [
    [{ [LAST_EXPANSION]: 'yesterday' }, 'last-expansion'],
    [{ [LAST_EXPANSION]: '2026-13-45T00:00:00Z' }, 'last-expansion'],
    [{ [HISTORY]: '{"at":1}' }, 'history'],
    [{ [HISTORY]: '[{"at":"2026-01-31T12:00:00Z"}]' }, 'history'],
    [{ [HISTORY]: '[null]' }, 'history'],
    [{ [HISTORY]: '[' }, 'history'],
    [{ [HISTORY]: `[${'1'.repeat(70_000)}]` }, 'history'],
  ] as const) {
    const parsed = parseHistory(annotations);
    assert.ok(!parsed.ok);
    assert.equal(parsed.field, field);
    assert.ok(parsed.value.length <= 60);
    assert.match(parsed.reason, /^must be/);
  }
});

test('no annotation makes the reader throw', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), fc.string(), (history, last) => {
      parseHistory({ [HISTORY]: history, [LAST_EXPANSION]: last });
    }),
    { numRuns: 300 },
  );
});

test('a rolling window counts what lies in it, and says when one more fits', () => {
  const history = historyOf(NOW - 30 * HOUR, NOW - 20 * HOUR, NOW - 2 * HOUR, NOW - HOUR);
  assert.equal(countWithin(history, 24 * HOUR, NOW), 3);
  assert.equal(freeAt(history, 4, 24 * HOUR, NOW), undefined);
  assert.equal(freeAt(history, 3, 24 * HOUR, NOW), NOW + 4 * HOUR);
  assert.equal(freeAt(history, 2, 24 * HOUR, NOW), NOW + 22 * HOUR);
});

test('an expansion stamped in the future still counts: the clock may have been set back', () => {
  assert.equal(countWithin(historyOf(NOW + HOUR), 24 * HOUR, NOW), 1);
});

test('a step of the clock does not move what this process did itself', () => {
  const history = historyOf(NOW - HOUR);
  const stepped = NOW + 6 * HOUR;
  const retimed = retimeHistory(history, new Map([[NOW - HOUR, HOUR]]), stepped);
  assert.equal(retimed.lastAt, stepped - HOUR);
  assert.equal(retimed.growths[0]?.at, stepped - HOUR);
  assert.deepEqual(retimeHistory(history, new Map(), stepped), history);
});

test('times are written without fractions', () => {
  assert.equal(formatTime(NOW + 999), '2026-01-31T12:00:00Z');
});
