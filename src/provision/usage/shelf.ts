/**
 * Where the process of an export keeps what it remembers of each tree: in memory, as much as there is room for, and in a
 * folder of the operator's own disk where it has one, so that a restart goes on where the last process was. Losing it
 * costs a new reading and nothing else, so no failure here is anybody's.
 */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../telemetry/clock.ts';
import { errnoOf } from '../directory/problem.ts';
import { formatMemory, type Memory, parseMemory } from './remembered.ts';

export interface Shelf {
  /** Whether it keeps its files in that folder. */
  isFor(folder: string): boolean;
  /** Undefined: nothing is known of it. Never rejects. */
  read(subject: string): Promise<Memory | undefined>;
  /** Never rejects. */
  write(subject: string, memory: Memory): Promise<void>;
}

export interface ShelfOptions {
  /** Empty: only in memory. */
  readonly folder: string;
  /** Tells the exports apart that share the folder. */
  readonly name: string;
  readonly clock: Clock;
}

/** All trees in memory together; a directory takes some 25 bytes, and 20 more for each file that is looked at. */
const MEMORY_BYTES = 9 * 2 ** 20;
/** One tree, in memory or as a file. */
const TREE_BYTES = 3 * 2 ** 20;
/** Between two writes of one file. */
const SAVE_MS = 300_000;
/** A file that nobody read for so long is of a volume that is gone. */
const FORGOTTEN_MS = 30 * 86_400_000;
const SUFFIX = '.usage';
const VERSION = 'larder usage 2';

export function createShelf({ folder, name, clock }: ShelfOptions): Shelf {
  const kept = new Kept();
  const savedMs = new Map<string, number>();
  const fileOf = (subject: string): string =>
    join(
      folder,
      `${createHash('sha256')
        .update(JSON.stringify([name, subject]))
        .digest('hex')}${SUFFIX}`,
    );
  /** The first line of a file, so that one under another tree's name is not taken for it. */
  const titleOf = (subject: string): string =>
    Buffer.from(`${VERSION} ${JSON.stringify(`${name} ${subject}`)}\n`).toString('latin1');
  let swept: Promise<void> | undefined;

  const load = async (subject: string): Promise<string | undefined> => {
    if (folder === '') return undefined;
    swept ??= sweep(folder, clock.now());
    await swept;
    const file = fileOf(subject);
    try {
      if ((await stat(file)).size > TREE_BYTES) return undefined;
      const bytes = await readFile(file);
      const now = clock.now() / 1000;
      await utimes(file, now, now);
      const title = titleOf(subject);
      return bytes.toString('latin1', 0, title.length) === title ? bytes.toString('latin1', title.length) : undefined;
    } catch {
      return undefined; // none yet, or it cannot be read: the tree is read instead
    }
  };

  return {
    isFor: (other) => other === folder,
    async read(subject) {
      const known = kept.get(subject);
      const text = known ?? (await load(subject));
      if (text === undefined) return undefined;
      if (known === undefined) kept.set(subject, text);
      return parseMemory(text);
    },
    async write(subject, memory) {
      const text = formatMemory(memory.values());
      if (text === kept.get(subject)) return;
      kept.set(subject, text);
      const nowMs = clock.monotonic();
      const last = savedMs.get(subject);
      if (folder === '' || (last !== undefined && nowMs - last < SAVE_MS)) return;
      const whole = titleOf(subject) + text;
      if (whole.length > TREE_BYTES) return;
      savedMs.set(subject, nowMs);
      await save(folder, fileOf(subject), whole);
    },
  };
}

/** Whole or not at all: a reader takes what does not end properly for nothing. */
async function save(folder: string, file: string, text: string): Promise<void> {
  try {
    await makeFolder(folder);
    await writeFile(`${file}.new`, text, { encoding: 'latin1', mode: 0o600 });
    await rename(`${file}.new`, file);
  } catch {
    // A full or read-only disk of the operator's: what is in memory still serves.
  }
}

/** Its parent is there. Not recursive: Node's own never ends on a filesystem that answers ENOENT, such as /proc. */
async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { mode: 0o700 });
  } catch (cause) {
    if (errnoOf(cause) !== 'EEXIST') throw cause;
  }
}

async function sweep(folder: string, now: number): Promise<void> {
  try {
    for (const entry of await readdir(folder)) {
      if (!/\.usage(\.new)?$/.test(entry)) continue;
      const file = join(folder, entry);
      if (now - (await stat(file)).mtimeMs > FORGOTTEN_MS) await rm(file);
    }
  } catch {
    // No folder yet, or another process sweeps too.
  }
}

/**
 * Invariant: all texts together are no more than MEMORY_BYTES, none is more than TREE_BYTES; the least recently used leave
 * first. As strings of bytes: a short Buffer is a slice of a slab that Node shares among many, and keeps all of that
 * slab alive; one with a slab of its own weighs some 400 bytes more than it holds.
 */
class Kept {
  readonly #texts = new Map<string, string>();
  #bytes = 0;

  get(subject: string): string | undefined {
    const text = this.#texts.get(subject);
    if (text === undefined) return undefined;
    this.#texts.delete(subject);
    this.#texts.set(subject, text); // now the most recently used
    return text;
  }

  set(subject: string, text: string): void {
    this.#drop(subject);
    if (text.length > TREE_BYTES) return;
    this.#texts.set(subject, text);
    this.#bytes += text.length;
    for (const oldest of this.#texts.keys()) {
      if (this.#bytes <= MEMORY_BYTES) return;
      this.#drop(oldest);
    }
  }

  #drop(subject: string): void {
    this.#bytes -= (this.#texts.get(subject) ?? '').length;
    this.#texts.delete(subject);
  }
}
