/** How a version differs from the one that was made from it, or took the entries back from it. */
interface Difference<Value extends NonNullable<unknown>> {
  readonly key: string;
  /** Undefined: it has no such key. */
  readonly value: Value | undefined;
  readonly from: PersistentMap<Value>;
}

/**
 * A map that never changes, seen from outside: `with` gives another version, in the order in which keys came. All versions
 * share one Map, which the version that was used last holds; the others know how they differ from their neighbour, and take
 * it over when they are read. So a fold, which only ever uses its newest version, writes each entry once and copies nothing.
 */
export class PersistentMap<Value extends NonNullable<unknown>> implements ReadonlyMap<string, Value> {
  readonly size: number;
  private held: Map<string, Value> | Difference<Value>;

  private constructor(entries: Map<string, Value>, size: number) {
    this.held = entries;
    this.size = size;
  }

  static of<Value extends NonNullable<unknown>>(
    entries: Iterable<readonly [string, Value]> = [],
  ): PersistentMap<Value> {
    const map = new Map(entries);
    return new PersistentMap(map, map.size);
  }

  get(key: string): Value | undefined {
    return this.entriesHere().get(key);
  }

  has(key: string): boolean {
    return this.entriesHere().has(key);
  }

  with(key: string, value: Value): PersistentMap<Value> {
    // What begins with an empty map shares nothing with what else began there, and is not kept alive by it.
    if (this.size === 0) return PersistentMap.of([[key, value]]);
    const entries = this.entriesHere();
    const before = entries.get(key);
    const next = new PersistentMap(entries, before === undefined ? this.size + 1 : this.size);
    this.held = { key, value: before, from: next };
    entries.set(key, value);
    return next;
  }

  /** Iterators go over what is here when they begin, whatever is made from this version meanwhile. */
  *entries(): MapIterator<[string, Value]> {
    yield* [...this.entriesHere()];
  }

  *keys(): MapIterator<string> {
    yield* [...this.entriesHere().keys()];
  }

  *values(): MapIterator<Value> {
    yield* [...this.entriesHere().values()];
  }

  [Symbol.iterator](): MapIterator<[string, Value]> {
    return this.entries();
  }

  forEach(visit: (value: Value, key: string, map: ReadonlyMap<string, Value>) => void): void {
    for (const [key, value] of this.entries()) visit(value, key, this);
  }

  /** Takes the Map over from whoever holds it, one version after the other, each with its difference. */
  private entriesHere(): Map<string, Value> {
    const behind: PersistentMap<Value>[] = [];
    let holder: PersistentMap<Value> = this;
    while (!(holder.held instanceof Map)) {
      behind.push(holder);
      holder = holder.held.from;
    }
    const entries = holder.held;
    for (const version of behind.reverse()) {
      if (version.held instanceof Map) continue;
      const { key, value } = version.held;
      holder.held = { key, value: entries.get(key), from: version };
      if (value === undefined) entries.delete(key);
      else entries.set(key, value);
      version.held = entries;
      holder = version;
    }
    return entries;
  }
}
