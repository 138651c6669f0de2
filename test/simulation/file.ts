/**
 * Stands in for src/provision/directory/file.ts while a simulation runs (see hooks.ts): files and links in the file system
 * in memory, with what is in them, so that copies are made by the product's own code.
 */
import { call, enter, type Facts, factsFrom, type Name } from './descriptor.ts';
import { Errno } from './export-fs.ts';

interface OpenFile {
  readonly fd: number;
  readonly facts: Facts;
}

export const synchronise = (fd: number): Promise<void> => call(fd, 'write', 'fsync', () => undefined);

export async function openFile(directory: number, name: Name): Promise<OpenFile | undefined> {
  return call(directory, 'read', `open ${name}`, (inode, fs, handle) => {
    const file = fs.child(inode, name.toString());
    if (file.type === 'link') throw new Errno('ELOOP', `open ${name}`);
    return file.type === 'file' ? { fd: enter({ ...handle, inode: file }), facts: factsFrom(file, fs) } : undefined;
  });
}

export const createFile = (directory: number, name: Name): Promise<number> =>
  call(directory, 'write', `create ${name}`, (inode, fs, handle) =>
    enter({ ...handle, inode: fs.create(inode, name.toString(), 'file', '', 0n) }),
  );

export const readAt = (fd: number, into: Buffer, length: number, position: number): Promise<number> =>
  call(fd, 'read', 'read', ({ text }) => Buffer.from(text).copy(into, 0, position, position + length));

export const writeAt = (fd: number, bytes: Buffer, position: number): Promise<void> =>
  call(fd, 'write', 'write', (inode, fs) => {
    const before = Buffer.from(inode.text);
    const after = Buffer.alloc(Math.max(before.length, position + bytes.length));
    before.copy(after);
    bytes.copy(after, position);
    fs.fill(inode, after.toString(), BigInt(Math.ceil(after.length / BLOCK) * BLOCK));
  });

const BLOCK = 4096;

export const setLength = (fd: number, length: number): Promise<void> =>
  call(fd, 'write', 'ftruncate', (inode, fs) => {
    const text = Buffer.alloc(length);
    Buffer.from(inode.text).copy(text);
    fs.fill(inode, text.toString(), inode.bytes);
  });

/** Some exports can, others cannot. */
export const shareBlocks = (from: number, to: number): Promise<void> =>
  call(from, 'read', 'share', (source, fs) => {
    if (!fs.sharesBlocks) throw new Errno('EOPNOTSUPP', 'share');
    return source;
  }).then((source) => call(to, 'write', 'share into', (inode, fs) => fs.fill(inode, source.text, source.bytes)));

export const setTimes = (fd: number, { mtimeNs }: Pick<Facts, 'mtimeNs'>): Promise<void> =>
  call(fd, 'write', 'futimes', (inode) => {
    inode.mtimeNs = mtimeNs;
  });

/** No simulated file has several names. */
export const addLink = (from: { readonly fd: number; readonly name: Name }): Promise<void> =>
  Promise.reject(new Errno('EPERM', `link ${from.name}`));

export const readLink = (fd: number, name: Name): Promise<Buffer> =>
  call(fd, 'read', `readlink ${name}`, (inode, fs) => Buffer.from(fs.child(inode, name.toString()).text));

export const makeLink = (fd: number, name: Name, leadsTo: Buffer): Promise<void> =>
  call(
    fd,
    'write',
    `symlink ${name}`,
    (inode, fs) => void fs.create(inode, name.toString(), 'link', leadsTo.toString()),
  );

export const setLinkOwner = (fd: number, name: Name, uid: number, gid: number): Promise<void> =>
  call(fd, 'write', `lchown ${name}`, (inode, fs) => {
    Object.assign(fs.child(inode, name.toString()), { uid, gid });
  });

export const setLinkTimes = (fd: number, name: Name, { mtimeNs }: Pick<Facts, 'mtimeNs'>): Promise<void> =>
  call(fd, 'write', `lutimes ${name}`, (inode, fs) => {
    fs.child(inode, name.toString()).mtimeNs = mtimeNs;
  });
