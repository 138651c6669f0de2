import { mountOf, openDirectoryAgain } from '../directory/descriptor.ts';
import { entering, within } from '../directory/directory.ts';
import { errnoOf } from '../directory/problem.ts';
import type { OpenRoot } from '../export/root.ts';
import type { DirectoryPath, StorageProblem } from '../storage.ts';
import type { Calls } from './calls.ts';

/** Opens the directory of a volume, checked as `openEntry` does it. The descriptor belongs to the caller. */
export async function openTop(root: OpenRoot, path: DirectoryPath, calls: Calls): Promise<number | StorageProblem> {
  try {
    const fd = await descend(root, path, calls);
    if (fd !== undefined) return fd;
  } catch (cause) {
    if (errnoOf(cause) === '') throw cause;
  }
  // Something is in the way: what, is said by those who have the words for it.
  return within(root, path, entering(root), openDirectoryAgain);
}

async function isOnExport(root: OpenRoot, fd: number, calls: Calls): Promise<boolean> {
  try {
    return (await calls.factsOf(fd)).dev === root.device && mountOf(fd) === root.mount;
  } catch (cause) {
    if (errnoOf(cause) === '') throw cause;
    return false;
  }
}

async function descend(root: OpenRoot, path: DirectoryPath, calls: Calls): Promise<number | undefined> {
  let fd = root.fd;
  for (const name of path) {
    const above = fd;
    try {
      fd = await calls.open(above, Buffer.from(name).toString('latin1'));
    } finally {
      if (above !== root.fd) await calls.close(above);
    }
    if (await isOnExport(root, fd, calls)) continue;
    await calls.close(fd);
    return undefined;
  }
  return fd;
}
