/**
 * Leader election on a Lease, with client-go's meaning (k8s.io/client-go/tools/leaderelection, read 2025-11): whether a
 * lease has run out is judged by how long this process has seen it unchanged on its own monotonic clock. The times
 * written in the lease are for people; clocks of different machines are never compared.
 */
import { type Clock, type Random, sleep, type Timer } from '../telemetry/clock.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Client } from './client.ts';
import { isKubeError } from './error.ts';
import { kinds, type Lease } from './kinds.ts';
import type { Draft } from './object.ts';
import type { metrics as declared } from './registry.ts';

/** One time of being the leader. */
export interface Term {
  /** Aborts when the lease could not be renewed in time, was lost, or the process stops. */
  readonly signal: AbortSignal;
  /**
   * Renews now and tells whether this process still leads: the fence in front of what cannot be undone. False also when
   * the API did not answer.
   */
  renewed(): Promise<boolean>;
}

export interface LeaseElection {
  /**
   * Stands for election until aborted. `lead` runs once per term and must end soon after its signal aborts, because
   * nothing is released, and nobody here stands again, before it has. When it ends by itself the lease is released and
   * this process stands again. Never rejects.
   */
  run(signal: AbortSignal, lead: (term: Term) => Promise<void>): Promise<void>;
  isLeader(): boolean;
}

export interface LeaseElectionOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics?: Metrics<typeof declared> | undefined;
  readonly namespace: string;
  readonly name: string;
  /** Unique to this process. */
  readonly identity: string;
  /** How long others wait after the last renewal that they saw; default 15,000. */
  readonly leaseMs?: number;
  /** How long after its last renewal a leader steps down; less than `leaseMs`, default 10,000. */
  readonly renewMs?: number;
  /** Between two tries; default 2,000. */
  readonly retryMs?: number;
}

export function createLeaseElection(options: LeaseElectionOptions): LeaseElection {
  return new Candidate(options);
}

/** What this process saw of the lease, and when it first saw it so. */
interface Observation {
  readonly spec: string;
  readonly sinceMs: number;
}

/**
 * Invariant: `#renewedMs` is the monotonic time at which the request of the last successful renewal of this term was
 * sent (not answered, so that it is never later than what others see); undefined outside a term. Requests for the lease
 * follow one another (`#turn`).
 */
