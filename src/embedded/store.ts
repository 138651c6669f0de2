/**
 * All objects, in memory for readers and in a journal for the next start. Writers that come in the same turn share one
 * commit (group commit): their work runs one after another against memory, the journal makes all of it durable at once,
 * and only then do readers, watchers and the writers themselves hear of it.
 */
import { History, type Past } from './history.ts';
import type { JsonObject } from './json.ts';
import { Refusal } from './refusal.ts';
import { Shelf } from './shelf.ts';
import { type Change, makeStored, type Stored } from './stored.ts';

export interface Row {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly revision: number;
  readonly object: JsonObject;
}

/** `stored` is absent when the object is removed. */
export interface Write {
  readonly kind: string;
  readonly key: string;
  readonly stored?: Stored;
}

/** Where commits become durable. Everything is synchronous, so that nobody can see what is not durable yet. */
export interface Journal {
  /** The state of the last commit. */
  load(): { readonly revision: number; readonly rows: Iterable<Row> };
  /** All or nothing; durable when it returns. */
  commit(writes: readonly Write[], revision: number): void;
  close(): void;
}

export interface Reading {
  get(kind: string, key: string): Stored | undefined;
  /** In the order of keys. A snapshot. */
  list(kind: string, namespace?: string): Stored[];
}

export interface Transaction extends Reading {
  /** Creates or replaces; fills in the resource version. */
  put(kind: string, address: { namespace: string; name: string }, draft: JsonObject): Stored;
  /** The last state with the revision of the removal; undefined when there was nothing. */
  remove(kind: string, key: string): Stored | undefined;
}

export interface Store extends Reading {
  /** The revision of the last commit; 1 when nothing was ever written. */
  revision(): number;
  /** The changes of a kind after a revision. */
  since(kind: string, revision: number): Past;
  /**
   * Runs `work`, synchronously, with everything that was committed or ran before it in sight, and resolves when its
   * writes are durable. What it throws rejects the promise and undoes its writes, as `discard` does on success.
   */
  transact<T>(work: (transaction: Transaction) => T, options?: { discard?: boolean }): Promise<T>;
  /** Calls `wake` after every commit that changed the kind. Returns how to stop that. */
  onChange(kind: string, wake: () => void): () => void;
  /** Forgets the history up to a revision, as etcd's compaction does. */
  compact(revision: number): void;
  /** Commits what waits, refuses what comes later, and closes the journal. */
  close(): void;
}

export interface StoreOptions {
  /** Absent: nothing outlives the process. */
  readonly journal?: Journal;
  /** When the writers of a turn are committed. Default: in a microtask. */
  readonly schedule?: (flush: () => void) => void;
  /** How many changes watches can go back, over all kinds. Default 10,000. */
  readonly historySize?: number;
}

/** @throws what the journal throws when its state cannot be read. */
export function createStore(options: StoreOptions = {}): Store {
  return new JournaledStore(options);
}

/** Runs a writer's work; what that returns settles the writer once the commit's fate is known. */
type Writer = () => (failure?: unknown) => void;

interface Applied {
  readonly kind: string;
  readonly change: Change;
}

/**
 * Invariants: outside of `#flush`, the shelves hold exactly what the journal holds, `#applied` is empty, and
 * `#revision` is the one that was committed last. `#flush` is synchronous, so nobody ever reads in between. A flush is
 * scheduled exactly while `#queue` is not empty.
 */
class JournaledStore implements Store {
  readonly #shelves = new Map<string, Shelf>();
  readonly #listeners = new Map<string, Set<() => void>>();
  readonly #history: History;
  readonly #journal: Journal | undefined;
  readonly #schedule: (flush: () => void) => void;
  #queue: Writer[] = [];
  #applied: Applied[] = [];
  #revision = 1;
  #closed = false;

  constructor({ journal, schedule = queueMicrotask, historySize = 10_000 }: StoreOptions) {
    this.#journal = journal;
    this.#schedule = schedule;
    const loaded = journal?.load();
    if (loaded) this.#revision = Math.max(1, loaded.revision);
    for (const row of loaded?.rows ?? []) {
      this.#shelf(row.kind).put(makeStored(row.namespace, row.name, row.revision, row.object));
    }
    this.#history = new History(historySize, this.#revision);
  }

