/**
 * Tells every open page what changed of what it may see, as server-sent events: looked at once for all of them, made into
 * text once for all that see the same, resumed where one left off.
 */
import type { Clock, Random, Timer } from '../../telemetry/clock.ts';
import { type Feed, type FeedBeat, type FeedPatch, patchBetween, snapshotOf } from './feed.ts';
import { everything, feedIn, namespacesIn, patchIn, type Sight, tagOf } from './sight.ts';

/** An open page. */
export interface Listener {
  /** A complete event of the stream. */
  send(event: string): void;
}

export interface Hub {
  /** `after`: the id of the last event that the page has, from an earlier connection. `sight`: default everything. */
  join(listener: Listener, after: string | undefined, sight?: Sight): Joined;
  /** Those of the present state. */
  namespaces(): ReadonlySet<string>;
  /** Nothing is sent from here on. Idempotent. */
  close(): void;
}

export interface Joined {
  /** What the page may see from here on; when that is something else than before, it gets everything anew. */
  see(sight: Sight): void;
  leave(): void;
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

/** Pages that see the same. */
interface Group {
  readonly sight: Sight;
  readonly tag: string;
  readonly listeners: Set<Listener>;
}

/** Invariant: `#kept` holds the patches that lead from number `#number - #kept.length` to `#feed`, which has `#number`. */
class Broadcast implements Hub {
  readonly #options: HubOptions;
  /** Numbers of another process mean nothing here. */
  readonly #run: string;
  /** By tag; none is empty. */
  readonly #groups = new Map<string, Group>();
  #feed: Feed;
  #number = 0;
  /** As JSON. */
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

  join(listener: Listener, after: string | undefined, sight = everything): Joined {
    if (this.#closed) return { see: () => undefined, leave: () => undefined };
    this.#look();
    let group = this.#enter(listener, sight);
    for (const event of this.#since(group, after) ?? [this.#snapshot(group)]) listener.send(event);
    listener.send(this.#beat());
    this.#timer ??= this.#options.clock.after(LOOK_EVERY_MS, () => this.#tick());
    return {
      see: (next) => {
        if (this.#closed || tagOf(next) === group.tag) return;
        this.#leave(listener, group);
        group = this.#enter(listener, next);
        listener.send(this.#snapshot(group));
      },
      leave: () => this.#leave(listener, group),
    };
  }

  namespaces(): ReadonlySet<string> {
    this.#look();
    return namespacesIn(this.#feed);
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.#groups.clear();
  }

  #enter(listener: Listener, sight: Sight): Group {
    const tag = tagOf(sight);
    const group = this.#groups.get(tag) ?? { sight, tag, listeners: new Set() };
    group.listeners.add(listener);
    this.#groups.set(tag, group);
    return group;
  }

  #leave(listener: Listener, { tag, listeners }: Group): void {
    listeners.delete(listener);
    if (listeners.size === 0 && this.#groups.get(tag)?.listeners === listeners) this.#groups.delete(tag);
  }

  #tick(): void {
    this.#timer = undefined;
    if (this.#closed || this.#groups.size === 0) return;
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
    const data = JSON.stringify(patch);
    this.#keep(data);
    for (const group of this.#groups.values()) {
      const seen = group.tag === '' ? data : seenBy(group, patch);
      if (seen === undefined) continue;
      const event = this.#event(group, 'patch', seen);
      for (const listener of group.listeners) listener.send(event);
    }
  }

  #keep(data: string): void {
    this.#kept.push(data);
    this.#keptCharacters += data.length;
    while (this.#kept.length > KEPT_EVENTS || this.#keptCharacters > KEPT_CHARACTERS) {
      this.#keptCharacters -= this.#kept.shift()?.length ?? 0;
    }
  }

  #tell(event: string): void {
    for (const { listeners } of this.#groups.values()) for (const listener of listeners) listener.send(event);
  }

  /** Undefined: too long ago, of another process, or of somebody who saw something else. */
  #since(group: Group, after: string | undefined): readonly string[] | undefined {
    const [run, number, tag = ''] = after?.split('.') ?? [];
    if (run !== this.#run || tag !== group.tag || number === undefined || !/^\d{1,15}$/.test(number)) return undefined;
    const missing = this.#number - Number(number);
    if (missing < 0 || missing > this.#kept.length) return undefined;
    const missed = missing === 0 ? [] : this.#kept.slice(-missing);
    const seen = group.tag === '' ? missed : missed.map((data) => seenBy(group, JSON.parse(data)));
    return seen.flatMap((data, index) =>
      data === undefined ? [] : [this.#event(group, 'patch', data, Number(number) + index + 1)],
    );
  }

  #snapshot(group: Group): string {
    const feed = group.tag === '' ? this.#feed : feedIn(group.sight, this.#feed);
    return this.#event(group, 'snapshot', JSON.stringify(snapshotOf(feed)));
  }

  #beat(): string {
    const beat: FeedBeat = { at: this.#options.clock.now() };
    return `event: beat\ndata: ${JSON.stringify(beat)}\n\n`;
  }

  #event({ tag }: Group, name: string, data: string, number = this.#number): string {
    return `id: ${this.#run}.${number}${tag === '' ? '' : `.${tag}`}\nevent: ${name}\ndata: ${data}\n\n`;
  }
}

function seenBy({ sight }: Group, patch: FeedPatch): string | undefined {
  const seen = patchIn(sight, patch);
  return seen && JSON.stringify(seen);
}
