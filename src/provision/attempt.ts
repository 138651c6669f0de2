/** One attempt to give a claim its directory and its volume, and how an attempt is taken back. */
import type { Client } from '../kube/client.ts';
import type { Outcome } from '../kube/controller.ts';
import { isKubeError, type KubeError } from '../kube/error.ts';
import { ifThere } from '../kube/if-there.ts';
import { kinds, type PersistentVolume } from '../kube/kinds.ts';
import type { Draft } from '../kube/object.ts';
import type { Clock } from '../telemetry/clock.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { annotation } from './annotation.ts';
import type { Announcer } from './announcer.ts';
import type { Catalog } from './catalog.ts';
import type { Cloner } from './clone/cloner.ts';
import { permissionsNote } from './directory/permission.ts';
import { draftOf, volumeNameOf } from './draft.ts';
import { failureOf } from './failure.ts';
import { formatMode } from './parameter.ts';
import type { ProvisionPlan } from './plan.ts';
import { enforce, intended, quotaProblem } from './quota/enforce.ts';
import { liftLimit } from './quota/lift.ts';
import type { metrics as declared } from './registry.ts';
import { asVolume, type Reservation, wasJustSaved } from './reservation.ts';
import type { EnsureRequest, ExportDescription, Storage, StorageProblem } from './storage.ts';
import { addressOf, directoryOf, occupied } from './volume.ts';
import type { Waiting } from './waiting.ts';

export interface AttemptOptions {
  readonly client: Client;
  readonly catalog: Catalog;
  readonly storageOf: (description: ExportDescription) => Storage;
  readonly waiting: Waiting;
  readonly announcer: Announcer;
  readonly cloner: Cloner;
  readonly leads: () => boolean;
  readonly metrics: Metrics<typeof declared>;
  readonly clock: Clock;
  readonly log: Log;
}

/** From then on a user is told that the API server keeps refusing the volume. */
const SAVING_SLOW_MS = 60_000;
const UNDECIDED_MS = 30_000;
const UNSEEN_MS = 1_000;

type Annotations = PersistentVolume['metadata']['annotations'];
const done: Outcome = { kind: 'done' };
const again = (afterMs: number, reason: string): Outcome => ({ kind: 'again', afterMs, reason });

/**
 * Invariant: while a directory of a claim may be touched, or may have been made without its volume being saved, the
 * claim has a reservation; it goes when the cache shows the volume, or when the attempt left nothing behind.
 */
export class Attempt {
  readonly #options: AttemptOptions;

  constructor(options: AttemptOptions) {
    this.#options = options;
  }

