/**
 * Stands in for src/provision/directory/descriptor.ts while a simulation runs (see hooks.ts): the same functions on a file system
 * in memory, so that the export process's own code runs in simulated time. Descriptors are numbers of this process; the
 * root's path says whose child opened it.
 */
import type { Clock } from '../../src/telemetry/clock.ts';
import { Errno, type ExportFs, type Inode } from './export-fs.ts';
import type { Host } from './scheduler.ts';
import type { Server } from './server.ts';

export type Name = string | Buffer;

interface Mount {
  readonly fs: ExportFs;
  readonly server: Server;
  readonly host: Host;
  /** A plain folder: there is nothing to unmount. */
  readonly local: boolean;
}

export interface Handle extends Mount {
  readonly inode: Inode;
  readonly generation: number;
}

/** As much of fs.BigIntStats as the export's process reads. */
export interface Facts {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly mode: bigint;
  readonly nlink: bigint;
  readonly uid: bigint;
  readonly gid: bigint;
  readonly size: bigint;
  readonly blocks: bigint;
  readonly mtimeMs: bigint;
  readonly ctimeMs: bigint;
  readonly birthtimeMs: bigint;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
  readonly birthtimeNs: bigint;
  isDirectory(): boolean;
  isFile(): boolean;
  isSymbolicLink(): boolean;
  isFIFO(): boolean;
}

const mounts = new Map<string, Mount>();
const handles = new Map<number, Handle>();
let lastHandle = 100;
let lastMount = 0;

/** The path under which a child of this host finds the export. */
export function mount(what: Mount): string {
  lastMount += 1;
  const path = `/simulated/${lastMount}`;
  mounts.set(path, what);
  return path;
}

/** The export of the process whose clock that is, for what is not done with a descriptor. */
export function mountedBy(clock: Clock): Mount {
  for (const found of mounts.values()) if (found.host.clock === clock) return found;
  throw new RangeError('a process that has no export');
}

/** Between two histories: whatever is still open belongs to processes that are gone. */
export function unmountAll(): void {
  mounts.clear();
  handles.clear();
}

/** Open descriptors of a host: a child that leaks them would run out in time. */
export function openDescriptors(host: Host): number {
  return [...handles.values()].filter((handle) => handle.host === host).length;
}

const MODES = { directory: 0o040000, file: 0o100000, link: 0o120000, fifo: 0o010000 } as const;
const MOUNTED_DEVICE = 42n;
const LOCAL_DEVICE = 1n;
const NFS_MAGIC = 0x6969n;
const EXT4_MAGIC = 0xef53n;
const BLOCK = 4096n;
const TOTAL_BLOCKS = 1n << 28n; // 1 TiB

function handleOf(fd: number): Handle {
  const handle = handles.get(fd);
  if (!handle) throw new Errno('EBADF', `descriptor ${fd}`);
  return handle;
}

/** Opens it. */
export function enter(handle: Handle): number {
  lastHandle += 1;
  handles.set(lastHandle, handle);
  return lastHandle;
}

/** One system call on an open descriptor; fails with ESTALE when that is of before the server forgot. */
export function call<T>(
  fd: number,
  kind: 'read' | 'write',
  what: string,
  work: (inode: Inode, fs: ExportFs, handle: Handle) => T,
): Promise<T> {
  const handle = handleOf(fd);
  const { fs, host, inode, generation, server } = handle;
  return fs.call(host, kind, what, () => {
    if (generation !== server.generation) throw new Errno('ESTALE', what);
    return work(inode, fs, handle);
  });
}

const nameOf = (name: Name): string => name.toString();

export async function closeDescriptor(fd: number): Promise<void> {
  handleOf(fd);
  handles.delete(fd);
}

export function openRoot(path: string): Promise<number> {
  const found = mounts.get(path);
  if (!found) return Promise.reject(new Errno('ENOENT', `open ${path}`));
  const { fs, host, server } = found;
  return fs.call(host, 'read', 'open the root', () =>
    enter({ ...found, inode: mountedRoot(found), generation: server.generation }),
  );
}

