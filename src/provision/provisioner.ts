/** Claims → directories → PersistentVolumes: gathers from the caches, asks `plan`, and lets an `Attempt` act. */
import { type Controller, createController, type Outcome } from '../kube/controller.ts';
import type { EventRecorder } from '../kube/events.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../kube/kinds.ts';
import { keyOf } from '../kube/object.ts';
import type { metrics as kubeMetrics } from '../kube/registry.ts';
import type { Clock, Random } from '../telemetry/clock.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { type Announcer, REPEAT_MS } from './announcer.ts';
import type { Attempt } from './attempt.ts';
import { type Catalog, isPending } from './catalog.ts';
import { sourceKeyOf } from './clone/data-source.ts';
import { classNameOf, type IgnoreReason, type Plan, type ProvisionPlan, plan } from './plan.ts';
import { events } from './registry.ts';
import type { Reservation } from './reservation.ts';
import { Shares } from './shares.ts';
import type { Waiting } from './waiting.ts';

/** Directories being made at once on each export; its child has 16 threads. */
const IN_FLIGHT = 32;
/** Until a claim whose export has its share looks again by itself. */
const CROWDED_MS = 1_000;
/** How long the binder may look for a ready volume, and a predecessor may take to leave, before it is spoken of. */
const PATIENCE_MS = 10_000;
/** Between two looks at a data source that is not ready, beside those that its changes bring. */
const SOURCE_LOOK_MS = 60_000;
const MAX_BACKOFF_MS = 30_000;

export interface ProvisionerOptions {
  /** Of the kube room; absent: queues and reconciles are not counted. */
  readonly kubeMetrics?: Metrics<typeof kubeMetrics> | undefined;
  readonly attempt: Attempt;
  readonly catalog: Catalog;
  readonly waiting: Waiting;
  readonly announcer: Announcer;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

const done: Outcome = { kind: 'done' };
const again = (afterMs: number, reason: string): Outcome => ({ kind: 'again', afterMs, reason });

export function createProvisioner(options: ProvisionerOptions): Controller {
  const { catalog, clock, random, log } = options;
  const roots = new Set(catalog.settings.exports.map(({ root }) => root));
  const provisioner = new Provisioner(options, (key) => controller.enqueue(key));
  const controller = createController({
    name: 'provisioner',
    metrics: options.kubeMetrics,
    clock,
    random,
    log,
    concurrency: IN_FLIGHT * Math.max(roots.size, 1),
    maxBackoffMs: MAX_BACKOFF_MS,
    reconcile: (key, { signal }) => provisioner.reconcile(key, signal),
  });
  subscribe(options, controller);
  return controller;
}

/** Whatever may change the outcome for a claim puts that claim into the queue. */
function subscribe({ catalog, waiting, announcer }: ProvisionerOptions, controller: Controller): void {
  const { caches, reservations } = catalog;
  const enqueueAll = (claims: readonly PersistentVolumeClaim[]): void => {
    for (const claim of claims) controller.enqueue(keyOf(claim.metadata));
  };
  caches.claims.onChange(({ kind, key, object }) => {
    if (kind === 'deleted' || isPending(object) || reservations.get(key)) controller.enqueue(key);
    for (const claimKey of waiting.take(`claim/${key}`)) controller.enqueue(claimKey);
  });
  caches.classes.onChange(({ key }) => enqueueAll(caches.claims.byIndex('larder/pending-by-class', key)));
  caches.namespaces?.onChange(({ key }) => {
    for (const claimKey of waiting.take(`namespace/${key}`)) controller.enqueue(claimKey);
  });
  caches.pods?.onChange(({ kind, object }) => {
    if (kind === 'added') announcer.podSeen(object);
  });
  caches.volumes.onChange(({ kind, key, object }) => {
    const { namespace = '', name = '' } = object.spec.claimRef ?? {};
    const reservation = reservations.get(`${namespace}/${name}`);
    if (kind === 'added' && reservation?.volume.metadata.name === key) controller.enqueue(reservation.claimKey);
    const waiters = kind === 'added' ? [] : [...waiting.take(`volume/${key}`), ...waiting.take(`room/${namespace}`)];
    for (const claimKey of waiters) controller.enqueue(claimKey);
  });
  reservations.onDrop(({ volume }) => {
    const room = `room/${volume.spec.claimRef?.namespace ?? ''}` as const;
    const waiters = [...waiting.take(`volume/${volume.metadata.name}`), ...waiting.take(room)];
    for (const claimKey of waiters) controller.enqueue(claimKey);
  });
}

/**
 * Invariant: `#waitingSince` has those claims that were last left to the binder or to a predecessor, `#blamed` those
 * that were last refused because of a volume.
 */
class Provisioner {
  readonly #options: ProvisionerOptions;
  /** Monotonic ms by claim key. */
  readonly #waitingSince = new Map<string, number>();
  /** Names of volumes by claim key: of many that share a directory, a refusal keeps naming one. */
  readonly #blamed = new Map<string, string>();
  /** Uids of classes whose warnings were told. */
  readonly #warned = new Set<string>();
  readonly #shares = new Shares(IN_FLIGHT);
  readonly #enqueue: (key: string) => void;

