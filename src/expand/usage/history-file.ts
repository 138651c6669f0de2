/** The tables of the history of usage: what was measured last as rows, what is older as chunks of a quarter of a day. */
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Recorded, UsagePoint } from './history.ts';
import { decodeChunk, encodeChunk } from './history-chunk.ts';
import { privateFile } from './private-file.ts';

export const IN_MEMORY = ':memory:';
const CHUNK_MS = 21_600_000;
const VERSION = 1;
/** A chunk's key is its quarter of a day times this, and its volume: a new quarter is appended, an old one leaves whole. */
const VOLUMES = 2 ** 28;
/** What one call does at most, so that no call takes long. */
const FOLDED_AT_ONCE = 100;
const DELETED_AT_ONCE = 20_000;
/** Of one answer: more than the longest retention. */
const MOST_QUARTERS = 1_700;

const TABLES = `
  CREATE TABLE IF NOT EXISTS volume (id INTEGER PRIMARY KEY AUTOINCREMENT, uid TEXT NOT NULL UNIQUE, seen INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS recent (
    volume INTEGER, at INTEGER, used INTEGER NOT NULL, capacity INTEGER NOT NULL, PRIMARY KEY (volume, at)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS chunk (id INTEGER PRIMARY KEY, points BLOB NOT NULL);
  PRAGMA user_version = ${VERSION};
`;

/** The file was written by a later version of Larder. */
export class LaterVersion extends Error {
  override readonly name = 'LaterVersion';
}

/**
 * Invariants: a measurement is in `recent` or in a chunk, never in neither once it was committed; chunks of one quarter
 * are written in the order of their volumes, so that pages are full. Throws what SQLite throws.
 */
export class HistoryFile {
  readonly #database: DatabaseSync;
  readonly #put: StatementSync;
  readonly #rows: StatementSync;
  readonly #drop: StatementSync;
  readonly #chunk: StatementSync;
  readonly #putChunk: StatementSync;
  /** `seen`: the newest quarter of a measurement, which says how long the volume is remembered. */
  readonly #volumes = new Map<string, { readonly id: number; readonly seen: number }>();
  /** Volumes whose rows of earlier quarters may still have to be folded. */
  #toFold: number[] = [];
  #quarter = 0;

  /** `path`: a file, or `:memory:`. */
  constructor(path: string) {
    if (path !== IN_MEMORY) privateFile(path);
    const database = new DatabaseSync(path);
    this.#database = database;
    try {
      database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
      const version = database.prepare('PRAGMA user_version').get()?.['user_version'];
      if (typeof version === 'number' && version > VERSION) throw new LaterVersion(`${path} has form ${version}`);
      // A full disk can be read, but not even told what it holds already.
      if (version !== VERSION) database.exec(TABLES);
      const read = 'SELECT at, used, capacity FROM recent WHERE volume = ? AND at BETWEEN ? AND ? ORDER BY at';
      this.#rows = database.prepare(read);
      this.#rows.setReadBigInts(true);
      this.#put = database.prepare('INSERT OR REPLACE INTO recent (volume, at, used, capacity) VALUES (?, ?, ?, ?)');
      this.#drop = database.prepare('DELETE FROM recent WHERE volume = ? AND at < ?');
      this.#chunk = database.prepare('SELECT points FROM chunk WHERE id = ?');
      this.#putChunk = database.prepare('INSERT OR REPLACE INTO chunk (id, points) VALUES (?, ?)');
      this.#readVolumes();
    } catch (failure) {
      database.close();
      throw failure;
    }
  }

