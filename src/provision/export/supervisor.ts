/**
 * Keeps one process per export, sends it requests, and decides whether the export is up. A process that does not answer
 * in time is killed and abandoned: its end is not waited for, what it was doing may still land, and a new one takes its
 * place. While the export is down every request is answered at once.
 */
import { backoff } from '../../kube/backoff.ts';
import type { Clock, Random } from '../../telemetry/clock.ts';
import type { Log } from '../../telemetry/log.ts';
import { problem } from '../directory/problem.ts';
import type { ExportHealth, StorageProblem } from '../storage.ts';
import { isMalformed, type Operation, parseResponse, type Result } from './protocol.ts';
import { type Deadline, Requests } from './requests.ts';
import type { Child, ChildFactory } from './spawn.ts';

export interface SupervisorOptions {
  /** The first request to each process. */
  readonly open: () => Operation;
  readonly childFactory: ChildFactory;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** How long between two probes while the export is down; it grows from the one to the other. */
  readonly probe: { readonly minMs: number; readonly maxMs: number };
  /** Requests that one process works on at a time; the others wait here, where a deadline does not count. */
  readonly inFlight: number;
}

type State =
  /** Requests wait for `run`. */
  | { readonly kind: 'idle'; readonly sinceMs: number }
  /** Requests wait for the first answer. */
  | { readonly kind: 'starting'; readonly sinceMs: number }
  | { readonly kind: 'up' }
  | { readonly kind: 'down'; readonly problem: StorageProblem; readonly sinceMs: number }
  | { readonly kind: 'stopped'; readonly sinceMs: number };

const DEADLINE_MS = 5_000;
const LONG_DEADLINE_MS = 30_000;
/** Operations whose size the caller does not bound. */
const LONG: readonly Operation['kind'][] = [
  'quota-support',
  'quota-limit',
  'quota-lift',
  'quota-report',
  'entries',
  'clone',
  'list',
];
/** A process that hangs in its first request is itself the best probe; it is left waiting for this long. */
const PATIENCE_MS = 30_000;
const ABANDONED_AT_MOST = 3;
const RESPAWN = { baseMs: 500, capMs: 30_000 } as const;
const SUSPICIOUS: readonly StorageProblem['problem'][] = ['unavailable', 'not-mounted', 'read-only'];

const unanswered = (ms: number): StorageProblem => problem('unavailable', `did not answer within ${ms / 1000}s`);
const deadlineOf = ({ kind }: Operation): Deadline => {
  const afterMs = LONG.includes(kind) ? LONG_DEADLINE_MS : DEADLINE_MS;
  return { afterMs, cause: unanswered(afterMs) };
};
const STOPPED = problem('unavailable', 'is not in use any more');

