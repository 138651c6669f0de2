/** Runs one reconcile function over the keys of a work queue, level-triggered, until it is told to stop. */
import { type Clock, type Random, sleep } from '../telemetry/clock.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { nameOf } from './object.ts';
import type { metrics as declared } from './registry.ts';
import { WorkQueue } from './workqueue.ts';

/** What a reconcile came to. */
export type Outcome =
  /** Nothing more to do until something changes. */
  | { readonly kind: 'done' }
  /** Look again then; not an error, and the backoff does not grow. */
  | { readonly kind: 'again'; readonly afterMs: number; readonly reason: string }
  /** Failed: look again after a backoff, but not before `afterMs`. */
  | { readonly kind: 'retry'; readonly reason: string; readonly cause?: unknown; readonly afterMs?: number };

export interface ReconcileContext {
  /** Aborts when the controller stops, which also ends its claim to be the only one at work. */
  readonly signal: AbortSignal;
  /** For the log lines of one reconcile. */
  readonly reconcileId: string;
}

export interface Controller {
  readonly name: string;
  /** May be called at any time, also before `run` and between two runs: the keys wait. */
  enqueue(key: string): void;
  enqueueAfter(key: string, ms: number): void;
  /**
   * Works until aborted, then waits for the reconciles under way, at most `stopMs`. A later run goes on with the keys
   * that are left; a reconcile that outlived its run keeps its key to itself until it is over.
   */
  run(signal: AbortSignal): Promise<void>;
  /** Nothing waits and nothing is under way; keys that wait for a time do not count. */
  idle(): boolean;
  /** Keys that wait. */
  depth(): number;
  /** Milliseconds since a reconcile last ended while there was work; 0 when idle. */
  lastProgressAgeMs(): number;
}

export interface ControllerOptions {
  readonly name: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics?: Metrics<typeof declared> | undefined;
  /** Reconciles under way at the same time; default 1. */
  readonly concurrency?: number;
  /** A throw is a retry. Called again for the same key only after the promise has settled. */
  readonly reconcile: (key: string, context: ReconcileContext) => Promise<Outcome>;
  /** Default 30,000. */
  readonly maxBackoffMs?: number;
  /** Default 200. */
  readonly baseBackoffMs?: number;
  /** How long a stop waits for reconciles that do not heed their signal; default 3,000. */
  readonly stopMs?: number;
}

export function createController(options: ControllerOptions): Controller {
  return new Reconciler(options);
}

/** After so many starts in one turn the event loop gets its chance, so that no burst starves sockets and timers. */
const STARTS_PER_TURN = 50;

/** Invariant: while `#run` is set and a key waits, either all workers are busy or a pump is scheduled. */
class Reconciler implements Controller {
  readonly name: string;
  readonly #options: ControllerOptions;
  readonly #log: Log;
  readonly #queue: WorkQueue;
  readonly #underway = new Set<Promise<void>>();
  /** Why a key last failed: the same reason is told once. */
  readonly #told = new Map<string, string>();
  #run: AbortSignal | undefined;
  #pumpScheduled = false;
  #startsThisTurn = 0;
  #progressMs: number;

