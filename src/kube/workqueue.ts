/** Keys that wait for a worker: each at most once, each namespace in its turn, each failure later than the one before. */
import type { Clock, Random, Timer } from '../telemetry/clock.ts';
import { backoff, spread } from './backoff.ts';
import { nameOf } from './object.ts';

export interface WorkQueueOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Called when a key can be taken that could not be before. */
  readonly onReady: () => void;
  /** Upper bound of the wait after a first failure, milliseconds; default 200. */
  readonly baseBackoffMs?: number;
  /** Upper bound of every wait after a failure, milliseconds; default 30,000. */
  readonly maxBackoffMs?: number;
}

/**
 * Invariants: a key is at most once in the lanes; never in a lane while a worker has it (then it is in `#dirty`, and
 * enters its lane when the worker is done); a namespace is in `#turns` exactly when its lane is not empty.
 */
export class WorkQueue {
  readonly #options: WorkQueueOptions;
  readonly #lanes = new Map<string, Fifo>();
  readonly #turns = new Fifo();
  readonly #waiting = new Set<string>();
  readonly #taken = new Set<string>();
  readonly #dirty = new Set<string>();
  readonly #delayed = new Map<string, { readonly timer: Timer; readonly dueMs: number }>();
  readonly #failures = new Map<string, number>();

  constructor(options: WorkQueueOptions) {
    this.#options = options;
  }

  /** Keys that wait to be taken, and keys that have to be worked on again when their worker is done. */
  get depth(): number {
    return this.#waiting.size + this.#dirty.size;
  }

  /** Keys that workers have. */
  get taken(): number {
    return this.#taken.size;
  }

  add(key: string): void {
    if (this.#taken.has(key)) {
      this.#dirty.add(key);
      return;
    }
    if (this.#waiting.has(key)) return;
    this.#waiting.add(key);
    const lane = nameOf(key).namespace ?? '';
    const keys = this.#lanes.get(lane);
    if (keys) {
      keys.push(key);
    } else {
      this.#lanes.set(lane, new Fifo(key));
      this.#turns.push(lane);
    }
    this.#options.onReady();
  }

  /** Of several delays for one key the earliest counts. */
  addAfter(key: string, ms: number): void {
    if (ms <= 0) {
      this.add(key);
      return;
    }
    const { clock } = this.#options;
    const dueMs = clock.monotonic() + ms;
    const known = this.#delayed.get(key);
    if (known && known.dueMs <= dueMs) return;
    known?.timer.cancel();
    const timer = clock.after(ms, () => {
      this.#delayed.delete(key);
      this.add(key);
    });
    this.#delayed.set(key, { timer, dueMs });
  }

  /** After a failure: exponential backoff with full jitter, but at least `atLeastMs`. Returns the wait. */
  addLimited(key: string, atLeastMs = 0): number {
    const { random, baseBackoffMs: baseMs = 200, maxBackoffMs: capMs = 30_000 } = this.#options;
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    const ms = Math.max(spread(atLeastMs, random), backoff(failures, random, { baseMs, capMs }));
    this.addAfter(key, ms);
    return ms;
  }

  /** The next failure of this key counts as the first. */
  forget(key: string): void {
    this.#failures.delete(key);
  }

  /** The key whose turn it is; it belongs to the caller until `done`. */
  take(): string | undefined {
    const lane = this.#turns.shift();
    if (lane === undefined) return undefined;
    const keys = this.#lanes.get(lane);
    const key = keys?.shift();
    if (keys && keys.size > 0) this.#turns.push(lane);
    else this.#lanes.delete(lane);
    if (key === undefined) return undefined;
    this.#waiting.delete(key);
    this.#taken.add(key);
    return key;
  }

  done(key: string): void {
    this.#taken.delete(key);
    if (this.#dirty.delete(key)) this.add(key);
  }
}

/** A queue of strings. Invariant: what counts begins at `#head`; what was shifted out is cut off now and then. */
class Fifo {
  #items: string[];
  #head = 0;

  constructor(...items: string[]) {
    this.#items = items;
  }

  get size(): number {
    return this.#items.length - this.#head;
  }

  push(item: string): void {
    this.#items.push(item);
  }

  shift(): string | undefined {
    if (this.size === 0) return undefined;
    const item = this.#items[this.#head];
    this.#head += 1;
    if (this.#head > 1_000 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }
}