  /** Reserves before it waits for anything: plan and reservation are one step for all other claims. */
  async run(key: string, decision: ProvisionPlan, signal: AbortSignal): Promise<Outcome> {
    const { catalog, clock, leads, storageOf } = this.#options;
    const { design } = decision;
    const before = catalog.reservations.get(key);
    if (before?.ensured && before.directory !== directoryOf(design.export, design.path)) {
      const left = await this.withdraw(before, signal);
      return left.kind === 'done' ? again(0, 'path-changed') : left;
    }
    if (before && (await this.#isUnseen(before, signal))) return again(UNSEEN_MS, 'volume-not-seen');
    const reservation = this.#reserve(key, decision);
    const request = reservation.ensured ? { ...decision.ensure, adoption: 'allowed' as const } : decision.ensure;
    const storage = storageOf(design.export);
    const result = (await quotaProblem(design, storage, signal)) ?? (await this.#provide(reservation, request, signal));
    if (result.kind === 'again') return result;
    if (result.kind === 'problem') return this.#unready(reservation, decision, result);
    reservation.ensured ??= result;
    const quota = await enforce(catalog, design, storage, signal);
    if (quota?.kind === 'problem') return this.#unready(reservation, decision, quota);
    reservation.savingSinceMs ??= clock.monotonic();
    const first = reservation.ensured;
    const adopted = design.adopted || (first.kind === 'existed' && !first.empty && !decision.known);
    const draft = draftOf({ ...design, adopted, quota, identity: result.identity });
    reservation.volume = asVolume(draft); // whoever comes to share the directory learns that it was adopted, or limited
    const current = catalog.caches.claims.get(key);
    const own = reservation.volume.metadata.name;
    const bound = current?.spec.volumeName || own; // elsewhere: to what was brought back for it meanwhile
    const gone = current?.metadata.uid !== reservation.claimUid || current.metadata.deletionTimestamp !== undefined;
    if (gone || bound !== own) return this.withdraw(reservation, signal);
    if (catalog.meantFor(current).some((volume) => volume.metadata.name !== own)) return again(0, 'volume-kept');
    return leads() ? this.#save(reservation, draft, signal) : again(UNDECIDED_MS, 'not-the-leader');
  }

  #provide(reservation: Reservation, request: EnsureRequest, signal: AbortSignal): ReturnType<Cloner['advance']> {
    const { cloner, storageOf } = this.#options;
    const { clonedFrom } = reservation.design;
    if (clonedFrom) return cloner.advance(reservation, clonedFrom, signal);
    return storageOf(reservation.design.export).ensure(request, signal);
  }

  #reserve(key: string, { design }: ProvisionPlan): Reservation {
    const { catalog, clock } = this.#options;
    const before = catalog.reservations.get(key);
    const directory = directoryOf(design.export, design.path);
    const same = before?.directory === directory && before.claimUid === design.claim.metadata.uid ? before : undefined;
    const reservation: Reservation = {
      claimKey: key,
      claimUid: design.claim.metadata.uid,
      volume: asVolume(draftOf({ ...design, quota: intended(design) })),
      design,
      directory,
      sinceMs: same?.sinceMs ?? clock.monotonic(),
      ensured: same?.ensured,
      savingSinceMs: same?.savingSinceMs,
      saved: same?.saved ?? 'no',
      savedAtMs: same?.savedAtMs,
      withdrawing: false,
    };
    catalog.reservations.put(reservation);
    return reservation;
  }

  /**
   * The volume is saved and on its way into the cache, which brings the claim here again: saving it once more would be
   * refused, and told twice. It may also have gone again before the cache ever showed it.
   */
  async #isUnseen(reservation: Reservation, signal: AbortSignal): Promise<boolean> {
    if (reservation.saved !== 'yes') return false;
    if (wasJustSaved(reservation, this.#options.clock.monotonic())) return true;
    const volume = await find(this.#options.client, reservation.volume.metadata.name, signal);
    if (volume && this.#occupies(volume, reservation)) return true;
    reservation.saved = 'no';
    reservation.savedAtMs = undefined;
    reservation.savingSinceMs = undefined;
    return false;
  }

  /** The directory is not there. What an earlier attempt made stays reserved for this claim. */
  #unready(reservation: Reservation, { design, ensure }: ProvisionPlan, problem: StorageProblem): Outcome {
    const { announcer, catalog, log, waiting } = this.#options;
    const { claimKey, directory } = reservation;
    const namespace = design.claim.metadata.namespace ?? '';
    if (!reservation.ensured) this.release(claimKey);
    const { uid } = catalog.settings.defaultOwner;
    const failure = failureOf(problem, { ...design, doing: 'creating', uid, mode: ensure.mode, namespace });
    announcer.failure(design.claim, failure.message, `${problem.problem} ${problem.errno} ${directory}`);
    log.warn(
      { controller: 'provisioner', key: claimKey, reason: problem.problem, errno: problem.errno, directory },
      'directory not ready',
    );
    if (problem.problem === 'not-empty') waiting.add(`namespace/${namespace}`, claimKey);
    if (failure.again.kind === 'backoff') return { kind: 'retry', reason: problem.problem };
    if (failure.again.kind === 'heal') waiting.add(`export/${addressOf(design.export)}`, claimKey);
    return again(failure.again.afterMs, problem.problem);
  }

  /** Retried for ever: a directory is never removed because its volume could not be saved. */
  async #save(reservation: Reservation, draft: Draft<PersistentVolume>, signal: AbortSignal): Promise<Outcome> {
    const { client } = this.#options;
    const { name } = reservation.volume.metadata;
    try {
      await client.create(kinds.PersistentVolume, draft, { signal });
    } catch (error) {
      if (!isKubeError(error)) throw error;
      if (error.code !== 'KUBE_ALREADY_EXISTS') return this.#unsaved(reservation, error);
      const existing = await client.get(kinds.PersistentVolume, { name }, { signal });
      if (existing.spec.claimRef?.uid !== reservation.claimUid) return this.#unsaved(reservation, error);
      if (!this.#occupies(existing, reservation)) return this.withdraw(reservation, signal);
    }
    this.#succeed(reservation, draft.metadata.annotations);
    return done;
  }

  #unsaved(reservation: Reservation, error: KubeError): Outcome {
    const { announcer, catalog, clock, log } = this.#options;
    const { claimKey } = reservation;
    const claim = catalog.caches.claims.get(claimKey);
    if (error.code === 'KUBE_UNAVAILABLE') reservation.saved = 'maybe';
    const sinceMs = reservation.savingSinceMs ?? clock.monotonic();
    log.warn({ controller: 'provisioner', key: claimKey, code: error.code, err: error }, 'volume not saved');
    const outcome: Outcome = { kind: 'retry', reason: error.code, afterMs: error.retryAfterMs ?? 0 };
    if (!claim) return outcome;
    if (error.status >= 400 && error.status < 500 && error.code !== 'KUBE_THROTTLED') {
      const message = `directory is ready, saving the PersistentVolume is refused: ${error.message}: it is retried by itself`;
      announcer.failure(claim, message, error.code);
    } else if (clock.monotonic() - sinceMs >= SAVING_SLOW_MS) {
      const why = error.status === 0 ? 'the API server does not answer' : `the API server answers ${error.status}`;
      const message = `directory is ready, saving the PersistentVolume is delayed: ${why}: it is retried by itself`;
      announcer.failure(claim, message);
    }
    return outcome;
  }

  #succeed(reservation: Reservation, annotations: Annotations): void {
    const { announcer, catalog, clock, log, metrics } = this.#options;
    const { claimKey, design } = reservation;
    reservation.saved = 'yes';
    reservation.savedAtMs = clock.monotonic();
    const name = volumeNameOf(design.claim);
    announcer.note(design.claim, 'ProvisioningSucceeded', `Successfully provisioned volume ${name}`);
    this.#tellWhatWasThere(reservation, annotations);
    announcer.forget(claimKey);
    const labels = {
      class: design.storageClass.metadata.name,
      source: design.clonedFrom ? 'PersistentVolumeClaim' : '',
    };
    metrics.count('controller_persistentvolumeclaim_provision_total', labels);
    const seconds = (clock.monotonic() - reservation.sinceMs) / 1000;
    metrics.observe('controller_persistentvolumeclaim_provision_duration_seconds', labels, seconds);
    log.info(
      { controller: 'provisioner', key: claimKey, volume: name, directory: reservation.directory },
      'volume provisioned',
    );
    // Until the cache shows the volume the reservation is what other claims see of it.
    if (catalog.named(name)) this.release(claimKey);
  }

  #tellWhatWasThere({ design, ensured }: Reservation, annotations: Annotations): void {
    if (ensured?.kind !== 'existed') return;
    const { announcer } = this.#options;
    const directory = design.path.join('/');
    if (!design.adopted && annotations?.[annotation.adopted] === 'true') {
      announcer.note(
        design.claim,
        'VolumeAdopted',
        `directory ${directory} existed and is used, its data is untouched: nothing to do`,
      );
    }
    const is = `mode ${formatMode(ensured.mode)} and owner ${ensured.uid}:${ensured.gid}`;
    const told = permissionsNote(ensured.permissions, directory, is);
    if (told) announcer.note(design.claim, told.reason, told.message);
  }

