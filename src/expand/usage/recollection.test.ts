import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createManualClock } from '../../telemetry/manual-clock.ts';
import { configured, GIB, MINUTE, NOW, sampleAt } from '../decide.fixture.ts';
import { rulesOf } from '../settings/configuration.ts';
import { type HistoryStore, KEPT_EVERY_MS, type Recorded } from './history.ts';
import { blankMemory, Recollection } from './recollection.ts';

function remembering(kept: readonly Recorded[] = []) {
  const added: Recorded[] = [];
  const asked: string[] = [];
  const history: HistoryStore = {
    add: (points) => void added.push(...points),
    points(uid, from, to) {
      asked.push(uid);
      return kept.filter((point) => point.uid === uid && point.at >= from && point.at <= to);
    },
    close: () => undefined,
  };
  const recollection = new Recollection({ history, rules: rulesOf(configured()), clock: createManualClock(NOW) });
  return { recollection, added, asked };
}

test('a measurement in five minutes is handed to the history, and an impossible one never', () => {
  const { recollection, added } = remembering();
  const memory = blankMemory();
  for (let minute = 0; minute < 12; minute += 1) recollection.follow(memory, 'a', sampleAt(NOW + minute * MINUTE, 0.5));
  recollection.follow(memory, 'a', sampleAt(NOW + 20 * MINUTE, 0.5, { availableBytes: 11n * GIB }));
  assert.deepEqual(added, [], 'not before the pass ends');
  recollection.flush();
  recollection.flush();
  assert.deepEqual(
    added,
    [0, 5, 10].map((minute) => ({
      uid: 'a',
      at: NOW + minute * MINUTE,
      usedBytes: 5n * GIB,
      capacityBytes: 10n * GIB,
    })),
  );
});

test('a volume that fills or is emptied at once is kept as it was then', () => {
  const { recollection, added } = remembering();
  const memory = blankMemory();
  for (const [seconds, share] of [0.1, 0.15, 0.2, 0.25, 0.6, 0.61, 0.3].map((each, index) => [index, each] as const)) {
    recollection.follow(memory, 'a', sampleAt(NOW + seconds * 5_000, share));
  }
  recollection.flush();
  assert.deepEqual(
    added.map(({ usedBytes }) => Number((usedBytes * 100n) / (10n * GIB))),
    [10, 20, 60, 30],
  );
});

test('what the history knows is not handed to it again, and gives the rate at once', () => {
  const kept = Array.from({ length: 20 }, (_, index) => ({
    uid: 'a',
    at: NOW - (20 - index) * KEPT_EVERY_MS,
    usedBytes: BigInt(index) * 10_000_000n,
    capacityBytes: 10n * GIB,
  }));
  const { recollection, added } = remembering(kept);
  const memory = blankMemory();
  recollection.follow(memory, 'a', sampleAt(NOW - MINUTE, 0.02));
  assert.ok(memory.trend?.robust && memory.trend.recent);
  assert.ok(Math.abs(memory.trend.robust.perMs * KEPT_EVERY_MS - 10_000_000) < 1);
  recollection.flush();
  assert.deepEqual(added, []);
});

test('after a restart so many histories are read in a pass, the others in the next', () => {
  const { recollection, asked } = remembering();
  const memories = Array.from({ length: 2_500 }, () => blankMemory());
  const pass = (at: number): number => {
    for (const [index, memory] of memories.entries()) recollection.follow(memory, `volume-${index}`, sampleAt(at, 0.5));
    recollection.flush();
    return asked.length;
  };
  assert.deepEqual(
    [pass(NOW), pass(NOW + MINUTE), pass(NOW + 2 * MINUTE), pass(NOW + 3 * MINUTE)],
    [1_000, 2_000, 2_500, 2_500],
  );
  assert.equal(new Set(asked).size, 2_500);
});
