/** A folder for a text that nobody else may read and that must not reach a disk where that can be had. */
import {
  closeSync,
  fsyncSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  statfsSync,
  statSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface PrivateFolder extends Disposable {
  readonly path: string;
  /** It is in memory: nothing of it is on a disk, swap aside. */
  readonly isMemory: boolean;
}

/** `statfs(2)`: TMPFS_MAGIC. */
const TMPFS = 0x01021994;
const MEMORY = ['/dev/shm'];

/** Gone with what is in it when it is disposed, and when the process exits by itself. */
export function privateFolder(env: Readonly<Record<string, string | undefined>>): PrivateFolder {
  const runtime = env['XDG_RUNTIME_DIR'];
  const parent = [...(runtime ? [runtime] : []), ...MEMORY].find(isMemory);
  const path = mkdtempSync(join(parent ?? tmpdir(), 'larder-')); // 0700
  const remove = (): void => {
    wipe(path);
    rmSync(path, { recursive: true, force: true });
    process.off('exit', remove);
  };
  process.on('exit', remove);
  return { path, isMemory: parent !== undefined, [Symbol.dispose]: remove };
}

function isMemory(path: string): boolean {
  try {
    return statfsSync(path).type === TMPFS;
  } catch {
    return false; // not there
  }
}

/** Overwritten first: what an editor left beside the file, too. It helps on a disk, as far as the disk lets it. */
function wipe(folder: string): void {
  for (const entry of names(folder)) {
    const path = join(folder, entry);
    try {
      const { size } = statSync(path);
      const file = openSync(path, 'r+');
      writeSync(file, Buffer.alloc(Math.min(size, 1 << 20)));
      fsyncSync(file);
      closeSync(file);
    } catch {
      // gone already, or a folder: it is removed below
    }
  }
}

function names(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // removed already
  }
}
