/**
 * The ledger for the console, read by a thread of its own: thousands of records are parsed and their signatures checked there,
 * and nothing of it holds up the operator. The thread begins with the first question and ends when nobody has asked for a while.
 */
import { Worker } from 'node:worker_threads';
import { type Clock, DeadlineExceeded, type Timer, withDeadline } from '../../telemetry/clock.ts';
import type { Log } from '../../telemetry/log.ts';
import type { Answered, Asked, QuestionName } from './questions.ts';

export type Reply<Value> =
  | { readonly kind: 'answer'; readonly value: Value }
  /** It cannot be read. `code`: of the errors reference. */
  | { readonly kind: 'failed'; readonly code: string; readonly message: string };

export interface LedgerReader {
  /** The folder or address that it was given. */
  readonly where: string;
  /** A value of null: the ledger has no such thing. Rejects only where the thread itself fails. */
  ask<Name extends QuestionName>(
    name: Name,
    asked: Asked<Name>,
    signal: AbortSignal,
  ): Promise<Reply<Exclude<Answered<Name>, undefined> | null>>;
  /** The next question has all of it looked at once more. */
  verifyAnew(): void;
  /** Ends the thread. Idempotent. */
  close(): Promise<void>;
}

export interface ReaderOptions {
  /** The file that the thread runs. */
  readonly entry: URL;
  /** A folder of the operators' repository, or an address. */
  readonly target: string;
  readonly token: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** What the thread is told and what it tells. */
export type ToThread =
  | { readonly kind: 'ask'; readonly id: number; readonly name: QuestionName; readonly asked: unknown }
  | { readonly kind: 'verify anew' };
export interface FromThread {
  readonly id: number;
  readonly reply: Reply<string>;
}
export interface ThreadData {
  readonly target: string;
  readonly token: string;
}

const ANSWER_MS = 60_000;
const IDLE_MS = 10 * 60_000;
/** Of the thread's own heap: 5,000 records take 28 MB of it, and twice that while they are verified. */
const HEAP_MB = 1_024;

export function createLedgerReader(options: ReaderOptions): LedgerReader {
  return new Threaded(options);
}

interface Waiting {
  readonly settle: (reply: Reply<string>) => void;
  readonly fail: (cause: Error) => void;
}

/** Invariant: `#waiting` holds the questions that the present thread has not answered; without a thread it is empty. */
class Threaded implements LedgerReader {
  readonly #options: ReaderOptions;
  readonly #waiting = new Map<number, Waiting>();
  #thread: Worker | undefined;
  #number = 0;
  #idle: Timer | undefined;
  #closed = false;

  constructor(options: ReaderOptions) {
    this.#options = options;
  }

  get where(): string {
    return this.#options.target;
  }

  async ask<Name extends QuestionName>(
    name: Name,
    asked: Asked<Name>,
    signal: AbortSignal,
  ): Promise<Reply<Exclude<Answered<Name>, undefined> | null>> {
    const { clock, target } = this.#options;
    const what = 'the question about the ledger';
    const reply = await withDeadline(clock, what, ANSWER_MS, () => this.#asked(name, asked), signal).catch(
      (cause: unknown): Reply<string> => {
        if (!(cause instanceof DeadlineExceeded)) throw cause;
        const message = `${target} was not read within ${ANSWER_MS / 1_000} s; it is read on, so that looking again may do`;
        return { kind: 'failed', code: 'LARDER_LEDGER_UNREACHABLE', message };
      },
    );
    return reply.kind === 'failed' ? reply : { kind: 'answer', value: JSON.parse(reply.value) };
  }

  verifyAnew(): void {
    this.#thread?.postMessage({ kind: 'verify anew' } satisfies ToThread);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#end();
  }

  #asked(name: QuestionName, asked: unknown): Promise<Reply<string>> {
    if (this.#closed) return Promise.reject(new Error('the operator is stopping'));
    this.#thread ??= this.#begun();
    this.#idle?.cancel();
    this.#idle = this.#options.clock.after(IDLE_MS, () => void this.#end());
    this.#number += 1;
    const id = this.#number;
    const thread = this.#thread;
    return new Promise((settle, fail) => {
      this.#waiting.set(id, { settle, fail });
      thread.postMessage({ kind: 'ask', id, name, asked } satisfies ToThread);
    });
  }

  #begun(): Worker {
    const { entry, target, token, log } = this.#options;
    const workerData: ThreadData = { target, token };
    const thread = new Worker(entry, { workerData, resourceLimits: { maxOldGenerationSizeMb: HEAP_MB } });
    thread.unref(); // it keeps no process alive
    thread.on('message', ({ id, reply }: FromThread) => {
      this.#waiting.get(id)?.settle(reply);
      this.#waiting.delete(id);
    });
    thread.on('error', (err) => log.error({ err }, 'the thread that reads the ledger failed'));
    thread.on('exit', () => {
      if (this.#thread !== thread) return;
      this.#thread = undefined;
      this.#failAll('the thread that reads the ledger ended: the log says why');
    });
    return thread;
  }

  async #end(): Promise<void> {
    const thread = this.#thread;
    this.#idle?.cancel();
    this.#thread = undefined;
    this.#failAll('the thread that reads the ledger was ended');
    await thread?.terminate();
  }

  #failAll(why: string): void {
    for (const { fail } of this.#waiting.values()) fail(new Error(why));
    this.#waiting.clear();
  }
}
