/** Recent measurements in a file, so that "N in a row" and "announced once" survive a restart. */
import { DatabaseSync } from 'node:sqlite';
import { ExpandError } from '../registry.ts';
import type { Sample } from './source.ts';
import type { Track } from './track.ts';

export interface SampleStore {
  /** By claim uid. */
  load(): ReadonlyMap<string, Track>;
  /** Undefined = forget. Throws ExpandError when it cannot be written. */
  save(changes: ReadonlyMap<string, Track | undefined>): void;
  close(): void;
}

/** Keeps nothing beyond the process: after a restart a threshold must be reached afresh, which only delays growth. */
export const forgetfulSamples: SampleStore = {
  load: () => new Map(),
  save: () => undefined,
  close: () => undefined,
};

/**
 * A file of a row per claim. Not synced on every write: a power failure costs the last measurements, which the next
 * ones replace. Throws ExpandError LARDER_EXPAND_SAMPLES_UNUSABLE.
 */
export function openSamples(path: string): SampleStore {
  const database = guarded(path, () => {
    const opened = new DatabaseSync(path);
    opened.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
    opened.exec('CREATE TABLE IF NOT EXISTS track (uid TEXT PRIMARY KEY, state TEXT NOT NULL) WITHOUT ROWID');
    return opened;
  });
  const put = database.prepare('INSERT OR REPLACE INTO track (uid, state) VALUES (?, ?)');
  const remove = database.prepare('DELETE FROM track WHERE uid = ?');
  return {
    load() {
      const tracks = new Map<string, Track>();
      for (const { uid, state } of guarded(path, () => database.prepare('SELECT uid, state FROM track').all())) {
        const track = typeof state === 'string' ? parseTrack(state) : undefined;
        if (typeof uid === 'string' && track) tracks.set(uid, track);
      }
      return tracks;
    },
    save(changes) {
      if (changes.size === 0) return;
      guarded(path, () => {
        database.exec('BEGIN');
        try {
          for (const [uid, track] of changes) track ? put.run(uid, formatTrack(track)) : remove.run(uid);
          database.exec('COMMIT');
        } catch (cause) {
          if (database.isTransaction) database.exec('ROLLBACK');
          throw cause;
        }
      });
    },
    close() {
      if (database.isOpen) database.close();
    },
  };
}

function guarded<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ExpandError('LARDER_EXPAND_SAMPLES_UNUSABLE', `cannot keep measurements in ${path}: ${why}`, { cause });
  }
}

const BIGINT = /^-?\d{1,30}$/;

export function formatTrack(track: Track): string {
  return JSON.stringify(track, (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));
}

/** Undefined when the text is not a track: it is then forgotten, and measuring starts afresh. */
export function parseTrack(text: string): Track | undefined {
  const fields = fieldsOf(jsonIn(text));
  const capacityBytes = bytes(fields?.['capacityBytes']);
  if (!fields || capacityBytes === undefined || !Array.isArray(fields['samples'])) return undefined;
  const samples = fields['samples'].map(sampleOf);
  if (samples.includes(undefined)) return undefined;
  const { announced } = fields;
  return {
    capacityBytes,
    settledAt: typeof fields['settledAt'] === 'number' ? fields['settledAt'] : undefined,
    samples: samples.filter((sample) => sample !== undefined),
    announced: Array.isArray(announced) ? announced.filter((key) => typeof key === 'string') : [],
    awaitedBytes: bytes(fields['awaitedBytes']),
  };
}

function sampleOf(value: unknown): Sample | undefined {
  const fields = fieldsOf(value);
  if (!fields) return undefined;
  const { at, origin, place, everyMs, abnormal } = fields;
  const capacityBytes = bytes(fields['capacityBytes']);
  const availableBytes = bytes(fields['availableBytes']);
  const usedBytes = bytes(fields['usedBytes']);
  if (capacityBytes === undefined || availableBytes === undefined || usedBytes === undefined) return undefined;
  if (typeof at !== 'number' || typeof origin !== 'string' || typeof place !== 'string') return undefined;
  if (typeof everyMs !== 'number') return undefined;
  const inodes = fieldsOf(fields['inodes']);
  const total = bytes(inodes?.['total']);
  const used = bytes(inodes?.['used']);
  return {
    at,
    capacityBytes,
    availableBytes,
    usedBytes,
    inodes: total === undefined || used === undefined ? undefined : { total, used },
    origin,
    place,
    everyMs,
    abnormal: abnormal === true,
  };
}

function bytes(value: unknown): bigint | undefined {
  return typeof value === 'string' && BIGINT.test(value) ? BigInt(value) : undefined;
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // given up: a row that was cut off holds nothing of worth
  }
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
}
