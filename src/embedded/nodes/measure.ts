/** How full a directory is, by walking it. For directories that nobody else already measures. */
import { type BigIntStats, constants, type Dirent } from 'node:fs';
import { type FileHandle, lstat, open, opendir, readlink, statfs } from 'node:fs/promises';
import { join } from 'node:path';

export type Measurement =
  | {
      readonly kind: 'measured';
      readonly usedBytes: bigint;
      readonly inodesUsed: bigint;
      /** Of the whole filesystem; both zero when it does not count them. */
      readonly inodes: bigint;
      readonly inodesFree: bigint;
    }
  /** The directory is not there, or is not a directory. */
  | { readonly kind: 'missing' }
  /** The walk was given up at its bound; a partial sum would be a lie. */
  | { readonly kind: 'too-large'; readonly entries: number };

export type Measure = (directory: string, signal: AbortSignal) => Promise<Measurement>;

/** Some seconds of walking; a directory with more needs an incremental measurement. */
const MOST_ENTRIES = 1_000_000;
const BLOCK_BYTES = 512n; // POSIX, st_blocks
const AS_DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/**
 * Blocks and inodes of everything in and below `directory`, itself included; a file with several links counts once.
 * Neither symbolic links nor other filesystems are entered, not even when a directory is exchanged for a link during
 * the walk, and what vanishes meanwhile is left out.
 */
export async function measure(
  directory: string,
  signal: AbortSignal,
  mostEntries = MOST_ENTRIES,
): Promise<Measurement> {
  const root = await withDirectory(directory, undefined, async (here) => ({
    path: await readlink(here),
    stats: await lstat(`${here}/.`, { bigint: true }),
    space: await statfs(here, { bigint: true }),
  }));
  if (!root) return { kind: 'missing' };
  const sum = new Sum(root.stats);
  const pending = [root.path];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const path = next;
    await withDirectory(path, path, async (here) => {
      for await (const entry of await opendir(here, { bufferSize: 256 })) {
        signal.throwIfAborted();
        if ((await sum.add(here, entry)) === 'descend') pending.push(join(path, entry.name));
        if (sum.inodes > mostEntries) return;
      }
    });
    if (sum.inodes > mostEntries) return { kind: 'too-large', entries: sum.inodes };
  }
  const { files: inodes, ffree: inodesFree } = root.space;
  return { kind: 'measured', usedBytes: sum.bytes, inodesUsed: BigInt(sum.inodes), inodes, inodesFree };
}

/** Invariant: every inode of the root's filesystem that was added is in the sums exactly once. */
class Sum {
  readonly #device: bigint;
  readonly #linked = new Set<bigint>();
  bytes: bigint;
  inodes = 1;

  constructor(root: BigIntStats) {
    this.#device = root.dev;
    this.bytes = root.blocks * BLOCK_BYTES;
  }

  async add(directory: string, entry: Dirent): Promise<'descend' | 'leaf'> {
    const stats = await unlessGone(lstat(`${directory}/${entry.name}`, { bigint: true }));
    if (!stats || stats.dev !== this.#device) return 'leaf';
    if (!stats.isDirectory() && stats.nlink > 1n) {
      if (this.#linked.has(stats.ino)) return 'leaf';
      this.#linked.add(stats.ino);
    }
    this.bytes += stats.blocks * BLOCK_BYTES;
    this.inodes += 1;
    return stats.isDirectory() ? 'descend' : 'leaf';
  }
}

/**
 * Calls `use` with a path through /proc that stays with the opened directory whatever happens to its name. Undefined when
 * there is no directory, or it is not (any more) at `expected`.
 */
async function withDirectory<T>(
  path: string,
  expected: string | undefined,
  use: (here: string) => Promise<T>,
): Promise<T | undefined> {
  const handle: FileHandle | undefined = await unlessGone(open(path, AS_DIRECTORY));
  if (!handle) return undefined;
  try {
    const here = `/proc/self/fd/${handle.fd}`;
    if (expected !== undefined && (await readlink(here)) !== expected) return undefined;
    return await use(here);
  } finally {
    await handle.close();
  }
}

async function unlessGone<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

function isGone(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false;
  return error.code === 'ENOENT' || error.code === 'ENOTDIR' || error.code === 'ELOOP';
}
