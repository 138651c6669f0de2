/** What changed lately, per kind, so that watches resume and lists continue where they were. */
import type { Change, Stored } from './stored.ts';

/** What can be told about the past of one kind: the changes after a revision, or that these are no longer known. */
export type Past = { readonly kind: 'known'; readonly changes: readonly Change[] } | { readonly kind: 'expired' };

interface Shelf {
  /** In the order of their revision; those before `start` are forgotten. */
  readonly changes: (Change | undefined)[];
  start: number;
  /** Changes up to this revision are not known. */
  forgottenUpTo: number;
}

/**
 * Invariants: a kind's changes after its `forgottenUpTo` are all there, in order; `#sequence` names the kind of every
 * remembered change in the order in which they happened, so that the oldest of all kinds is forgotten first.
 */
export class History {
  readonly #capacity: number;
  readonly #kinds = new Map<string, Shelf>();
  #sequence: string[] = [];
  #sequenceStart = 0;
  /** A kind that has no entry yet is unknown up to here. */
  #origin: number;

  /** `capacity`: how many changes are remembered in all. `origin`: the revision before which nothing is known. */
  constructor(capacity: number, origin: number) {
    this.#capacity = capacity;
    this.#origin = origin;
  }

  record(kind: string, change: Change): void {
    this.#kind(kind).changes.push(change);
    this.#sequence.push(kind);
    while (this.#sequence.length - this.#sequenceStart > this.#capacity) this.#forgetOldest();
  }

  since(kind: string, revision: number): Past {
    const { changes, start, forgottenUpTo } = this.#kind(kind);
    if (revision < forgottenUpTo) return { kind: 'expired' };
    let low = start;
    let high = changes.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((changes[middle]?.revision ?? 0) <= revision) low = middle + 1;
      else high = middle;
    }
    return { kind: 'known', changes: changes.slice(low).filter((change) => change !== undefined) };
  }

  /** Forgets everything up to a revision, as compaction in etcd does. */
  compact(revision: number): void {
    this.#origin = Math.max(this.#origin, revision);
    const kept: string[] = [];
    const cursors = new Map<string, number>();
    for (const kind of this.#sequence.slice(this.#sequenceStart)) {
      const shelf = this.#kind(kind);
      const index = cursors.get(kind) ?? shelf.start;
      cursors.set(kind, index + 1);
      if ((shelf.changes[index]?.revision ?? 0) <= revision) advance(shelf);
      else kept.push(kind);
    }
    this.#sequence = kept;
    this.#sequenceStart = 0;
    for (const shelf of this.#kinds.values()) shelf.forgottenUpTo = Math.max(shelf.forgottenUpTo, revision);
  }

  #forgetOldest(): void {
    const kind = this.#sequence[this.#sequenceStart];
    this.#sequenceStart += 1;
    if (this.#sequenceStart > this.#capacity) {
      this.#sequence = this.#sequence.slice(this.#sequenceStart);
      this.#sequenceStart = 0;
    }
    if (kind !== undefined) advance(this.#kind(kind));
  }

  #kind(kind: string): Shelf {
    const known = this.#kinds.get(kind);
    if (known) return known;
    const fresh = { changes: [], start: 0, forgottenUpTo: this.#origin };
    this.#kinds.set(kind, fresh);
    return fresh;
  }
}

function advance(shelf: Shelf): void {
  shelf.forgottenUpTo = shelf.changes[shelf.start]?.revision ?? shelf.forgottenUpTo;
  shelf.changes[shelf.start] = undefined; // the version can be collected now
  shelf.start += 1;
  if (shelf.start < 1024 || shelf.start * 2 < shelf.changes.length) return;
  shelf.changes.splice(0, shelf.start);
  shelf.start = 0;
}

/** The objects of a kind as they were before `changes`, given how they are now; in the order of their keys. */
export function rewind(current: readonly Stored[], changes: readonly Change[]): Stored[] {
  const before = new Map<string, Stored | undefined>();
  for (const change of changes) {
    if (!before.has(change.current.key)) before.set(change.current.key, change.previous);
  }
  if (before.size === 0) return [...current];
  const objects = new Map(current.map((stored) => [stored.key, stored]));
  for (const [key, stored] of before) {
    if (stored) objects.set(key, stored);
    else objects.delete(key);
  }
  return [...objects.values()].sort((left, right) => (left.key < right.key ? -1 : 1));
}
