/**
 * Copies of claims, slice by slice: each call does a little and says when to come again, so that a copy of hours holds
 * up nobody, and what became of its claim and its source is looked at in between.
 */
import type { Client } from '../../kube/client.ts';
import type { Outcome } from '../../kube/controller.ts';
import type { Clock } from '../../telemetry/clock.ts';
import type { Log } from '../../telemetry/log.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import { type Announcer, REPEAT_MS } from '../announcer.ts';
import type { Catalog } from '../catalog.ts';
import { volumeNameOf } from '../draft.ts';
import type { metrics as declared } from '../registry.ts';
import type { Reservation } from '../reservation.ts';
import type { EnsureResult, ExportDescription, MoveResult, Storage, StorageProblem } from '../storage.ts';
import { addressOf } from '../volume.ts';
import {
  type CloneSubject,
  completedText,
  inexactText,
  progressText,
  quarterOf,
  queuedText,
  startText,
} from './clone-words.ts';
import type { CloneFigures, CloneResult } from './clones.ts';
import type { CloneSource } from './data-source.ts';
import { createPace, type Pace, sliceOf } from './pace.ts';
import { isAlive, wentMeanwhile } from './source-alive.ts';

export interface ClonerOptions {
  readonly client: Client;
  readonly catalog: Catalog;
  readonly storageOf: (description: ExportDescription) => Storage;
  readonly announcer: Announcer;
  readonly metrics: Metrics<typeof declared>;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Cloner {
  /** One slice. `again` while the copy is under way; then what `ensure` would say of a new directory. */
  advance(
    reservation: Reservation,
    source: CloneSource,
    signal: AbortSignal,
  ): Promise<EnsureResult | Extract<Outcome, { kind: 'again' }>>;
  /** A complete copy whose claim is gone leaves by way of the trash. */
  withdraw(reservation: Reservation, signal: AbortSignal): Promise<MoveResult>;
}

interface Progress {
  readonly root: string;
  /** Of the export, for metrics: several may show one folder. */
  readonly address: string;
  readonly startedMs: number;
  /** Of the source, once it is measured. */
  total: { readonly bytes: bigint; readonly files: bigint } | undefined;
  figures: CloneFigures | undefined;
  quarter: number;
  toldMs: number;
  /** Of this slice and those before, as far as they are paid for. */
  written: bigint;
  complete: boolean;
  /** Of the source, since the copy was begun: see `CloneRequest`. */
  sight: 'not-begun' | 'unseen' | 'seen';
}

/** Copies under way at a time on one folder of exports. */
const AT_ONCE = 4;
const TURN_MS = 2_000;
const OPERATIONS = 4_000;
/** Something is said at least so often. */
const TELL_MS = 10 * 60_000;

const again = (afterMs: number, reason: string) => ({ kind: 'again', afterMs, reason }) as const;

export const createCloner = (options: ClonerOptions): Cloner => new SlicedCloner(options);

/** Invariant: `#progress` has, by the uid of their claims, reservations only: those whose last slice did not fail. */
class SlicedCloner implements Cloner {
  readonly #options: ClonerOptions;
  readonly #progress = new Map<string, Progress>();
  /** Uids of claims that were told to wait for their turn. */
  readonly #queued = new Set<string>();
  /** When it was last said of a claim that its copy begins, monotonic ms by uid. */
  readonly #begun = new Map<string, number>();
  /** By class: all copies of a class share its rate. */
  readonly #paces = new Map<string, { readonly rate: bigint | undefined; readonly pace: Pace }>();