/**
 * Invariants: only `#child` is sent requests; none waits while the state is down or stopped; a process in `#abandoned`
 * was killed and has not been seen to end.
 */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #requests: Requests;
  readonly #abandoned = new Set<Child>();
  readonly #listeners = new Set<() => void>();
  #state: State;
  #child: Child | undefined;
  #warned = '';
  /** The next look shall prove everything, not only that the root answers. */
  #suspected = false;
  /** The last process was given up because it did not answer. */
  #silent = false;
  #woken = false;
  #resume: () => void = () => undefined;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#state = { kind: 'idle', sinceMs: options.clock.now() };
    this.#requests = new Requests({
      clock: options.clock,
      inFlight: options.inFlight,
      deadlineOf,
      onLate: (child, cause) => {
        this.#silent = true;
        this.#lose(child, cause);
      },
    });
  }

  health(): ExportHealth {
    const state = this.#state;
    if (state.kind === 'up') return { kind: 'up' };
    if (state.kind === 'down') return state;
    const cause = state.kind === 'stopped' ? STOPPED : problem('unavailable', 'has not answered yet');
    return { kind: 'down', problem: cause, sinceMs: state.sinceMs };
  }

  onHealthy(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Resolves with the answer or the problem that took its place; rejects only when the signal aborts. */
  async request(operation: Operation, signal?: AbortSignal): Promise<Result> {
    signal?.throwIfAborted();
    if (this.#state.kind === 'down') return this.#state.problem;
    if (this.#state.kind === 'stopped') return STOPPED;
    // What may take long is no excuse for an export that hangs: a look at its root tells the two apart.
    const slow = LONG.includes(operation.kind) ? this.#options.clock.after(DEADLINE_MS, () => this.#wake()) : undefined;
    try {
      const answer = this.#requests.wait(operation, signal);
      this.#pump();
      return await answer;
    } finally {
      slow?.cancel();
    }
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    this.#state = { kind: 'starting', sinceMs: clock.now() };
    const stop = (): void => {
      if (this.#child) this.#abandon(this.#child);
      this.#end({ kind: 'stopped', sinceMs: clock.now() }, STOPPED);
      this.#wake();
    };
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    for (let failures = 0; !signal.aborted; ) {
      failures = (await this.#look(signal)) ? 0 : failures + 1;
      if (!signal.aborted) await this.#pause(this.#pauseMs(failures));
    }
  }

  /** One look at the export, in a new process when there is none; true when it is up. */
  async #look(signal: AbortSignal): Promise<boolean> {
    this.#woken = false;
    if (!this.#child && this.#abandoned.size >= ABANDONED_AT_MOST) return false;
    const child = this.#child ?? this.#spawn();
    const wasUp = this.#state.kind === 'up';
    const light = wasUp && !this.#suspected;
    this.#suspected = false;
    const operation = light ? ({ kind: 'probe' } as const) : this.#options.open();
    const result = await this.#ask(child, operation, wasUp ? DEADLINE_MS : PATIENCE_MS);
    if (signal.aborted || this.#child !== child) return false;
    if (result.kind === 'problem') this.#goDown(result);
    else this.#goUp(result.kind === 'opened' ? result.warning : this.#warned);
    return result.kind !== 'problem';
  }

  /** Sends a request of our own; without an answer after DEADLINE_MS the export is down, after `patienceMs` the process lost. */
  async #ask(child: Child, operation: Operation, patienceMs: number): Promise<Result> {
    const { clock } = this.#options;
    const early = clock.after(DEADLINE_MS, () => {
      if (this.#child === child && patienceMs > DEADLINE_MS) this.#goDown(unanswered(DEADLINE_MS));
    });
    const result = await this.#requests.ask(child, operation, { afterMs: patienceMs, cause: unanswered(DEADLINE_MS) });
    early.cancel();
    return result;
  }

  #spawn(): Child {
    const { childFactory, log } = this.#options;
    const child: Child = childFactory({
      onLine: (line) => this.#receive(child, line),
      onExit: (why) => this.#exited(child, why),
    });
    this.#child = child;
    this.#silent = false;
    log.debug({ pid: child.pid }, 'the process of the export was started');
    return child;
  }

  #pump(): void {
    if (this.#state.kind === 'up' && this.#child) this.#requests.pump(this.#child);
  }

  #receive(child: Child, line: string): void {
    const { log } = this.#options;
    const response = parseResponse(line);
    if (child !== this.#child) {
      log.info({ pid: child.pid }, 'an abandoned operation of the export ended late');
      return;
    }
    if (isMalformed(response)) {
      log.error({ pid: child.pid, reason: response.reason }, 'the process of the export does not keep to the protocol');
      this.#lose(child, problem('unavailable', 'failed (its process answered nonsense)'));
      return;
    }
    const operation = this.#requests.answered(response.id, response.result);
    if (operation && this.#isSuspicious(operation, response.result)) this.#suspect();
    this.#pump();
  }

  /** One directory may be broken while the export is well: only a look at the root closes the door for all. */
  #isSuspicious({ kind }: Operation, result: Result): boolean {
    const own = kind === 'open' || kind === 'probe';
    return !own && result.kind === 'problem' && SUSPICIOUS.includes(result.problem);
  }

  #suspect(): void {
    this.#suspected = true;
    this.#wake();
  }

  #exited(child: Child, why: string): void {
    const full = this.#abandoned.size >= ABANDONED_AT_MOST;
    if (this.#abandoned.delete(child)) {
      this.#options.log.info({ pid: child.pid, why }, 'an abandoned process of the export has ended');
      if (this.#state.kind === 'up') this.#tellHealthy(); // what it did last can be seen now
      if (full) this.#wake();
    } else if (child === this.#child) {
      this.#child = undefined;
      this.#fall(problem('unavailable', `failed (its process ended: ${why})`));
    }
  }

  #lose(child: Child, cause: StorageProblem): void {
    if (this.#child !== child) return;
    this.#abandon(child);
    this.#fall(cause);
  }

  /** The first look after a loss comes at once, the others with growing pauses. */
  #fall(cause: StorageProblem): void {
    const wasUp = this.#state.kind === 'up';
    this.#goDown(cause);
    if (wasUp) this.#wake();
  }

  #abandon(child: Child): void {
    this.#child = undefined;
    this.#abandoned.add(child);
    child.kill();
  }

  #goUp(warning: string): void {
    const { log } = this.#options;
    if (warning !== '' && warning !== this.#warned) log.warn({ warning }, 'the export does not do all it should');
    this.#warned = warning;
    if (this.#state.kind === 'up') return;
    this.#state = { kind: 'up' };
    log.info({}, 'the export is up');
    this.#pump();
    this.#tellHealthy();
  }

  #tellHealthy(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  #goDown(cause: StorageProblem): void {
    if (this.#state.kind === 'stopped') return;
    const sinceMs = this.#state.kind === 'down' ? this.#state.sinceMs : this.#options.clock.now();
    if (this.#state.kind !== 'down') {
      this.#options.log.warn({ problem: cause.problem, detail: cause.detail }, 'the export is down');
    }
    this.#end({ kind: 'down', problem: cause, sinceMs }, cause);
  }

  /** Answers everything; what a process still works on is left to its own deadline. */
  #end(state: State, cause: StorageProblem): void {
    this.#state = state;
    if (!this.#child) this.#requests.lose(cause);
    this.#requests.refuse(cause);
  }

  #pauseMs(failures: number): number {
    const { random, probe } = this.#options;
    if (failures === 0) return probe.maxMs * (0.8 + 0.2 * random.next());
    // A process that waits in its first request finds the end of a hang at once, however long that lasts.
    const anew = this.#silent && this.#abandoned.size < ABANDONED_AT_MOST;
    if (!this.#child) return backoff(anew ? 0 : failures - 1, random, RESPAWN);
    return Math.min(probe.maxMs, probe.minMs * 1.5 ** (failures - 1)) * (0.8 + 0.2 * random.next());
  }

  /** Ends early when something happened that is worth a look, also when it happened just before. */
  async #pause(ms: number): Promise<void> {
    if (this.#woken) return;
    await new Promise<void>((resolve) => {
      const timer = this.#options.clock.after(ms, resolve);
      this.#resume = () => {
        timer.cancel();
        resolve();
      };
    });
  }

  #wake(): void {
    this.#woken = true;
    this.#resume();
  }
}
