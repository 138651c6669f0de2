/** Files that only their owner may read: keys, the token, the kubeconfig. */
import { closeSync, fchmodSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { EmbeddedError } from './registry.ts';

/** Undefined when there is no such file. @throws EmbeddedError EMBEDDED_STATE_UNREADABLE */
export function readPrivateFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw new EmbeddedError('EMBEDDED_STATE_UNREADABLE', `cannot read ${path}`, { cause });
  }
}

/** The whole file or the one before, whatever happens, with mode 0600. @throws EmbeddedError EMBEDDED_FILE_UNWRITABLE */
export function writePrivateFile(path: string, text: string): void {
  const partial = `${path}.partial`;
  try {
    const file = openSync(partial, 'w', 0o600);
    try {
      fchmodSync(file, 0o600); // an older partial file may have had another mode
      writeSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(partial, path);
  } catch (cause) {
    throw new EmbeddedError('EMBEDDED_FILE_UNWRITABLE', `cannot write ${path}`, { cause });
  }
}
