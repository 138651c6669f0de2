import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { GIB, NOW, sampleAt } from '../decide.fixture.ts';
import { openSamples } from './samples.ts';
import type { Sample } from './source.ts';
import { addSample, followCapacity, TRACK_LIMIT, type Track } from './track.ts';
import { formatTrack, parseTrack } from './track-text.ts';

const fresh = followCapacity(undefined, 10n * GIB, NOW);

test('the same measurement twice is one', () => {
  const once = addSample(fresh, sampleAt(NOW, 0.9));
  assert.equal(addSample(once, sampleAt(NOW, 0.9)), once);
  assert.equal(once.samples.length, 1);
});

test('a changed capacity forgets what was measured before, and takes nothing older', () => {
  const before = addSample(fresh, sampleAt(NOW, 0.9));
  const after = followCapacity(before, 20n * GIB, NOW + 5_000);
  assert.deepEqual([after.samples.length, after.settledAt], [0, NOW + 5_000]);
  assert.equal(addSample(after, sampleAt(NOW + 4_000, 0.9)), after);
  assert.equal(addSample(after, sampleAt(NOW + 6_000, 0.4)).samples.length, 1);
});

test('the first capacity of a claim is its birth, not a resize', () => {
  assert.equal(followCapacity(followCapacity(undefined, 0n, NOW), GIB, NOW + 1).settledAt, undefined);
});

test('a clock that was set back begins the row afresh instead of refusing the present', () => {
  const ahead = addSample(addSample(fresh, sampleAt(NOW, 0.9)), sampleAt(NOW + 7_200_000, 0.9));
  assert.deepEqual(
    addSample(ahead, sampleAt(NOW + 60_000, 0.5)).samples.map(({ at }) => at),
    [NOW + 60_000],
  );
  const resized = followCapacity(fresh, 20n * GIB, NOW + 7_200_000);
  assert.equal(followCapacity(resized, 20n * GIB, NOW).settledAt, NOW);
});

test('the samples are bounded, ordered and of distinct moments, whatever comes', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 60 }), (moments) => {
      const track = moments.reduce<Track>((one, moment) => addSample(one, sampleAt(NOW + moment * 1_000, 0.5)), fresh);
      const times = track.samples.map(({ at }) => at);
      assert.ok(times.length <= TRACK_LIMIT);
      assert.deepEqual(
        times,
        [...new Set(times)].sort((a, b) => a - b),
      );
    }),
    { numRuns: 100 },
  );
});

const kept: Track = {
  capacityBytes: 10n * GIB,
  settledAt: NOW,
  samples: [sampleAt(NOW + 1_000, 0.9), sampleAt(NOW + 61_000, 0.95, { inodes: undefined, abnormal: true })],
  announced: ['threshold/storage'],
  awaitedBytes: 11n * GIB,
  refusedAt: NOW - 1_000,
};

test('a track survives its text, and nonsense is forgotten', () => {
  assert.deepEqual(parseTrack(formatTrack(kept)), kept);
  const whole = formatTrack(kept);
  const before = { ...kept, refusedAt: undefined };
  assert.deepEqual(parseTrack(formatTrack(before)), before, 'as an earlier version wrote it');
  for (const text of ['', '[]', '{}', '{"capacityBytes":"1","samples":[{}]}', whole.slice(0, -9)]) {
    assert.equal(parseTrack(text), undefined, text);
  }
  assert.equal(parseTrack(whole.replace('[2,', '[3,')), undefined, 'of another version');
  assert.equal(parseTrack(whole.replace('"kubelet"', '7')), undefined);
  for (const text of ['', 'x', '1', '1,2', '1,2,3,=,-,-,9,0', '1,2,3,=,-,-,0,2'])
    assert.equal(parseTrack(JSON.stringify([2, '1', null, [], null, [['a', 'b', 1]], `${text};`])), undefined, text);
});

test('every track survives its text, which has some thirty characters for a sample that differs little', () => {
  const size = fc.bigInt({ min: 0n, max: 2n ** 70n });
  const plain = { noNullPrototype: true } as const;
  const sample: fc.Arbitrary<Sample> = fc.record(
    {
      at: fc.integer({ min: 0, max: 2 ** 42 }),
      capacityBytes: size,
      availableBytes: size,
      usedBytes: size,
      inodes: fc.option(fc.record({ total: size, used: size }, plain), { nil: undefined }),
      origin: fc.constantFrom('kubelet', 'prometheus', 'a;b,"'),
      place: fc.string({ maxLength: 5 }),
      everyMs: fc.constantFrom(1_000, 60_000),
      abnormal: fc.boolean(),
    },
    plain,
  );
  const track: fc.Arbitrary<Track> = fc.record(
    {
      capacityBytes: size,
      settledAt: fc.option(fc.integer(), { nil: undefined }),
      samples: fc.array(sample, { maxLength: TRACK_LIMIT }),
      announced: fc.array(fc.string(), { maxLength: 3 }),
      awaitedBytes: fc.option(size, { nil: undefined }),
      refusedAt: fc.option(fc.integer(), { nil: undefined }),
    },
    plain,
  );
  fc.assert(fc.property(track, (one) => assert.deepEqual(parseTrack(formatTrack(one)), one)));
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => void parseTrack(text)));
  const usual = Array.from({ length: TRACK_LIMIT }, (_, index) => sampleAt(NOW + index * 60_000, 0.5 + index / 100));
  const { length } = formatTrack({ ...kept, samples: usual });
  assert.ok(length < 100 + 30 * TRACK_LIMIT, `${length} characters`);
});

test('measurements are there after a restart, and what was forgotten is not', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'larder-samples-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'samples.db');
  const first = openSamples(path);
  first.save(
    new Map<string, Track | undefined>([
      ['a', kept],
      ['b', fresh],
    ]),
  );
  first.save(new Map([['b', undefined]]));
  first.close();
  const second = openSamples(path);
  assert.deepEqual([...second.load()], [['a', { ...kept, recalledAts: kept.samples.map(({ at }) => at) }]]);
  second.close();
});

test('a file that cannot be used is one clear failure', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'larder-samples-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  assert.throws(() => openSamples(folder), { code: 'LARDER_EXPAND_SAMPLES_UNUSABLE' });
});