  constructor(options: ControllerOptions) {
    const { clock, random, baseBackoffMs, maxBackoffMs } = options;
    this.name = options.name;
    this.#options = options;
    this.#log = options.log.child({ controller: options.name });
    this.#progressMs = clock.monotonic();
    this.#queue = new WorkQueue({
      clock,
      random,
      onReady: () => this.#ready(),
      ...(baseBackoffMs === undefined ? {} : { baseBackoffMs }),
      ...(maxBackoffMs === undefined ? {} : { maxBackoffMs }),
    });
  }

  enqueue(key: string): void {
    this.#queue.add(key);
  }

  enqueueAfter(key: string, ms: number): void {
    this.#queue.addAfter(key, ms);
  }

  async run(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const stopped = Promise.withResolvers<void>();
    signal.addEventListener('abort', () => stopped.resolve(), { once: true });
    this.#run = signal;
    this.#progressMs = this.#options.clock.monotonic();
    this.#pump();
    await stopped.promise;
    this.#run = undefined;
    await this.#settle();
  }

  idle(): boolean {
    return this.#queue.depth === 0 && this.#queue.taken === 0;
  }

  depth(): number {
    return this.#queue.depth;
  }

  lastProgressAgeMs(): number {
    return this.idle() ? 0 : this.#options.clock.monotonic() - this.#progressMs;
  }

  #ready(): void {
    const { clock, metrics } = this.#options;
    if (this.#queue.depth === 1 && this.#queue.taken === 0) this.#progressMs = clock.monotonic();
    metrics?.count('workqueue_adds_total', { name: this.name });
    metrics?.set('workqueue_depth', { name: this.name }, this.#queue.depth);
    this.#schedulePump();
  }

  /** Never at once: whoever enqueues is often in the middle of a change of its own. */
  #schedulePump(): void {
    if (this.#pumpScheduled || !this.#run) return;
    this.#pumpScheduled = true;
    const pump = (): void => {
      this.#pumpScheduled = false;
      this.#pump();
    };
    if (this.#startsThisTurn < STARTS_PER_TURN) queueMicrotask(pump);
    else setImmediate(pump);
  }

  #pump(): void {
    const { concurrency = 1, metrics } = this.#options;
    for (;;) {
      const signal = this.#run;
      if (!signal || this.#underway.size >= concurrency) return;
      if (this.#startsThisTurn >= STARTS_PER_TURN) break;
      const key = this.#queue.take();
      if (key === undefined) return;
      if (this.#startsThisTurn === 0) setImmediate(() => this.#nextTurn());
      this.#startsThisTurn += 1;
      metrics?.set('workqueue_depth', { name: this.name }, this.#queue.depth);
      const work = this.#work(key, signal);
      this.#underway.add(work);
      void work.then(() => this.#finished(work));
    }
    this.#schedulePump();
  }

  #nextTurn(): void {
    this.#startsThisTurn = 0;
  }

  #finished(work: Promise<void>): void {
    this.#underway.delete(work);
    this.#progressMs = this.#options.clock.monotonic();
    this.#schedulePump();
  }

  /** Never rejects. */
  async #work(key: string, signal: AbortSignal): Promise<void> {
    const { clock, random, metrics } = this.#options;
    const reconcileId = random.uuid();
    const fields = { ...nameOf(key), reconcileId };
    const startMs = clock.monotonic();
    let result: Outcome['kind'] | 'error';
    try {
      const outcome = await this.#options.reconcile(key, { signal, reconcileId });
      result = outcome.kind;
      this.#follow(key, outcome, fields);
    } catch (err) {
      result = 'error';
      const waitMs = this.#queue.addLimited(key);
      if (signal.aborted) this.#log.debug({ ...fields, err }, 'reconcile aborted');
      else this.#log.error({ ...fields, err, waitMs }, 'reconcile failed');
    }
    this.#queue.done(key);
    metrics?.count('controller_runtime_reconcile_total', { controller: this.name, result });
    const seconds = (clock.monotonic() - startMs) / 1000;
    metrics?.observe('controller_runtime_reconcile_time_seconds', { controller: this.name }, seconds);
  }

  #follow(key: string, outcome: Outcome, about: object): void {
    switch (outcome.kind) {
      case 'done':
        this.#succeeded(key);
        break;
      case 'again':
        this.#succeeded(key);
        this.#queue.addAfter(key, outcome.afterMs);
        this.#log.debug({ ...about, reason: outcome.reason, waitMs: outcome.afterMs }, 'reconcile again');
        break;
      case 'retry': {
        const waitMs = this.#queue.addLimited(key, outcome.afterMs);
        const fields = { ...about, reason: outcome.reason, err: outcome.cause, waitMs };
        if (this.#told.get(key) === outcome.reason) this.#log.debug(fields, 'reconcile retried');
        else this.#log.warn(fields, 'reconcile retried');
        this.#told.set(key, outcome.reason);
        break;
      }
      default:
        outcome satisfies never;
    }
  }

  #succeeded(key: string): void {
    this.#queue.forget(key);
    this.#told.delete(key);
  }

  async #settle(): Promise<void> {
    const { clock, stopMs = 3_000 } = this.#options;
    const patience = new AbortController();
    const timeUp = sleep(clock, stopMs, patience.signal).then(
      () => true,
      () => false, // called off: everything ended in time
    );
    const late = await Promise.race([Promise.all(this.#underway).then(() => false), timeUp]);
    patience.abort();
    if (late) this.#log.warn({ underway: this.#underway.size }, 'stopped without waiting for reconciles under way');
  }
}