  revision(): number {
    return this.#revision;
  }

  get(kind: string, key: string): Stored | undefined {
    return this.#shelves.get(kind)?.get(key);
  }

  list(kind: string, namespace?: string): Stored[] {
    return this.#shelves.get(kind)?.list(namespace) ?? [];
  }

  since(kind: string, revision: number): Past {
    return this.#history.since(kind, revision);
  }

  transact<T>(work: (transaction: Transaction) => T, { discard = false } = {}): Promise<T> {
    if (this.#closed) return Promise.reject(new Refusal(503, 'ServiceUnavailable', 'the store is closed'));
    return new Promise((resolve, reject) => {
      this.#queue.push(() => {
        const keep = this.#applied.length;
        try {
          const result = work(this.#transaction);
          if (discard) this.#undo(keep);
          return (failure) => (failure === undefined ? resolve(result) : reject(failure));
        } catch (cause) {
          this.#undo(keep);
          return () => reject(cause);
        }
      });
      if (this.#queue.length === 1) this.#schedule(() => this.#flush());
    });
  }

  onChange(kind: string, wake: () => void): () => void {
    const known = this.#listeners.get(kind) ?? new Set();
    this.#listeners.set(kind, known.add(wake));
    return () => void known.delete(wake);
  }

  compact(revision: number): void {
    this.#history.compact(Math.min(revision, this.#revision));
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#flush();
    this.#journal?.close();
  }

  readonly #transaction: Transaction = {
    get: (kind, key) => this.get(kind, key),
    list: (kind, namespace) => this.list(kind, namespace),
    put: (kind, { namespace, name }, draft) => {
      const revision = this.#revision + 1;
      const current = makeStored(namespace, name, revision, draft);
      const previous = this.get(kind, current.key);
      return this.#apply(
        kind,
        previous ? { type: 'MODIFIED', revision, current, previous } : { type: 'ADDED', revision, current },
      );
    },
    remove: (kind, key) => {
      const previous = this.get(kind, key);
      if (!previous) return undefined;
      const revision = this.#revision + 1;
      const current = makeStored(previous.namespace, previous.name, revision, previous.object);
      return this.#apply(kind, { type: 'DELETED', revision, current, previous });
    },
  };

  #apply(kind: string, change: Change): Stored {
    this.#applied.push({ kind, change });
    this.#revision = change.revision;
    if (change.type === 'DELETED') this.#shelf(kind).remove(change.current.key);
    else this.#shelf(kind).put(change.current);
    return change.current;
  }

  /** Takes back everything that was applied after the first `keep` changes. */
  #undo(keep: number): void {
    for (const { kind, change } of this.#applied.splice(keep).reverse()) {
      this.#revision = change.revision - 1;
      if (change.previous) this.#shelf(kind).put(change.previous);
      else this.#shelf(kind).remove(change.current.key);
    }
  }

  #flush(): void {
    const writers = this.#queue;
    this.#queue = [];
    const settle = writers.map((run) => run());
    let failure: unknown;
    try {
      if (this.#applied.length > 0) this.#journal?.commit(writesOf(this.#applied), this.#revision);
    } catch (cause) {
      failure = cause; // told to every writer of this commit
      this.#undo(0);
    }
    this.#publish();
    for (const done of settle) done(failure);
  }

  #publish(): void {
    const changed = new Set<string>();
    for (const { kind, change } of this.#applied) {
      this.#history.record(kind, change);
      changed.add(kind);
    }
    this.#applied = [];
    for (const kind of changed) for (const wake of [...(this.#listeners.get(kind) ?? [])]) wake();
  }

  #shelf(kind: string): Shelf {
    const known = this.#shelves.get(kind);
    if (known) return known;
    const fresh = new Shelf();
    this.#shelves.set(kind, fresh);
    return fresh;
  }
}

/** The last write per object: what came before it in the same commit was never visible. */
function writesOf(applied: readonly Applied[]): readonly Write[] {
  const last = new Map<string, Write>();
  for (const { kind, change } of applied) {
    const { key } = change.current;
    const write = change.type === 'DELETED' ? { kind, key } : { kind, key, stored: change.current };
    last.set(`${kind}\n${key}`, write);
  }
  return [...last.values()];
}