  constructor(options: ClonerOptions) {
    this.#options = options;
    options.catalog.reservations.onDrop((reservation) => this.#forget(reservation));
  }

  async advance(reservation: Reservation, source: CloneSource, signal: AbortSignal): ReturnType<Cloner['advance']> {
    const { design } = reservation;
    const progress = this.#progressOf(reservation);
    if (!progress) return this.#queue(reservation, source);
    if (!progress.total) return this.#measure(reservation, source, progress, signal);
    const pace = this.#paceOf(reservation);
    const waitMs = pace.waitMs();
    if (waitMs > 0) return again(waitMs, 'clone-is-paced');
    if (progress.sight === 'unseen' && !(await isAlive(this.#options.client, source, signal))) {
      return this.#failed(reservation, wentMeanwhile);
    }
    if (progress.sight === 'unseen') progress.sight = 'seen';
    const { minFreeBytes, minFreeInodes } = design.options;
    const result = await this.#options.storageOf(design.export).clones.advance(
      {
        uid: reservation.claimUid,
        source: source.path,
        sourceSeen: progress.sight === 'seen',
        path: design.path,
        maxBytes: sliceOf(design.options.cloneRate),
        maxOperations: OPERATIONS,
        neededBytes: progress.total.bytes,
        minFreeBytes,
        minFreeInodes,
      },
      signal,
    );
    return this.#take(reservation, progress, { result, pace });
  }

  #take(
    reservation: Reservation,
    progress: Progress,
    { result, pace }: { readonly result: CloneResult; readonly pace: Pace },
  ): EnsureResult | Extract<Outcome, { kind: 'again' }> {
    if (result.kind === 'problem') return this.#failed(reservation, result);
    // What an earlier process had copied is no part of the figures of one that began anew.
    if (result.kind === 'cloning' && result.fresh)
      Object.assign(progress, { written: 0n, quarter: 0, complete: false });
    if (result.kind === 'cloning' && (result.fresh || progress.sight === 'not-begun')) progress.sight = 'unseen';
    const { copiedBytes } = result.figures;
    if (copiedBytes > progress.written) pace.spend(copiedBytes - progress.written);
    Object.assign(progress, { written: copiedBytes, figures: result.figures });
    if (result.kind === 'cloned') {
      if (!progress.complete) this.#completed(reservation, progress, result.figures);
      progress.complete = true;
      this.#count(reservation.design.export);
      return { kind: 'created', identity: result.identity };
    }
    this.#tell(reservation, progress, result.figures);
    return again(pace.waitMs(), 'cloning');
  }

  #queue({ claimUid, design }: Reservation, source: CloneSource): ReturnType<typeof again> {
    if (!this.#queued.has(claimUid)) {
      this.#queued.add(claimUid);
      this.#options.announcer.note(design.claim, 'CloneInProgress', queuedText(source.claim, AT_ONCE));
    }
    return again(TURN_MS, 'clone-waits-for-its-turn');
  }

  /** Undefined: there are enough of them under way. */
  #progressOf({ claimUid, design }: Reservation): Progress | undefined {
    const known = this.#progress.get(claimUid);
    if (known) return known;
    const { root } = design.export;
    if (this.#running().filter((other) => other.root === root).length >= AT_ONCE) return undefined;
    const startedMs = this.#options.clock.monotonic();
    const none = { total: undefined, figures: undefined, quarter: 0, written: 0n, complete: false };
    const fresh = { ...none, sight: 'not-begun' } as const;
    const progress: Progress = { root, address: addressOf(design.export), startedMs, toldMs: startedMs, ...fresh };
    this.#progress.set(claimUid, progress);
    this.#count(design.export);
    return progress;
  }

