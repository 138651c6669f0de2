/** A live copy of a collection: listed once, then kept current by a watch. Reads never wait and never cause a request. */
import type { Clock, Random } from '../telemetry/clock.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Client } from './client.ts';
import { messageOf } from './error.ts';
import { type Indexer, Indexes } from './indexes.ts';
import { intern } from './intern.ts';
import { type KubeObject, keyOf } from './object.ts';
import { orAbort } from './or-abort.ts';
import type { metrics as declared } from './registry.ts';
import type { Resource } from './resource.ts';
import { Superseded } from './superseded.ts';
import { type WatchMessage, watch } from './watch.ts';

export type CacheChange<T> =
  | { readonly kind: 'added'; readonly key: string; readonly object: T }
  | { readonly kind: 'updated'; readonly key: string; readonly object: T; readonly previous: T }
  /** `object` is the last state known. A replacement of the same name (another uid) is a deletion and an addition. */
  | { readonly kind: 'deleted'; readonly key: string; readonly object: T };

export interface Cache<T extends KubeObject> {
  readonly resource: Resource<T>;
  readonly size: number;
  /** Lists and watches until aborted; never rejects. */
  run(signal: AbortSignal): Promise<void>;
  /** Resolves when the first list is complete; rejects with `signal.reason`. */
  synced(signal?: AbortSignal): Promise<void>;
  hasSynced(): boolean;
  /** False: the server does not have the kind, and the cache is empty for that reason. Only of an `optional` one. */
  isServed(): boolean;
  /**
   * Lists again at once and resolves when that is done: whatever was written before the call is then known, however long
   * the watch may have hung unnoticed. Reads go on with what was known until then. Rejects with `signal.reason`.
   */
  refresh(signal?: AbortSignal): Promise<void>;
  get(key: string): T | undefined;
  list(): IterableIterator<T>;
  /** Empty for a value that no object has. Throws on an index that was not declared. */
  byIndex(index: string, value: string): readonly T[];
  /**
   * Called after the cache has changed, once per real change, for every object of the first list too. A handler must not
   * throw (it is logged) and gets nothing for what was there before it was added. Returns the way to take it off.
   */
  onChange(handler: (change: CacheChange<T>) => void): () => void;
  /** Milliseconds since anything was heard from the server: event, bookmark or list. Infinity before the first time. */
  ageMs(): number;
}

export interface CacheOptions<T extends KubeObject> {
  readonly client: Client;
  readonly resource: Resource<T>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics?: Metrics<typeof declared> | undefined;
  /** Absent: all namespaces. */
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  /** The kind may not be there: the cache is then complete and empty until it is, looked for every minute or so. */
  readonly optional?: boolean | undefined;
  readonly indexes?: Readonly<Record<string, Indexer<T>>> | undefined;
}

export function createCache<T extends KubeObject>(options: CacheOptions<T>): Cache<T> {
  return new Informer(options);
}

/**
 * Invariants: every object in `#objects` is in `#indexes` as it is now; a version that an object has left behind never
 * comes back (`#superseded`), but by a new list, which is the truth.
 */
class Informer<T extends KubeObject> implements Cache<T> {
  readonly resource: Resource<T>;
  readonly #options: CacheOptions<T>;
  readonly #objects = new Map<string, T>();
  readonly #indexes: Indexes<T>;
  readonly #handlers = new Set<(change: CacheChange<T>) => void>();
  readonly #superseded = new Superseded();
  readonly #firstList = Promise.withResolvers<void>();
  /** Resolves at the next list that begins after it was set. */
  #nextList: PromiseWithResolvers<void> | undefined;
  /** Ends the watch under way; undefined while none runs. */
  #round: AbortController | undefined;
  #hasSynced = false;
  #isServed = true;
  #heardMs = Number.NEGATIVE_INFINITY;

  constructor(options: CacheOptions<T>) {
    this.resource = options.resource;
    this.#options = options;
    this.#indexes = new Indexes(options.indexes ?? {});
  }

  get size(): number {
    return this.#objects.size;
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const round = new AbortController();
      const onAbort = (): void => round.abort(signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
      this.#round = round;
      await this.#follow(round.signal);
      signal.removeEventListener('abort', onAbort);
    }
    this.#round = undefined;
  }

