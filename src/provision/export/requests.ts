/** The requests to one export: those that wait, and those that its process works on. */
import type { Clock, Timer } from '../../telemetry/clock.ts';
import type { StorageProblem } from '../storage.ts';
import { changes, formatLine, type Operation, type Result } from './protocol.ts';
import type { Child } from './spawn.ts';

interface Pending {
  readonly operation: Operation;
  readonly settle: (result: Result) => void;
}

interface Sent extends Pending {
  readonly timer: Timer;
}

export interface Deadline {
  readonly afterMs: number;
  /** What is wrong with the export when it passes. */
  readonly cause: StorageProblem;
}

export interface RequestsOptions {
  readonly clock: Clock;
  /** How many are sent at a time; no deadline counts for the others. */
  readonly inFlight: number;
  readonly deadlineOf: (operation: Operation) => Deadline;
  /** Called when a request outlived its deadline. */
  readonly onLate: (child: Child, cause: StorageProblem) => void;
}

/** When this process itself was held up, answers that lie in the pipe are read before a deadline is believed. */
const GRACE_MS = 20;

/** Invariant: each request is in one of the two collections until it is settled; all that are sent went to one process. */
export class Requests {
  readonly #options: RequestsOptions;
  readonly #waiting = new Set<Pending>();
  readonly #sent = new Map<number, Sent>();
  #nextId = 1;

  constructor(options: RequestsOptions) {
    this.#options = options;
  }

  /** Rejects only when the signal aborts: a request that waits is then never sent, the answer to one that was is dropped. */
  wait(operation: Operation, signal: AbortSignal | undefined): Promise<Result> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#waiting.delete(pending);
        reject(signal?.reason);
      };
      const settle = (result: Result): void => {
        signal?.removeEventListener('abort', onAbort);
        resolve(result);
      };
      const pending: Pending = { operation, settle };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#waiting.add(pending);
    });
  }

  /** Sends what waits, as far as may be in flight. */
  pump(child: Child): void {
    for (const pending of this.#waiting) {
      if (this.#sent.size >= this.#options.inFlight) return;
      this.#waiting.delete(pending);
      this.#send(child, pending, this.#options.deadlineOf(pending.operation));
    }
  }

  /** Sends at once, before all that waits. */
  ask(child: Child, operation: Operation, deadline: Deadline): Promise<Result> {
    return new Promise((settle) => this.#send(child, { operation, settle }, deadline));
  }

  #send(child: Child, pending: Pending, { afterMs, cause }: Deadline): void {
    const { clock, onLate } = this.#options;
    const id = this.#nextId;
    this.#nextId += 1;
    const timer = clock.after(afterMs, () => {
      clock.after(GRACE_MS, () => {
        if (this.#sent.has(id)) onLate(child, cause);
      });
    });
    this.#sent.set(id, { ...pending, timer });
    child.send(formatLine({ id, operation: pending.operation }));
  }

  /** The operation that an answer belongs to; undefined when nobody knows of it. Settles it. */
  answered(id: number, result: Result): Operation | undefined {
    const sent = this.#sent.get(id);
    if (!sent) return undefined;
    this.#sent.delete(id);
    sent.timer.cancel();
    sent.settle(result);
    return sent.operation;
  }

  /** Settles all that wait. */
  refuse(cause: StorageProblem): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const { settle } of waiting) settle(cause);
  }

  /** Settles all that were sent: their process is lost, and what changes something may land all the same. */
  lose(cause: StorageProblem): void {
    const sent = [...this.#sent.values()];
    this.#sent.clear();
    for (const { timer, operation, settle } of sent) {
      timer.cancel();
      settle(changes(operation) ? { ...cause, landed: 'maybe' } : cause);
    }
  }
}