  /** How much there is: for the space that a copy needs, and to say how far it is. */
  async #measure(
    reservation: Reservation,
    source: CloneSource,
    progress: Progress,
    signal: AbortSignal,
  ): ReturnType<Cloner['advance']> {
    const { announcer, storageOf } = this.#options;
    const { design } = reservation;
    const request = { path: source.path, maxOperations: OPERATIONS };
    const measured = await storageOf(design.export).usage(request, signal);
    if (measured.kind === 'problem') {
      const missing = { ...measured, detail: 'the directory of the source does not exist' };
      return this.#failed(reservation, measured.problem === 'missing' ? missing : measured);
    }
    if (!measured.complete) return again(0, 'measuring-the-source');
    progress.total = { bytes: measured.usedBytes, files: measured.inodes };
    if (this.#isNews(reservation.claimUid))
      announcer.note(design.claim, 'CloneInProgress', startText(this.#subjectOf(reservation, progress)));
    return again(0, 'cloning');
  }

  /** A copy that fails begins again and again: that it does is said as seldom as what it fails for. */
  #isNews(claimUid: string): boolean {
    const nowMs = this.#options.clock.monotonic();
    for (const [uid, atMs] of this.#begun) if (nowMs - atMs >= REPEAT_MS) this.#begun.delete(uid);
    if (this.#begun.has(claimUid)) return false;
    this.#begun.set(claimUid, nowMs);
    return true;
  }

  #tell(reservation: Reservation, progress: Progress, figures: CloneFigures): void {
    const { announcer, clock } = this.#options;
    const nowMs = clock.monotonic();
    const quarter = quarterOf(figures, progress.total?.bytes ?? 0n);
    if (quarter <= progress.quarter && nowMs - progress.toldMs < TELL_MS) return;
    Object.assign(progress, { quarter, toldMs: nowMs });
    const text = progressText(this.#subjectOf(reservation, progress), figures);
    announcer.note(reservation.design.claim, 'CloneInProgress', text);
  }

  #completed(reservation: Reservation, progress: Progress, figures: CloneFigures): void {
    const { announcer, log, metrics } = this.#options;
    const { claim, export: place } = reservation.design;
    const subject = this.#subjectOf(reservation, progress);
    announcer.note(claim, 'CloneCompleted', completedText(subject, figures));
    const inexact = inexactText(subject, figures);
    if (inexact) announcer.note(claim, 'CloneInexact', inexact);
    const label = addressOf(place);
    metrics.count('larder_clones_total', { export: label, result: 'completed' });
    metrics.count('larder_clone_bytes_total', { export: label, how: 'copied' }, Number(figures.copiedBytes));
    metrics.count('larder_clone_bytes_total', { export: label, how: 'shared' }, Number(figures.sharedBytes));
    const { directory, elapsedMs } = subject;
    log.info(
      { controller: 'provisioner', key: reservation.claimKey, directory, elapsedMs, ...figures },
      'claim copied',
    );
  }

  /** The next attempt begins with a look at its source again. */
  #failed({ claimUid, design }: Reservation, problem: StorageProblem): StorageProblem {
    this.#progress.delete(claimUid);
    this.#count(design.export);
    this.#options.metrics.count('larder_clones_total', { export: addressOf(design.export), result: 'failed' });
    return problem;
  }

  #subjectOf({ design }: Reservation, { startedMs, total }: Progress): CloneSubject {
    return {
      claim: design.clonedFrom?.claim ?? '',
      directory: design.path.join('/'),
      elapsedMs: this.#options.clock.monotonic() - startedMs,
      totalBytes: total?.bytes ?? 0n,
      totalFiles: total?.files ?? 0n,
    };
  }

  #paceOf({ design }: Reservation): Pace {
    const { uid } = design.storageClass.metadata;
    const rate = design.options.cloneRate;
    const known = this.#paces.get(uid);
    if (known?.rate === rate && known) return known.pace;
    const pace = createPace(this.#options.clock, rate);
    this.#paces.set(uid, { rate, pace });
    return pace;
  }

  #forget({ claimUid, design, ensured }: Reservation): void {
    this.#queued.delete(claimUid);
    const progress = this.#progress.get(claimUid);
    if (!progress) return;
    this.#progress.delete(claimUid);
    this.#count(design.export);
    if (ensured) return;
    this.#options.metrics.count('larder_clones_total', { export: addressOf(design.export), result: 'withdrawn' });
  }

  #count(place: ExportDescription): void {
    const here = addressOf(place);
    const running = this.#running().filter(({ address }) => address === here);
    this.#options.metrics.set('larder_clones_running', { export: here }, running.length);
  }

  #running(): readonly Progress[] {
    return [...this.#progress.values()].filter(({ complete }) => !complete);
  }

  withdraw({ claimKey, claimUid, design, ensured }: Reservation, signal: AbortSignal): Promise<MoveResult> {
    const { clock, storageOf } = this.#options;
    const at = clock.now();
    const { ms } = design.options.trashRetention;
    const request = {
      path: design.path,
      volumeUid: claimUid,
      volumeName: volumeNameOf(design.claim),
      claim: claimKey,
      at,
      ...(ensured ? { identity: ensured.identity } : {}),
      ...(ms === undefined ? {} : { expiresAt: at + ms }),
    };
    return storageOf(design.export).trash(request, signal);
  }
}
