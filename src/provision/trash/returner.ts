/**
 * Brings back what was asked for: moves the directory of a pledge (see pledge.ts) to its place and then gives it to the
 * claim. Only who leads does this, because only who leads makes volumes for claims: what it does not see being made it
 * has not begun, and what another has begun and left is excluded by the name or the version of the object.
 */
import type { Client } from '../../kube/client.ts';
import { type Controller, createController, type Outcome } from '../../kube/controller.ts';
import { isKubeError } from '../../kube/error.ts';
import type { EventRecorder } from '../../kube/events.ts';
import { ifThere } from '../../kube/if-there.ts';
import { kinds, type PersistentVolume, type PersistentVolumeClaim } from '../../kube/kinds.ts';
import type { Draft } from '../../kube/object.ts';
import type { metrics as kubeMetrics } from '../../kube/registry.ts';
import type { Clock, Random } from '../../telemetry/clock.ts';
import type { Log } from '../../telemetry/log.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import { annotation } from '../annotation.ts';
import type { Catalog } from '../catalog.ts';
import { addressOfVolume } from '../disposal.ts';
import { shortfallOf } from '../misfit.ts';
import { draftFor, givenTo, isPledge, opened } from '../pledge.ts';
import { limitOf, setLimit } from '../quota/enforce.ts';
import { type EventReason, events } from '../registry.ts';
import type { ExportDescription, Storage, StorageProblem } from '../storage.ts';
import { claimKeyOf, locate, occupied } from '../volume.ts';
import { obstacleTo, otherVolumeOf, type Place } from './obstacle.ts';
import type { Refusals } from './refusals.ts';
import { type Unnoted, unnoted } from './unnoted.ts';

export interface ReturnerOptions {
  /** Of the kube room; absent: queues and reconciles are not counted. */
  readonly kubeMetrics?: Metrics<typeof kubeMetrics> | undefined;
  readonly client: Client;
  readonly catalog: Catalog;
  readonly storages: readonly Storage[];
  readonly leads: () => boolean;
  readonly storageOf: (description: ExportDescription) => Storage;
  readonly refusals: Refusals;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

const RETRY_MS = 1_000;
const FENCED_MS = 5_000;
/** Between two looks at an export that ails; that it is healthy again is told. */
const AILING_MS = 30_000;

const done: Outcome = { kind: 'done' };
const again = (afterMs: number, reason: string): Outcome => ({ kind: 'again', afterMs, reason });

export function createReturner(options: ReturnerOptions): Controller {
  const { catalog, clock, log, random, storages } = options;
  const { claims, volumes } = catalog.caches;
  const returner = new Returner(options);
  const controller = createController({
    name: 'returner',
    metrics: options.kubeMetrics,
    clock,
    random,
    log,
    reconcile: (name, { signal }) => returner.reconcile(name, signal),
  });
  const enqueueOf = (claimKey: string): void => {
    for (const volume of volumes.byIndex('larder/claim', claimKey)) {
      if (isPledge(volume)) controller.enqueue(volume.metadata.name);
    }
  };
  // Any volume of the claim: it may be the one that the claim has instead.
  volumes.onChange(({ object }) => enqueueOf(claimKeyOf(object)));
  claims.onChange(({ key }) => enqueueOf(key));
  for (const storage of storages) {
    storage.onHealthy(() => {
      for (const volume of volumes.list()) if (isPledge(volume)) controller.enqueue(volume.metadata.name);
    });
  }
  return controller;
}

/** What a claim has instead of a pledge; `volume`: undefined where there is none of that name. */
interface Given {
  readonly name: string;
  readonly volume: PersistentVolume | undefined;
}

class Returner {
  readonly #options: ReturnerOptions;

  constructor(options: ReturnerOptions) {
    this.#options = options;
  }