  #follow(signal: AbortSignal): Promise<void> {
    const onHeard = (): void => {
      this.#heardMs = this.#options.clock.monotonic();
    };
    const onMessage = (message: WatchMessage<T>): void => {
      if (!signal.aborted) this.#take(message);
    };
    return watch({ ...this.#options, onHeard, onMessage }, signal);
  }

  async refresh(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    this.#nextList ??= Promise.withResolvers<void>();
    const listed = this.#nextList.promise;
    this.#round?.abort(new Error('the collection is listed again'));
    await (signal ? orAbort(listed, signal) : listed);
  }

  async synced(signal?: AbortSignal): Promise<void> {
    const synced = this.#firstList.promise;
    await (signal ? orAbort(synced, signal) : synced);
  }

  hasSynced(): boolean {
    return this.#hasSynced;
  }

  isServed(): boolean {
    return this.#isServed;
  }

  get(key: string): T | undefined {
    return this.#objects.get(key);
  }

  list(): IterableIterator<T> {
    return this.#objects.values();
  }

  byIndex(index: string, value: string): readonly T[] {
    const keys = this.#indexes.keysOf(index, value);
    if (!keys) throw new RangeError(`the cache of ${this.resource.plural} has no index "${index}"`);
    const found: T[] = [];
    for (const key of keys) {
      const object = this.#objects.get(key);
      if (object) found.push(object);
    }
    return found;
  }

  onChange(handler: (change: CacheChange<T>) => void): () => void {
    this.#handlers.add(handler);
    return () => void this.#handlers.delete(handler);
  }

  ageMs(): number {
    return this.#options.clock.monotonic() - this.#heardMs;
  }

  #take(message: WatchMessage<T>): void {
    switch (message.kind) {
      case 'listed':
        this.#isServed = true;
        this.#replace(message.objects);
        break;
      case 'absent':
        this.#isServed = false;
        this.#replace([]);
        break;
      case 'stored':
        this.#store(message.object);
        break;
      case 'removed':
        this.#remove(message.key, message.resourceVersion, message.object);
        break;
      default:
        message satisfies never;
    }
  }

  /** A new list says what is there now; only what differs from it is a change. */
  #replace(objects: readonly T[]): void {
    this.#superseded.clear();
    const missing = new Set(this.#objects.keys());
    for (const object of objects) {
      const key = intern(keyOf(object.metadata));
      missing.delete(key);
      this.#put(key, object);
    }
    for (const key of missing) {
      const object = this.#objects.get(key);
      if (object) this.#drop(key, object);
    }
    this.#options.metrics?.set('informer_objects', { resource: this.resource.plural }, this.#objects.size);
    this.#hasSynced = true;
    this.#firstList.resolve();
    this.#nextList?.resolve();
    this.#nextList = undefined;
  }

  #store(object: T): void {
    const key = intern(keyOf(object.metadata));
    if (this.#superseded.has(key, object.metadata.resourceVersion)) this.#count('old');
    else this.#put(key, object);
  }

  #remove(key: string, resourceVersion: string, object: T | undefined): void {
    const known = this.#objects.get(key);
    const replaced = known && object && object.metadata.uid !== known.metadata.uid;
    if (replaced || this.#superseded.has(key, resourceVersion)) {
      this.#count('old');
      return;
    }
    this.#superseded.add(key, resourceVersion);
    if (known) this.#drop(key, known, object);
    else this.#count('same');
  }

  #put(key: string, object: T): void {
    const previous = this.#objects.get(key);
    if (!previous) {
      this.#add(key, object);
    } else if (previous.metadata.uid !== object.metadata.uid) {
      this.#drop(key, previous);
      this.#add(key, object);
    } else if (previous.metadata.resourceVersion === object.metadata.resourceVersion) {
      this.#count('same');
    } else {
      this.#update(key, object, previous);
    }
  }

  #update(key: string, object: T, previous: T): void {
    this.#superseded.add(key, previous.metadata.resourceVersion);
    this.#objects.set(key, object);
    this.#indexes.move(key, previous, object);
    this.#count('updated');
    this.#notify({ kind: 'updated', key, object, previous });
  }

  #add(key: string, object: T): void {
    this.#objects.set(key, object);
    this.#indexes.move(key, undefined, object);
    this.#count('added');
    this.#notify({ kind: 'added', key, object });
  }

  #drop(key: string, known: T, last: T = known): void {
    this.#superseded.add(key, known.metadata.resourceVersion);
    this.#objects.delete(key);
    this.#indexes.move(key, known, undefined);
    this.#count('deleted');
    this.#notify({ kind: 'deleted', key, object: last });
  }

  #count(effect: 'added' | 'updated' | 'deleted' | 'same' | 'old'): void {
    const resource = this.resource.plural;
    this.#options.metrics?.count('informer_events_total', { resource, effect });
    if (this.#hasSynced) this.#options.metrics?.set('informer_objects', { resource }, this.#objects.size);
  }

  #notify(change: CacheChange<T>): void {
    for (const handler of this.#handlers) {
      try {
        handler(change);
      } catch (err) {
        const { resource } = this;
        this.#options.log.error(
          { resource: resource.plural, key: change.key, err, reason: messageOf(err) },
          'handler failed',
        );
      }
    }
  }
}
