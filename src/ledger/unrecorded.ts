/**
 * Changes that are made, or may be, and are not in the ledger yet: one file each, written before the change begins, and
 * removed when its record is there. What is found here by a later command was cut off, or could not be recorded.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { messageOf } from '../kube/error.ts';
import type { LedgerEvent } from './event.ts';
import { LedgerError } from './registry.ts';

/** Writes or replaces the file, and waits until the disk has it. Returns its path. */
export function keepUnrecorded(folder: string, id: string, event: LedgerEvent): string {
  const path = join(folder, `${id}.json`);
  try {
    makeFolders(folder);
    const aside = join(folder, `.${id}`);
    const descriptor = openSync(aside, 'w', 0o600);
    try {
      writeFileSync(descriptor, `${JSON.stringify(event, undefined, 2)}\n`);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(aside, path);
    syncFolder(folder);
    return path;
  } catch (cause) {
    const why = messageOf(cause);
    throw new LedgerError('LARDER_LEDGER_FILES', `${path} cannot be written: ${why}`, { cause });
  }
}

/** One after the other, for their owner alone. */
function makeFolders(folder: string): void {
  const missing: string[] = [];
  for (let at = folder; !existsSync(at); at = dirname(at)) missing.unshift(at);
  for (const each of missing) {
    try {
      mkdirSync(each, { mode: 0o700 });
    } catch (cause) {
      // Another command made it in this moment.
      if (!(cause instanceof Error && 'code' in cause && cause.code === 'EEXIST')) throw cause;
    }
  }
}

function syncFolder(folder: string): void {
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

export function forgetUnrecorded(folder: string, id: string): void {
  rmSync(join(folder, `${id}.json`), { force: true });
}

/** Paths of all that is kept. */
export function unrecordedIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => /^[\w-]+\.json$/.test(name))
      .map((name) => join(folder, name));
  } catch (cause) {
    // No such folder: nothing was kept. What is in the way is told by who wants to keep something.
    if (cause instanceof Error && 'code' in cause && ['ENOENT', 'ENOTDIR'].includes(String(cause.code))) return [];
    throw cause;
  }
}
