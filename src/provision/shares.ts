/**
 * So many claims at a time for each folder: those that wait for an export that gives no answer keep nobody from the others.
 * Invariant: `#taken` counts those that entered and have not left; who waits is not among them.
 */
export class Shares {
  readonly #limit: number;
  /** By root. */
  readonly #taken = new Map<string, number>();
  readonly #waiting = new Map<string, Set<string>>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** False: too many are at it; `leave` names the key when it is its turn. */
  enter(root: string, key: string): boolean {
    const taken = this.#taken.get(root) ?? 0;
    if (taken >= this.#limit) {
      this.#waiting.set(root, (this.#waiting.get(root) ?? new Set()).add(key));
      return false;
    }
    this.#waiting.get(root)?.delete(key);
    this.#taken.set(root, taken + 1);
    return true;
  }

  /** Who is next; undefined: nobody waits. Whoever is named may have no use for it: those that wait look again themselves. */
  leave(root: string): string | undefined {
    this.#taken.set(root, (this.#taken.get(root) ?? 1) - 1);
    const waiting = this.#waiting.get(root);
    const [next] = waiting ?? [];
    if (next !== undefined) waiting?.delete(next);
    return next;
  }
}
