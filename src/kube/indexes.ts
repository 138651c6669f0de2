import { intern } from './intern.ts';

/** The values under which an object is found; an empty list: not in this index. */
export type Indexer<T> = (object: T) => readonly string[];

/** Most values have one object, which needs no set: with ten thousand volumes that saves some megabytes. */
type Members = string | Set<string>;

/** Invariant: a key is under exactly the values that its indexer gives for the object that was last moved in. */
export class Indexes<T> {
  readonly #indexes = new Map<string, { readonly values: Indexer<T>; readonly keys: Map<string, Members> }>();

  constructor(indexers: Readonly<Record<string, Indexer<T>>>) {
    for (const [index, values] of Object.entries(indexers)) this.#indexes.set(index, { values, keys: new Map() });
  }

  /** Undefined: there is no such index. */
  keysOf(index: string, value: string): Iterable<string> | undefined {
    const declared = this.#indexes.get(index);
    if (!declared) return undefined;
    const members = declared.keys.get(value) ?? [];
    return typeof members === 'string' ? [members] : members;
  }

  /** `before` and `after` undefined: the object comes, or goes. */
  move(key: string, before: T | undefined, after: T | undefined): void {
    for (const { values, keys } of this.#indexes.values()) {
      const left = before ? values(before) : [];
      const entered = after ? values(after) : [];
      for (const value of left) if (!entered.includes(value)) leave(keys, value, key);
      for (const value of entered) if (!left.includes(value)) enter(keys, value, key);
    }
  }
}

function enter(keys: Map<string, Members>, value: string, key: string): void {
  const members = keys.get(value);
  if (members === undefined) keys.set(intern(value), key);
  else if (typeof members === 'string') keys.set(value, new Set([members, key]));
  else members.add(key);
}

function leave(keys: Map<string, Members>, value: string, key: string): void {
  const members = keys.get(value);
  if (members === key) keys.delete(value);
  if (typeof members !== 'object') return;
  members.delete(key);
  if (members.size === 0) keys.delete(value);
}
