import { intern } from '../kube/intern.ts';
import type { Clock } from '../telemetry/clock.ts';
import type { Log } from '../telemetry/log.ts';
import { isReached } from './announce.ts';
import type { Claim } from './claim.ts';
import type { ClaimMetrics } from './claim-metrics.ts';
import type { ManagedClaim } from './compat/peer-metrics.ts';
import { FROM_FUTURE, isFromFuture, type Rules, TOLD_BEFORE } from './facts.ts';
import type { Growth } from './history.ts';
import type { Judged } from './judged.ts';
import type { Outline } from './outline.ts';
import type { HistoryStore } from './usage/history.ts';
import { blankMemory, type Memory, Recollection } from './usage/recollection.ts';
import type { SampleStore } from './usage/samples.ts';
import type { Reading, Sample } from './usage/source.ts';
import { addSample, followCapacity, refuse, saysTheSame, TRACK_LIMIT, type Track } from './usage/track.ts';

/** What the process remembers of one claim. Times named …Mono are of the monotonic clock. */
export interface Entry {
  readonly uid: string;
  readonly metrics: ClaimMetrics;
  track: Track;
  readonly memory: Memory;
  /** Why the last attempt to measure gave nothing; empty when it gave a sample. */
  sampleProblem: string;
  /** The time that the newest reading states, and when it was first told; undefined: there was none. */
  heard: { readonly at: number; readonly firstMono: number } | undefined;
  /** When the newest reading came in, until a decision has looked at it. */
  readAtMono: number | undefined;
  unmeasuredSinceMono: number | undefined;
  /** The resize that is under way, in words that change when it moves on, and when it was first seen (epoch ms). */
  movement: { readonly what: string; readonly seenAt: number } | undefined;
  /** Somebody lowered the request: to what, and when that was first seen. */
  lowered: { readonly what: string; readonly seenMono: number } | undefined;
  /** Why a request that the driver refuses is not lowered; empty: nothing speaks against it. */
  recoveryProblem: string;
  /** The last decision; undefined before the first. */
  outline: Outline | undefined;
  /** What that rested on. */
  judged: Judged | undefined;
  /** Growths made by this process: stamp (epoch ms) → monotonic moment; undefined: none. */
  made: Map<number, number> | undefined;
  /** A write without an answer: it may show up in the claim's history. */
  doubt: Growth | undefined;
  /** The request that waits to be granted. */
  stage: { readonly startMono: number; volumeDone: boolean } | undefined;
  /** `forbidden`: the API server's words when it was a permission that was missing; else empty. */
  refusals: { readonly count: number; readonly untilMono: number; readonly forbidden: string } | undefined;
  /** A condition that could not be written is tried again then; undefined: at once. */
  markUntilMono: number | undefined;
}

/** Nothing is decided on them, and there are many such claims. */
const UNMANAGED_SAMPLES = 1;

/**
 * The memory of the expander. Invariants: one entry per claim key, of the claim's present uid; whatever changed in a
 * track since the last `flush` is in `#dirty`.
 */
export class Notebook {
  readonly #entries = new Map<string, Entry>();
  readonly #dirty = new Map<string, Track | undefined>();
  readonly #clock: Clock;
  readonly #store: SampleStore;
  readonly #recollection: Recollection;
  readonly #log: Log;
  readonly #rules: Rules;
  readonly #metricsOf: (key: string) => ClaimMetrics;
  #stored: Map<string, Track>;
  #broken = false;

  /** Reads what an earlier process kept. */
  constructor(options: {
    readonly clock: Clock;
    readonly store: SampleStore;
    readonly history: HistoryStore;
    readonly log: Log;
    readonly rules: Rules;
    readonly metricsOf: (key: string) => ClaimMetrics;
  }) {
    this.#clock = options.clock;
    this.#store = options.store;
    this.#recollection = new Recollection(options);
    this.#log = options.log;
    this.#rules = options.rules;
    this.#metricsOf = options.metricsOf;
    this.#stored = new Map(options.store.load());
  }

  get(key: string): Entry | undefined {
    return this.#entries.get(key);
  }

  keys(): IterableIterator<string> {
    return this.#entries.keys();
  }