  async reconcile(name: string, signal: AbortSignal): Promise<Outcome> {
    const { catalog, storageOf } = this.#options;
    const pledge = catalog.named(name);
    if (!pledge || !isPledge(pledge) || pledge.metadata.deletionTimestamp !== undefined) return done;
    const location = locate(pledge, catalog.settings.exports);
    if (location.kind !== 'at') return done; // another Larder's, or nobody's: `doctor` and `audit` tell
    const place = { storage: storageOf(location.export), description: location.export, path: location.path };
    const left = (await this.#bring(pledge, place, signal)) ?? (await this.#limit(pledge, place, signal));
    return left ?? this.#settle(() => this.#hand(pledge, signal));
  }

  /** Undefined: the directory is in its place. */
  async #bring(pledge: PersistentVolume, place: Place, signal: AbortSignal): Promise<Outcome | undefined> {
    const { storage, path } = place;
    const notes = pledge.metadata.annotations ?? {};
    const [entryName, identity] = [notes[annotation.restoredFrom], notes[annotation.identity]];
    const from = await sourceOf(storage, entryName ?? '', signal);
    if (from.kind === 'problem') return again(AILING_MS, from.problem.problem);
    const entry = from.kind === 'entry' && from.entry.identity === identity ? from.entry : undefined;
    // Looked at after the trash, because it goes only from there to its place.
    const there = await storage.inspect(path, signal);
    if (there.kind === 'directory' && there.identity === identity) return undefined;
    if (!entry) return this.#missing(pledge, there.kind === 'problem' ? there : undefined);
    const obstacle = await obstacleTo(this.#options, pledge, place, signal);
    if (obstacle.kind === 'being-made') return again(RETRY_MS, obstacle.kind);
    if (obstacle.kind === 'problem') return again(AILING_MS, obstacle.problem.problem);
    if (obstacle.kind === 'refusal') return this.#giveUp(pledge, obstacle.why, signal);
    const result = await storage.restore({ entry: entry.entry, path }, signal);
    if (result.kind === 'restored') return undefined;
    if (result.problem === 'missing') return again(RETRY_MS, result.problem); // it moved meanwhile: look again
    if (result.landed === 'maybe' || AILING.includes(result.problem)) return again(AILING_MS, result.problem);
    return this.#giveUp(pledge, `it ${result.detail}: look at what is in its place`, signal);
  }

  /** It was lifted when the directory went; whoever is given the volume may write at once. */
  async #limit(pledge: PersistentVolume, { storage }: Place, signal: AbortSignal): Promise<Outcome | undefined> {
    const { catalog } = this.#options;
    const limit = limitOf(catalog, pledge);
    const problem = limit && (await setLimit(catalog, limit, storage, signal));
    if (!problem) return undefined;
    if (AILING.includes(problem.problem)) return again(AILING_MS, problem.problem);
    const { name: volume } = pledge.metadata;
    this.#options.log.warn({ controller: 'returner', volume, detail: problem.detail }, 'the quota is not set yet'); // the keeper of limits goes on
    return undefined;
  }

