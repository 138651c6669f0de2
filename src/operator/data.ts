import { accessSync, constants, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { OperatorError } from './registry.ts';

/** The files of `larder up`, all below one folder that belongs to one process at a time. */
export interface DataFolder {
  readonly root: string;
  /** The export's root: real directories of volumes. */
  readonly export: string;
  /** State of the embedded API. */
  readonly state: string;
  readonly kubeconfig: string;
  /** Gives the folder back. Idempotent. */
  release(): void;
}

/** Everything that Larder itself puts at the top of a data folder. */
const OWN_NAMES = /^(export|state|kubeconfig|console-token|samples\.db.*|history\.db.*|usage|lock\.db.*|lost\+found)$/;

/**
 * Creates the folder and takes its lock: an exclusive SQLite transaction, because the kernel gives such a lock back at
 * the death of its holder, kill -9 included, so that no stale lock file can ever keep a user out.
 * Throws OperatorError LARDER_DATA_UNWRITABLE, LARDER_DATA_FOREIGN or LARDER_DATA_LOCKED.
 */
export function openDataFolder(path: string, pid: number): DataFolder {
  const root = resolve(path);
  const paths = {
    root,
    export: join(root, 'export'),
    state: join(root, 'state'),
    kubeconfig: join(root, 'kubeconfig'),
  };
  try {
    makeFolder(root);
    accessSync(root, constants.W_OK | constants.X_OK);
  } catch (cause) {
    const message = `cannot write the data folder ${root} (${errnoOf(cause)}): choose a folder that you own with --data`;
    throw new OperatorError('LARDER_DATA_UNWRITABLE', message, { cause });
  }
  refuseForeign(root);
  const release = lock(root, pid);
  try {
    makeFolder(paths.export);
    makeFolder(paths.state, 0o700);
  } catch (cause) {
    release();
    throw new OperatorError('LARDER_DATA_UNWRITABLE', `cannot write in the data folder ${root} (${errnoOf(cause)})`, {
      cause,
    });
  }
  return { ...paths, release };
}

/** Makes the folder if need be. Throws OperatorError LARDER_DATA_UNWRITABLE. */
export function writableFolder(path: string): string {
  const root = resolve(path);
  try {
    makeFolder(root, 0o700);
    accessSync(root, constants.W_OK | constants.X_OK);
    return root;
  } catch (cause) {
    const message = `cannot write the folder ${root} (${errnoOf(cause)}): choose a folder that you own`;
    throw new OperatorError('LARDER_DATA_UNWRITABLE', message, { cause });
  }
}

/** Parent by parent: Node's own recursive mkdir never ends on a filesystem that answers ENOENT, such as /proc. */
function makeFolder(path: string, mode = 0o755): void {
  if (existsSync(path)) return;
  const parent = dirname(path);
  if (parent !== path) makeFolder(parent);
  mkdirSync(path, { mode });
}

/** A folder with strangers' files in it is most likely a slip of the keyboard (`--data ~`), so nothing is put there. */
function refuseForeign(root: string): void {
  const names = readdirSync(root);
  const foreign = names.find((name) => !OWN_NAMES.test(name));
  if (foreign === undefined || names.includes('lock.db')) return;
  const message = `${root} is not a data folder of Larder: it holds "${foreign}": choose an empty folder with --data`;
  throw new OperatorError('LARDER_DATA_FOREIGN', message);
}

function lock(root: string, pid: number): () => void {
  const file = join(root, 'lock.db');
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file);
    database.exec('PRAGMA busy_timeout = 0; CREATE TABLE IF NOT EXISTS holder (pid INTEGER NOT NULL)');
    // The holder's id is committed first, so that whoever is refused can read whom to stop; the second transaction
    // stays open for the life of the process and is the lock.
    database.exec('BEGIN EXCLUSIVE');
    database.exec(`DELETE FROM holder; INSERT INTO holder VALUES (${Math.trunc(pid)}); COMMIT; BEGIN IMMEDIATE`);
  } catch (cause) {
    database?.close();
    if (!isBusy(cause)) {
      throw new OperatorError('LARDER_DATA_UNWRITABLE', `cannot write ${file} (${errnoOf(cause)})`, { cause });
    }
    const message = `the data folder ${root} is in use by process ${holderOf(file)}: stop it, or choose another folder with --data`;
    throw new OperatorError('LARDER_DATA_LOCKED', message, { cause });
  }
  const held = database;
  return () => {
    if (held.isOpen) held.close();
  };
}

function holderOf(file: string): string {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    const row = database.prepare('SELECT pid FROM holder').get();
    return typeof row?.['pid'] === 'number' ? String(row['pid']) : 'unknown';
  } catch {
    return 'unknown'; // given up: the holder is just writing its id; the refusal itself stands
  } finally {
    database.close();
  }
}

function isBusy(cause: unknown): boolean {
  return cause instanceof Error && /locked|busy/.test(cause.message);
}

function errnoOf(cause: unknown): string {
  if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string') return cause.code;
  return cause instanceof Error ? cause.message : String(cause);
}
