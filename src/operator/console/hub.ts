/** Tells every open page what changed, as server-sent events: looked at once for all of them, resumed where one left off. */
import type { Clock, Random, Timer } from '../../telemetry/clock.ts';
import { type Feed, type FeedBeat, patchBetween, snapshotOf } from './feed.ts';

/** An open page. */
export interface Listener {
  /** A complete event of the stream. */
  send(event: string): void;
}

export interface Hub {
  /** `after`: the id of the last event that the page has, from an earlier connection. Returns what takes it off. */
  join(listener: Listener, after: string | undefined): () => void;
  /** Nothing is sent from here on. Idempotent. */
  close(): void;
}

export interface HubOptions {
  /** The present state, from memory. */
  readonly look: () => Feed;
  readonly clock: Clock;
  readonly random: Random;
}

const LOOK_EVERY_MS = 1_000;
/** A look costs at most this share of the time: with very many volumes it is taken less often. */
const LOOK_SHARE = 0.05;
const BEAT_EVERY_MS = 5_000;
/** So far back a page may resume. */
const KEPT_EVENTS = 300;
const KEPT_CHARACTERS = 4_000_000;

export function createHub(options: HubOptions): Hub {
  return new Broadcast(options);
}

/** Invariant: `#kept` holds the patches that lead from number `#number - #kept.length` to `#feed`, which has `#number`. */
class Broadcast implements Hub {
  readonly #options: HubOptions;
  /** Numbers of another process mean nothing here. */
  readonly #run: string;
  readonly #listeners = new Set<Listener>();
  #feed: Feed;
  #number = 0;
  #kept: string[] = [];
  #keptCharacters = 0;
  #timer: Timer | undefined;
  #beatAt = 0;
  #closed = false;

  constructor(options: HubOptions) {
    this.#options = options;
    this.#run = options.random.uuid().slice(0, 8);
    this.#feed = options.look();
  }

  join(listener: Listener, after: string | undefined): () => void {
    if (this.#closed) return () => undefined;
    this.#look();
    const missed = this.#since(after);
    for (const event of missed ?? [this.#snapshot()]) listener.send(event);
    listener.send(this.#beat());
    this.#listeners.add(listener);
    this.#timer ??= this.#options.clock.after(LOOK_EVERY_MS, () => this.#tick());
    return () => {
      this.#listeners.delete(listener);
    };
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.#listeners.clear();
  }

  #tick(): void {
    this.#timer = undefined;
    if (this.#closed || this.#listeners.size === 0) return;
    const { clock } = this.#options;
    const begun = clock.monotonic();
    this.#look();
    const spentMs = clock.monotonic() - begun;
    if (begun - this.#beatAt >= BEAT_EVERY_MS) {
      this.#beatAt = begun;
      this.#tell(this.#beat());
    }
    this.#timer = clock.after(Math.max(LOOK_EVERY_MS, spentMs / LOOK_SHARE), () => this.#tick());
  }

  #look(): void {
    const feed = this.#options.look();
    const patch = patchBetween(this.#feed, feed);
    if (!patch) return;
    this.#feed = feed;
    this.#number += 1;
    const event = this.#event('patch', patch);
    this.#keep(event);
    this.#tell(event);
  }

  #keep(event: string): void {
    this.#kept.push(event);
    this.#keptCharacters += event.length;
    while (this.#kept.length > KEPT_EVENTS || this.#keptCharacters > KEPT_CHARACTERS) {
      this.#keptCharacters -= this.#kept.shift()?.length ?? 0;
    }
  }

  #tell(event: string): void {
    for (const listener of this.#listeners) listener.send(event);
  }

  /** Undefined: too long ago, or of another process. */
  #since(after: string | undefined): readonly string[] | undefined {
    const [run, number] = after?.split('.') ?? [];
    if (run !== this.#run || number === undefined || !/^\d{1,15}$/.test(number)) return undefined;
    const missing = this.#number - Number(number);
    if (missing < 0 || missing > this.#kept.length) return undefined;
    return missing === 0 ? [] : this.#kept.slice(-missing);
  }

  #snapshot(): string {
    return this.#event('snapshot', snapshotOf(this.#feed));
  }

  #beat(): string {
    const beat: FeedBeat = { at: this.#options.clock.now() };
    return `event: beat\ndata: ${JSON.stringify(beat)}\n\n`;
  }

  #event(name: string, data: unknown): string {
    return `id: ${this.#run}.${this.#number}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
  }
}
