/**
 * The few things that a ledger does with files. Paths are absolute. Reading is synchronous, because thousands of small
 * files are read one after the other; writing ends on the disk, and may be cut off after any of its steps.
 */
import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, readFileSync, type Stats } from 'node:fs';
import { link, mkdir, open, rename, unlink } from 'node:fs/promises';

export type EntryKind = 'file' | 'folder' | 'link' | 'other';

export interface Entry {
  readonly name: string;
  readonly kind: EntryKind;
}

export interface Disk {
  /** What a path is, itself and not what it points to; undefined where there is nothing. */
  kindOf(path: string): EntryKind | undefined;
  /** Sorted by name; undefined where there is no such folder. */
  list(folder: string): readonly Entry[] | undefined;
  /** The names alone, in any order: quicker by far. */
  names(folder: string): readonly string[] | undefined;
  /** Undefined where there is no such file. Throws for a link. */
  read(path: string): Uint8Array | undefined;
  /** Says of a file which one it is and when it was written: another file, or another content, has another stamp. */
  stamp(path: string): string;
  /** Makes one folder in a folder that is there. One that is there already is fine. */
  makeFolder(path: string): Promise<void>;
  /** Makes a file and waits until its content is on the disk. Throws EEXIST where something is there. */
  writeNew(path: string, content: Uint8Array): Promise<void>;
  /** Gives a file a second name; whole or not at all. `there`: something has that name, and keeps it. */
  link(from: string, to: string): Promise<'done' | 'there'>;
  /** Puts a file in the place of another. */
  replace(from: string, to: string): Promise<void>;
  /** What is gone already is fine. */
  remove(path: string): Promise<void>;
  /** Waits until the names in a folder are on the disk. */
  syncFolder(path: string): Promise<void>;
}

const READ = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

const WITHOUT_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']);

export const systemDisk: Disk = {
  kindOf(path) {
    const stats = lstatSync(path, { throwIfNoEntry: false });
    return stats && kindOf(stats);
  },
  list(folder) {
    const entries = ifThere(() => readdirSync(folder, { withFileTypes: true }));
    return entries
      ?.map((entry) => ({ name: entry.name, kind: kindOf(entry) }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  },
  names: (folder) => ifThere(() => readdirSync(folder)),
  read,
  stamp(path) {
    const stats = lstatSync(path, { bigint: true, throwIfNoEntry: false });
    return stats === undefined ? 'gone' : `${stats.ino} ${stats.size} ${stats.mtimeNs} ${stats.ctimeNs}`;
  },
  async makeFolder(path) {
    await mkdir(path).catch(unless('EEXIST'));
  },
  async writeNew(path, content) {
    const file = await open(path, CREATE, 0o644);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
  },
  async link(from, to) {
    try {
      await link(from, to);
      return 'done';
    } catch (cause) {
      const code = codeOf(cause) ?? '';
      if (code === 'EEXIST') return 'there';
      if (!WITHOUT_LINKS.has(code)) throw cause;
      // A file system without hard links, as exFAT. Who asks holds the lock, so that nobody comes between.
      if (lstatSync(to, { throwIfNoEntry: false }) !== undefined) return 'there';
      await rename(from, to);
      return 'done';
    }
  },
  replace: rename,
  async remove(path) {
    await unlink(path).catch(unless('ENOENT'));
  },
  async syncFolder(path) {
    const folder = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  },
};

function ifThere<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return undefined;
    throw cause;
  }
}

function read(path: string): Uint8Array | undefined {
  const file = ifThere(() => openSync(path, READ));
  if (file === undefined) return undefined;
  try {
    if (!fstatSync(file).isFile()) throw new Error(`${path} is no file`);
    return readFileSync(file);
  } finally {
    closeSync(file);
  }
}

function kindOf(entry: Pick<Stats, 'isFile' | 'isDirectory' | 'isSymbolicLink'>): EntryKind {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'folder';
  return entry.isSymbolicLink() ? 'link' : 'other';
}

/** The errno of a failed system call, as `ENOSPC`. */
export function codeOf(cause: unknown): string | undefined {
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined;
}

function unless(code: string): (cause: unknown) => void {
  return (cause) => {
    if (codeOf(cause) !== code) throw cause;
  };
}
