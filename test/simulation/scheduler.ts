/**
 * Virtual time, and the one point through which all I/O passes. Whatever waits, a parked operation or a timer, lies in
 * one queue; each step releases exactly one entry and lets all that follows from it run until nothing is ready. Which
 * comes next is decided by the latencies that the seed draws, so that a seed is one history, to the byte.
 */
import type { Clock, Random } from '../../src/telemetry/clock.ts';
import { immediates } from './immediates.ts';
import { createRandom, hash, type SeededRandom } from './random.ts';

/** A process of the simulated world. Killing it is kill -9: what it waits for never happens. */
export interface Host {
  readonly name: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly alive: boolean;
  /** How often something of this host was released; the crash points of a history are counted in these. */
  readonly steps: number;
  /** Every I/O await of the host. `latencyMs` replaces the drawn one. Never resolves once the host is dead. */
  park(what: string, latencyMs?: number): Promise<void>;
  /** Never resolves, but holds nothing either. */
  forever(): Promise<never>;
  kill(): void;
  /** For those outside who hold something for the host, such as an open watch. */
  onKill(listener: () => void): void;
  /** Steps the wall clock alone. */
  stepWall(ms: number): void;
  /** Kills the host at its n-th step from now, before what that step would have done. */
  killAfter(steps: number): void;
  /** As SIGSTOP, and SIGCONT later: at its n-th step from now it stands still for so long, and its clocks do not. */
  pauseAfter(steps: number, forMs: number): void;
}

export interface Scheduler {
  /** Milliseconds since the start of the history. */
  readonly elapsedMs: number;
  readonly steps: number;
  /** Equal for two runs exactly when they released the same things in the same order at the same times. */
  readonly traceHash: number;
  host(name: string): Host;
  /** Releases everything due until that time; `afterStep` may throw to end it. */
  runUntil(elapsedMs: number, afterStep?: () => void): Promise<void>;
}

export interface SchedulerOptions {
  readonly seed: string;
  /** Above 1: slower and more varied I/O. */
  readonly unrest?: number;
  /** Called for each released entry. */
  readonly trace?: (line: string) => void;
}

/** Wall time at the start of every history: 2025-01-01T00:00:00Z. */
export const START_MS = 1_735_689_600_000;

interface Entry {
  dueMs: number;
  readonly order: number;
  readonly host: Process;
  readonly what: string;
  fire: (() => void) | undefined;
}

export function createScheduler(options: SchedulerOptions): Scheduler {
  return new Loop(options);
}

/** Invariant: `#heap` is a binary heap by (dueMs, order); no entry is due before `elapsedMs`. */
class Loop implements Scheduler {
  elapsedMs = 0;
  steps = 0;
  traceHash = 0;
  readonly #options: SchedulerOptions;
  readonly #heap: Entry[] = [];
  readonly #latency: SeededRandom;
  #order = 0;
  #hosts = 0;

  constructor(options: SchedulerOptions) {
    this.#options = options;
    this.#latency = createRandom(`${options.seed}/latency`);
  }

  host(name: string): Host {
    this.#hosts += 1;
    return new Process(name, this, createRandom(`${this.#options.seed}/host/${this.#hosts}/${name}`));
  }

  async runUntil(untilMs: number, afterStep?: () => void): Promise<void> {
    await drain();
    for (let next = this.#heap[0]; next && next.dueMs <= untilMs; next = this.#heap[0]) {
      const entry = this.#pop();
      const { fire } = entry;
      if (!fire || !entry.host.alive) continue;
      this.elapsedMs = Math.max(this.elapsedMs, entry.dueMs);
      const pauseMs = entry.host.pauseLeftMs();
      if (pauseMs > 0) {
        entry.dueMs = this.elapsedMs + pauseMs + this.drawLatency(); // whoever holds it may still cancel it
        this.#push(entry);
        continue;
      }
      this.#record(entry);
      if (!entry.host.survivesStep()) continue;
      fire();
      await drain();
      afterStep?.();
    }
    this.elapsedMs = Math.max(this.elapsedMs, untilMs);
  }

  /** Mostly a fraction of a millisecond to a few; now and then much longer, so that orders change. */
  drawLatency(): number {
    const { next } = this.#latency;
    const unrest = this.#options.unrest ?? 1;
    const kind = next();
    if (kind < 0.9) return next() * 3 * unrest;
    return kind < 0.99 ? next() * 60 * unrest : next() * 900 * unrest;
  }

