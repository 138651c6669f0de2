/**
 * A look at a small tree of which everything is remembered: whether each directory is still as it was, and each file
 * that may grow. Nothing of it waits, so it costs a fraction of a walk over the same tree. It only ever confirms: where
 * anything has changed, is to be read again or cannot be seen, there is no answer, and a walk finds out.
 */
import type { Facts } from '../directory/descriptor.ts';
import { errnoOf } from '../directory/problem.ts';
import type { Calls, CallsAtOnce } from './calls.ts';
import type { Walked } from './confirmed.ts';
import type { Recall } from './recall.ts';
import type { HotFile, Memory, Remembered } from './remembered.ts';

export interface Looked extends Walked {
  /** Epoch ms: no part of the figure was read before. */
  readonly oldest: number;
  /** System calls. */
  readonly operations: number;
}

/** Directories of a tree that is looked at without a pause: some 2 ms, and so many files open. */
const MOST = 32;

/** `top` stays open and the caller's. Undefined: a walk is to tell. Throws what is no answer of the filesystem. */
export function look(top: number, { memory, recall, calls }: Remembering): Looked | undefined {
  if (!memory || memory.size > MOST) return undefined;
  const records = [...memory.values()];
  if (!records.every((record) => recall.isFresh(record))) return undefined;
  const now = calls.atOnce();
  if (!now) return undefined;
  const plain = records.filter(isPlain).length;
  const tree = new Look({ now, recall, mostlyPlain: plain * 2 > records.length, going: () => calls.atOnce() === now });
  try {
    return tree.at(top);
  } catch (cause) {
    if (errnoOf(cause) === '') throw cause;
    return undefined;
  }
}

export interface Remembering {
  readonly memory: Memory | undefined;
  readonly recall: Pick<Recall, 'find' | 'isFresh'>;
  readonly calls: Pick<Calls, 'atOnce'>;
}

/** Nothing in it needs a look. */
const isPlain = ({ subdirectories, hot }: Remembered): boolean => subdirectories.length + hot.length === 0;

interface LookOptions {
  readonly now: CallsAtOnce;
  readonly recall: Pick<Recall, 'find'>;
  /** Most directories need not be opened: so none is before it is known. */
  readonly mostlyPlain: boolean;
  /** False: others are to go first. */
  readonly going: () => boolean;
}

/** Invariant: what is counted is of directories that are as they are remembered. */
class Look {
  readonly #options: LookOptions;
  readonly #linked = new Set<bigint>();
  #device: bigint | undefined;
  #blocks = 0n;
  #inodes = 0n;
  #oldest = Number.POSITIVE_INFINITY;
  #operations = 0;

  constructor(options: LookOptions) {
    this.#options = options;
  }

  at(top: number): Looked | undefined {
    const facts = this.#factsOf(top);
    this.#device = facts.dev;
    if (!this.#inside(top, facts)) return undefined;
    const oldest = this.#oldest;
    return { usedBytes: this.#blocks * 512n, inodes: this.#inodes, oldest, operations: this.#operations };
  }

  /** Whether an open directory and all below it is as it was. */
  #inside(fd: number, facts: Facts): boolean {
    const record = this.#options.recall.find(facts);
    if (!record || !this.#count(facts, record)) return false;
    const { hot, subdirectories } = record;
    return hot.every((file) => this.#file(fd, file)) && subdirectories.every((name) => this.#below(fd, name));
  }

  #below(above: number, name: string): boolean {
    const { now, recall, mostlyPlain } = this.#options;
    if (mostlyPlain) {
      const facts = this.#factsAt(above, name);
      const record = recall.find(facts);
      if (!record || isPlain(record)) return record !== undefined && this.#count(facts, record);
    }
    const fd = now.open(above, name);
    this.#operations += 2;
    try {
      return this.#inside(fd, this.#factsOf(fd));
    } finally {
      now.close(fd);
    }
  }

  #file(fd: number, file: HotFile): boolean {
    const facts = this.#factsAt(fd, file.name);
    const same = facts.ino === file.inode && facts.dev === this.#device && facts.isFile();
    return same && facts.nlink === 1n && facts.blocks === file.blocks;
  }

  /** False: it is not of this filesystem, or there is no time. */
  #count(facts: Facts, record: Remembered): boolean {
    if (facts.dev !== this.#device || !this.#options.going()) return false;
    this.#add(facts.blocks + record.blocks, 1n + record.files);
    for (const { inode, blocks } of record.linked) {
      if (!this.#linked.has(inode)) this.#add(blocks, 1n);
      this.#linked.add(inode);
    }
    this.#oldest = Math.min(this.#oldest, record.readAt);
    return true;
  }

  #add(blocks: bigint, inodes: bigint): void {
    this.#blocks += blocks;
    this.#inodes += inodes;
  }

  #factsOf(fd: number): Facts {
    this.#operations += 1;
    return this.#options.now.factsOf(fd);
  }

  #factsAt(fd: number, name: string): Facts {
    this.#operations += 1;
    return this.#options.now.factsAt(fd, name);
  }
}