  constructor(options: ProvisionerOptions, enqueue: (key: string) => void) {
    this.#options = options;
    this.#enqueue = enqueue;
  }

  async reconcile(key: string, signal: AbortSignal): Promise<Outcome> {
    const { attempt, catalog } = this.#options;
    const claim = catalog.caches.claims.get(key);
    const reservation = catalog.reservations.get(key);
    if (reservation && reservation.claimUid !== claim?.metadata.uid) {
      const left = await attempt.withdraw(reservation, signal);
      if (left.kind !== 'done') return left;
      return claim ? again(0, 'claim-replaced') : this.#forget(key);
    }
    if (!claim) return this.#forget(key);
    const decision = this.#decide(key, claim);
    if (reservation && isToLeave(reservation, decision)) {
      const left = await attempt.withdraw(reservation, signal);
      if (left.kind !== 'done') return left;
    }
    return this.#act(key, claim, decision, signal);
  }

  #act(key: string, claim: PersistentVolumeClaim, decision: Plan, signal: AbortSignal): Outcome | Promise<Outcome> {
    const { announcer, waiting } = this.#options;
    switch (decision.kind) {
      case 'ignore':
        return this.#ignore(key, decision.reason);
      case 'done':
        return this.#confirm(key, decision.volume, signal);
      case 'refuse':
        if (typeof decision.until === 'object' && 'roomIn' in decision.until) {
          waiting.add(`room/${decision.until.roomIn}`, key);
          waiting.add(`namespace/${decision.until.roomIn}`, key);
        } else if (typeof decision.until === 'object') {
          this.#blamed.set(key, decision.until.volumeGoes);
          waiting.add(`volume/${decision.until.volumeGoes}`, key);
        }
        if (decision.reason === 'source-refused') waiting.add(`claim/${sourceKeyOf(claim)}`, key);
        announcer.failure(claim, decision.message);
        return again(REPEAT_MS, decision.reason);
      case 'wait':
        return this.#awaitVolume(key, claim, decision);
      case 'provision':
        return this.#provide(key, decision, signal);
      default:
        return decision satisfies never;
    }
  }

  /** Plan and attempt are one step for all other claims: nothing is waited for in between. */
  async #provide(key: string, decision: ProvisionPlan, signal: AbortSignal): Promise<Outcome> {
    const { root } = decision.design.export;
    if (!this.#shares.enter(root, key)) return again(CROWDED_MS, 'export-busy');
    try {
      this.#waitingSince.delete(key);
      this.#blamed.delete(key);
      this.#warn(decision);
      return await this.#options.attempt.run(key, decision, signal);
    } finally {
      const next = this.#shares.leave(root);
      if (next !== undefined) this.#enqueue(next);
    }
  }

