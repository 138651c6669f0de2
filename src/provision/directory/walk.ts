/**
 * Measures a tree as du(1) does, in slices. It never follows a link, stays on the export's filesystem, and neither the
 * depth of a tree nor its width costs open files: directories on the way are closed and found again from the top. What
 * is remembered of directories that have not changed since the walk before is taken instead of reading them.
 */

import type { Calls } from '../usage/calls.ts';
import { listed, type Names, namesIn } from '../usage/names.ts';
import type { Reading, Recall } from '../usage/recall.ts';
import type { HotFile, Remembered } from '../usage/remembered.ts';
import type { Facts } from './descriptor.ts';
import { errnoOf } from './problem.ts';

export interface Budget {
  /** System calls. */
  readonly operations: number;
  /** Asked between them: whether to stop now. */
  readonly expired: () => boolean;
}

/** A directory whose subdirectories are not all measured yet. */
interface Frame {
  /** Levels below the top. */
  readonly depth: number;
  readonly inode: bigint;
  /** Undefined: closed for now. */
  fd: number | undefined;
  /** Entries to look at, before any subdirectory is entered; undefined: all were. */
  names: Names | undefined;
  readonly subdirectories: string[];
  readonly content: Content;
}

/** A directory is read, or what is remembered of it is counted on and only its files that may grow are looked at. */
type Content =
  | { readonly kind: 'read'; readonly reading: Reading }
  | { readonly kind: 'remembered'; readonly record: Remembered; hot: readonly HotFile[]; stale: boolean };

interface Step {
  readonly name: string;
  readonly inode: bigint;
}

const OPEN_FRAMES = 256;
/** Of the frames above those, every so manieth stays open, so that finding the others again costs no more than the first way. */
const LANDMARK = 128;
const AT_ONCE = 16;
/** Deeper directories count themselves, not what they hold. */
const DEEPEST = 65_536;
/** A tenant with more names of hard-linked files than this is counted once per name from there on. */
const REMEMBERED_LINKS = 1_000_000;
/** Gone, or replaced by something that is no directory, or closed to us: passed over. */
const PASSED_OVER = ['ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES'];

/**
 * Invariant: `#trail[i]` names the directory at depth i + 1 on the way to the one being measured; every frame lies on
 * that way, in the order of its depth. Only the top, the last OPEN_FRAMES frames, the landmarks and what is being read
 * are open.
 */
export class Walk {
  readonly #top: number;
  readonly #device: bigint;
  readonly #recall: Recall;
  readonly #calls: Calls;
  readonly #linked = new Set<bigint>();
  readonly #frames: Frame[] = [];
  readonly #trail: Step[] = [];
  #operations = 0;
  #blocks = 0n;
  #inodes = 0n;

  private constructor(top: number, facts: Facts, recall: Recall, calls: Calls) {
    this.#top = top;
    this.#device = facts.dev;
    this.#recall = recall;
    this.#calls = calls;
    this.#count(facts);
  }

  /** Takes the descriptor over; `close` gives it back. */
  static async start(top: number, recall: Recall, calls: Calls): Promise<Walk> {
    const facts = await calls.factsOf(top);
    const walk = new Walk(top, facts, recall, calls);
    walk.#frames.push(await walk.#frameOf(0, top, facts));
    return walk;
  }

  get usedBytes(): bigint {
    return this.#blocks * 512n;
  }

  get inodes(): bigint {
    return this.#inodes;
  }

  /** System calls so far, about. */
  get operations(): number {
    return this.#operations;
  }

