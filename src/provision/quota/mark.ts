/**
 * Gives every file below a directory its project number. The directory comes first and hands the number on to what is
 * made in it, then what was there before follows. Each file is opened here without following links and the program is
 * given the open descriptor: whatever a tenant puts in its place meanwhile is not touched.
 */
import {
  closeDescriptor,
  factsAt,
  factsOf,
  namesOf,
  openDirectory,
  openDirectoryAgain,
  openFile,
} from '../directory/descriptor.ts';
import { errnoOf, problem } from '../directory/problem.ts';
import type { Budget } from '../directory/walk.ts';
import type { StorageProblem } from '../storage.ts';
import { complaintOf, type RunCommand } from './command.ts';
import { parseProjects } from './report.ts';

const PROGRAM = 'xfs_io'; // of xfsprogs; it works on ext4 too, and takes descriptors as /proc/self/fd/N
/** Files at a time for one run of the program. */
const AT_ONCE = 64;
/** Deeper trees are refused: every step is made from the top again. */
const DEEPEST = 256;
/** Gone, or replaced by what is not to be marked. */
const PASSED_OVER = ['ENOENT', 'ENOTDIR', 'ELOOP', 'ENXIO'];

interface Place {
  readonly trail: readonly Buffer[];
  /** Names not looked at yet; undefined: not listed yet. */
  names: Buffer[] | undefined;
}

interface Opened {
  readonly fd: number;
  readonly name: Buffer;
  readonly directory: boolean;
}

/** Number of the project that an open file is counted under; 0: none. */
export async function projectAt(run: RunCommand, fd: number): Promise<number | StorageProblem> {
  const result = await run({ program: PROGRAM, args: ['-r', '-c', 'lsproj', '/proc/self/fd/3'], descriptors: [fd] });
  const id = result.kind === 'ran' ? parseProjects(result.output)[0] : undefined;
  return id ?? problem('no-quota', complaintOf(PROGRAM, result) || `${PROGRAM} did not say the project of a file`);
}

/** Invariant: every directory in `#places` carries the number and hands it on; only the top is kept open. */
export class Marking {
  readonly id: number;
  readonly #run: RunCommand;
  readonly #top: number;
  readonly #device: bigint;
  readonly #places: Place[] = [];

  private constructor(run: RunCommand, id: number, top: number, device: bigint) {
    this.#run = run;
    this.id = id;
    this.#top = top;
    this.#device = device;
  }

  /** Marks the directory itself. Has a descriptor of its own until `close`. */
  static async start(run: RunCommand, fd: number, id: number): Promise<Marking | StorageProblem> {
    const top = await openDirectoryAgain(fd);
    const marking = new Marking(run, id, top, (await factsOf(top)).dev);
    const failed = await marking.#mark([{ fd: top, name: Buffer.alloc(0), directory: true }]);
    if (failed) {
      await closeDescriptor(top);
      return failed;
    }
    marking.#places.push({ trail: [], names: undefined });
    return marking;
  }

  close(): Promise<void> {
    return closeDescriptor(this.#top);
  }

  /** Goes on until all is marked (true) or the budget is used up. */
  async advance(budget: Budget): Promise<boolean | StorageProblem> {
    for (let operations = 0; this.#places.length > 0; operations += AT_ONCE) {
      if (operations >= budget.operations || budget.expired()) return false;
      const place = this.#places.at(-1);
      const failed = place && (await this.#step(place));
      if (failed) return failed;
    }
    return true;
  }

  async #step(place: Place): Promise<StorageProblem | undefined> {
    if (place.trail.length > DEEPEST) {
      return problem('unexpected', `failed: it has directories more than ${DEEPEST} levels deep, which get no quota`);
    }
    const fd = await this.#reach(place.trail);
    if (fd === undefined) {
      this.#drop(place);
      return undefined;
    }
    try {
      place.names ??= await namesOf(fd);
      const names = place.names.splice(-AT_ONCE);
      if (place.names.length === 0) this.#drop(place);
      return await this.#markSome(fd, place, names);
    } finally {
      await closeDescriptor(fd);
    }
  }

  #drop(place: Place): void {
    this.#places.splice(this.#places.indexOf(place), 1);
  }

  async #markSome(parent: number, place: Place, names: readonly Buffer[]): Promise<StorageProblem | undefined> {
    const opened: Opened[] = [];
    try {
      for (const name of names) {
        const found = await passing(this.#open(parent, name));
        if (found) opened.push(found);
      }
      const directories = opened.filter(({ directory }) => directory);
      const failed = await this.#mark(directories);
      if (failed) return failed;
      for (const { name } of directories) this.#places.push({ trail: [...place.trail, name], names: undefined });
      return await this.#mark(opened.filter(({ directory }) => !directory));
    } finally {
      for (const { fd } of opened) await closeDescriptor(fd);
    }
  }

  /** Undefined: a link, a device, a socket, a FIFO, or on another filesystem. */
  async #open(parent: number, name: Buffer): Promise<Opened | undefined> {
    const seen = await factsAt(parent, name);
    const directory = seen.isDirectory();
    if (seen.dev !== this.#device || !(directory || seen.isFile())) return undefined;
    const fd = directory ? await openDirectory(parent, name) : await openFile(parent, name);
    const facts = await factsOf(fd);
    if (facts.dev === this.#device && (directory || facts.isFile())) return { fd, name, directory };
    await closeDescriptor(fd);
    return undefined;
  }

  async #mark(files: readonly Opened[]): Promise<StorageProblem | undefined> {
    if (files.length === 0) return undefined;
    const inherit = files[0]?.directory ? ['-c', 'chattr +P'] : [];
    const places = files.map((_file, index) => `/proc/self/fd/${index + 3}`);
    const result = await this.#run({
      program: PROGRAM,
      args: ['-r', '-c', `chproj ${this.id}`, ...inherit, '-c', 'lsproj', ...places],
      descriptors: files.map(({ fd }) => fd),
    });
    // What it says at its end is not what counts: every file has to carry the number now.
    const carried = result.kind === 'ran' ? parseProjects(result.output) : [];
    if (carried.length === files.length && carried.every((id) => id === this.id)) return undefined;
    return problem('no-quota', complaintOf(PROGRAM, result) || `${PROGRAM} could not give a file its project`);
  }

  async #reach(trail: readonly Buffer[]): Promise<number | undefined> {
    let fd = await openDirectoryAgain(this.#top);
    for (const name of trail) {
      const next = await passing(openDirectory(fd, name));
      await closeDescriptor(fd);
      if (next === undefined) return undefined;
      fd = next;
    }
    if ((await factsOf(fd)).dev === this.#device) return fd;
    await closeDescriptor(fd);
    return undefined;
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
