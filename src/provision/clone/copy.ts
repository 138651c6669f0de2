/**
 * Copies a tree in slices. As in walk.ts the source is entered one directory at a time from its open parent, no link is
 * followed, and nothing beyond the export's filesystem is read. A directory gets all its entries, then its owner, mode
 * and times, and only then its subdirectories are entered: nothing changes in it any more, and it can be closed.
 */
import {
  closeDescriptor,
  type Facts,
  factsAt,
  makeDirectory,
  mountOf,
  openDirectory,
  removeDirectory,
} from '../directory/descriptor.ts';
import { addLink, createFile, makeLink, openFile, readLink } from '../directory/file.ts';
import { errnoOf } from '../directory/problem.ts';
import type { OpenRoot } from '../export/root.ts';
import { copyLinkAttributes } from './attributes.ts';
import type { CloneFigures } from './clones.ts';
import { closeFrame, type Frame, openFrame, settleFrame } from './copy-frame.ts';
import { locating, onAnotherFilesystem, tooDeep } from './copy-stopped.ts';
import { type Sharing, Transfer, type TransferLimit } from './transfer.ts';

export interface CopyBudget extends TransferLimit {
  /** System calls. */
  readonly operations: number;
}

/** Descriptors that a copy works with, and takes over. */
export interface CopyEnds {
  readonly source: number;
  /** An empty directory. */
  readonly target: number;
  /** Another, for the first name of every file that has several. */
  readonly links: number;
}

/** A file that is being copied in slices; `link` is its first name when it has several. */
interface Current {
  readonly transfer: Transfer;
  readonly name: Buffer;
  readonly link: string | undefined;
}

const AT_ONCE = 16;
/** Such files are copied whole, many at a time. */
const SMALL = 256n * 1024n;
/** About how many system calls an entry takes. */
const PER_ENTRY = 6;
/** Directories that are open because some of their subdirectories are not copied yet; two descriptors each. */
const DEEPEST = 256;
const GONE = ['ENOENT', 'ENOTDIR', 'ELOOP'];
const WHOLE: TransferLimit = { bytes: Number(SMALL), expired: () => false };