  /** Goes on until everything is measured (true) or the budget is used up. Throws what the filesystem says. */
  async advance(budget: Budget): Promise<boolean> {
    const last = this.#operations + budget.operations;
    while (this.#frames.length > 0) {
      if (this.#operations >= last || budget.expired()) return false;
      await this.#step();
    }
    return true;
  }

  async close(): Promise<void> {
    for (const frame of this.#frames.splice(0)) await this.#closeFrame(frame);
    await this.#calls.close(this.#top);
  }

  async #step(): Promise<void> {
    const frame = this.#frames.at(-1);
    if (!frame) return;
    const fd = frame.fd ?? (await this.#findAgain(frame));
    if (fd === undefined) await this.#leave(frame);
    else if (frame.names) await this.#measure(frame, fd, frame.names);
    else await this.#descend(frame, fd);
  }

  /** Opens the names of a directory, or takes what is remembered of it. */
  async #frameOf(depth: number, fd: number, facts: Facts): Promise<Frame> {
    const record = this.#recall.find(facts);
    const frame = { depth, inode: facts.ino, fd, subdirectories: [] };
    if (!record) {
      const names = await passing(() => namesIn(this.#calls, fd, facts));
      this.#operations += 2;
      return { ...frame, names: names ?? listed([]), content: { kind: 'read', reading: this.#recall.read(facts) } };
    }
    this.#take(record);
    const names = listed([...record.hot.map(({ name }) => name), ...record.subdirectories]);
    return { ...frame, names, content: { kind: 'remembered', record, hot: record.hot, stale: false } };
  }

  async #measure(frame: Frame, fd: number, source: Names): Promise<void> {
    const names = await source.next(AT_ONCE);
    this.#operations += names.length;
    const facts = await Promise.all(names.map((name) => passing(() => this.#calls.factsAt(fd, name))));
    facts.forEach((found, index) => {
      const name = names[index];
      if (name && found?.dev === this.#device) this.#see(frame, name, found);
    });
    if (names.length === 0) this.#seen(frame, source);
  }

  #see(frame: Frame, name: string, found: Facts): void {
    const { content } = frame;
    if (found.isDirectory()) {
      this.#count(found);
      if (content.kind === 'read') content.reading.directory(name);
      const record = this.#recall.find(found);
      if (record && record.subdirectories.length + record.hot.length === 0) {
        this.#take(record); // nothing in it needs a look, so it need not even be opened
        this.#recall.keep(record);
      } else frame.subdirectories.push(name);
    } else if (content.kind === 'read') {
      this.#count(found);
      content.reading.file(name, found);
    } else {
      const file = content.hot.find((hot) => hot.name === name);
      if (file?.inode !== found.ino || found.nlink > 1n) content.stale = true;
      else if (file.blocks !== found.blocks) {
        this.#blocks += found.blocks - file.blocks;
        content.hot = content.hot.map((hot) => (hot === file ? { ...hot, blocks: found.blocks } : hot));
      }
    }
  }

  /** All entries of the directory have been looked at. */
  #seen(frame: Frame, source: Names): void {
    frame.names = undefined;
    const { content } = frame;
    if (content.kind === 'read') {
      if (!source.complete) content.reading.incomplete();
      const record = content.reading.record();
      if (record) this.#recall.keep(record);
      return;
    }
    this.#recall.keep(adjusted(content));
  }

  #take(record: Remembered): void {
    this.#blocks += record.blocks;
    this.#inodes += record.files;
    for (const file of record.linked) this.#countOnce(file.inode, file.blocks);
  }

  #count(facts: Facts): void {
    if (!facts.isDirectory() && facts.nlink > 1n) this.#countOnce(facts.ino, facts.blocks);
    else this.#add(facts.blocks);
  }

  #countOnce(inode: bigint, blocks: bigint): void {
    if (this.#linked.has(inode)) return;
    if (this.#linked.size < REMEMBERED_LINKS) this.#linked.add(inode);
    this.#add(blocks);
  }

  #add(blocks: bigint): void {
    this.#blocks += blocks;
    this.#inodes += 1n;
  }

  async #descend(frame: Frame, fd: number): Promise<void> {
    const name = frame.subdirectories.pop();
    if (name === undefined || frame.depth >= DEEPEST) return this.#leave(frame);
    this.#operations += 2;
    const child = await passing(() => this.#calls.open(fd, name));
    if (frame.subdirectories.length === 0) await this.#leave(frame); // nothing to come back for: a chain of any depth needs one frame
    if (child !== undefined) await this.#enter(frame.depth, name, child);
  }

  async #enter(depth: number, name: string, fd: number): Promise<void> {
    const facts = await this.#calls.factsOf(fd);
    if (facts.dev !== this.#device) return this.#calls.close(fd);
    this.#trail.length = depth;
    this.#trail.push({ name, inode: facts.ino });
    this.#frames.push(await this.#frameOf(depth + 1, fd, facts));
    const oldest = this.#frames.length - 1 - OPEN_FRAMES;
    const closing = oldest % LANDMARK === 0 ? undefined : this.#frames[oldest];
    if (closing) await this.#closeFrame(closing);
  }

  /** Walks down again to a closed frame, and reopens the frames that it passes; undefined: no longer there. */
  async #findAgain(frame: Frame): Promise<number | undefined> {
    const start = this.#frames.findLast(({ fd }) => fd !== undefined);
    const passed = new Map(this.#frames.slice(-OPEN_FRAMES).map((above) => [above.depth, above]));
    let fd = start?.fd ?? this.#top;
    let kept = true;
    for (let depth = start?.depth ?? 0; depth < frame.depth; depth += 1) {
      const step = this.#trail[depth];
      this.#operations += 2;
      const next = step && (await passing(() => this.#calls.open(fd, step.name)));
      if (!kept) await this.#calls.close(fd);
      if (next === undefined) return undefined;
      fd = next;
      kept = false;
      if ((await this.#calls.factsOf(fd)).ino !== step?.inode) {
        await this.#calls.close(fd);
        return undefined;
      }
      const above = passed.get(depth + 1);
      if (!above) continue;
      above.fd = fd;
      kept = true;
    }
    return frame.fd;
  }

  async #leave(frame: Frame): Promise<void> {
    if (this.#frames.at(-1) === frame) this.#frames.pop();
    await this.#closeFrame(frame);
  }

  async #closeFrame(frame: Frame): Promise<void> {
    const { fd } = frame;
    await frame.names?.close();
    if (fd === undefined || fd === this.#top) return;
    frame.fd = undefined;
    await this.#calls.close(fd);
  }
}

/** The record itself when nothing showed. */
function adjusted({ record, hot, stale }: Content & { kind: 'remembered' }): Remembered {
  if (hot === record.hot && !stale) return record;
  const sum = (files: readonly HotFile[]): bigint => files.reduce((blocks, file) => blocks + file.blocks, 0n);
  const blocks = record.blocks + sum(hot) - sum(record.hot);
  return { ...record, hot, blocks, ...(stale ? { readAt: 0 } : {}) };
}

async function passing<T>(work: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (cause) {
    if (PASSED_OVER.includes(errnoOf(cause))) return undefined;
    throw cause;
  }
}
