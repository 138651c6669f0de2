/**
 * Measures a tree as du(1) does, in slices. It never follows a link, stays on the export's filesystem, and neither the
 * depth of a tree nor its width costs open files: directories on the way are closed and found again from the top.
 */
import { closeDescriptor, type Facts, factsAt, factsOf, namesOf, openDirectory } from './descriptor.ts';
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
  names: Buffer[];
  readonly subdirectories: Buffer[];
}

interface Step {
  readonly name: Buffer;
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
  readonly #linked = new Set<bigint>();
  readonly #frames: Frame[] = [];
  readonly #trail: Step[] = [];
  #operations = 0;
  #blocks = 0n;
  #inodes = 0n;

  private constructor(top: number, facts: Facts) {
    this.#top = top;
    this.#device = facts.dev;
    this.#count(facts);
  }

  /** Takes the descriptor over; `close` gives it back. */
  static async start(top: number): Promise<Walk> {
    const facts = await factsOf(top);
    const walk = new Walk(top, facts);
    walk.#frames.push({ depth: 0, inode: facts.ino, fd: top, names: await namesOf(top), subdirectories: [] });
    return walk;
  }

  get usedBytes(): bigint {
    return this.#blocks * 512n;
  }

  get inodes(): bigint {
    return this.#inodes;
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
    await closeDescriptor(this.#top);
  }

  async #step(): Promise<void> {
    const frame = this.#frames.at(-1);
    if (!frame) return;
    const fd = frame.fd ?? (await this.#findAgain(frame));
    if (fd === undefined) this.#frames.pop();
    else if (frame.names.length > 0) await this.#measure(frame, fd);
    else await this.#descend(frame, fd);
  }

  async #measure(frame: Frame, fd: number): Promise<void> {
    const names = frame.names.splice(-AT_ONCE);
    if (frame.names.length === 0) frame.names = []; // lets go of a long array
    this.#operations += names.length;
    const facts = await Promise.all(names.map((name) => passing(factsAt(fd, name))));
    facts.forEach((found, index) => {
      const name = names[index];
      if (!found || !name || found.dev !== this.#device) return;
      this.#count(found);
      if (found.isDirectory()) frame.subdirectories.push(name);
    });
  }

  #count(facts: Facts): void {
    if (!facts.isDirectory() && facts.nlink > 1n) {
      if (this.#linked.has(facts.ino)) return;
      if (this.#linked.size < REMEMBERED_LINKS) this.#linked.add(facts.ino);
    }
    this.#blocks += facts.blocks;
    this.#inodes += 1n;
  }

  async #descend(frame: Frame, fd: number): Promise<void> {
    const name = frame.subdirectories.pop();
    if (name === undefined || frame.depth >= DEEPEST) {
      this.#frames.pop();
      return this.#closeFrame(frame);
    }
    this.#operations += 3;
    const child = await passing(openDirectory(fd, name));
    if (frame.subdirectories.length === 0) {
      this.#frames.pop(); // nothing to come back for: a chain of any depth needs one frame
      await this.#closeFrame(frame);
    }
    if (child !== undefined) await this.#enter(frame.depth, name, child);
  }

  async #enter(depth: number, name: Buffer, fd: number): Promise<void> {
    const facts = await factsOf(fd);
    if (facts.dev !== this.#device) return closeDescriptor(fd);
    const frame: Frame = { depth: depth + 1, inode: facts.ino, fd, names: [], subdirectories: [] };
    this.#trail.length = depth;
    this.#trail.push({ name, inode: facts.ino });
    this.#frames.push(frame);
    frame.names = (await passing(namesOf(fd))) ?? [];
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
      const next = step && (await passing(openDirectory(fd, step.name)));
      if (!kept) await closeDescriptor(fd);
      if (next === undefined) return undefined;
      fd = next;
      kept = false;
      if ((await factsOf(fd)).ino !== step?.inode) {
        await closeDescriptor(fd);
        return undefined;
      }
      const above = passed.get(depth + 1);
      if (!above) continue;
      above.fd = fd;
      kept = true;
    }
    return frame.fd;
  }

  async #closeFrame(frame: Frame): Promise<void> {
    const { fd } = frame;
    if (fd === undefined || fd === this.#top) return;
    frame.fd = undefined;
    await closeDescriptor(fd);
  }
}

async function passing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (cause) {
    if (PASSED_OVER.includes(errnoOf(cause))) return undefined;
    throw cause;
  }
}