export function factsOfRoot(path: string): Promise<Facts> {
  const found = mounts.get(path);
  if (!found) return Promise.reject(new Errno('ENOENT', `stat ${path}`));
  const { fs, host } = found;
  return fs.call(host, 'read', 'stat the root', () => factsFrom(mountedRoot(found), fs));
}

const mountedRoot = ({ server, local }: Mount): Inode =>
  server.trouble.unmounted && !local ? server.underlay : server.root;

export function openDirectory(fd: number, name: Name): Promise<number> {
  const handle = handleOf(fd);
  return call(fd, 'read', `open ${nameOf(name)}`, (inode, fs) => {
    const found = fs.child(inode, nameOf(name));
    if (found.type !== 'directory') throw new Errno('ENOTDIR', `open ${nameOf(name)}`);
    return enter({ ...handle, inode: found });
  });
}

/** A simulated call is one that others may come before. */
export const atOnce = undefined;

/** The same directory once more, for those who keep it open longer than others. */
export const openDirectoryAgain = (fd: number): Promise<number> => {
  const handle = handleOf(fd);
  return call(fd, 'read', 'open again', () => enter({ ...handle }));
};

/** As it is opened to be given the number of a project. */
export function openFile(fd: number, name: Name): Promise<number> {
  const handle = handleOf(fd);
  return call(fd, 'read', `open ${nameOf(name)}`, (inode, fs) => {
    const found = fs.child(inode, nameOf(name));
    if (found.type === 'link') throw new Errno('ELOOP', `open ${nameOf(name)}`);
    return enter({ ...handle, inode: found });
  });
}

export const factsOf = (fd: number): Promise<Facts> => call(fd, 'read', 'fstat', (inode, fs) => factsFrom(inode, fs));

export const factsAt = (fd: number, name: Name): Promise<Facts> =>
  call(fd, 'read', `lstat ${nameOf(name)}`, (inode, fs) => factsFrom(fs.child(inode, nameOf(name)), fs));

/** Nothing is mounted inside a simulated export. */
export const mountOf = (fd: number): string => handleOf(fd).server.counting;

export const factsOfParent = (fd: number): Promise<Facts> =>
  call(fd, 'read', 'lstat ..', (_inode, fs, { server }) => ({ ...factsFrom(server.underlay, fs), dev: LOCAL_DEVICE }));

export const makeDirectory = (fd: number, name: Name, mode: number): Promise<void> =>
  call(fd, 'write', `mkdir ${nameOf(name)}`, (inode, fs) => void fs.mkdir(inode, nameOf(name), mode & 0o755)); // umask 0022

export const removeDirectory = (fd: number, name: Name): Promise<void> =>
  call(fd, 'write', `rmdir ${nameOf(name)}`, (inode, fs) => fs.rmdir(inode, nameOf(name)));

export const removeFile = (fd: number, name: Name): Promise<void> =>
  call(fd, 'write', `unlink ${nameOf(name)}`, (inode, fs) => fs.unlink(inode, nameOf(name)));

export function move(from: { fd: number; name: Name }, to: { fd: number; name: Name }): Promise<void> {
  const target = handleOf(to.fd);
  return call(from.fd, 'write', `rename ${nameOf(from.name)} ${nameOf(to.name)}`, (inode, fs) => {
    if (target.generation !== target.server.generation) throw new Errno('ESTALE', 'rename');
    fs.rename(inode, nameOf(from.name), target.inode, nameOf(to.name));
  });
}

export const setMode = (fd: number, mode: number): Promise<void> =>
  call(fd, 'write', 'fchmod', (inode, _fs, { server }) => {
    if (!server.trouble.keepsLooks) inode.mode = mode;
  });

export const changeModeAt = (fd: number, name: Name, mode: number): Promise<void> =>
  call(fd, 'write', `chmod ${nameOf(name)}`, (inode, fs) => {
    fs.child(inode, nameOf(name)).mode = mode;
  });

