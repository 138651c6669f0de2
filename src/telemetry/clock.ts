/**
 * Time and randomness as parameters. This is the only file that may touch Date.now, setTimeout, Math.random,
 * crypto.randomUUID or AbortSignal.timeout (a test enforces it): everything else receives a Clock or a Random,
 * so that the simulator replays a history to the byte.
 */

/** A timer that was set. Cancelling twice, or after it fired, does nothing. */
export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Wall time, epoch milliseconds. May step backwards or forwards: never measure a duration with it. */
  now(): number;
  /** Milliseconds since an arbitrary origin; never goes backwards. Durations and deadlines use this. */
  monotonic(): number;
  /** Calls `fire` once after `ms` (negative or zero: as soon as possible). Never keeps the process alive by itself. */
  after(ms: number, fire: () => void): Timer;
}

export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** RFC 9562 version 4, lower case. */
  uuid(): string;
}

const LONGEST_TIMER_MS = 2 ** 31 - 1; // Node fires at once beyond this

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, fire) {
    const timer = setTimeout(fire, Math.min(Math.max(0, ms), LONGEST_TIMER_MS));
    timer.unref();
    return { cancel: () => clearTimeout(timer) };
  },
};

export const systemRandom: Random = { next: () => Math.random(), uuid: () => crypto.randomUUID() };

/** Resolves after `ms`; rejects with `signal.reason` when the signal aborts first. Leaves no timer or listener behind. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const onAbort = (): void => {
      timer.cancel();
      reject(signal?.reason);
    };
    const timer = clock.after(ms, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/** Raised by `withDeadline` when the work outlived its time. */
export class DeadlineExceeded extends Error {
  override readonly name = 'DeadlineExceeded';
  readonly deadlineMs: number;
  constructor(what: string, deadlineMs: number) {
    super(`${what} did not finish within ${deadlineMs} ms`);
    this.deadlineMs = deadlineMs;
  }
}

/**
 * Runs `work` with a signal that aborts after `ms` or when `signal` does. The returned promise settles at the deadline
 * even when `work` ignores its signal; whatever `work` does later is given up (its rejection is observed, not reported).
 */
export function withDeadline<T>(
  clock: Clock,
  what: string,
  ms: number,
  work: (signal: AbortSignal) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const controller = new AbortController();
  return new Promise<T>((resolve, reject) => {
    const settle = (then: () => void): void => {
      timer.cancel();
      signal?.removeEventListener('abort', onAbort);
      then();
    };
    const onAbort = (): void => {
      controller.abort(signal?.reason);
      settle(() => reject(signal?.reason));
    };
    const timer = clock.after(ms, () => {
      const failure = new DeadlineExceeded(what, ms);
      controller.abort(failure);
      settle(() => reject(failure));
    });
    if (signal?.aborted) return onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
    work(controller.signal).then(
      (value) => settle(() => resolve(value)),
      (cause: unknown) => settle(() => reject(cause)),
    );
  });
}