  /** All or nothing. */
  add(points: readonly Recorded[]): void {
    this.#transaction(() => {
      for (const { uid, at, usedBytes, capacityBytes } of points) {
        this.#put.run(this.#idOf(uid, at), Math.floor(at / 1_000) * 1_000, usedBytes, capacityBytes);
      }
    });
  }

  /** A part of what is to be tidied: earlier quarters become chunks, what is older than `before` goes. */
  tidy(now: number, before: number): void {
    const quarter = Math.floor(now / CHUNK_MS);
    // One round after the other: a new one before the last has ended would never come to its end.
    if (quarter !== this.#quarter && this.#toFold.length === 0) {
      this.#quarter = quarter;
      this.#toFold = [...this.#volumes.values()].map(({ id }) => id).sort((a, b) => b - a);
    }
    this.#transaction(() => {
      for (const volume of this.#toFold.splice(-FOLDED_AT_ONCE).reverse()) this.#fold(volume, quarter);
      this.#forget(Math.floor(before / CHUNK_MS), before);
    });
  }

  points(uid: string, from: number, to: number): readonly UsagePoint[] {
    const volume = this.#volumes.get(uid)?.id;
    if (volume === undefined || !Number.isFinite(from) || !Number.isFinite(to)) return [];
    const kept: UsagePoint[] = [];
    const last = Math.floor(to / CHUNK_MS);
    const first = Math.max(Math.floor(from / CHUNK_MS), last - MOST_QUARTERS);
    for (let quarter = first; quarter <= last; quarter += 1) kept.push(...this.#chunkOf(volume, quarter));
    kept.push(...this.#recent(volume, from, to));
    return inOrder(kept).filter(({ at }) => at >= from && at <= to);
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close();
  }

  #recent(volume: number, from: number, to: number): readonly UsagePoint[] {
    const points: UsagePoint[] = [];
    for (const { at, used, capacity } of this.#rows.all(volume, Math.floor(from), Math.floor(to))) {
      if (typeof at !== 'bigint' || typeof used !== 'bigint' || typeof capacity !== 'bigint') continue;
      points.push({ at: Number(at), usedBytes: used, capacityBytes: capacity });
    }
    return points;
  }

  #chunkOf(volume: number, quarter: number): readonly UsagePoint[] {
    const points = this.#chunk.get(quarter * VOLUMES + volume)?.['points'];
    return points instanceof Uint8Array ? (decodeChunk(points) ?? []) : [];
  }

  /** Rows may lie in several earlier quarters, and in one that has a chunk already, after a clock that was set back. */
  #fold(volume: number, quarter: number): void {
    const end = quarter * CHUNK_MS;
    const byQuarter = new Map<number, UsagePoint[]>();
    for (const point of this.#recent(volume, 0, end - 1)) {
      const own = Math.floor(point.at / CHUNK_MS);
      const points = byQuarter.get(own) ?? [...this.#chunkOf(volume, own)];
      points.push(point);
      byQuarter.set(own, points);
    }
    for (const [own, points] of byQuarter) {
      this.#putChunk.run(own * VOLUMES + volume, encodeChunk(inOrder(points)));
    }
    if (byQuarter.size > 0) this.#drop.run(volume, end);
  }

  #forget(quarter: number, before: number): void {
    const old = 'DELETE FROM chunk WHERE id IN (SELECT id FROM chunk WHERE id < ? LIMIT ?)';
    this.#database.prepare(old).run(quarter * VOLUMES, DELETED_AT_ONCE);
    for (const { id, uid } of this.#database.prepare('SELECT id, uid FROM volume WHERE seen < ?').all(quarter)) {
      if (typeof id !== 'number' || typeof uid !== 'string') continue;
      this.#drop.run(id, before);
      this.#database.prepare('DELETE FROM volume WHERE id = ?').run(id);
      this.#volumes.delete(uid);
    }
  }

  #idOf(uid: string, at: number): number {
    const quarter = Math.floor(at / CHUNK_MS);
    const known = this.#volumes.get(uid);
    if (known && known.seen >= quarter) return known.id;
    const statement = `INSERT INTO volume (uid, seen) VALUES (?, ?)
      ON CONFLICT (uid) DO UPDATE SET seen = max(seen, excluded.seen) RETURNING id`;
    const id = this.#database.prepare(statement).get(uid, quarter)?.['id'];
    if (typeof id !== 'number') throw new TypeError(`no row for volume ${uid}`);
    this.#volumes.set(uid, { id, seen: quarter });
    return id;
  }

  #transaction(work: () => void): void {
    this.#database.exec('BEGIN');
    try {
      work();
      this.#database.exec('COMMIT');
    } catch (failure) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      // What was noted of volumes within it did not happen.
      this.#readVolumes();
      this.#quarter = 0;
      this.#toFold = [];
      throw failure;
    }
  }

  #readVolumes(): void {
    const volumes = this.#database.prepare('SELECT id, uid, seen FROM volume').all();
    this.#volumes.clear();
    for (const { id, uid, seen } of volumes) {
      if (typeof id === 'number' && typeof uid === 'string' && typeof seen === 'number')
        this.#volumes.set(uid, { id, seen });
    }
  }
}

/** One for each moment, the later of two that were kept for it. */
function inOrder(points: readonly UsagePoint[]): readonly UsagePoint[] {
  const sorted = points.every((point, index) => index === 0 || (points[index - 1]?.at ?? 0) < point.at);
  if (sorted) return points;
  const byTime = new Map(points.map((point) => [point.at, point]));
  return [...byTime.values()].sort((a, b) => a.at - b.at);
}
