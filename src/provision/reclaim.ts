/**
 * Volumes whose claims are gone. The volume object is deleted first, with the uid and resourceVersion of the decision as
 * preconditions: our finalizer keeps it, and a volume that anybody touched meanwhile (made Retain, given to another
 * claim) is refused by the API server before its directory moves. Then the directory moves, then the finalizer goes.
 */
import type { Client } from '../kube/client.ts';
import { type Controller, createController, type Outcome } from '../kube/controller.ts';
import { isKubeError } from '../kube/error.ts';
import type { EventRecorder } from '../kube/events.ts';
import { kinds, type PersistentVolume } from '../kube/kinds.ts';
import type { metrics as kubeMetrics } from '../kube/registry.ts';
import type { Clock, Random } from '../telemetry/clock.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Catalog } from './catalog.ts';
import { addressOfVolume, type Disposal } from './disposal.ts';
import { failureOf } from './failure.ts';
import { fateOf } from './fate.ts';
import { dropFinalizer, holdByFinalizer } from './finalizer.ts';
import { liftLimit } from './quota/lift.ts';
import { type metrics as declared, type EventReason, events } from './registry.ts';
import type { ExportDescription, MoveResult, Storage, StorageProblem } from './storage.ts';
import { moveRequestOf } from './trash/manifest.ts';
import { type Unmarked, unmarked } from './unmarked.ts';
import { addressOf, claimKeyOf, freeingCommand, isOurs, isReleased, occupied } from './volume.ts';
import type { Waiting } from './waiting.ts';

const IN_FLIGHT = 8;
const FENCED_MS = 5_000;

export interface ReclaimOptions {
  /** Of the kube room; absent: queues and reconciles are not counted. */
  readonly kubeMetrics?: Metrics<typeof kubeMetrics> | undefined;
  readonly client: Client;
  readonly catalog: Catalog;
  readonly storageOf: (description: ExportDescription) => Storage;
  readonly waiting: Waiting;
  readonly recorder: EventRecorder;
  readonly metrics: Metrics<typeof declared>;
  /** True when this process is, by a renewal just now, the only one that may remove anything. */
  readonly fence: () => Promise<boolean>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

const done: Outcome = { kind: 'done' };
const again = (afterMs: number, reason: string): Outcome => ({ kind: 'again', afterMs, reason });

export function createReclaimer(options: ReclaimOptions): Controller {
  const reclaimer = new Reclaimer(options);
  const { clock, random, log } = options;
  const controller = createController({
    name: 'reclaimer',
    metrics: options.kubeMetrics,
    clock,
    random,
    log,
    concurrency: IN_FLIGHT,
    reconcile: (key, { signal }) => reclaimer.reconcile(key, signal),
  });
  subscribe(options, controller);
  return controller;
}

function subscribe({ catalog, waiting }: ReclaimOptions, controller: Controller): void {
  const { caches, reservations, settings } = catalog;
  caches.volumes.onChange(({ key, object }) => {
    if (isOurs(object, settings.provisionerNames)) controller.enqueue(key);
    for (const waiter of waiting.take(`volume/${key}`)) controller.enqueue(waiter);
    // A released volume may be superseded by this one, or was kept only because of it.
    for (const directory of occupied(object, settings.exports)) {
      for (const other of caches.volumes.byIndex('larder/directory', directory)) {
        if (isReleased(other) && other.metadata.name !== key) controller.enqueue(other.metadata.name);
      }
    }
  });
  caches.classes.onChange(({ key }) => {
    for (const volume of waiting.take(`class/${key}`)) controller.enqueue(volume);
  });
  reservations.onDrop(({ volume }) => {
    for (const waiter of waiting.take(`volume/${volume.metadata.name}`)) controller.enqueue(waiter);
  });
}

/** Invariant: `#seenInUse` has the names of volumes of ours that this process saw in use and not yet released. */
class Reclaimer {
  readonly #options: ReclaimOptions;
  readonly #seenInUse = new Set<string>();
  /** The failure last told, by name. */
  readonly #told = new Map<string, string>();
  /** Undefined where volumes may be patched. */
  readonly #unmarked: Unmarked | undefined;

