/** What a walk knows of the tree from the one before, and what it notes for the one after. */
import type { Facts } from '../directory/descriptor.ts';
import type { HotFile, Linked, Memory, Remembered } from './remembered.ts';

export interface RecallOptions {
  readonly before?: Memory | undefined;
  /** How long ago the entries of a directory may have been read and still count, ms; 0: read everything. */
  readonly freshMs: number;
  /** Epoch ms. */
  readonly now: () => number;
}

/** A directory that changed so shortly before it was read may change once more without another time stamp, ms. */
const RACY_MS = 2_000n;
/** Directories of one tree; a larger one is read anew each time. */
const REMEMBERED = 20_000;
const SUBDIRECTORIES = 10_000;
const LINKED = 256;
/** Files of a directory that are looked at each time: those written last, within a day, and the largest from 1 MiB on. */
const RECENT = 2;
const RECENT_MS = 86_400_000n;
const LARGE_BLOCKS = 2_048n;
const NS_PER_MS = 1_000_000n;

/** Invariant: `#records` has only directories that this walk has seen as they are now, none when there are too many. */
export class Recall {
  readonly #options: RecallOptions;
  readonly #startedAt: number;
  readonly #records = new Map<bigint, Remembered>();
  #tooMany = false;
  #changed = false;
  #oldest: number;

  constructor(options: RecallOptions) {
    this.#options = options;
    this.#startedAt = options.now();
    this.#oldest = this.#startedAt;
  }

  /** The record of a directory that need not be read: it is the same, unchanged, and was read lately enough. */
  find({ ino, mtimeNs, ctimeNs }: Facts): Remembered | undefined {
    const record = this.#options.before?.get(ino);
    if (!record || record.mtimeNs !== mtimeNs || record.ctimeNs !== ctimeNs) return undefined;
    return this.isFresh(record) ? record : undefined;
  }

  /** Whether the directory was read lately enough. */
  isFresh({ inode, readAt }: Remembered): boolean {
    const ageMs = this.#startedAt - readAt;
    return ageMs >= 0 && ageMs < this.#options.freshMs * (0.75 + spreadOf(inode) / 4);
  }

  /** Counts on the record: the figure is no younger than it. */
  keep(record: Remembered): void {
    if (record.readAt > 0) this.#oldest = Math.min(this.#oldest, record.readAt);
    if (this.#options.before?.get(record.inode) !== record) this.#changed = true;
    if (this.#tooMany) return;
    this.#records.set(record.inode, record);
    if (this.#records.size <= REMEMBERED) return;
    this.#tooMany = true;
    this.#records.clear();
  }

  read(facts: Facts): Reading {
    return new Reading(facts, this.#options.now());
  }

  /** Epoch ms: no part of the figure was read before. */
  get oldest(): number {
    return this.#oldest;
  }

  /**
   * For the next walk; of a walk that has not ended yet: what it has seen, and beside that what was known before.
   * Undefined: it is what was known before.
   */
  memory(ended: boolean): Memory | undefined {
    if (this.#tooMany) return new Map();
    if (!this.#changed && (!ended || this.#records.size === this.#options.before?.size)) return undefined;
    return ended ? this.#records : new Map([...(this.#options.before ?? []), ...this.#records]);
  }
}

/** 0 to 1: directories that were read at one moment are not all read again at one moment. */
const spreadOf = (inode: bigint): number => Number((inode * 2_654_435_761n) % 1_000n) / 1_000;

interface Candidate extends HotFile {
  readonly mtimeNs: bigint;
}

const isHotter = (a: Candidate, b: Candidate): boolean =>
  a.mtimeNs === b.mtimeNs ? a.blocks > b.blocks : a.mtimeNs > b.mtimeNs;

/** A directory whose entries are being read. */
export class Reading {
  readonly #facts: Facts;
  readonly #readAt: number;
  readonly #subdirectories: string[] = [];
  readonly #linked: Linked[] = [];
  #recent: readonly Candidate[] = [];
  #largest: Candidate | undefined;
  #blocks = 0n;
  #files = 0n;
  #whole = true;

  constructor(facts: Facts, readAt: number) {
    this.#facts = facts;
    this.#readAt = readAt;
  }

  directory(name: string): void {
    if (this.#subdirectories.length < SUBDIRECTORIES) this.#subdirectories.push(name);
    else this.#whole = false;
  }

  file(name: string, facts: Facts): void {
    if (facts.nlink > 1n) {
      if (this.#linked.length < LINKED) this.#linked.push({ inode: facts.ino, blocks: facts.blocks });
      else this.#whole = false;
      return;
    }
    this.#blocks += facts.blocks;
    this.#files += 1n;
    if (!facts.isFile()) return;
    const candidate = { name, inode: facts.ino, blocks: facts.blocks, mtimeNs: facts.mtimeNs };
    if (facts.blocks >= LARGE_BLOCKS && facts.blocks > (this.#largest?.blocks ?? 0n)) this.#largest = candidate;
    if (facts.mtimeNs >= (BigInt(this.#readAt) - RECENT_MS) * NS_PER_MS) this.#consider(candidate);
  }

  #consider(candidate: Candidate): void {
    const least = this.#recent.at(-1);
    if (least && this.#recent.length >= RECENT && !isHotter(candidate, least)) return;
    const sorted = [...this.#recent, candidate].sort((a, b) => (isHotter(a, b) ? -1 : 1));
    this.#recent = sorted.slice(0, RECENT);
  }

  /** Some entries could not be seen: the record must not be counted on. */
  incomplete(): void {
    this.#whole = false;
  }

  /** Undefined: not worth remembering, or not safely so. */
  record(): Remembered | undefined {
    const { ino, mtimeNs, ctimeNs } = this.#facts;
    const calmSinceNs = (BigInt(this.#readAt) - RACY_MS) * NS_PER_MS;
    const racy = mtimeNs > calmSinceNs || ctimeNs > calmSinceNs;
    if (!this.#whole || racy) return undefined;
    const recent = this.#recent;
    const largest = this.#largest;
    const hot = largest && recent.every(({ inode }) => inode !== largest.inode) ? [...recent, largest] : recent;
    return {
      inode: ino,
      mtimeNs,
      ctimeNs,
      readAt: this.#readAt,
      blocks: this.#blocks,
      files: this.#files,
      subdirectories: this.#subdirectories,
      linked: this.#linked,
      hot: hot.map(({ name, inode, blocks }) => ({ name, inode, blocks })),
    };
  }
}
