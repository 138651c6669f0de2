/**
 * What it costs to remember the usage of volumes: 30 days, a measurement in five minutes. Written as the operator does, a
 * pass after the other, into a real file; the same measurements as plain rows of SQLite in the same run. Argument: how
 * many volumes, default 1,000; figures are scaled to the 10,000 of the bar.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type HistoryStore, KEPT_EVERY_MS, type Recorded } from '../src/expand/usage/history.ts';
import { openHistory } from '../src/expand/usage/history-store.ts';
import { silentLog } from '../src/telemetry/log.ts';
import { createManualClock } from '../src/telemetry/manual-clock.ts';
import { type BenchReport, distribution } from './report.ts';

const DAYS = 30;
const DAY_MS = 86_400_000;
const PASSES = (DAYS * DAY_MS) / KEPT_EVERY_MS;
const START = Date.UTC(2026, 0, 1);
const BAR_VOLUMES = 10_000;
const BAR_BYTES = 400_000_000;
const BAR_QUERY_MS = 5;
/** Plain rows are so much larger that a part of the volumes shows it. */
const PLAIN_VOLUMES = 200;
const QUERIES = 300;

/** The same pseudo-random numbers in every run. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

interface Volume {
  readonly uid: string;
  readonly capacityBytes: bigint;
  /** Pages of 4 KiB in five minutes, on average. */
  readonly pace: number;
  pages: number;
}

/** A third hardly moves, a third grows, a third grows fast and is cleaned now and then. */
function volumesOf(count: number): readonly Volume[] {
  const next = numbers(5);
  return Array.from({ length: count }, (_, index) => ({
    uid: `volume-${String(index).padStart(6, '0')}-1111-2222-3333-444444444444`,
    capacityBytes: BigInt(10 + (index % 90)) << 30n,
    pace: [0.2, 60, 4_000][index % 3] ?? 0,
    pages: Math.floor(next() * 1_000_000),
  }));
}

function passOf(volumes: readonly Volume[], pass: number, next: () => number): readonly Recorded[] {
  return volumes.map((volume) => {
    volume.pages += Math.round(volume.pace * next() * 2);
    if (volume.pages > 2_400_000) volume.pages = 100_000;
    const at = START + pass * KEPT_EVERY_MS + Math.floor(next() * 12) * 1_000;
    return { uid: volume.uid, at, usedBytes: BigInt(volume.pages) << 12n, capacityBytes: volume.capacityBytes };
  });
}

interface Written {
  readonly bytes: number;
  readonly adds: readonly number[];
  readonly queries: readonly number[];
  readonly openMs: number;
  readonly cpuSeconds: number;
}

function write(path: string, count: number): Written {
  const clock = createManualClock(START);
  const open = (): HistoryStore => openHistory({ path, retentionMs: 31 * DAY_MS, clock, log: silentLog });
  const store = open();
  const volumes = volumesOf(count);
  const next = numbers(7);
  const adds: number[] = [];
  const before = process.cpuUsage();
  for (let pass = 0; pass < PASSES; pass += 1) {
    const points = passOf(volumes, pass, next);
    const begun = performance.now();
    store.add(points);
    adds.push(performance.now() - begun);
    clock.stepWall(KEPT_EVERY_MS);
  }
  const { user, system } = process.cpuUsage(before);
  store.close();
  const bytes = statSync(path).size;
  const begun = performance.now();
  const again = open();
  const openMs = performance.now() - begun;
  const queries = Array.from({ length: QUERIES }, (_, index) => {
    const { uid } = volumes[(index * 37) % count] ?? { uid: '' };
    const asked = performance.now();
    const { length } = again.points(uid, START, clock.now());
    if (length !== PASSES) throw new Error(`${length} of ${PASSES} measurements of ${uid}`);
    return performance.now() - asked;
  });
  again.close();
  return { bytes, adds, queries, openMs, cpuSeconds: (user + system) / 1_000_000 };
}

/** Rows with a number for the volume, the way it is done first. */
function plain(path: string): { readonly bytes: number; readonly queries: readonly number[] } {
  const database = new DatabaseSync(path);
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
  database.exec(
    'CREATE TABLE usage (volume INTEGER, at INTEGER, used INTEGER, capacity INTEGER, PRIMARY KEY (volume, at)) WITHOUT ROWID',
  );
  const put = database.prepare('INSERT INTO usage VALUES (?, ?, ?, ?)');
  const volumes = volumesOf(PLAIN_VOLUMES);
  const next = numbers(7);
  for (let pass = 0; pass < PASSES; pass += 1) {
    database.exec('BEGIN');
    for (const [index, point] of passOf(volumes, pass, next).entries()) {
      put.run(index, point.at, point.usedBytes, point.capacityBytes);
    }
    database.exec('COMMIT');
  }
  const all = database.prepare('SELECT at, used, capacity FROM usage WHERE volume = ? ORDER BY at');
  all.setReadBigInts(true);
  const queries = Array.from({ length: QUERIES }, (_, index) => {
    const asked = performance.now();
    all.all(index % PLAIN_VOLUMES);
    return performance.now() - asked;
  });
  database.close();
  return { bytes: statSync(path).size, queries };
}

export async function run([argument = '1000']: readonly string[]): Promise<BenchReport> {
  const count = Number(argument);
  if (!Number.isInteger(count) || count < 10) throw new TypeError('how many volumes? a whole number from 10 up');
  const folder = mkdtempSync(join(tmpdir(), 'larder-bench-history-'));
  try {
    const kept = write(join(folder, 'history.db'), count);
    const rows = plain(join(folder, 'plain.db'));
    const perSample = kept.bytes / (count * PASSES);
    const perPlain = rows.bytes / (PLAIN_VOLUMES * PASSES);
    const scaled = perSample * BAR_VOLUMES * PASSES;
    const [asked, plainly] = [distribution(kept.queries), distribution(rows.queries)];
    const cpuPerDay = (kept.cpuSeconds / DAYS) * (BAR_VOLUMES / count);
    return {
      about: `the usage of ${count.toLocaleString('en')} volumes over ${DAYS} days, one measurement in five minutes`,
      rows: [
        {
          what: 'file, 10,000 volumes',
          unit: 'MB',
          median: scaled / 1e6,
          ratio: { to: 'plain rows', value: perSample / perPlain },
          bar: { text: `< ${BAR_BYTES / 1e6}`, met: scaled < BAR_BYTES },
        },
        { what: 'a measurement', unit: 'bytes', median: perSample },
        { what: 'a measurement as a plain row', unit: 'bytes', median: perPlain },
        {
          what: '30 days of one volume',
          unit: 'ms',
          ...asked,
          ratio: { to: 'plain rows', value: asked.median / plainly.median },
          bar: { text: `< ${BAR_QUERY_MS}`, met: asked.median < BAR_QUERY_MS },
        },
        { what: 'the same from plain rows', unit: 'ms', ...plainly },
        { what: `a pass of ${count.toLocaleString('en')} measurements`, unit: 'ms', ...distribution(kept.adds) },
        { what: 'CPU for a day of 10,000 volumes', unit: 's', median: cpuPerDay },
        { what: 'opening the file', unit: 'ms', median: kept.openMs },
      ],
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