  constructor(options: ReclaimOptions) {
    this.#options = options;
    this.#unmarked = options.catalog.settings.finalizers === false ? unmarked(options) : undefined;
  }

  async reconcile(name: string, signal: AbortSignal): Promise<Outcome> {
    const { catalog } = this.#options;
    const volume = catalog.caches.volumes.get(name);
    if (!volume) return this.#forget(name);
    const disposal = this.#decide(volume);
    switch (disposal.kind) {
      case 'ignore':
        return this.#ignore(volume, disposal.reason);
      case 'let-go':
        return dropFinalizer(this.#options.client, volume, signal);
      case 'refuse':
        return this.#refuse(volume, disposal);
      case 'wait':
        this.#options.waiting.add(`volume/${disposal.untilVolume}`, name);
        return done;
      case 'forget':
      case 'move':
        return this.#remove(volume, disposal, signal);
      default:
        return disposal satisfies never;
    }
  }

  #forget(name: string): Outcome {
    this.#told.delete(name);
    this.#seenInUse.delete(name);
    return done;
  }

  #decide(volume: PersistentVolume): Disposal {
    return fateOf(this.#options.catalog, volume);
  }

  /** That a directory stays is said at the moment its claim goes, not again at every start. */
  #ignore(volume: PersistentVolume, reason: (Disposal & { kind: 'ignore' })['reason']): Outcome {
    const { name: key } = volume.metadata;
    this.#told.delete(key);
    if (reason === 'in-use') this.#seenInUse.add(key);
    else if (this.#seenInUse.delete(key) && reason === 'kept') {
      const [namespace, name] = claimKeyOf(volume).split('/');
      const address = addressOfVolume(volume);
      // The next volume has another name, and so would its directory.
      const free = address.includes(key) ? `free the volume (${freeingCommand(key)}) and ` : '';
      this.#note(
        volume,
        'VolumeRetained',
        `directory ${address} is kept with its data: ${free}create claim ${name} in namespace ${namespace} again to use it, or remove it by hand`,
      );
    }
    return done;
  }

  #note(volume: PersistentVolume, reason: EventReason, message: string): void {
    this.#options.recorder.record(volume, events[reason].type, reason, message);
  }

  #refuse(volume: PersistentVolume, { message, reason, untilVolume }: Disposal & { kind: 'refuse' }): Outcome {
    const { waiting } = this.#options;
    const { name } = volume.metadata;
    waiting.add(untilVolume === '' ? `class/${volume.spec.storageClassName ?? ''}` : `volume/${untilVolume}`, name);
    this.#fail(volume, message, reason);
    return done;
  }

  #fail(volume: PersistentVolume, message: string, cause: string): void {
    const { metrics } = this.#options;
    metrics.count('controller_persistentvolume_delete_failed_total', { class: volume.spec.storageClassName ?? '' });
    if (this.#told.get(volume.metadata.name) === cause) return;
    this.#told.set(volume.metadata.name, cause);
    this.#note(volume, 'VolumeFailedDelete', message);
  }

  async #remove(
    volume: PersistentVolume,
    disposal: Disposal & { kind: 'forget' | 'move' },
    signal: AbortSignal,
  ): Promise<Outcome> {
    const { clock, fence, log, metrics } = this.#options;
    const startMs = clock.monotonic();
    if (!(await fence())) return again(FENCED_MS, 'not-the-leader');
    const marked = await (this.#unmarked ? this.#unmarked.look(volume, signal) : this.#mark(volume, signal));
    if (!marked) return again(FENCED_MS, 'volume-changed');
    if (disposal.kind === 'move') {
      // Time has passed: whoever came to share the directory since then keeps it.
      if (this.#decide(marked).kind !== 'move') return again(0, 'decision-changed');
      const problem = await this.#move(volume, disposal, signal);
      if (problem) return this.#unmoved(volume, disposal, problem);
      await liftLimit(this.#options, volume, signal);
    }
    if (!(await this.#drop(marked, disposal, signal))) return again(FENCED_MS, 'volume-changed');
    if (disposal.kind === 'forget') this.#note(volume, 'VolumeRetained', disposal.message);
    const { name } = volume.metadata;
    this.#forget(name);
    const labels = { class: volume.spec.storageClassName ?? '' };
    metrics.count('controller_persistentvolume_delete_total', labels);
    const seconds = (clock.monotonic() - startMs) / 1000;
    metrics.observe('controller_persistentvolume_delete_duration_seconds', labels, seconds);
    const what = disposal.kind === 'move' ? disposal.to : disposal.reason;
    log.info(
      { controller: 'reclaimer', volume: name, reason: what, address: addressOfVolume(volume) },
      'volume removed',
    );
    return done;
  }

  /** False: the volume changed at the last moment and keeps its directory. */
  async #drop(marked: PersistentVolume, disposal: Disposal & { kind: 'forget' | 'move' }, signal: AbortSignal) {
    if (!this.#unmarked) return (await dropFinalizer(this.#options.client, marked, signal)).kind === 'done';
    const storage = disposal.kind === 'move' ? this.#options.storageOf(disposal.export) : undefined;
    return this.#unmarked.remove(marked, storage, signal);
  }

  /** DELETE with preconditions, behind a finalizer. Undefined: the volume is gone, or not the one that was decided upon. */
  async #mark(volume: PersistentVolume, signal: AbortSignal): Promise<PersistentVolume | undefined> {
    const { client } = this.#options;
    const { name } = volume.metadata;
    try {
      if (volume.metadata.deletionTimestamp !== undefined) {
        // Of one that went already, and that a late watch still shows, the directory may be back for somebody else.
        const there = await client.get(kinds.PersistentVolume, { name }, { signal });
        return there.metadata.uid === volume.metadata.uid ? there : undefined;
      }
      const kept = await holdByFinalizer(client, volume, signal);
      const { uid, resourceVersion } = kept.metadata;
      await client.delete(kinds.PersistentVolume, { name }, { preconditions: { uid, resourceVersion }, signal });
      return await client.get(kinds.PersistentVolume, { name }, { signal });
    } catch (error) {
      if (isKubeError(error, 'KUBE_CONFLICT', 'KUBE_NOT_FOUND')) return undefined;
      throw error;
    }
  }

  async #move(
    volume: PersistentVolume,
    disposal: Disposal & { kind: 'move' },
    signal: AbortSignal,
  ): Promise<StorageProblem | undefined> {
    const { clock, log, storageOf } = this.#options;
    const storage = storageOf(disposal.export);
    const request = moveRequestOf(volume, disposal, clock.now());
    const result: MoveResult = await storage[disposal.to](request, signal);
    const address = addressOfVolume(volume);
    if (result.kind === 'moved') {
      const back = `\`larder volumes undelete ${claimKeyOf(volume)}\` brings it back`;
      if (disposal.to === 'archive') {
        this.#note(volume, 'VolumeArchived', `directory ${address} is archived as ${result.entry}: ${back}`);
      } else {
        const kept = disposal.retention.text === 'never' ? 'for ever' : `for ${disposal.retention.text}`;
        this.#note(volume, 'VolumeTrashed', `directory ${address} is in the trash ${kept}: ${back}`);
      }
      return undefined;
    }
    if (result.problem !== 'missing') return result;
    // On a healthy export: it was moved before a crash, or somebody removed it. An ailing one says `unavailable`.
    log.info({ controller: 'reclaimer', volume: volume.metadata.name, address }, 'directory was already gone');
    return undefined;
  }

  #unmoved(volume: PersistentVolume, disposal: Disposal & { kind: 'move' }, problem: StorageProblem): Outcome {
    const { catalog, waiting } = this.#options;
    const { name } = volume.metadata;
    const namespace = volume.spec.claimRef?.namespace ?? '';
    const { uid } = catalog.settings.defaultOwner;
    const failure = failureOf(problem, { ...disposal, doing: 'moving', uid, mode: 0, namespace });
    this.#fail(volume, failure.message, `${problem.problem} ${problem.errno}`);
    if (failure.again.kind === 'backoff') return { kind: 'retry', reason: problem.problem };
    if (failure.again.kind === 'heal') waiting.add(`export/${addressOf(disposal.export)}`, name);
    return again(failure.again.afterMs, problem.problem);
  }
}
