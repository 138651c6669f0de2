/**
 * Files of the ledger as they come onto the disk: whole or not at all, and never in the place of another. Each is written
 * aside, waits until its content is on the disk, gets its name, and waits until the name is.
 */
import { dirname, join } from 'node:path';
import { messageOf } from '../kube/error.ts';
import type { Random } from '../telemetry/clock.ts';
import { codeOf, type Disk } from './disk.ts';
import { LEDGER_FOLDER } from './record.ts';
import { LedgerError } from './registry.ts';
import { ASIDE, folderLinks } from './tree.ts';

export interface Store {
  readonly disk: Disk;
  /** Absolute; paths of files are relative to it. */
  readonly root: string;
  readonly random: Random;
}

/** A new file. `there`: another file has that name, and keeps it. */
export async function addFile(store: Store, path: string, content: Uint8Array): Promise<'done' | 'there'> {
  const { disk } = store;
  const target = join(store.root, path);
  await makeFolders(store, path);
  const aside = await writeAside(store, content);
  try {
    const outcome = await disk.link(aside, target);
    if (outcome === 'done') await disk.syncFolder(dirname(target));
    return outcome;
  } finally {
    await disk.remove(aside);
  }
}

/** A file that is derived from others, and may be replaced. */
export async function replaceFile(store: Store, path: string, content: Uint8Array): Promise<void> {
  const { disk } = store;
  const target = join(store.root, path);
  await makeFolders(store, path);
  await disk.replace(await writeAside(store, content), target);
  await disk.syncFolder(dirname(target));
}

/** Away with what a write that was cut off left behind; only who holds the lock may. */
export async function sweep({ disk, root }: Store): Promise<void> {
  const folder = join(root, LEDGER_FOLDER);
  for (const { name } of disk.list(folder) ?? []) {
    if (name.startsWith(ASIDE)) await disk.remove(join(folder, name));
  }
}

/** All in one folder of the same file system, so that they are found again. */
async function writeAside({ disk, root, random }: Store, content: Uint8Array): Promise<string> {
  const aside = join(root, LEDGER_FOLDER, `${ASIDE}${random.uuid()}`);
  try {
    await disk.writeNew(aside, content);
    return aside;
  } catch (cause) {
    await disk.remove(aside).catch(() => undefined); // the first failure is the one to tell; what stays is swept later
    throw cause;
  }
}

/** A folder is on the disk before anything stands in it. */
async function makeFolders({ disk, root }: Store, path: string): Promise<void> {
  const [link] = folderLinks(disk, root, dirname(path));
  if (link !== undefined)
    throw new LedgerError('LARDER_LEDGER_FILES', `${link.message}: nothing is written through it`);
  const folders = [LEDGER_FOLDER, dirname(path)].flatMap((folder) => {
    const steps = folder.split('/');
    return steps.map((_, index) => join(root, ...steps.slice(0, index + 1)));
  });
  for (const folder of folders) {
    if (disk.kindOf(folder) !== undefined) continue;
    await disk.makeFolder(folder);
    await disk.syncFolder(dirname(folder));
  }
}

/** What the system says of a file, with what it means for the ledger. */
export function unwritable(what: string, cause: unknown): LedgerError {
  if (cause instanceof LedgerError) return cause;
  const why = messageOf(cause);
  const next =
    codeOf(cause) === 'ENOSPC' ? 'make room, and try again' : 'see to the disk and its rights, and try again';
  return new LedgerError('LARDER_LEDGER_FILES', `${what}: ${why}. ${next}`, { cause });
}