  /** Timers fire a little late, which shuffles those that are due together. */
  drawLateness(): number {
    return this.#latency.next();
  }

  add(host: Process, what: string, afterMs: number, fire: () => void): Entry {
    this.#order += 1;
    const entry: Entry = { dueMs: this.elapsedMs + Math.max(0, afterMs), order: this.#order, host, what, fire };
    this.#push(entry);
    return entry;
  }

  #record(entry: Entry): void {
    this.steps += 1;
    this.traceHash = hash(entry.what, this.traceHash ^ Math.floor(entry.dueMs * 1024) ^ hash(entry.host.name));
    const { trace } = this.#options;
    if (trace) trace(`${(entry.dueMs / 1000).toFixed(4)}s ${entry.host.name} ${entry.what}`);
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let index = heap.length;
    heap.push(entry);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent];
      if (!above || !before(entry, above)) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = entry;
  }

  #pop(): Entry {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    if (!top || !last) throw new RangeError('nothing is queued');
    if (heap.length === 0) return top;
    let index = 0;
    for (;;) {
      const left = heap[2 * index + 1];
      const right = heap[2 * index + 2];
      const child = left && right && before(right, left) ? 2 * index + 2 : 2 * index + 1;
      const smallest = heap[child];
      if (!smallest || !before(smallest, last)) break;
      heap[index] = smallest;
      index = child;
    }
    heap[index] = last;
    return top;
  }
}

function before(one: Entry, other: Entry): boolean {
  return one.dueMs === other.dueMs ? one.order < other.order : one.dueMs < other.dueMs;
}

/** Invariant: once dead, nothing of it is ever released again, and nobody outside holds anything for it. */
class Process implements Host {
  readonly name: string;
  readonly clock: Clock;
  readonly random: Random;
  alive = true;
  steps = 0;
  readonly #loop: Loop;
  readonly #onKill: (() => void)[] = [];
  #wallOffsetMs = 0;
  #lastStep = Number.POSITIVE_INFINITY;
  #pause = { atStep: Number.POSITIVE_INFINITY, forMs: 0, untilMs: 0 };

  constructor(name: string, loop: Loop, random: Random) {
    this.name = name;
    this.random = random;
    this.#loop = loop;
    this.clock = {
      now: () => Math.floor(START_MS + loop.elapsedMs + this.#wallOffsetMs),
      monotonic: () => loop.elapsedMs,
      after: (ms, fire) => {
        const entry = loop.add(this, 'timer', Math.max(0, ms) + loop.drawLateness(), fire);
        return {
          cancel: () => {
            entry.fire = undefined;
          },
        };
      },
    };
  }

  park(what: string, latencyMs = this.#loop.drawLatency()): Promise<void> {
    return new Promise((resolve) => void this.#loop.add(this, what, latencyMs, resolve));
  }

  forever(): Promise<never> {
    return new Promise(() => undefined);
  }

  kill(): void {
    if (!this.alive) return;
    this.alive = false;
    for (const listener of this.#onKill) listener();
  }

  onKill(listener: () => void): void {
    if (this.alive) this.#onKill.push(listener);
    else listener();
  }

  stepWall(ms: number): void {
    this.#wallOffsetMs += ms;
  }

  killAfter(steps: number): void {
    this.#lastStep = this.steps + steps;
  }

  pauseAfter(steps: number, forMs: number): void {
    this.#pause = { ...this.#pause, atStep: this.steps + steps, forMs };
  }

  /** How long it still stands still. */
  pauseLeftMs(): number {
    if (this.steps + 1 >= this.#pause.atStep) {
      const untilMs = this.#loop.elapsedMs + this.#pause.forMs;
      this.#pause = { atStep: Number.POSITIVE_INFINITY, forMs: 0, untilMs };
    }
    return this.#pause.untilMs - this.#loop.elapsedMs;
  }

  /** Counts a step; false when it was the one that kills. */
  survivesStep(): boolean {
    this.steps += 1;
    if (this.steps >= this.#lastStep) this.kill();
    return this.alive;
  }
}

/**
 * Resolves when nothing is ready to run. A tick that is asked for in a microtask comes after all microtasks and costs no
 * turn of the event loop; a turn is needed only where somebody waits for an immediate.
 */
async function drain(): Promise<void> {
  await new Promise<void>((resolve) => process.nextTick(resolve));
  while (immediates.pending() > 0) await immediates.turn();
}
