/**
 * Files and links in open directories, for copies of whole trees. As in descriptor.ts every path is one name in an open
 * directory, or an open file itself.
 */
import * as fs from 'node:fs';
import { copyFile, lchown, link, lutimes, readlink, symlink } from 'node:fs/promises';
import { promisify } from 'node:util';
import { closeDescriptor, type Facts, factsOf, O_PATH } from './descriptor.ts';
import { entryPath, type Name } from './entry-path.ts';

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY, COPYFILE_FICLONE_FORCE } = fs.constants;
const open = promisify(fs.open);
const ftruncate = promisify(fs.ftruncate);
const futimes = promisify(fs.futimes);
const read = promisify(fs.read);
const write = promisify(fs.write);
export const synchronise: (fd: number) => Promise<void> = promisify(fs.fsync);

interface OpenFile {
  readonly fd: number;
  readonly facts: Facts;
}

/** Undefined for anything that is no regular file: it is looked at before it is opened for reading. ELOOP for a link. */
export async function openFile(directory: number, name: Name): Promise<OpenFile | undefined> {
  const place = await open(entryPath(directory, name), O_PATH | O_NOFOLLOW);
  try {
    const facts = await factsOf(place);
    if (!facts.isFile()) return undefined;
    return { fd: await open(`/proc/self/fd/${place}`, O_RDONLY | O_NONBLOCK), facts };
  } finally {
    await closeDescriptor(place);
  }
}

/** For writing, and nobody else's: EEXIST when there is something of that name. */
export const createFile = (directory: number, name: Name): Promise<number> =>
  open(entryPath(directory, name), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);

/** Bytes read; 0 at the end. */
export const readAt = async (fd: number, into: Buffer, length: number, position: number): Promise<number> =>
  (await read(fd, into, 0, length, position)).bytesRead;

export async function writeAt(fd: number, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    done += (await write(fd, bytes, done, bytes.length - done, position + done)).bytesWritten;
  }
}

/** Longer than it is: the rest is a hole. */
export const setLength = (fd: number, length: number): Promise<void> => ftruncate(fd, length);

/** Lets one file share the blocks of another; fails where the filesystem cannot. What the target held is gone. */
export const shareBlocks = (from: number, to: number): Promise<void> =>
  copyFile(`/proc/self/fd/${from}`, `/proc/self/fd/${to}`, COPYFILE_FICLONE_FORCE);

/** Whole seconds exactly, others to the microsecond: Node takes times as doubles. */
export const setTimes = (fd: number, { atimeNs, mtimeNs }: Pick<Facts, 'atimeNs' | 'mtimeNs'>): Promise<void> =>
  futimes(fd, secondsOf(atimeNs), secondsOf(mtimeNs));

/** A double is exact to a quarter of a microsecond: a little more keeps it from falling into the one before. */
const secondsOf = (ns: bigint): number =>
  ns % 1_000_000_000n === 0n ? Number(ns / 1_000_000_000n) : (Number(ns / 1000n) + 0.2) / 1e6;

/** Another name of the same file. */
export const addLink = (
  from: { readonly fd: number; readonly name: Name },
  to: { readonly fd: number; readonly name: Name },
): Promise<void> => link(entryPath(from.fd, from.name), entryPath(to.fd, to.name));

/** Where a link leads, as bytes; it is never followed. */
export const readLink = (fd: number, name: Name): Promise<Buffer> =>
  readlink(entryPath(fd, name), { encoding: 'buffer' });

export const makeLink = (fd: number, name: Name, leadsTo: Buffer): Promise<void> =>
  symlink(leadsTo, entryPath(fd, name));

/** Of the link itself. */
export const setLinkOwner = (fd: number, name: Name, uid: number, gid: number): Promise<void> =>
  lchown(entryPath(fd, name), uid, gid);

export const setLinkTimes = (fd: number, name: Name, facts: Pick<Facts, 'atimeNs' | 'mtimeNs'>): Promise<void> =>
  lutimes(entryPath(fd, name), secondsOf(facts.atimeNs), secondsOf(facts.mtimeNs));