  /** The claim has no more use for what its attempt reserved: an empty directory that the attempt made goes again. */
  async withdraw(reservation: Reservation, signal: AbortSignal): Promise<Outcome> {
    const { catalog, client, cloner, log, storageOf, waiting } = this.#options;
    const { claimKey, design, directory } = reservation;
    const name = reservation.volume.metadata.name;
    const shown = catalog.named(name);
    if (!shown && wasJustSaved(reservation, this.#options.clock.monotonic()))
      return again(UNSEEN_MS, 'volume-not-seen');
    const unseen = shown || reservation.saved === 'no' ? undefined : await find(client, name, signal);
    // The cache of claims may be ahead of the one of volumes (a claim is bound, its volume is not there yet): until the
    // latter shows the volume, nothing but the reservation tells others whose directory it is.
    if (unseen && this.#occupies(unseen, reservation)) return again(UNSEEN_MS, 'volume-not-seen');
    if (!this.#mayDiscard(reservation, shown ?? unseen)) return this.release(claimKey);
    reservation.withdrawing = true;
    const result = await (design.clonedFrom
      ? cloner.withdraw(reservation, signal)
      : storageOf(design.export).discard(design.path, signal));
    if (result.kind !== 'problem') await liftLimit(this.#options, reservation.volume, signal);
    const undecided = result.kind === 'problem' && (result.landed === 'maybe' || result.problem === 'unavailable');
    if (!undecided) return this.release(claimKey);
    // The removal may still happen: until it is known, nobody may get the directory.
    waiting.add(`export/${addressOf(design.export)}`, claimKey);
    log.warn({ controller: 'provisioner', key: claimKey, directory }, 'removal of a directory is undecided');
    return again(UNDECIDED_MS, 'removal-undecided');
  }

  #mayDiscard(reservation: Reservation, saved: PersistentVolume | undefined): boolean {
    const { design, claimUid, ensured } = reservation;
    if (ensured?.kind !== 'created' || reservation.saved === 'yes') return false;
    if (saved && this.#occupies(saved, reservation)) return false;
    const holders = this.#options.catalog.holders(design.export, design.path);
    return holders.every((holder) => holder.volume.spec.claimRef?.uid === claimUid);
  }

  #occupies(volume: PersistentVolume, reservation: Reservation): boolean {
    return occupied(volume, this.#options.catalog.settings.exports).includes(reservation.directory);
  }

  /**
   * The volume is saved for all to see. A success whose answer was lost is told now; where it is of another directory,
   * which was brought back for the claim, the one that the attempt made is taken back.
   */
  async confirm(claimKey: string, volume: PersistentVolume, signal: AbortSignal): Promise<Outcome> {
    const reservation = this.#options.catalog.reservations.get(claimKey);
    if (reservation && !this.#occupies(volume, reservation)) return this.withdraw(reservation, signal);
    if (reservation?.saved === 'maybe') {
      this.#succeed(reservation, volume.metadata.annotations);
    }
    return this.release(claimKey);
  }

  /** Gives the directory free for others. */
  release(claimKey: string): Outcome {
    this.#options.catalog.reservations.drop(claimKey);
    return done;
  }
}

function find(client: Client, name: string, signal: AbortSignal): Promise<PersistentVolume | undefined> {
  return ifThere(client.get(kinds.PersistentVolume, { name }, { signal }));
}
