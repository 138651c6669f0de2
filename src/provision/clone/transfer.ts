/** The content of one file on its way into another: shared blocks where the filesystem can, else bytes in slices. */

import { closeDescriptor, type Facts, factsOf } from '../directory/descriptor.ts';
import { readAt, setLength, shareBlocks, synchronise, writeAt } from '../directory/file.ts';
import { errnoOf } from '../directory/problem.ts';
import { copyAttributes } from './attributes.ts';

/** Whether files of this export can share blocks; unlearnt by the first that cannot. */
export interface Sharing {
  possible: boolean;
}

export interface TransferLimit {
  /** Written bytes; holes cost none. */
  readonly bytes: number;
  readonly expired: () => boolean;
}

const PIECE = 1024 * 1024;
/** A hole in a file is found in steps of this size. */
const BLOCK = 64 * 1024;
const ZEROS = Buffer.alloc(BLOCK);
/** So that one synchronisation never takes long, whatever the disk. */
const SYNCHRONISED = 32 * 1024 * 1024;
/** The filesystem cannot, or not between these two: whatever else fails is a failure. */
const UNSHARED = ['ENOTSUP', 'EOPNOTSUPP', 'ENOTTY', 'ENOSYS', 'EXDEV', 'EINVAL'];

/** Invariant: the target holds the first `#position` bytes of the source, of which `#unsynchronised` may not be on the disk. */
export class Transfer {
  readonly facts: Facts;
  readonly #source: number;
  readonly #target: number;
  readonly #size: number;
  readonly #sparse: boolean;
  #buffer: Buffer | undefined;
  #position = 0;
  #unsynchronised = 0;
  #written = 0;
  #shared = false;

  /** Takes both descriptors over. */
  constructor(source: { readonly fd: number; readonly facts: Facts }, target: number) {
    this.#source = source.fd;
    this.facts = source.facts;
    this.#target = target;
    this.#size = Number(source.facts.size);
    this.#sparse = source.facts.blocks * 512n < source.facts.size;
  }

  /** Before the first `advance`: all of it at once where blocks can be shared. */
  async share(sharing: Sharing): Promise<void> {
    if (!sharing.possible || this.#size === 0) return;
    try {
      await shareBlocks(this.#source, this.#target);
      this.#position = this.#size;
      this.#shared = true;
    } catch (cause) {
      const errno = errnoOf(cause);
      if (!UNSHARED.includes(errno)) throw cause;
      if (errno !== 'EINVAL') sharing.possible = false;
    }
  }

  get written(): number {
    return this.#written;
  }

  get sharedBytes(): bigint {
    return this.#shared ? this.facts.size : 0n;
  }

  /** Of the blocks of the source. */
  get passedBytes(): bigint {
    const bytes = this.facts.blocks * 512n;
    return this.#size === 0 ? bytes : (bytes * BigInt(this.#position)) / this.facts.size;
  }

  /** True when everything was read. What was appended since the beginning is not part of the copy. */
  async advance(limit: TransferLimit): Promise<boolean> {
    const last = this.#written + limit.bytes;
    while (this.#position < this.#size) {
      if (this.#written >= last || limit.expired()) return false;
      this.#buffer ??= Buffer.allocUnsafe(Math.min(PIECE, this.#size));
      const length = Math.min(this.#buffer.length, this.#size - this.#position);
      const count = await readAt(this.#source, this.#buffer, length, this.#position);
      if (count === 0) return true; // cut off meanwhile: `finish` sees it
      await this.#put(this.#buffer.subarray(0, count));
    }
    return true;
  }

  async #put(bytes: Buffer): Promise<void> {
    for (const { from, to } of this.#sparse ? filled(bytes) : [{ from: 0, to: bytes.length }]) {
      await writeAt(this.#target, bytes.subarray(from, to), this.#position + from);
      this.#written += to - from;
      this.#unsynchronised += to - from;
    }
    this.#position += bytes.length;
    if (this.#unsynchronised < SYNCHRONISED) return;
    await synchronise(this.#target);
    this.#unsynchronised = 0;
  }

  /** Length, attributes, and all of it on the disk. Says what is not as it was, or not as it should be. */
  async finish(as: number): Promise<{ readonly changed: boolean; readonly disowned: boolean }> {
    if (!this.#shared) await setLength(this.#target, this.#position);
    const after = await factsOf(this.#source);
    const kept = await copyAttributes(this.#target, this.facts, as);
    await synchronise(this.#target);
    const changed =
      after.size !== this.facts.size || after.mtimeNs !== this.facts.mtimeNs || this.#position !== this.#size;
    return { changed, disowned: !kept };
  }

  async close(): Promise<void> {
    await closeDescriptor(this.#source);
    await closeDescriptor(this.#target);
  }
}

/** The parts that hold something. */
function filled(bytes: Buffer): readonly { readonly from: number; readonly to: number }[] {
  const parts: { from: number; to: number }[] = [];
  for (let from = 0; from < bytes.length; from += BLOCK) {
    const to = Math.min(from + BLOCK, bytes.length);
    if (bytes.subarray(from, to).equals(ZEROS.subarray(0, to - from))) continue;
    const last = parts.at(-1);
    if (last?.to === from) last.to = to;
    else parts.push({ from, to });
  }
  return parts;
}