/** Invariant: `#frames` are the open directories that still have something to copy, each inside the one before or deeper. */
export class Copy {
  readonly #root: OpenRoot;
  readonly #links: number;
  readonly #sharing: Sharing;
  readonly #frames: Frame[] = [];
  readonly #figures = {
    files: 0,
    directories: 0,
    copiedBytes: 0n,
    sharedBytes: 0n,
    passedBytes: 0n,
    skipped: 0,
    changed: 0,
    disowned: 0,
  };
  #current: Current | undefined;
  #operations = 0;
  #bytes = 0;

  private constructor(root: OpenRoot, links: number, sharing: Sharing) {
    this.#root = root;
    this.#links = links;
    this.#sharing = sharing;
  }

  static async start(root: OpenRoot, ends: CopyEnds, sharing: Sharing): Promise<Copy> {
    const copy = new Copy(root, ends.links, sharing);
    try {
      copy.#frames.push(await openFrame(root, ends, ''));
      return copy;
    } catch (cause) {
      await closeDescriptor(ends.links);
      throw cause;
    }
  }

  get figures(): CloneFigures {
    const passed = this.#current?.transfer.passedBytes ?? 0n;
    const copied = BigInt(this.#current?.transfer.written ?? 0);
    const { passedBytes, copiedBytes } = this.#figures;
    return { ...this.#figures, passedBytes: passedBytes + passed, copiedBytes: copiedBytes + copied };
  }

  /** Goes on until all is copied (true) or the budget is used up. Throws CopyStopped and what the filesystem says. */
  async advance(budget: CopyBudget): Promise<boolean> {
    this.#operations = 0;
    this.#bytes = 0;
    for (;;) {
      const frame = this.#frames.at(-1);
      if (!frame) return true;
      if (this.#operations >= budget.operations || this.#bytes >= budget.bytes || budget.expired()) return false;
      await this.#step(frame, budget);
    }
  }

  async close(): Promise<void> {
    const current = this.#current;
    this.#current = undefined;
    await current?.transfer.close();
    for (const frame of this.#frames.splice(0)) await closeFrame(frame);
    await closeDescriptor(this.#links);
  }

  async #step(frame: Frame, budget: CopyBudget): Promise<void> {
    if (this.#current) return this.#goOn(frame, this.#current, budget);
    const names = frame.names.splice(-AT_ONCE);
    if (names.length > 0) {
      this.#operations += names.length * PER_ENTRY;
      await allOf(names.map((name) => locating(frame.path, name, this.#copyEntry(frame, name))));
      return;
    }
    const file = frame.files.pop();
    this.#operations += PER_ENTRY;
    if (file) return locating(frame.path, file, this.#begin(frame, file));
    if (!frame.settled) return this.#settle(frame);
    return this.#descend(frame);
  }

  /** The simple entries at once, the others are noted in the frame. */
  async #copyEntry(frame: Frame, name: Buffer): Promise<void> {
    const facts = await this.#unlessGone(factsAt(frame.source, name));
    if (!facts) return;
    if (facts.dev !== this.#root.device) throw onAnotherFilesystem();
    if (facts.isDirectory()) {
      await makeDirectory(frame.target, name, 0o700);
      frame.subdirectories.push(name);
    } else if (facts.isSymbolicLink()) await this.#copyLink(frame, name, facts);
    else if (!facts.isFile()) this.#figures.skipped += 1;
    else if (facts.size > SMALL || facts.nlink > 1n) frame.files.push(name);
    else await this.#copySmall(frame, name);
  }

  async #copyLink(frame: Frame, name: Buffer, facts: Facts): Promise<void> {
    const leadsTo = await readLink(frame.source, name).catch((cause: unknown) => {
      if (errnoOf(cause) === 'ENOENT' || errnoOf(cause) === 'EINVAL') return undefined; // no link any more
      throw cause;
    });
    if (!leadsTo) {
      this.#figures.changed += 1;
      return;
    }
    await makeLink(frame.target, name, leadsTo);
    const kept = await copyLinkAttributes({ fd: frame.target, name }, facts, this.#root.as);
    this.#count(facts.blocks * 512n, { changed: false, disowned: !kept });
  }

  async #copySmall(frame: Frame, name: Buffer): Promise<void> {
    const transfer = await this.#open(frame, name, { fd: frame.target, name });
    if (!transfer) return;
    try {
      await transfer.advance(WHOLE); // of one that has grown since we looked, the beginning: it counts as changed
      this.#bytes += transfer.written;
      await this.#complete(transfer);
    } finally {
      await transfer.close();
    }
  }

  /** Undefined: it is no regular file any more. */
  async #open(
    frame: Frame,
    name: Buffer,
    to: { readonly fd: number; readonly name: Buffer | string },
  ): Promise<Transfer | undefined> {
    const source = await this.#unlessGone(openFile(frame.source, name));
    if (!source) return undefined;
    let transfer: Transfer | undefined;
    try {
      if (source.facts.dev !== this.#root.device || mountOf(source.fd) !== this.#root.mount)
        throw onAnotherFilesystem();
      transfer = new Transfer(source, await createFile(to.fd, to.name));
      await transfer.share(this.#sharing);
      return transfer;
    } catch (cause) {
      await (transfer?.close() ?? closeDescriptor(source.fd));
      throw cause;
    }
  }

  /** A large file, or one of several names of a file: whoever comes first copies, the others are links to that. */
  async #begin(frame: Frame, name: Buffer): Promise<void> {
    const facts = await this.#unlessGone(factsAt(frame.source, name));
    if (!facts) return;
    // Should a number be given to another file meanwhile, that one has another time or size.
    const link = facts.nlink > 1n ? `${facts.ino}-${facts.mtimeNs}-${facts.size}` : undefined;
    if (link && (await this.#linked(frame, name, link))) return;
    const to = link ? { fd: this.#links, name: link } : { fd: frame.target, name };
    const transfer = await this.#open(frame, name, to);
    if (transfer) this.#current = { transfer, name, link };
  }

  async #linked(frame: Frame, name: Buffer, link: string): Promise<boolean> {
    try {
      await addLink({ fd: this.#links, name: link }, { fd: frame.target, name });
    } catch (cause) {
      if (errnoOf(cause) === 'ENOENT') return false;
      throw cause;
    }
    this.#figures.files += 1;
    return true;
  }

  async #goOn(frame: Frame, current: Current, budget: CopyBudget): Promise<void> {
    const { transfer, name, link } = current;
    const before = transfer.written;
    const rest = { bytes: budget.bytes - this.#bytes, expired: budget.expired };
    const complete = await locating(frame.path, name, transfer.advance(rest));
    this.#bytes += transfer.written - before;
    if (!complete) return;
    await locating(frame.path, name, this.#complete(transfer));
    this.#current = undefined;
    await transfer.close();
    if (link) await locating(frame.path, name, addLink({ fd: this.#links, name: link }, { fd: frame.target, name }));
  }

  async #complete(transfer: Transfer): Promise<void> {
    const result = await transfer.finish(this.#root.as);
    this.#figures.copiedBytes += BigInt(transfer.written);
    this.#figures.sharedBytes += transfer.sharedBytes;
    this.#count(transfer.facts.blocks * 512n, result);
  }

  #count(passed: bigint, { changed, disowned }: { readonly changed: boolean; readonly disowned: boolean }): void {
    this.#figures.files += 1;
    this.#figures.passedBytes += passed;
    if (changed) this.#figures.changed += 1;
    if (disowned) this.#figures.disowned += 1;
  }

  async #settle(frame: Frame): Promise<void> {
    const kept = await settleFrame(frame, this.#root.as);
    this.#figures.directories += 1;
    this.#figures.passedBytes += frame.facts.blocks * 512n;
    if (!kept) this.#figures.disowned += 1;
  }

  async #descend(frame: Frame): Promise<void> {
    const name = frame.subdirectories.pop();
    if (name === undefined) return this.#leave(frame);
    await locating(frame.path, name, this.#follow(frame, name));
    // Nothing to come back for: a chain of any depth needs one frame.
    if (frame.subdirectories.length === 0) await this.#leave(frame);
  }

  async #follow(frame: Frame, name: Buffer): Promise<void> {
    const source = await this.#unlessGone(openDirectory(frame.source, name));
    if (source === undefined) return removeDirectory(frame.target, name);
    let target: number;
    try {
      target = await openDirectory(frame.target, name);
    } catch (cause) {
      await closeDescriptor(source);
      throw cause;
    }
    if (this.#frames.length > DEEPEST) {
      await closeDescriptor(source);
      await closeDescriptor(target);
      throw tooDeep(DEEPEST);
    }
    const path = `${frame.path}${frame.path === '' ? '' : '/'}${name.toString()}`;
    this.#frames.push(await openFrame(this.#root, { source, target }, path));
  }

  async #leave(frame: Frame): Promise<void> {
    this.#frames.splice(this.#frames.indexOf(frame), 1);
    await closeFrame(frame);
  }

  /** What is not there any more, or is something else now, is passed over and told of. */
  async #unlessGone<T>(looking: Promise<T>): Promise<T | undefined> {
    const found = await looking.catch((cause: unknown) => {
      if (GONE.includes(errnoOf(cause))) return undefined;
      throw cause;
    });
    if (found === undefined) this.#figures.changed += 1;
    return found;
  }
}

/** Waits for all, also when one fails: what still runs would use descriptors that are closed then. */
async function allOf(work: readonly Promise<void>[]): Promise<void> {
  for (const result of await Promise.allSettled(work)) {
    if (result.status === 'rejected') throw result.reason;
  }
}
