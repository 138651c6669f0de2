/**
 * openat(2) and its relatives, which Node does not have: `/proc/self/fd/<fd>/<name>` is resolved by the kernel from the
 * open directory itself, so that nothing an attacker renames above it matters. That holds for exactly one component: a
 * `/` or `..` would walk on, and so is refused here as the last of three checks. The string is built by template;
 * path.join would collapse it.
 */
import * as fs from 'node:fs';
import { chmod, lstat, mkdir, opendir, readdir, rename, rmdir, stat, statfs, unlink } from 'node:fs/promises';
import { promisify } from 'node:util';
import { entryPath as at, type Name } from './entry-path.ts';

const { O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_RDONLY, O_WRONLY } = fs.constants;
/**
 * A descriptor that stands for a place and reads nothing: opening it wakes no driver and waits for no writer. Node does
 * not name it. asm-generic/fcntl.h.
 */
export const O_PATH = 0o10000000;
const open = promisify(fs.open);
const read = promisify(fs.read);
const write = promisify(fs.write);
const fstat = promisify(fs.fstat);
const fchmod = promisify(fs.fchmod);
const fchown = promisify(fs.fchown);
const fsync = promisify(fs.fsync);
export const closeDescriptor: (fd: number) => Promise<void> = promisify(fs.close);

/** What fstat and lstat say, exactly: inode numbers of network filesystems use all 64 bits. */
export type Facts = fs.BigIntStats;

/** Opens a directory by its whole path: only for an export's root, which is configuration. A trailing symlink is followed. */
export const openRoot = (path: string): Promise<number> => open(path, O_RDONLY | O_DIRECTORY);

/** What `openRoot` would open now. */
export const factsOfRoot = (path: string): Promise<Facts> => stat(path, { bigint: true });

/** Never follows a link: ENOTDIR for a symlink, a file, a FIFO (without waiting for its writer), a socket, a device. */
export const openDirectory = (fd: number, name: Name): Promise<number> =>
  open(at(fd, name), O_RDONLY | O_DIRECTORY | O_NOFOLLOW);

/** Never follows a link, and waits for no writer of a FIFO: look with `factsOf` what it is. */
export const openFile = (fd: number, name: Name): Promise<number> =>
  open(at(fd, name), O_RDONLY | O_NOFOLLOW | fs.constants.O_NONBLOCK);

export const factsOf = (fd: number): Promise<Facts> => fstat(fd, { bigint: true });

export const factsAt = (fd: number, name: Name): Promise<Facts> => lstat(at(fd, name), { bigint: true });

/**
 * The mount that a descriptor is on: a bind mount of the export's own filesystem has its device and its inodes, and shows
 * nowhere else. /proc answers from memory and asks no server, so this neither hangs nor is worth a thread. As UTF-8,
 * because Node reads other encodings through a new buffer of 64 KiB each time.
 */
export const mountOf = (fd: number): string =>
  /^mnt_id:\s*(\d+)/m.exec(fs.readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1] ?? '';

export const factsOfParent = (fd: number): Promise<Facts> => lstat(`/proc/self/fd/${fd}/..`, { bigint: true });

/** The mode is masked by the umask: verify, then `setMode`. */
export const makeDirectory = async (fd: number, name: Name, mode: number): Promise<void> => {
  await mkdir(at(fd, name), { mode: mode & 0o777 });
};

export const removeDirectory = (fd: number, name: Name): Promise<void> => rmdir(at(fd, name));

export const removeFile = (fd: number, name: Name): Promise<void> => unlink(at(fd, name));

/** rename(2): replaces an empty directory without a word, never one that holds something. */
export const move = (from: { fd: number; name: Name }, to: { fd: number; name: Name }): Promise<void> =>
  rename(at(from.fd, from.name), at(to.fd, to.name));

export const setMode = (fd: number, mode: number): Promise<void> => fchmod(fd, mode);

/** For a directory that cannot be opened because its mode forbids it; never follows a link. */
export const changeModeAt = (fd: number, name: Name, mode: number): Promise<void> =>
  withDescriptor(open(at(fd, name), O_PATH | O_DIRECTORY | O_NOFOLLOW), (found) =>
    chmod(`/proc/self/fd/${found}`, mode),
  );

export const setOwner = (fd: number, uid: number, gid: number): Promise<void> => fchown(fd, uid, gid);

export const spaceOf = (fd: number): Promise<fs.BigIntStatsFs> => statfs(`/proc/self/fd/${fd}`, { bigint: true });

