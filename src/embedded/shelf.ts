/** The current objects of one kind, found by key and listed in the order of their keys. */
import type { Stored } from './stored.ts';

/** Invariant: `#order` holds exactly the keys of `#objects`; it is sorted whenever `#sorted` is true. */
export class Shelf {
  readonly #objects = new Map<string, Stored>();
  readonly #order: string[] = [];
  #sorted = true;

  get size(): number {
    return this.#objects.size;
  }

  get(key: string): Stored | undefined {
    return this.#objects.get(key);
  }

  put(stored: Stored): void {
    if (!this.#objects.has(stored.key)) {
      const last = this.#order.at(-1);
      if (last !== undefined && last > stored.key) this.#sorted = false;
      this.#order.push(stored.key);
    }
    this.#objects.set(stored.key, stored);
  }

  remove(key: string): void {
    if (!this.#objects.delete(key)) return;
    this.#sort();
    this.#order.splice(firstAtLeast(this.#order, key), 1);
  }

  /** Every object, or those of one namespace. A snapshot: later changes do not reach it. */
  list(namespace?: string): Stored[] {
    this.#sort();
    const [from, to] = namespace === undefined ? [0, this.#order.length] : this.#range(namespace);
    const found: Stored[] = [];
    for (let index = from; index < to; index += 1) {
      const stored = this.#objects.get(this.#order[index] ?? '');
      if (stored) found.push(stored);
    }
    return found;
  }

  #range(namespace: string): [from: number, to: number] {
    // '0' is the character after '/'
    return [firstAtLeast(this.#order, `${namespace}/`), firstAtLeast(this.#order, `${namespace}0`)];
  }

  #sort(): void {
    if (this.#sorted) return;
    this.#order.sort(); // nearly sorted, which costs little more than a pass
    this.#sorted = true;
  }
}

/** The index of the first key that is not smaller. */
function firstAtLeast(order: readonly string[], key: string): number {
  let low = 0;
  let high = order.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((order[middle] ?? '') < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
