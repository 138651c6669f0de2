/**
 * Brings back what was asked for: moves the directory of a pledge (see pledge.ts) to its place and then gives it to the
 * claim. Only who leads does this, because only who leads makes volumes for claims: what it does not see being made it
 * has not begun, and what another has begun and left is excluded by the name or the version of the object.
 */
import type { Client } from '../../kube/client.ts';
import { type Controller, createController, type Outcome } from '../../kube/controller.ts';
import { isKubeError } from '../../kube/error.ts';
import type { EventRecorder } from '../../kube/events.ts';
import { kinds, type PersistentVolume, type PersistentVolumeClaim } from '../../kube/kinds.ts';
import type { metrics as kubeMetrics } from '../../kube/registry.ts';
import type { Clock, Random } from '../../telemetry/clock.ts';
import type { Log } from '../../telemetry/log.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import { annotation } from '../annotation.ts';
import type { Catalog } from '../catalog.ts';
import { addressOfVolume } from '../disposal.ts';
import { volumeNameOf } from '../draft.ts';
import { shortfallOf } from '../misfit.ts';
import { draftFor, givenTo, isPledge, isRedeemed, opened } from '../pledge.ts';
import { limitOf, setLimit } from '../quota/enforce.ts';
import { type EventReason, events } from '../registry.ts';
import type { DirectoryPath, ExportDescription, Storage, StorageProblem } from '../storage.ts';
import { claimKeyOf, directoryOf, locate, occupied } from '../volume.ts';
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
  volumes.onChange(({ kind, key, object }) => {
    if (kind !== 'deleted' && isPledge(object)) controller.enqueue(key);
  });
  claims.onChange(({ key }) => {
    for (const volume of volumes.byIndex('larder/claim', key)) {
      if (isPledge(volume)) controller.enqueue(volume.metadata.name);
    }
  });
  for (const storage of storages) {
    storage.onHealthy(() => {
      for (const volume of volumes.list()) if (isPledge(volume)) controller.enqueue(volume.metadata.name);
    });
  }
  return controller;
}

interface Place {
  readonly storage: Storage;
  readonly description: ExportDescription;
  readonly path: DirectoryPath;
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
    if (this.#isBeingMade(pledge, place)) return again(RETRY_MS, 'being-made');
    const obstacle = this.#obstacleTo(pledge, place);
    if (obstacle !== undefined) return this.#giveUp(pledge, obstacle, signal);
    const result = await storage.restore({ entry: entry.entry, path }, signal);
    if (result.kind === 'restored') return undefined;
    if (result.problem === 'missing') return again(RETRY_MS, result.problem); // it moved meanwhile: look again
    if (result.landed === 'maybe' || AILING.includes(result.problem)) return again(AILING_MS, result.problem);
    return this.#giveUp(pledge, `it ${result.detail}: look at what is in its place`, signal);
  }

  /** It was lifted when the directory went; whoever is given the volume may write at once. */
  async #limit(pledge: PersistentVolume, { storage }: Place, signal: AbortSignal): Promise<Outcome | undefined> {
    const limit = limitOf(this.#options.catalog, pledge);
    const problem = limit && (await setLimit(limit, storage, signal));
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

  /** An attempt for the claim, which had not heard of the pledge, may be making a directory in this very place. */
  #isBeingMade(pledge: PersistentVolume, { description, path }: Place): boolean {
    const reservation = this.#options.catalog.reservations.get(claimKeyOf(pledge));
    return reservation?.directory === directoryOf(description, path) && !reservation.ensured;
  }

  /** Asked right before the move, because it may be long since the pledge was made. */
  #obstacleTo(pledge: PersistentVolume, { description, path }: Place): string | undefined {
    const { catalog } = this.#options;
    const key = claimKeyOf(pledge);
    const other = catalog
      .holders(description, path)
      .find(({ volume, relation }) => relation === 'overlap' || claimKeyOf(volume) !== key);
    if (other) {
      const user = claimKeyOf(other.volume) || other.volume.metadata.name;
      return `it is in use by ${user} (pv ${other.volume.metadata.name}): delete that volume first`;
    }
    const claim = catalog.caches.claims.get(key);
    const has = claim && this.#otherVolumeOf(claim, pledge);
    return has && `claim ${key} was given volume ${has} meanwhile: delete that claim and run it again`;
  }

  #otherVolumeOf(claim: PersistentVolumeClaim, pledge: PersistentVolume): string | undefined {
    const own = this.#options.catalog.named(volumeNameOf(claim))?.metadata.name;
    const has = claim.spec.volumeName || own;
    return has === pledge.metadata.name ? undefined : has;
  }

  /** Nothing has moved: what was asked for stays where it is. */
  async #giveUp(pledge: PersistentVolume, why: string, signal: AbortSignal): Promise<Outcome> {
    const entry = pledge.metadata.annotations?.[annotation.restoredFrom];
    this.#tell(pledge, `directory ${addressOfVolume(pledge)} stays where it is, as ${entry}: ${why}`);
    return this.#settle(() => this.#drop(pledge, signal));
  }

  async #hand(pledge: PersistentVolume, signal: AbortSignal): Promise<Outcome> {
    const { catalog, client } = this.#options;
    const key = claimKeyOf(pledge);
    const { name } = pledge.metadata;
    if (catalog.caches.volumes.byIndex('larder/claim', key).some((volume) => isRedeemed(pledge, volume))) {
      return this.#drop(pledge, signal);
    }
    const claim = catalog.caches.claims.get(key);
    if (claim?.metadata.deletionTimestamp !== undefined) return done; // its end brings us here again
    const has = claim && this.#otherVolumeOf(claim, pledge);
    if (has !== undefined) return this.#keepBeside(pledge, has, signal);
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
    const draft = draftFor(claim, given);
    const volume = volumeNameOf(claim);
    if (!leads()) return again(FENCED_MS, 'not-the-leader');
    try {
      await client.create(kinds.PersistentVolume, draft, { signal });
    } catch (error) {
      if (!isKubeError(error, 'KUBE_ALREADY_EXISTS')) throw error;
      const there = await client.get(kinds.PersistentVolume, { name: volume }, { signal });
      if (!isRedeemed(given, there)) return this.#keepBeside(given, volume, signal);
    }
    const message = `directory ${addressOfVolume(pledge)}, which was brought back, is the one of pv ${volume}: nothing to do`;
    this.#options.recorder.record(claim, events.VolumeRestored.type, 'VolumeRestored', message);
    await this.#drop(given, signal);
    return this.#log(pledge, volume);
  }

  /** The directory is back, and its claim has another: neither is taken from anybody. */
  async #keepBeside(pledge: PersistentVolume, has: string, signal: AbortSignal): Promise<Outcome> {
    const { catalog } = this.#options;
    const { exports } = catalog.settings;
    const other = catalog.named(has);
    const mine = occupied(pledge, exports);
    // The claim got this very directory, by its class: the pledge has become superfluous.
    if (other && occupied(other, exports).some((directory) => mine.includes(directory))) {
      return this.#drop(pledge, signal);
    }
    const key = claimKeyOf(pledge);
    const { name } = pledge.metadata;
    this.#tell(
      pledge,
      `directory ${addressOfVolume(pledge)} is back, and claim ${key} was given pv ${has} meanwhile: look into both; delete the claim and make it again to have this one, or \`kubectl delete pv ${name}\` to leave it`,
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