  /** On its way by a move that was not answered, or taken away by hand. */
  #missing(pledge: PersistentVolume, problem: StorageProblem | undefined): Outcome {
    if (problem && AILING.includes(problem.problem)) return again(AILING_MS, problem.problem);
    const address = addressOfVolume(pledge);
    const { name } = pledge.metadata;
    this.#tell(
      pledge,
      `directory ${address} is neither in its place nor in the trash any more: put it there, or \`kubectl delete pv ${name}\``,
    );
    return again(AILING_MS, 'missing');
  }

  /** Nothing has moved: what was asked for stays where it is. */
  async #giveUp(pledge: PersistentVolume, why: string, signal: AbortSignal): Promise<Outcome> {
    const entry = pledge.metadata.annotations?.[annotation.restoredFrom];
    this.#tell(pledge, `directory ${addressOfVolume(pledge)} stays where it is, as ${entry}: ${why}`);
    return this.#settle(() => this.#drop(pledge, signal));
  }

  async #hand(pledge: PersistentVolume, signal: AbortSignal): Promise<Outcome> {
    const { catalog, client } = this.#options;
    const { name } = pledge.metadata;
    const claim = catalog.caches.claims.get(claimKeyOf(pledge));
    if (claim?.metadata.deletionTimestamp !== undefined) return done; // its end brings us here again
    const has = claim && otherVolumeOf(catalog, claim, pledge);
    if (claim && has !== undefined) {
      const volume =
        catalog.named(has) ?? (await ifThere(client.get(kinds.PersistentVolume, { name: has }, { signal })));
      return this.#yield(pledge, claim, { name: has, volume }, signal);
    }
    if (claim && claim.spec.volumeName !== name && shortfallOf(claim, pledge) === '') {
      return this.#give(pledge, claim, signal);
    }
    await client.patch(kinds.PersistentVolume, { name }, opened(pledge), { signal });
    this.#note(pledge, 'VolumeRestored', `directory ${addressOfVolume(pledge)} is back: nothing to do`);
    return this.#log(pledge, name);
  }

  /** The claim was made while the directory came back, and is given another one at this moment, or this one. */
  async #give(pledge: PersistentVolume, claim: PersistentVolumeClaim, signal: AbortSignal): Promise<Outcome> {
    const { client, leads } = this.#options;
    const { name } = pledge.metadata;
    const given =
      pledge.metadata.annotations?.[annotation.givenTo] === claim.metadata.uid
        ? pledge
        : await client.patch(kinds.PersistentVolume, { name }, givenTo(pledge, claim), { signal });
    if (!leads()) return again(FENCED_MS, 'not-the-leader');
    const volume = await this.#saved(draftFor(claim, given), signal);
    return this.#yield(given, claim, { name: volume.metadata.name, volume }, signal);
  }

  /** Where one of that name is there already, it is this one, of which no answer came, or what an attempt made for the claim. */
  async #saved(draft: Draft<PersistentVolume>, signal: AbortSignal): Promise<PersistentVolume> {
    const { client } = this.#options;
    const { name = '' } = draft.metadata;
    try {
      return await client.create(kinds.PersistentVolume, draft, { signal });
    } catch (error) {
      if (!isKubeError(error, 'KUBE_ALREADY_EXISTS')) throw error;
      return client.get(kinds.PersistentVolume, { name }, { signal });
    }
  }

  /**
   * The directory is back, and its claim has a volume. If that has this very directory, the pledge has become superfluous;
   * if it has another one, neither is taken from anybody.
   */
  async #yield(
    pledge: PersistentVolume,
    claim: PersistentVolumeClaim,
    to: Given,
    signal: AbortSignal,
  ): Promise<Outcome> {
    const { exports } = this.#options.catalog.settings;
    const mine = occupied(pledge, exports);
    const address = addressOfVolume(pledge);
    if (to.volume && occupied(to.volume, exports).some((directory) => mine.includes(directory))) {
      const message = `directory ${address}, which was brought back, is the one of pv ${to.name}: nothing to do`;
      this.#options.recorder.record(claim, events.VolumeRestored.type, 'VolumeRestored', message);
      await this.#drop(pledge, signal);
      return this.#log(pledge, to.name);
    }
    const { name } = pledge.metadata;
    this.#tell(
      pledge,
      `directory ${address} is back, and claim ${claimKeyOf(pledge)} was given pv ${to.name} meanwhile: look into both; delete the claim and make it again to have this one, or \`kubectl delete pv ${name}\` to leave it`,
    );
    return done;
  }

  async #drop({ metadata: { name, uid, resourceVersion } }: PersistentVolume, signal: AbortSignal): Promise<Outcome> {
    const { client } = this.#options;
    await client.delete(kinds.PersistentVolume, { name }, { preconditions: { uid, resourceVersion }, signal });
    return done;
  }

  /** Whoever changed the object meanwhile: what the cache is about to show brings us here again. */
  async #settle(work: () => Promise<Outcome>): Promise<Outcome> {
    try {
      return await work();
    } catch (error) {
      if (isKubeError(error, 'KUBE_CONFLICT', 'KUBE_NOT_FOUND')) return again(RETRY_MS, error.code);
      throw error;
    }
  }

  #tell(pledge: PersistentVolume, message: string): void {
    const { log, refusals } = this.#options;
    const { name, uid } = pledge.metadata;
    if (refusals.get(uid) === message) return;
    refusals.set(uid, message);
    this.#note(pledge, 'VolumeNotRestored', message);
    log.warn({ controller: 'returner', volume: name }, message);
  }

  #note(pledge: PersistentVolume, reason: EventReason, message: string): void {
    this.#options.recorder.record(pledge, events[reason].type, reason, message);
  }

  #log(pledge: PersistentVolume, volume: string): Outcome {
    const key = claimKeyOf(pledge);
    this.#options.log.info(
      { controller: 'returner', key, volume, address: addressOfVolume(pledge) },
      'directory is back',
    );
    return done;
  }
}

/** In the trash, or an archive that has no note there. */
async function sourceOf(storage: Storage, name: string, signal: AbortSignal): Promise<Unnoted> {
  const listed = await storage.entries(signal);
  if (listed.kind === 'problem') return { kind: 'problem', problem: listed };
  const entry = listed.entries.find((each) => each.entry === name);
  return entry ? { kind: 'entry', entry } : unnoted(storage, name, signal);
}

const AILING: readonly StorageProblem['problem'][] = ['unavailable', 'not-mounted', 'read-only'];
