/** The live state of the page: what the operator streams, and whether it still does. */
import {
  type Feed,
  type FeedBeat,
  type FeedPatch,
  type FeedSnapshot,
  feedOf,
  reduceFeed,
} from '../../src/operator/console/feed.ts';
import { type RecentPoints, withRecent } from './recent.ts';

export type Link =
  | { readonly kind: 'opening' }
  | { readonly kind: 'live' }
  /** Epoch ms of the last that was heard; `why` empty: nothing answers. */
  | { readonly kind: 'lost'; readonly since: number; readonly why: string }
  | { readonly kind: 'signed out' };

export interface Live {
  /** Undefined before the first. */
  readonly feed: Feed | undefined;
  readonly link: Link;
  /** What the operator's clock is ahead of this one. */
  readonly aheadMs: number;
  /** Measurements that came while the page is open. */
  readonly recent: RecentPoints;
}

type Message =
  | { readonly kind: 'snapshot'; readonly snapshot: FeedSnapshot }
  | { readonly kind: 'patch'; readonly patch: FeedPatch };

/** Three beats of the operator. */
const SILENCE_MS = 15_000;
const WATCH_EVERY_MS = 1_000;
/** Events that come at once are shown at once. */
const GATHER_MS = 30;
const AGAIN_MS = 2_000;

export interface LiveStore {
  read(): Live;
  subscribe(listener: () => void): () => void;
}

export function createLiveStore(): LiveStore {
  return new Stream();
}

/** Invariant: `#state.feed` is what the operator had at event `#lastId`, once `#queue` is empty. */
class Stream implements LiveStore {
  #state: Live = { feed: undefined, link: { kind: 'opening' }, aheadMs: 0, recent: new Map() };
  readonly #listeners = new Set<() => void>();
  #source: EventSource | undefined;
  #lastId = '';
  #heardAt = Date.now();
  #queue: Message[] = [];
  #gathering = false;
  #retrying = false;

  constructor() {
    this.#open();
    setInterval(() => this.#watch(), WATCH_EVERY_MS);
    addEventListener('online', () => this.#watch());
    addEventListener('visibilitychange', () => this.#watch());
  }

  read(): Live {
    return this.#state;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #open(): void {
    this.#source?.close();
    const source = new EventSource(`/api/stream${this.#lastId === '' ? '' : `?after=${this.#lastId}`}`);
    this.#source = source;
    source.addEventListener('snapshot', (event) => {
      const snapshot: FeedSnapshot = JSON.parse(event.data);
      this.#heard(event.lastEventId, { kind: 'snapshot', snapshot });
    });
    source.addEventListener('patch', (event) => {
      const patch: FeedPatch = JSON.parse(event.data);
      this.#heard(event.lastEventId, { kind: 'patch', patch });
    });
    source.addEventListener('beat', (event) => {
      const { at }: FeedBeat = JSON.parse(event.data);
      this.#heardAt = Date.now();
      this.#set({ aheadMs: at - Date.now(), link: { kind: 'live' } });
    });
    source.addEventListener('error', () => this.#broken(source));
  }

  #heard(id: string, message: Message): void {
    this.#lastId = id;
    this.#heardAt = Date.now();
    this.#queue.push(message);
    if (this.#gathering) return;
    this.#gathering = true;
    setTimeout(() => this.#apply(), GATHER_MS);
  }

  #apply(): void {
    this.#gathering = false;
    const messages = this.#queue;
    this.#queue = [];
    let { feed } = this.#state;
    for (const message of messages) {
      if (message.kind === 'snapshot') feed = feedOf(message.snapshot);
      else if (feed) feed = reduceFeed(feed, message.patch);
    }
    const recent = feed ? withRecent(this.#state.recent, this.#state.feed, feed) : this.#state.recent;
    this.#set({ feed, recent, link: { kind: 'live' } });
  }

  /** The browser comes back by itself but from an answer that was no stream. */
  #broken(source: EventSource): void {
    if (source !== this.#source) return;
    this.#lose();
    if (source.readyState !== EventSource.CLOSED || this.#retrying) return;
    this.#retrying = true;
    setTimeout(() => void this.#again(), AGAIN_MS);
  }

  async #again(): Promise<void> {
    this.#retrying = false;
    const answer = await fetch('/api/me').catch(() => undefined); // no answer: it is down, and asked again
    if (answer?.status === 401) return this.#set({ link: { kind: 'signed out' } });
    this.#lose(answer && !answer.ok ? await detailOf(answer) : '');
    this.#open();
  }

  /** A connection that died without a word, as of a laptop that slept. */
  #watch(): void {
    if (this.#state.link.kind === 'signed out' || this.#retrying || Date.now() - this.#heardAt < SILENCE_MS) return;
    this.#lose();
    this.#heardAt = Date.now();
    this.#open();
  }

  /** What was said last why counts until something else is said. */
  #lose(why?: string): void {
    const { link } = this.#state;
    if (link.kind === 'signed out' || (link.kind === 'lost' && (why ?? link.why) === link.why)) return;
    const since = link.kind === 'lost' ? link.since : this.#heardAt;
    this.#set({ link: { kind: 'lost', since, why: why ?? '' } });
  }

  #set(changed: Partial<Live>): void {
    if (changed.link?.kind === 'live' && this.#state.link.kind === 'live')
      changed = { ...changed, link: this.#state.link };
    this.#state = { ...this.#state, ...changed };
    for (const listener of this.#listeners) listener();
  }
}

async function detailOf(answer: Response): Promise<string> {
  const problem: unknown = await answer.json().catch(() => undefined); // a proxy answers in words of its own
  const detail: unknown = Reflect.get(Object(problem), 'detail');
  return typeof detail === 'string' ? detail : `the answer was ${answer.status}`;
}
