import assert from 'node:assert/strict';
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import type { Log } from '../../telemetry/log.ts';
import { createManualClock, type ManualClock } from '../../telemetry/manual-clock.ts';
import { GIB, NOW } from '../decide.fixture.ts';
import { type HistoryStore, KEPT_EVERY_MS, type Recorded } from './history.ts';
import { openHistory } from './history-store.ts';

const DAY = 86_400_000;
const START = Math.floor(NOW / DAY) * DAY;

interface World {
  readonly path: string;
  readonly clock: ManualClock;
  /** Messages at warning and above. */
  readonly said: string[];
  open(retentionMs?: number): HistoryStore;
}

function world(t: TestContext): World {
  const folder = mkdtempSync(join(tmpdir(), 'larder-history-'));
  const open: HistoryStore[] = [];
  t.after(() => {
    for (const store of open) store.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const clock = createManualClock(START);
  const said: string[] = [];
  const note = (_fields: object, message: string): void => void said.push(message);
  const log: Log = { debug: () => undefined, info: () => undefined, warn: note, error: note, child: () => log };
  const path = join(folder, 'history.db');
  return {
    path,
    clock,
    said,
    open(retentionMs = 30 * DAY) {
      const store = openHistory({ path, retentionMs, clock, log });
      open.push(store);
      return store;
    },
  };
}

const recorded = (uid: string, minute: number, used = minute): Recorded => ({
  uid,
  at: START + minute * 60_000,
  usedBytes: BigInt(used),
  capacityBytes: 10n * GIB,
});

/** Adds a measurement every five minutes, a pass each, until so many minutes have gone by. */
function fill(store: HistoryStore, clock: ManualClock, uids: readonly string[], minutes: number): void {
  const begin = Math.round((clock.now() - START) / 60_000);
  for (let minute = begin; minute < begin + minutes; minute += 5) {
    store.add(uids.map((uid) => recorded(uid, minute)));
    clock.stepWall(KEPT_EVERY_MS);
  }
}

const minutesIn = (store: HistoryStore, uid: string): readonly number[] =>
  store.points(uid, START, START + 60 * DAY).map(({ at }) => (at - START) / 60_000);

test('what was added is answered, from rows and from chunks, and after a restart', (t) => {
  const { open, clock, path } = world(t);
  const first = open();
  fill(first, clock, ['a', 'b'], 2 * 24 * 60);
  const expected = Array.from({ length: 576 }, (_, index) => index * 5);
  assert.deepEqual(minutesIn(first, 'a'), expected);
  first.close();
  const second = open();
  assert.deepEqual(minutesIn(second, 'b'), expected);
  assert.deepEqual(
    second.points('b', START + 600_000, START + 900_000),
    [recorded('', 10), recorded('', 15)].map(({ uid: _, ...point }) => point),
  );
  assert.deepEqual(second.points('unknown', 0, START * 2), []);
  for (const [from, to] of [
    [5, 4],
    [Number.NaN, 5],
    [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
  ] as const) {
    assert.deepEqual(second.points('a', from, to), []);
  }
  assert.equal(second.points('a', 0, START + 60 * DAY).length, 576);
  const database = new DatabaseSync(path, { readOnly: true });
  t.after(() => database.close());
  const chunks = database.prepare('SELECT count(*) AS n FROM chunk').get()?.['n'];
  assert.ok(typeof chunks === 'number' && chunks >= 14, `${chunks} chunks: nothing was folded`);
});

test('the same moment twice is one, and a clock that was set back loses nothing', (t) => {
  const { open, clock } = world(t);
  const store = open();
  fill(store, clock, ['a'], 12 * 60);
  clock.stepWall(-8 * 3_600_000);
  store.add([recorded('a', 241), recorded('a', 240, 7)]);
  fill(store, clock, ['a'], 6 * 60);
  const found = minutesIn(store, 'a');
  assert.equal(new Set(found).size, found.length);
  assert.deepEqual(
    found,
    found.toSorted((x, y) => x - y),
  );
  assert.ok(found.includes(241) && found.includes(715));
});

test('what is older than the retention goes, volumes with it, and the file stops growing', (t) => {
  const { open, clock, path } = world(t);
  const store = open(2 * DAY);
  fill(store, clock, ['a', 'gone'], 24 * 60);
  fill(store, clock, ['a'], 2 * 24 * 60);
  assert.ok(minutesIn(store, 'gone').length < 288);
  fill(store, clock, ['a'], 2 * 24 * 60);
  const size = (): number => statSync(path).size;
  assert.deepEqual(minutesIn(store, 'gone'), []);
  const oldest = minutesIn(store, 'a')[0] ?? 0;
  assert.ok(oldest >= (5 - 2.25) * 24 * 60 - 5 && oldest <= 3 * 24 * 60, `${oldest}`);
  const before = size();
  fill(store, clock, ['a'], 10 * 24 * 60);
  assert.ok(size() <= before + 65_536, `${before} to ${size()}`);
  store.close();
  const database = new DatabaseSync(path);
  t.after(() => database.close());
  assert.deepEqual(
    database
      .prepare('SELECT uid FROM volume')
      .all()
      .map(({ uid }) => uid),
    ['a'],
  );
});

test('with more volumes than a pass folds, and few passes, every one has its turn', (t) => {
  const { open, clock, path } = world(t);
  const store = open();
  const uids = Array.from({ length: 350 }, (_, index) => `volume-${index}`);
  for (let pass = 0; pass < 24; pass += 1) {
    store.add(uids.map((uid) => recorded(uid, pass * 120)));
    clock.stepWall(2 * 3_600_000);
  }
  assert.equal(minutesIn(store, 'volume-349').length, 24);
  store.close();
  const database = new DatabaseSync(path);
  t.after(() => database.close());
  const rows = database.prepare('SELECT volume, count(*) AS n FROM recent GROUP BY volume').all();
  for (const { volume, n } of rows) assert.ok(typeof n === 'number' && n <= 10, `${n} rows of volume ${volume}`);
});

test('whatever is added in whatever order, each moment is answered once with what was added last', (t) => {
  const { open, clock } = world(t);
  const store = open();
  let volume = 0;
  const moves = fc.array(fc.record({ minute: fc.nat({ max: 3_000 }), used: fc.nat(), passes: fc.nat({ max: 80 }) }), {
    maxLength: 40,
  });
  fc.assert(
    fc.property(moves, (all) => {
      volume += 1;
      const uid = `volume-${volume}`;
      const expected = new Map<number, bigint>();
      for (const { minute, used, passes } of all) {
        store.add([recorded(uid, minute, used)]);
        expected.set(START + minute * 60_000, BigInt(used));
        clock.stepWall(passes * KEPT_EVERY_MS);
        store.add([]);
      }
      const points = store.points(uid, START, START + 3 * DAY);
      assert.deepEqual(
        new Map(points.map(({ at, usedBytes }) => [at, usedBytes])),
        new Map([...expected].sort(([a], [b]) => a - b)),
      );
      clock.stepWall(START - clock.now());
    }),
    { numRuns: 50 },
  );
});

test('a damaged file is moved aside and said; what comes after it is kept', (t) => {
  for (const damage of ['nonsense', 'cut', 'overwritten'] as const) {
    const { open, clock, path, said } = world(t);
    const before = open();
    fill(before, clock, ['a'], 24 * 60);
    before.close();
    if (damage === 'nonsense') writeFileSync(path, 'this is no database '.repeat(500));
    if (damage === 'cut') truncateSync(path, 9_000);
    if (damage === 'overwritten') writeFileSync(path, Buffer.alloc(8_192, 7), { flag: 'r+' });
    const store = open();
    fill(store, clock, ['a'], 60);
    const found = minutesIn(store, 'a').filter((minute) => minute >= 24 * 60);
    assert.deepEqual(found.slice(-3), [24 * 60 + 45, 24 * 60 + 50, 24 * 60 + 55], damage);
    assert.deepEqual(said, ['history of usage begins afresh'], damage);
    assert.equal(readdirSync(join(path, '..')).filter((name) => /damaged-\d+$/.test(name)).length, 1, damage);
  }
});

test('damage that shows only while it runs is treated the same', (t) => {
  const { open, clock, path, said } = world(t);
  const first = open();
  fill(first, clock, ['a', 'b', 'c', 'd'], 24 * 60);
  first.close();
  const store = open();
  const { size } = statSync(path);
  assert.ok(size >= 24_576, `${size} bytes`);
  // The first page says what tables there are; all others are lost.
  const file = openSync(path, 'r+');
  writeSync(file, Buffer.alloc(size - 4_096, 7), 0, size - 4_096, 4_096);
  closeSync(file);
  fill(store, clock, ['a'], 30);
  assert.deepEqual(minutesIn(store, 'a').slice(-2), [24 * 60 + 20, 24 * 60 + 25]);
  assert.deepEqual(said, ['history of usage begins afresh']);
});

test('a file of a later version is not touched, and usage is remembered in memory', (t) => {
  const { open, clock, path, said } = world(t);
  const later = new DatabaseSync(path);
  later.exec('CREATE TABLE future (x); PRAGMA user_version = 7');
  later.close();
  const store = open();
  fill(store, clock, ['a'], 60);
  assert.equal(minutesIn(store, 'a').length, 12);
  assert.deepEqual(said, ['usage is remembered in memory only']);
  store.close();
  const still = new DatabaseSync(path);
  t.after(() => still.close());
  assert.deepEqual(
    still
      .prepare('SELECT name FROM sqlite_schema')
      .all()
      .map(({ name }) => name),
    ['future'],
  );
});

test('a place that cannot be written is said once, and written when it can be', (t) => {
  const { open, clock, path, said } = world(t);
  mkdirSync(path);
  const store = open();
  fill(store, clock, ['a'], 60);
  assert.equal(minutesIn(store, 'a').length, 12, 'what waits is answered too');
  assert.deepEqual(said, ['the usage of volumes is not kept for now']);
  rmSync(path, { recursive: true });
  fill(store, clock, ['a'], 5);
  store.close();
  const again = open();
  assert.equal(minutesIn(again, 'a').length, 13);
  assert.equal(said.length, 1);
});

test('without a file two days are remembered, in memory', (t) => {
  const clock = createManualClock(START);
  const log: Log = {
    debug: () => undefined,
    info: () => undefined,
    warn: assert.fail,
    error: assert.fail,
    child: () => log,
  };
  const store = openHistory({ retentionMs: 30 * DAY, clock, log });
  t.after(() => store.close());
  fill(store, clock, ['a'], 4 * 24 * 60);
  const found = minutesIn(store, 'a');
  assert.ok(found.length >= 576 && found.length <= 576 + 2 * 72, `${found.length}`);
  store.close();
  store.add([recorded('a', 1)]);
  assert.deepEqual(minutesIn(store, 'a'), []);
});
