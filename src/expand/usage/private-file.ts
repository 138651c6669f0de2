import { chmodSync, closeSync, openSync, statSync } from 'node:fs';

const OWN = 0o600;
const OF_THE_GROUP = 0o020;
const OF_OTHERS = 0o007;

/**
 * Makes the file if it is missing, and closes it to everybody but its owner, because it tells which volumes there are and
 * how they are used; SQLite would make it readable for all, and gives what it writes beside it the mode that it finds.
 * A file that its group may write was shared on purpose: it is closed to all others only. Never throws: what cannot be
 * made or opened SQLite says better.
 */
export function privateFile(path: string): void {
  try {
    // Only if it is missing: to close a file that is a database of this process would end the locks that SQLite has on it.
    closeSync(openSync(path, 'ax', OWN));
  } catch {
    for (const each of [path, `${path}-wal`, `${path}-shm`]) narrow(each);
  }
}

function narrow(path: string): void {
  try {
    const mode = statSync(path).mode & 0o777;
    const wanted = mode & OF_THE_GROUP ? mode & ~OF_OTHERS : mode & OWN;
    if (wanted !== mode) chmodSync(path, wanted);
  } catch {
    // given up: it is not there, it belongs to somebody else, or the filesystem knows no modes; nothing is lost by that
  }
}
