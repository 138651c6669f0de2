import type { Clock } from '../telemetry/clock.ts';
import type { Log } from '../telemetry/log.ts';
import type { Claim } from './claim.ts';
import type { ClaimMetrics } from './claim-metrics.ts';
import type { Decision } from './decision.ts';
import type { Growth } from './history.ts';
import type { SampleStore } from './usage/samples.ts';
import type { Reading } from './usage/source.ts';
import { addSample, followCapacity, type Track } from './usage/track.ts';

/** What the process remembers of one claim. Times named …Mono are of the monotonic clock. */
export interface Entry {
  readonly uid: string;
  readonly metrics: ClaimMetrics;
  track: Track;
  /** Why the last attempt to measure gave nothing; empty when it gave a sample. */
  sampleProblem: string;
  /** When the newest reading came in, until a decision has looked at it. */
  readAtMono: number | undefined;
  unmeasuredSinceMono: number | undefined;
  /** The resize that is under way, in words that change when it moves on, and when it was first seen (epoch ms). */
  movement: { readonly what: string; readonly seenAt: number } | undefined;
  decision: Decision | undefined;
  /** Growths made by this process: stamp (epoch ms) → monotonic moment. */
  readonly made: Map<number, number>;
  /** A write without an answer: it may show up in the claim's history. */
  doubt: Growth | undefined;
  /** The request that waits to be granted. */
  stage: { readonly startMono: number; volumeDone: boolean } | undefined;
  refusals: { readonly count: number; readonly untilMono: number } | undefined;
}

/**
 * The memory of the expander. Invariants: one entry per claim key, of the claim's present uid; whatever changed in a
 * track since the last `flush` is in `#dirty`.
 */
export class Notebook {
  readonly #entries = new Map<string, Entry>();
  readonly #dirty = new Map<string, Track | undefined>();
  readonly #clock: Clock;
  readonly #store: SampleStore;
  readonly #log: Log;
  readonly #metricsOf: (key: string) => ClaimMetrics;
  #stored: Map<string, Track>;
  #broken = false;

  /** Reads what an earlier process kept. */
  constructor(options: {
    readonly clock: Clock;
    readonly store: SampleStore;
    readonly log: Log;
    readonly metricsOf: (key: string) => ClaimMetrics;
  }) {
    this.#clock = options.clock;
    this.#store = options.store;
    this.#log = options.log;
    this.#metricsOf = options.metricsOf;
    this.#stored = new Map(options.store.load());
  }

  get(key: string): Entry | undefined {
    return this.#entries.get(key);
  }

  keys(): IterableIterator<string> {
    return this.#entries.keys();
  }

  /** The entry of the claim as it now is; another uid under the same name starts afresh. */
  open(claim: Claim): Entry {
    const existing = this.#entries.get(claim.key);
    if (existing && existing.uid === claim.uid) {
      this.setTrack(existing, followCapacity(existing.track, claim.capacityBytes, this.#clock.now()));
      return existing;
    }
    if (existing) this.forget(claim.key);
    const stored = this.#stored.get(claim.uid);
    this.#stored.delete(claim.uid);
    const entry: Entry = {
      uid: claim.uid,
      metrics: this.#metricsOf(claim.key),
      track: followCapacity(stored, claim.capacityBytes, this.#clock.now()),
      sampleProblem: '',
      readAtMono: undefined,
      unmeasuredSinceMono: undefined,
      movement: undefined,
      decision: undefined,
      made: new Map(),
      doubt: undefined,
      stage: undefined,
      refusals: undefined,
    };
    this.#entries.set(claim.key, entry);
    return entry;
  }

  setTrack(entry: Entry, track: Track): void {
    if (track === entry.track) return;
    entry.track = track;
    this.#dirty.set(entry.uid, track);
  }

  read(entry: Entry, reading: Reading): void {
    entry.readAtMono = this.#clock.monotonic();
    if (reading.kind === 'none') {
      entry.sampleProblem = reading.reason;
      return;
    }
    entry.sampleProblem = '';
    this.setTrack(entry, addSample(entry.track, reading.sample));
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
