/**
 * One writer at a time, in one process or in many. The lock is the kernel's, on a file of SQLite that stays empty: it ends
 * with the process that holds it, however that ends, so that there is no stale lock to be judged by a process id, which
 * would mean another process in another container. A note beside it says who holds it, for people.
 */
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { MessageChannel } from 'node:worker_threads';
import { z } from 'zod';
import { messageOf } from '../kube/error.ts';
import { type Clock, type Random, sleep } from '../telemetry/clock.ts';
import { LedgerError } from './registry.ts';

/** Longer than any write takes, shorter than somebody waits. */
const PATIENCE_MS = 30_000;
const LOOK_AGAIN_MS = 10;
const SQLITE_BUSY = 5;

const holder = z.object({ host: z.string(), pid: z.number(), startedAt: z.string() });

export interface LockOptions {
  /** Where the lock is; made where it is missing. */
  readonly folder: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly patienceMs?: number;
  /** Of the file, where it is the lock of something else than a ledger. */
  readonly name?: string;
}

/** @throws LedgerError LARDER_LEDGER_LOCKED with who holds it; LARDER_LEDGER_FILES where the folder cannot be written. */
export async function withLock<T>(options: LockOptions, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  const release = await acquire(options, signal);
  try {
    return await work();
  } finally {
    release();
  }
}

async function acquire(options: LockOptions, signal?: AbortSignal): Promise<() => void> {
  signal?.throwIfAborted();
  const { folder, clock, name = NAME } = options;
  const { DatabaseSync } = await import('node:sqlite');
  const database = opened(options, (path) => new DatabaseSync(path, { timeout: 0 }));
  try {
    await wait(options, database, signal);
  } catch (cause) {
    database.close();
    throw cause;
  }
  const note = join(folder, noteOf(name));
  write(note, JSON.stringify({ host: hostname(), pid: process.pid, startedAt: new Date(clock.now()).toISOString() }));
  return () => {
    rmSync(note, { force: true });
    database.close();
  };
}

async function wait(options: LockOptions, database: Statements, signal?: AbortSignal): Promise<void> {
  const { folder, clock, random, patienceMs = PATIENCE_MS, name = NAME } = options;
  if (taken(folder, database)) return;
  const deadline = clock.monotonic() + patienceMs;
  using _alive = awake();
  for (;;) {
    await sleep(clock, LOOK_AGAIN_MS * (0.5 + random.next()), signal);
    if (taken(folder, database)) return;
    if (clock.monotonic() >= deadline) {
      throw new LedgerError(
        'LARDER_LEDGER_LOCKED',
        `another process writes into this ledger${heldBy(folder, name)}. Nothing was written: try again when it is done`,
      );
    }
  }
}

/** Timers hold no process, and this one has nothing else to do. */
export function awake(): Disposable {
  const { port1 } = new MessageChannel();
  port1.ref();
  return { [Symbol.dispose]: () => port1.close() };
}

interface Statements {
  exec(sql: string): void;
}

const NAME = 'ledger.lock';

function noteOf(name: string): string {
  return `${name}.json`;
}

/** SQLite opens a file that may not be written all the same, and then locks nothing. */
function opened<T>({ folder, name = NAME }: LockOptions, open: (path: string) => T): T {
  const path = join(folder, name);
  try {
    mkdirSync(folder, { recursive: true });
    closeSync(openSync(path, 'a'));
    return open(path);
  } catch (cause) {
    throw unwritable(folder, cause);
  }
}

function unwritable(folder: string, cause: unknown): LedgerError {
  const why = messageOf(cause);
  const message = `the lock in ${folder} cannot be taken: ${why}. Nothing was written: make the folder writable for this user`;
  return new LedgerError('LARDER_LEDGER_FILES', message, { cause });
}

function taken(folder: string, database: Statements): boolean {
  try {
    database.exec('BEGIN EXCLUSIVE');
    return true;
  } catch (cause) {
    if (cause instanceof Error && 'errcode' in cause && cause.errcode === SQLITE_BUSY) return false;
    throw unwritable(folder, cause);
  }
}

/** The lock holds without its note: a full disk must not keep the next step from saying so better. */
function write(note: string, text: string): void {
  try {
    writeFileSync(note, text);
  } catch {
    return; // only people miss it
  }
}

/** Who wrote the note last; the holder may be about to write its own. */
function heldBy(folder: string, name: string): string {
  try {
    const { host, pid, startedAt } = holder.parse(JSON.parse(readFileSync(join(folder, noteOf(name)), 'utf8')));
    return `: process ${pid} on ${host}, since ${startedAt}`;
  } catch {
    return ''; // no note yet: that somebody holds it is known all the same
  }
}