class Candidate implements LeaseElection {
  readonly #options: LeaseElectionOptions;
  readonly #leaseMs: number;
  readonly #renewMs: number;
  readonly #retryMs: number;
  #observed: Observation = { spec: '', sinceMs: 0 };
  #renewedMs: number | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: LeaseElectionOptions) {
    this.#options = options;
    this.#leaseMs = options.leaseMs ?? 15_000;
    this.#renewMs = options.renewMs ?? 10_000;
    this.#retryMs = options.retryMs ?? 2_000;
    if (this.#retryMs >= this.#renewMs || this.#renewMs >= this.#leaseMs) {
      throw new RangeError(`lease ${options.name}: retryMs < renewMs < leaseMs must hold`);
    }
  }

  isLeader(): boolean {
    const sinceMs = this.#renewedMs;
    return sinceMs !== undefined && this.#options.clock.monotonic() - sinceMs < this.#renewMs;
  }

  async run(signal: AbortSignal, lead: (term: Term) => Promise<void>): Promise<void> {
    const { metrics, name } = this.#options;
    metrics?.set('leader_election_master_status', { name }, 0);
    while (!signal.aborted) {
      if (await this.#acquire(signal)) {
        metrics?.set('leader_election_master_status', { name }, 1);
        await this.#serve(signal, lead);
        metrics?.set('leader_election_master_status', { name }, 0);
      }
      await this.#wait(signal);
    }
  }

  /** One term, from having the lease to having let go of it. */
  async #serve(signal: AbortSignal, lead: (term: Term) => Promise<void>): Promise<void> {
    const { log, identity, name } = this.#options;
    const term = new AbortController();
    const onAbort = (): void => term.abort(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    log.info({ lease: name, identity }, 'became leader');
    const guard = this.#guard(term);
    const renewing = this.#keep(term);
    try {
      const renewed = (): Promise<boolean> => this.#renew(term.signal);
      await lead({ signal: term.signal, renewed });
    } catch (err) {
      log.error({ lease: name, err }, 'leading failed');
    }
    term.abort(new Error('the term is over'));
    guard.cancel();
    signal.removeEventListener('abort', onAbort);
    await renewing;
    await this.#release();
    log.info({ lease: name, identity }, 'no longer leader');
  }

  /** Renews until the term ends. A lease that another took ends it at once. */
  async #keep(term: AbortController): Promise<void> {
    while (!term.signal.aborted) {
      await this.#wait(term.signal);
      await this.#renew(term.signal);
      if (this.#renewedMs === undefined) term.abort(new Error(`lease ${this.#options.name} is another's`));
    }
  }

  /** Ends the term on time, whatever a request that is under way does. */
  #guard(term: AbortController): Timer {
    const { clock, log, name } = this.#options;
    const check = (): void => {
      const leftMs = this.#renewMs - (clock.monotonic() - (this.#renewedMs ?? Number.NEGATIVE_INFINITY));
      if (leftMs > 0) {
        timer = clock.after(leftMs, check);
        return;
      }
      log.warn({ lease: name }, 'lease not renewed in time');
      term.abort(new Error(`lease ${name} could not be renewed in time`));
    };
    let timer = clock.after(0, check);
    return { cancel: () => timer.cancel() };
  }

  #acquire(signal: AbortSignal): Promise<boolean> {
    return this.#inTurn(async () => {
      const sentMs = this.#options.clock.monotonic();
      if (!(await this.#take(signal))) return false;
      this.#renewedMs = sentMs;
      return true;
    });
  }

  /** False when the lease is another's, or when the API did not confirm it; only the former ends the term at once. */
  #renew(signal: AbortSignal): Promise<boolean> {
    return this.#inTurn(async () => {
      if (signal.aborted || !this.isLeader()) return false;
      const sentMs = this.#options.clock.monotonic();
      if (!(await this.#take(signal))) return false;
      this.#renewedMs = sentMs;
      return this.isLeader();
    });
  }

  /** Writes the lease in our name unless another holds it. Never rejects. */
  async #take(signal: AbortSignal): Promise<boolean> {
    const { client, clock, namespace, name, identity, log } = this.#options;
    const options = { signal, deadlineMs: this.#renewMs / 2 };
    try {
      const lease = await this.#read(signal);
      if (!lease) {
        await client.create(kinds.Lease, this.#draft(undefined), options);
        return true;
      }
      const spec = JSON.stringify(lease.spec);
      if (spec !== this.#observed.spec) this.#observed = { spec, sinceMs: clock.monotonic() };
      const { holderIdentity: holder = '', leaseDurationSeconds: seconds } = lease.spec;
      const leaseMs = seconds === undefined ? this.#leaseMs : seconds * 1000;
      if (holder !== '' && holder !== identity) {
        this.#renewedMs = undefined;
        if (clock.monotonic() - this.#observed.sinceMs < leaseMs) return false;
        log.info({ lease: name, holder }, 'lease ran out');
      }
      await client.update(kinds.Lease, this.#draft(lease), options);
      return true;
    } catch (err) {
      const lost = isKubeError(err, 'KUBE_CONFLICT', 'KUBE_ALREADY_EXISTS'); // another was faster
      if (!lost && !signal.aborted) log.warn({ lease: name, namespace, err }, 'lease not written');
      return false;
    }
  }

  /** Undefined when there is none. */
  async #read(signal: AbortSignal): Promise<Lease | undefined> {
    const { client, namespace, name } = this.#options;
    try {
      return await client.get(kinds.Lease, { namespace, name }, { signal, deadlineMs: this.#renewMs / 2 });
    } catch (error) {
      if (isKubeError(error, 'KUBE_NOT_FOUND')) return undefined;
      throw error;
    }
  }

  /** The lease as it is to be written, in our name and with the version that was read. */
  #draft(held: Lease | undefined): Draft<Lease> {
    const { clock, namespace, name, identity } = this.#options;
    const now = microTime(clock.now());
    const ours = held?.spec.holderIdentity === identity;
    const transitions = (held?.spec.leaseTransitions ?? 0) + (held && !ours ? 1 : 0);
    return {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: held?.metadata ?? { namespace, name },
      spec: {
        holderIdentity: identity,
        leaseDurationSeconds: Math.ceil(this.#leaseMs / 1000),
        acquireTime: ours ? (held.spec.acquireTime ?? now) : now,
        renewTime: now,
        leaseTransitions: transitions,
      },
    };
  }

  /** Lets the next one begin at once. Without it, or when it fails, the next one waits for the lease to run out. */
  #release(): Promise<void> {
    return this.#inTurn(async () => {
      const { client, clock, log, name, namespace, identity } = this.#options;
      const held = this.#renewedMs !== undefined;
      this.#renewedMs = undefined;
      if (!held) return;
      try {
        const lease = await client.get(kinds.Lease, { namespace, name }, { deadlineMs: RELEASE_MS });
        if (lease.spec.holderIdentity !== identity) return;
        const spec = { ...lease.spec, holderIdentity: '', leaseDurationSeconds: 1, renewTime: microTime(clock.now()) };
        await client.update(kinds.Lease, { ...lease, spec }, { deadlineMs: RELEASE_MS });
      } catch (err) {
        log.debug({ lease: name, err }, 'lease not released');
      }
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => undefined); // the caller sees it
    return result;
  }

  /** With jitter, so that candidates do not try in step. Aborted: the caller's loop sees it. */
  async #wait(signal: AbortSignal): Promise<void> {
    const ms = this.#retryMs * (1 + 0.2 * this.#options.random.next());
    await sleep(this.#options.clock, ms, signal).catch(() => undefined);
  }
}

/** A stop must not hang on an API that is gone. */
const RELEASE_MS = 1_000;

/** RFC 3339 with microseconds, as metav1.MicroTime is written. */
function microTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000Z');
}