export const setOwner = (fd: number, uid: number, gid: number): Promise<void> =>
  call(fd, 'write', 'fchown', (inode, _fs, { server }) => {
    if (server.trouble.keepsLooks) return;
    inode.uid = uid;
    inode.gid = gid;
    inode.mode &= ~SET_ID; // as Linux does
  });
const SET_ID = 0o6000;

export function spaceOf(
  fd: number,
): Promise<Record<'type' | 'bsize' | 'blocks' | 'bfree' | 'bavail' | 'files' | 'ffree', bigint>> {
  return call(fd, 'read', 'statfs', (inode, fs, { server }) => {
    const free = server.trouble.full ? 3n : TOTAL_BLOCKS - fs.measure(server.root).bytes / BLOCK;
    const type = fs.isUnderlay(inode) ? EXT4_MAGIC : NFS_MAGIC;
    return { type, bsize: BLOCK, blocks: TOTAL_BLOCKS, bfree: free, bavail: free, files: 1n << 20n, ffree: 1n << 19n };
  });
}

export const namesOf = (fd: number): Promise<Buffer[]> =>
  call(fd, 'read', 'readdir', (inode) => [...inode.entries.keys()].map((name) => Buffer.from(name)));

export const rawNamesOf = async (fd: number): Promise<string[]> =>
  (await namesOf(fd)).map((name) => name.toString('latin1'));

export async function openNames(
  fd: number,
): Promise<{ readonly read: () => Promise<string | undefined>; readonly close: () => Promise<void> }> {
  const names = await rawNamesOf(fd);
  return { read: async () => names.pop(), close: async () => undefined };
}

export const isEmpty = (fd: number): Promise<boolean> =>
  call(fd, 'read', 'opendir', (inode) => inode.entries.size === 0);

/** Opening and writing are two calls: a crash in between leaves an empty file. */
export async function writeFile(fd: number, name: Name, text: string): Promise<void> {
  const file = await call(fd, 'write', `create ${nameOf(name)}`, (inode, fs) => fs.create(inode, nameOf(name), 'file'));
  await call(fd, 'write', `write ${nameOf(name)}`, () => {
    file.text = text;
  });
}

export async function readFile(fd: number, name: Name, limit: number): Promise<string | undefined> {
  return call(fd, 'read', `read ${nameOf(name)}`, (inode, fs) => {
    const found = fs.child(inode, nameOf(name));
    if (found.type === 'link') throw new Errno('ELOOP', `read ${nameOf(name)}`);
    return found.type === 'file' && found.text.length <= limit ? found.text : undefined;
  });
}

export async function withDescriptor<T>(opening: Promise<number>, work: (fd: number) => Promise<T>): Promise<T> {
  const fd = await opening;
  try {
    return await work(fd);
  } finally {
    await closeDescriptor(fd);
  }
}

export function factsFrom(inode: Inode, fs: ExportFs): Facts {
  const bornNs = BigInt(inode.bornMs) * 1_000_000n;
  const bornMs = BigInt(inode.bornMs);
  return {
    dev: fs.isUnderlay(inode) ? LOCAL_DEVICE : MOUNTED_DEVICE,
    ino: BigInt(inode.number),
    mode: BigInt(MODES[inode.type] | inode.mode),
    nlink: 1n,
    uid: BigInt(inode.uid),
    gid: BigInt(inode.gid),
    size: BigInt(inode.text.length),
    blocks: inode.bytes / 512n,
    mtimeMs: inode.mtimeNs / 1_000_000n,
    ctimeMs: bornMs,
    birthtimeMs: bornMs,
    mtimeNs: inode.mtimeNs,
    ctimeNs: bornNs,
    birthtimeNs: bornNs,
    isDirectory: () => inode.type === 'directory',
    isFile: () => inode.type === 'file',
    isSymbolicLink: () => inode.type === 'link',
    isFIFO: () => inode.type === 'fifo',
  };
}
