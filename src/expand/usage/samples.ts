/** Recent measurements in a file, so that "N in a row" and "announced once" survive a restart. */
import { DatabaseSync } from 'node:sqlite';
import { ExpandError } from '../registry.ts';
import { privateFile } from './private-file.ts';
import { recalled, type Track } from './track.ts';
import { formatTrack, parseTrack } from './track-text.ts';

export interface SampleStore {
  /** By claim uid, each as `recalled` has it. */
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
    privateFile(path);
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
        if (typeof uid === 'string' && track) tracks.set(uid, recalled(track));
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