/**
 * All names at once, as bytes, unsorted. Node's streaming `opendir` would lstat each entry synchronously where the
 * filesystem does not tell types (NFS often), and so hold up every other operation.
 */
export async function namesOf(fd: number): Promise<Buffer[]> {
  return readdir(`/proc/self/fd/${fd}`, { encoding: 'buffer' });
}

/** Bytes, and not many at once: Node asks for types that the filesystem does not tell without letting others go first. */
const PIECES: fs.OpenDirOptions = JSON.parse('{"encoding":"buffer","bufferSize":64}'); // its types do not know "buffer"

/** As `namesOf`, but each byte is a character: strings cost a tenth of what buffers do. */
export const rawNamesOf = (fd: number): Promise<string[]> => readdir(`/proc/self/fd/${fd}`, { encoding: 'latin1' });

/** As `rawNamesOf`, one after the other, for a directory whose names should not all be in memory; undefined at the end. */
export async function openNames(
  fd: number,
): Promise<{ readonly read: () => Promise<string | undefined>; readonly close: () => Promise<void> }> {
  const directory = await opendir(`/proc/self/fd/${fd}`, PIECES);
  return {
    read: async () => {
      const entry = await directory.read();
      return entry === null ? undefined : Buffer.from(entry.name).toString('latin1');
    },
    close: () => directory.close(),
  };
}

interface AtOnce {
  openDirectory(fd: number, name: Name): number;
  factsOf(fd: number): Facts;
  factsAt(fd: number, name: Name): Facts;
  rawNamesOf(fd: number): string[];
  closeDescriptor(fd: number): void;
}

/** The functions of the same names, which this thread waits for: only for who looks at the clock. Undefined: not to be had. */
export const atOnce: AtOnce | undefined = {
  openDirectory: (fd, name) => fs.openSync(at(fd, name), O_RDONLY | O_DIRECTORY | O_NOFOLLOW),
  factsOf: (fd) => fs.fstatSync(fd, { bigint: true }),
  factsAt: (fd, name) => fs.lstatSync(at(fd, name), { bigint: true }),
  rawNamesOf: (fd) => fs.readdirSync(`/proc/self/fd/${fd}`, { encoding: 'latin1' }),
  closeDescriptor: (fd) => fs.closeSync(fd),
};

/** Reads no more than the first entries of what may be a huge directory. */
export async function isEmpty(fd: number): Promise<boolean> {
  const directory = await opendir(`/proc/self/fd/${fd}`, { bufferSize: 1 });
  try {
    return (await directory.read()) === null;
  } catch (cause) {
    // A type that the filesystem did not tell is looked up by Node; an entry that vanished meanwhile was there.
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return false;
    throw cause;
  } finally {
    await directory.close();
  }
}

/** Creates the file (EEXIST when there is one), and returns when it is on the disk, name included. */
export async function writeFile(fd: number, name: Name, text: string): Promise<void> {
  const file = await open(at(fd, name), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    const bytes = Buffer.from(text);
    for (let done = 0; done < bytes.length; ) done += (await write(file, bytes, done)).bytesWritten;
    await fsync(file);
  } finally {
    await closeDescriptor(file);
  }
  await fsync(fd);
}

/** At most `limit` bytes of a regular file, as text; undefined for anything that is not a regular file of that size. */
export async function readFile(fd: number, name: Name, limit: number): Promise<string | undefined> {
  const file = await open(at(fd, name), O_RDONLY | O_NOFOLLOW | fs.constants.O_NONBLOCK);
  try {
    const facts = await factsOf(file);
    if (!facts.isFile() || facts.size > BigInt(limit)) return undefined;
    const bytes = Buffer.alloc(Number(facts.size));
    let done = 0;
    while (done < bytes.length) {
      const { bytesRead } = await read(file, bytes, done, bytes.length - done, null);
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return bytes.toString('utf8', 0, done);
  } finally {
    await closeDescriptor(file);
  }
}

/** Runs `work` with an open descriptor and closes it whatever happens. */
export async function withDescriptor<T>(opening: Promise<number>, work: (fd: number) => Promise<T>): Promise<T> {
  const fd = await opening;
  try {
    return await work(fd);
  } finally {
    await closeDescriptor(fd);
  }
}

/** A second descriptor of the same directory, which outlives the first. */
export const openDirectoryAgain = (fd: number): Promise<number> => open(`/proc/self/fd/${fd}`, O_RDONLY | O_DIRECTORY);