  async #confirm(key: string, volume: PersistentVolume, signal: AbortSignal): Promise<Outcome> {
    const left = await this.#options.attempt.confirm(key, volume, signal);
    return left.kind === 'done' ? this.#forget(key) : left;
  }

  #awaitVolume(key: string, claim: PersistentVolumeClaim, { message, until }: Plan & { kind: 'wait' }): Outcome {
    if (until === 'source-changes') return this.#awaitSource(key, claim, message);
    const comes = 'pledge' in until;
    this.#options.waiting.add(`volume/${comes ? until.pledge : until.volumeGoes}`, key);
    const reason = comes ? 'volume-coming' : 'volume-leaving';
    if (!this.#waitsTooLong(key)) return again(PATIENCE_MS, reason);
    this.#options.announcer.failure(claim, message);
    return again(REPEAT_MS, reason);
  }

  /** Its claim and its volume arrive by two watches, so a message that is over in a moment is not told. */
  #awaitSource(key: string, claim: PersistentVolumeClaim, message: string): Outcome {
    this.#options.waiting.add(`claim/${sourceKeyOf(claim)}`, key);
    if (!this.#waitsTooLong(key)) return again(PATIENCE_MS, 'source-not-ready');
    this.#options.announcer.failure(claim, message);
    return again(SOURCE_LOOK_MS, 'source-not-ready');
  }

  #decide(key: string, claim: PersistentVolumeClaim): Plan {
    const { catalog } = this.#options;
    const reservation = catalog.reservations.get(key);
    return plan({
      claim,
      storageClass: catalog.caches.classes.get(classNameOf(claim)),
      namespace: catalog.caches.namespaces?.get(claim.metadata.namespace ?? ''),
      settings: catalog.settings,
      volumes: catalog,
      binderPassed: this.#waitedMs(key) >= PATIENCE_MS,
      blamed: this.#blamed.get(key),
      source: catalog.caches.claims.get(sourceKeyOf(claim)),
      copied: reservation?.ensured ? reservation.design.clonedFrom : undefined,
    });
  }

  #ignore(key: string, reason: IgnoreReason): Outcome {
    if (reason !== 'binder-first') return this.#forget(key);
    return this.#waitsTooLong(key) ? again(0, reason) : again(PATIENCE_MS / 4, reason);
  }

  #waitedMs(key: string): number {
    const sinceMs = this.#waitingSince.get(key);
    return sinceMs === undefined ? 0 : this.#options.clock.monotonic() - sinceMs;
  }

  /** Starts the wait unless it has begun. */
  #waitsTooLong(key: string): boolean {
    if (!this.#waitingSince.has(key)) this.#waitingSince.set(key, this.#options.clock.monotonic());
    return this.#waitedMs(key) >= PATIENCE_MS;
  }

  #forget(key: string): Outcome {
    this.#waitingSince.delete(key);
    this.#blamed.delete(key);
    this.#options.announcer.forget(key);
    return done;
  }

  #warn({ design, warnings }: ProvisionPlan): void {
    const { recorder } = this.#options;
    const { uid } = design.storageClass.metadata;
    if (this.#warned.has(uid)) return;
    this.#warned.add(uid);
    const reason = 'ParameterIgnored';
    for (const warning of warnings) recorder.record(design.storageClass, events[reason].type, reason, warning);
  }
}

/**
 * Whether an attempt is taken back. One whose volume may have been saved is not while another volume is about to become
 * the claim's: if it was saved after all, its directory has to be there.
 */
function isToLeave({ saved }: Reservation, decision: Plan): boolean {
  if (decision.kind === 'provision' || decision.kind === 'done') return false;
  const coming = decision.kind === 'wait' && typeof decision.until === 'object' && 'pledge' in decision.until;
  return !coming || saved === 'no';
}
