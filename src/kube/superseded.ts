import { intern } from './intern.ts';

/** Enough for everything that a connection may repeat after it resumed. */
const GENERATION = 8_192;

/**
 * Versions that objects have left behind lately. Versions are opaque, so an event that arrives again, late, can only be
 * told from news by remembering it. Invariant: the last GENERATION versions are always among the two sets; older ones
 * are forgotten a set at a time.
 */
export class Superseded {
  #recent = new Set<string>();
  #older = new Set<string>();

  add(key: string, resourceVersion: string): void {
    if (this.#recent.size >= GENERATION) {
      this.#older = this.#recent;
      this.#recent = new Set();
    }
    this.#recent.add(intern(entry(key, resourceVersion))); // else each holds its two parts as well
  }

  has(key: string, resourceVersion: string): boolean {
    const wanted = entry(key, resourceVersion);
    return this.#recent.has(wanted) || this.#older.has(wanted);
  }

  clear(): void {
    this.#recent.clear();
    this.#older.clear();
  }
}

function entry(key: string, resourceVersion: string): string {
  return `${resourceVersion} ${key}`;
}
