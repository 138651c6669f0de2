/**
 * Directories that claims in flight are about to own. Between the plan and the moment at which the cache shows the saved
 * volume nobody else could see the ownership; a reservation makes it visible to every other plan of this process.
 */
import type { PersistentVolume } from '../kube/kinds.ts';
import type { Draft } from '../kube/object.ts';
import type { VolumeDesign } from './draft.ts';
import type { EnsureResult, StorageProblem } from './storage.ts';
import { ancestorsOf } from './volume.ts';

export interface Reservation {
  readonly claimKey: string;
  readonly claimUid: string;
  /** As it will be saved; whether it is adopted is known once `ensured` is set. */
  volume: PersistentVolume;
  readonly design: VolumeDesign;
  readonly directory: string;
  /** When it was first attempted, monotonic ms. */
  readonly sinceMs: number;
  /** What the first successful attempt found: later ones find what it made. */
  ensured: Exclude<EnsureResult, StorageProblem> | undefined;
  /** Since when the directory is ready and the volume is not saved, monotonic ms. */
  savingSinceMs: number | undefined;
  /** `maybe`: an attempt ended without an answer, so the volume may exist. */
  saved: 'no' | 'maybe' | 'yes';
  /** When it was found to be saved, monotonic ms. */
  savedAtMs: number | undefined;
  /** The directory is being removed again: nobody may join. */
  withdrawing: boolean;
}

/** Watches are that late in a burst, and asking for each volume would make them later. */
const ASKED_AFTER_MS = 5_000;

/** Its volume is saved, and on its way into the cache. `now`: monotonic ms. */
export function wasJustSaved({ savedAtMs }: Reservation, now: number): boolean {
  return savedAtMs !== undefined && now - savedAtMs < ASKED_AFTER_MS;
}

/** How other plans see a volume that is about to be saved. */
export const asVolume = (draft: Draft<PersistentVolume>): PersistentVolume => ({
  apiVersion: draft.apiVersion,
  kind: draft.kind,
  spec: draft.spec,
  metadata: { uid: '', resourceVersion: '', name: '', ...draft.metadata },
  status: { phase: 'Pending' },
});

/** Invariant: `#at` and `#above` hold exactly the directories, and their ancestors, of what is in `#byClaim`. */
export class Reservations {
  readonly #byClaim = new Map<string, Reservation>();
  readonly #at = new Map<string, Set<Reservation>>();
  readonly #above = new Map<string, Set<Reservation>>();
  readonly #listeners = new Set<(reservation: Reservation) => void>();

  get(claimKey: string): Reservation | undefined {
    return this.#byClaim.get(claimKey);
  }

  /** Replaces what the claim had reserved before. */
  put(reservation: Reservation): void {
    this.#remove(reservation.claimKey);
    this.#byClaim.set(reservation.claimKey, reservation);
    enter(this.#at, reservation.directory, reservation);
    for (const above of ancestorsOf(reservation.directory)) enter(this.#above, above, reservation);
  }

  /** Does nothing when there is none. */
  drop(claimKey: string): void {
    const reservation = this.#remove(claimKey);
    if (reservation) for (const listener of this.#listeners) listener(reservation);
  }

  /** Called when a reservation was dropped: no cache tells of it. */
  onDrop(listener: (reservation: Reservation) => void): void {
    this.#listeners.add(listener);
  }

  #remove(claimKey: string): Reservation | undefined {
    const reservation = this.#byClaim.get(claimKey);
    if (!reservation) return undefined;
    this.#byClaim.delete(claimKey);
    leave(this.#at, reservation.directory, reservation);
    for (const above of ancestorsOf(reservation.directory)) leave(this.#above, above, reservation);
    return reservation;
  }

  at(directory: string): Iterable<Reservation> {
    return this.#at.get(directory) ?? [];
  }

  all(): Iterable<Reservation> {
    return this.#byClaim.values();
  }

  /** Those strictly below the directory. */
  below(directory: string): Iterable<Reservation> {
    return this.#above.get(directory) ?? [];
  }

  get size(): number {
    return this.#byClaim.size;
  }
}

function enter(map: Map<string, Set<Reservation>>, directory: string, reservation: Reservation): void {
  const members = map.get(directory);
  if (members) members.add(reservation);
  else map.set(directory, new Set([reservation]));
}

function leave(map: Map<string, Set<Reservation>>, directory: string, reservation: Reservation): void {
  const members = map.get(directory);
  members?.delete(reservation);
  if (members?.size === 0) map.delete(directory);
}