  /** Of all claims that were decided on, by key. */
  *outlines(): Generator<readonly [key: string, outline: Outline]> {
    for (const [key, { outline }] of this.#entries) if (outline) yield [key, outline];
  }

  /** Of them, those that grow by themselves. */
  *managed(): Generator<ManagedClaim> {
    for (const [key, { outline, track }] of this.#entries) {
      if (!outline || outline.verdict.kind === 'Unmanaged') continue;
      const total = track.samples.at(-1)?.inodes?.total;
      const inodes = total === undefined ? undefined : Number(total);
      yield { key, gauges: outline.gauges, inodes, reached: isReached(track.announced) };
    }
  }

  /** The entry of the claim as it now is; another uid under the same name starts afresh. */
  open(claim: Claim): Entry {
    const existing = this.#entries.get(claim.key);
    if (existing && existing.uid === claim.uid) {
      this.setTrack(existing, this.#follow(existing.track, claim));
      return existing;
    }
    if (existing) this.forget(claim.key);
    const stored = this.#stored.get(claim.uid);
    this.#stored.delete(claim.uid);
    const entry: Entry = {
      uid: claim.uid,
      metrics: this.#metricsOf(intern(claim.key)),
      track: this.#follow(stored, claim),
      memory: blankMemory(),
      sampleProblem: '',
      heard: undefined,
      readAtMono: undefined,
      unmeasuredSinceMono: undefined,
      movement: undefined,
      lowered: undefined,
      recoveryProblem: '',
      outline: undefined,
      judged: undefined,
      made: undefined,
      doubt: undefined,
      stage: undefined,
      refusals: undefined,
      markUntilMono: undefined,
    };
    this.#entries.set(intern(claim.key), entry);
    return entry;
  }

  /** Also drops what lies in the future since a clock was set back, here or while this process was not there. */
  #follow(track: Track | undefined, claim: Claim): Track {
    const now = this.#clock.now();
    const followed = followCapacity(track, claim.capacityBytes, now);
    if (!followed.samples.some((sample) => isFromFuture(sample, this.#rules, now))) return followed;
    const samples = followed.samples.filter((sample) => !isFromFuture(sample, this.#rules, now));
    const refused = followed.samples.findLast((sample) => !samples.includes(sample));
    return refuse({ ...followed, samples }, refused?.at);
  }

  setTrack(entry: Entry, track: Track): void {
    if (track === entry.track) return;
    entry.track = track;
    this.#dirty.set(entry.uid, track);
  }

  /** False: it says what the one before said. */
  read(entry: Entry, reading: Reading): boolean {
    const problem = entry.sampleProblem;
    const before = entry.track.samples.at(-1);
    entry.readAtMono = this.#clock.monotonic();
    if (reading.kind === 'none') {
      entry.sampleProblem = reading.reason;
      return reading.reason !== problem;
    }
    const { sample } = reading;
    entry.sampleProblem = this.#doubtOn(entry, sample);
    const believed = entry.sampleProblem === '';
    if (!believed) this.setTrack(entry, refuse(entry.track, sample.at));
    if (!believed) return entry.sampleProblem !== problem;
    const kept = entry.outline?.verdict.kind === 'Unmanaged' ? UNMANAGED_SAMPLES : TRACK_LIMIT;
    this.setTrack(entry, addSample(entry.track, sample, kept));
    this.#recollection.follow(entry.memory, entry.uid, sample);
    return problem !== '' || !before || !saysTheSame(before, sample);
  }

  /**
   * Why it is not taken in; empty: it is. What was turned down once stays so, across a restart too: a source that stands
   * still would seem to measure afresh once a clock that was set back has come so far again.
   */
  #doubtOn(entry: Entry, sample: Sample): string {
    if (entry.heard?.at !== sample.at) entry.heard = { at: sample.at, firstMono: this.#clock.monotonic() };
    if (isFromFuture(sample, this.#rules, this.#clock.now())) return FROM_FUTURE;
    const { refusedAt, settledAt } = entry.track;
    if (settledAt !== undefined && sample.at <= settledAt) return ''; // of the size before: the next one is waited for
    return refusedAt === sample.at ? TOLD_BEFORE : '';
  }

  /** Its series leave with it. */
  forget(key: string): void {
    const entry = this.#entries.get(key);
    if (!entry) return;
    entry.metrics.remove();
    this.#entries.delete(key);
    this.#dirty.set(entry.uid, undefined);
  }

  /** What was kept for claims that are gone is dropped; called when every claim there is has been opened. */
  dropUnclaimed(): void {
    for (const uid of this.#stored.keys()) this.#dirty.set(uid, undefined);
    this.#stored = new Map();
  }

  /** Writes what changed. A disk that refuses costs the memory across a restart, nothing else; it is said once. */
  flush(): void {
    this.#recollection.flush();
    try {
      this.#store.save(this.#dirty);
      this.#dirty.clear();
      this.#broken = false;
    } catch (err) {
      if (!this.#broken) this.#log.error({ err }, 'recent measurements are not kept');
      this.#broken = true;
    }
  }
}
