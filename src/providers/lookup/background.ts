/** Asks a cloud about volumes in the background, in batches, at a bounded pace, and remembers the answers for a while. */
import { type Clock, sleep } from '../../telemetry/clock.ts';
import type { Log } from '../../telemetry/log.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import type { LookedUp, Lookup, LookupState, VolumeFacts } from '../lookup.ts';
import { type metrics as declared, LookupError, type LookupErrorCode } from '../registry.ts';

export interface BackgroundOptions {
  readonly cloud: string;
  /** Handles that it knows; one that is missing in the answer does not exist. Rejects with a LookupError. */
  readonly ask: (handles: readonly string[], signal: AbortSignal) => Promise<ReadonlyMap<string, VolumeFacts>>;
  /** How many one question takes. */
  readonly batch: number;
  /** Of questions, on average. */
  readonly perSecond: number;
  readonly maxAgeMs: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics<typeof declared>;
}

export interface BackgroundLookup extends Lookup {
  /** Asks until aborted; never rejects. */
  run(signal: AbortSignal): Promise<void>;
  state(): LookupState;
}

interface Entry {
  facts: VolumeFacts | undefined;
  /** Wall time of the answer. */
  at: number;
  /** Monotonic time from which the entry is to be asked again. */
  staleMono: number;
  failure: string;
  wantedMono: number;
}

/** Volumes that arrive together are asked together. */
const GATHER_MS = 50;
const SHORTEST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 10 * 60_000;
/** Of a volume that nobody asked about for so many ages nothing is remembered. */
const FORGOTTEN_AGES = 3;

export function createBackgroundLookup(options: BackgroundOptions): BackgroundLookup {
  return new Asking(options);
}

/** Invariants: `#queue` holds only handles of `#entries`; one question is on its way at a time. */
class Asking implements BackgroundLookup {
  readonly #options: BackgroundOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #queue = new Set<string>();
  #wake: () => void = () => undefined;
  #pauseMs = 0;
  #problem = { problem: '', code: '' };
  #known = 0;

  constructor(options: BackgroundOptions) {
    this.#options = options;
  }

  latest(handle: string): LookedUp {
    const mono = this.#options.clock.monotonic();
    const entry = this.#entries.get(handle) ?? {
      facts: undefined,
      at: 0,
      staleMono: mono,
      failure: '',
      wantedMono: mono,
    };
    this.#entries.set(handle, entry);
    entry.wantedMono = mono;
    if (mono >= entry.staleMono && !this.#queue.has(handle)) {
      this.#queue.add(handle);
      this.#wake();
    }
    if (entry.failure !== '') return { kind: 'failed', reason: entry.failure, facts: entry.facts };
    return entry.facts ? { kind: 'known', facts: entry.facts, at: entry.at } : { kind: 'asked' };
  }

  state(): LookupState {
    return { cloud: this.#options.cloud, known: this.#known, ...this.#problem };
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, batch, perSecond } = this.#options;
    while (!signal.aborted) {
      try {
        await this.#wanted(signal);
        await sleep(clock, GATHER_MS, signal);
        const handles = [...this.#queue].slice(0, batch);
        await this.#question(handles, signal);
        await sleep(clock, Math.max(this.#pauseMs, 1_000 / perSecond), signal);
      } catch {
        return; // only the signal rejects
      }
    }
  }

  #wanted(signal: AbortSignal): Promise<void> {
    if (this.#queue.size > 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const onAbort = (): void => reject(signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
      this.#wake = () => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      };
    });
  }

  async #question(handles: readonly string[], signal: AbortSignal): Promise<void> {
    const { ask, cloud, metrics, log } = this.#options;
    try {
      const answers = await ask(handles, signal);
      this.#keep(handles, answers);
      metrics.count('larder_cloud_lookups_total', { cloud, outcome: 'ok' });
      this.#pauseMs = 0;
      if (this.#problem.code !== '') log.info({ cloud }, 'the cloud answers again');
      this.#problem = { problem: '', code: '' };
    } catch (failure) {
      if (signal.aborted) throw failure;
      this.#fail(handles, failure);
    } finally {
      for (const handle of handles) this.#queue.delete(handle);
      this.#forget();
    }
  }

  #keep(handles: readonly string[], answers: ReadonlyMap<string, VolumeFacts>): void {
    const { clock, maxAgeMs, cloud } = this.#options;
    for (const handle of handles) {
      const entry = this.#entries.get(handle);
      if (!entry) continue;
      const facts = answers.get(handle);
      entry.staleMono = clock.monotonic() + maxAgeMs;
      entry.facts = facts;
      entry.at = clock.now();
      entry.failure = facts ? '' : `${cloud} knows no volume ${handle}`;
    }
  }

  #fail(handles: readonly string[], failure: unknown): void {
    const { clock, cloud, metrics, log } = this.#options;
    const reason = failure instanceof Error ? failure.message : String(failure);
    const code: LookupErrorCode = failure instanceof LookupError ? failure.code : 'LARDER_LOOKUP_MALFORMED';
    const asked = failure instanceof LookupError ? failure.afterMs : undefined;
    const longer = Math.min(LONGEST_PAUSE_MS, Math.max(SHORTEST_PAUSE_MS, this.#pauseMs * 2));
    this.#pauseMs = Math.max(longer, asked ?? 0);
    for (const handle of handles) {
      const entry = this.#entries.get(handle);
      if (!entry) continue;
      entry.failure = reason;
      entry.staleMono = clock.monotonic() + this.#pauseMs;
    }
    metrics.count('larder_cloud_lookups_total', { cloud, outcome: outcomes[code] });
    // Once for each cause, not once for each question.
    if (this.#problem.code !== code)
      log.warn({ cloud, code, err: failure }, 'the cloud could not be asked; its tables hold');
    this.#problem = { problem: reason, code };
  }

  #forget(): void {
    const { clock, maxAgeMs, cloud, metrics } = this.#options;
    const mono = clock.monotonic();
    let known = 0;
    for (const [handle, entry] of this.#entries) {
      if (mono - entry.wantedMono > FORGOTTEN_AGES * maxAgeMs) {
        this.#entries.delete(handle);
        this.#queue.delete(handle);
      } else if (entry.facts) known += 1;
    }
    this.#known = known;
    metrics.set('larder_cloud_lookup_volumes', { cloud }, known);
  }
}

const outcomes = {
  LARDER_LOOKUP_DENIED: 'denied',
  LARDER_LOOKUP_CREDENTIALS: 'credentials',
  LARDER_LOOKUP_THROTTLED: 'throttled',
  LARDER_LOOKUP_UNREACHABLE: 'unreachable',
  LARDER_LOOKUP_MALFORMED: 'malformed',
} as const satisfies Record<LookupErrorCode, string>;
