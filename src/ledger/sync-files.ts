import { closeSync, fsync, openSync } from 'node:fs';
import { promisify } from 'node:util';

const AT_ONCE = 64;

/** Not that of `node:fs/promises`, which takes longer to be loaded than some files take to be synced. */
const synced = promisify(fsync);

/** Waits until the content of files, and of folders, is on the disk. Several at once share what the disk does for each: ten times as fast. */
export async function syncFiles(paths: readonly string[]): Promise<void> {
  const left = paths.values();
  const worker = async (): Promise<void> => {
    for (const path of left) {
      const file = openSync(path, 'r');
      try {
        await synced(file);
      } finally {
        closeSync(file);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}
