import type { Counted } from './statfs.ts';

/** A walk to its end. */
export interface Walked {
  readonly usedBytes: bigint;
  readonly inodes: bigint;
}

/** What `statfs` said before a walk and after it; undefined: nothing, or it was not asked. */
interface Said {
  readonly before: Counted | undefined;
  readonly after: Counted | undefined;
}

interface Large {
  /** Of the last walk. */
  readonly inodes: bigint;
  /** The limit that `statfs` showed when it agreed with that walk; undefined: it did not. */
  readonly limitBytes: bigint | undefined;
  /** When the walk ended, monotonic ms. */
  readonly atMs: number;
}

/** A tree with fewer entries is walked in the time that asking takes, and its walk is exact. */
const WORTH_ASKING = 1_000n;
/** So long a walk vouches for what `statfs` says, ms. */
const VOUCHED_MS = 3_600_000;
/** By so much of what was walked, percent, a walk and `statfs` may differ. */
const SLACK_PERCENT = 1n;
/** Directories remembered; the one that was walked longest ago is forgotten for a new one. */
const REMEMBERED = 16_384;

/**
 * The directories that `statfs` counts as a walk does. A limit may be that of several directories together, or of one
 * above, and no answer tells: so a walk has to come to the same figure first, and again each hour.
 *
 * Invariant: `#known` has the last walk of each directory that was worth asking for, in the order in which they ended.
 */
export class Confirmed {
  readonly #known = new Map<string, Large>();

  /** After each walk to the end. */
  walked(directory: string, { usedBytes, inodes }: Walked, { before, after }: Said, nowMs: number): void {
    this.#known.delete(directory);
    if (inodes < WORTH_ASKING) return;
    const agrees = before !== undefined && after !== undefined && agree(usedBytes, before, after);
    this.#known.set(directory, { inodes, limitBytes: agrees ? after.limitBytes : undefined, atMs: nowMs });
    const [oldest] = this.#known.keys();
    if (oldest !== undefined && this.#known.size > REMEMBERED) this.#known.delete(oldest);
  }

  /** Whether the directory was so large at its last walk that what `statfs` says is of use, for this walk or for the next. */
  isLarge(directory: string): boolean {
    return this.#known.has(directory);
  }

  /** In place of a walk: the inodes are those of the last one. Undefined: it is to be walked. */
  figures(directory: string, now: Counted | undefined, nowMs: number): Walked | undefined {
    const known = this.#known.get(directory);
    if (known?.limitBytes === undefined || nowMs - known.atMs >= VOUCHED_MS) return undefined;
    return now?.limitBytes === known.limitBytes ? { usedBytes: now.usedBytes, inodes: known.inodes } : undefined;
  }
}

/** What was written during the walk lies between the two answers. */
function agree(usedBytes: bigint, before: Counted, after: Counted): boolean {
  const slack = (usedBytes * SLACK_PERCENT) / 100n;
  // Rounded to blocks that are large beside the directory, an answer is worse than the walk.
  if (before.limitBytes !== after.limitBytes || after.blockBytes * 2n > slack) return false;
  const grew = before.usedBytes < after.usedBytes;
  const [least, most] = grew ? [before.usedBytes, after.usedBytes] : [after.usedBytes, before.usedBytes];
  return least - slack <= usedBytes && usedBytes <= most + slack;
}
