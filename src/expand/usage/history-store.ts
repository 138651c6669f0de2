import { existsSync, renameSync } from 'node:fs';
import type { Clock } from '../../telemetry/clock.ts';
import type { Log } from '../../telemetry/log.ts';
import { ExpandError } from '../registry.ts';
import type { HistoryStore, Recorded, UsagePoint } from './history.ts';
import { HistoryFile, IN_MEMORY, LaterVersion } from './history-file.ts';

export interface HistoryOptions {
  /** Absent: in memory, and then for a short while only. */
  readonly path?: string | undefined;
  /** Milliseconds. */
  readonly retentionMs: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** Memory is dearer than disk: what a forecast looks back on, and a little. */
const IN_MEMORY_MS = 2 * 86_400_000;
/** How much waits for a disk that refuses: some 10 MiB. The oldest go first. */
const MOST_WAITING = 50_000;
/** SQLite cannot hold more in a row. */
const LARGEST_BYTES = 2n ** 62n;
/** SQLITE_CORRUPT and SQLITE_NOTADB. */
const DAMAGED: readonly number[] = [11, 26];
/** SQLITE_READONLY, SQLITE_IOERR and SQLITE_CANTOPEN: the file that was opened may be another one by now. */
const LOST: readonly number[] = [8, 10, 14];

/**
 * Remembers the usage of volumes. Whatever happens to its file, growth goes on: a damaged one is moved aside and said, a
 * disk that refuses is said once and tried again with each pass.
 */
export function openHistory(options: HistoryOptions): HistoryStore {
  return new Remembering(options);
}

/** Invariant: what was added is in the file or in `#waiting`, but for what is older than the retention. */
class Remembering implements HistoryStore {
  readonly #options: HistoryOptions;
  #file: HistoryFile | undefined;
  #path: string;
  #waiting: Recorded[] = [];
  #refused = false;
  #closed = false;

  constructor(options: HistoryOptions) {
    this.#options = options;
    this.#path = options.path ?? IN_MEMORY;
    this.#open();
  }

  add(points: readonly Recorded[]): void {
    if (this.#closed) return;
    this.#waiting.push(
      ...points.filter(({ usedBytes, capacityBytes }) => usedBytes >= 0n && capacityBytes < LARGEST_BYTES),
    );
    if (this.#waiting.length > MOST_WAITING) this.#waiting = this.#waiting.slice(-MOST_WAITING);
    this.#guarded((file) => {
      file.add(this.#waiting);
      this.#waiting = [];
      const now = this.#options.clock.now();
      file.tidy(now, now - this.#retentionMs());
      if (this.#refused) this.#options.log.info({ file: this.#path }, 'the usage of volumes is kept again');
      this.#refused = false;
    });
  }

  points(uid: string, from: number, to: number): readonly UsagePoint[] {
    let kept: readonly UsagePoint[] = [];
    this.#guarded((file) => {
      kept = file.points(uid, from, to);
    });
    const waiting = this.#waiting.filter((point) => point.uid === uid && point.at >= from && point.at <= to);
    return waiting.length === 0 ? kept : [...kept, ...waiting].sort((a, b) => a.at - b.at);
  }

  close(): void {
    this.#closed = true;
    this.#file?.close();
    this.#file = undefined;
  }

  #retentionMs(): number {
    const { retentionMs } = this.#options;
    return this.#path === IN_MEMORY ? Math.min(retentionMs, IN_MEMORY_MS) : retentionMs;
  }

  /** Never throws. */
  #guarded(work: (file: HistoryFile) => void): void {
    if (this.#closed) return;
    try {
      this.#file ??= new HistoryFile(this.#path);
      work(this.#file);
    } catch (failure) {
      if (isDamage(failure)) this.#replace(failure);
      else this.#refuse(failure);
    }
  }

  #open(): void {
    try {
      this.#file = new HistoryFile(this.#path);
    } catch (failure) {
      if (isDamage(failure)) this.#replace(failure);
      else if (failure instanceof LaterVersion) this.#stay(failure);
      else this.#refuse(failure);
    }
  }

  /** What can be read of it is worth more to a person than to us. */
  #replace(failure: unknown): void {
    const aside = `${this.#path}.damaged-${this.#options.clock.now()}`;
    try {
      this.#file?.close();
      this.#file = undefined;
      for (const end of ['', '-wal', '-shm']) {
        if (existsSync(this.#path + end)) renameSync(this.#path + end, aside + end);
      }
      const message = `the history of usage in ${this.#path} is damaged; it was moved to ${aside}, and a new one begins`;
      const err = new ExpandError('LARDER_EXPAND_HISTORY_DAMAGED', message, { cause: failure });
      this.#options.log.error({ err, code: err.code }, 'history of usage begins afresh');
      this.#file = new HistoryFile(this.#path);
    } catch (again) {
      this.#refuse(again);
    }
  }

  /** A file of the future is left as it is. */
  #stay(failure: LaterVersion): void {
    const message = `${failure.message}, which this version cannot write: usage is remembered in memory only`;
    const err = new ExpandError('LARDER_EXPAND_HISTORY_UNUSABLE', message, { cause: failure });
    this.#options.log.error({ err, code: err.code }, 'usage is remembered in memory only');
    this.#path = IN_MEMORY;
    this.#file = undefined;
  }

  #refuse(failure: unknown): void {
    if (this.#path !== IN_MEMORY && LOST.includes(codeOf(failure))) {
      this.#file?.close();
      this.#file = undefined;
    }
    if (this.#refused) return;
    this.#refused = true;
    const why = failure instanceof Error ? failure.message : String(failure);
    const message = `cannot keep the history of usage in ${this.#path}: ${why}`;
    const err = new ExpandError('LARDER_EXPAND_HISTORY_UNUSABLE', message, { cause: failure });
    this.#options.log.error(
      { err, code: err.code, waiting: this.#waiting.length },
      'the usage of volumes is not kept for now',
    );
  }
}

const isDamage = (failure: unknown): boolean => DAMAGED.includes(codeOf(failure));

/** SQLite's primary result code; 0: it is no failure of SQLite. */
function codeOf(failure: unknown): number {
  if (!(failure instanceof Error) || !('errcode' in failure) || typeof failure.errcode !== 'number') return 0;
  return failure.errcode & 0xff;
}
