import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a folder and what is missing above it. One level at a time: Node's own `recursive` never returns where the kernel
 * answers ENOENT for a folder whose parent is there, as /proc does (seen with Node 24.21). Throws what `mkdir` throws.
 */
export function makeFolder(path: string): void {
  try {
    mkdirSync(path);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (code === 'EEXIST') return;
    if (code !== 'ENOENT' || dirname(path) === path) throw cause;
    makeAbove(path);
  }
}

/** A second ENOENT is the kernel's last word. */
function makeAbove(path: string): void {
  makeFolder(dirname(path));
  try {
    mkdirSync(path);
  } catch (cause) {
    // another run made it meanwhile
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'EEXIST')) throw cause;
  }
}
