/** Manifests that somebody names, and writing them again. */
import { closeSync, openSync, readdirSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemRandom } from '../telemetry/clock.ts';
import { Exit, exitCodes } from './exit.ts';
import { unreadable } from './input.ts';

/** Throws Exit 2 when it cannot be written, and then it is as it was. */
export function replaceManifest(path: string, text: string): void {
  try {
    replace(path, text);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Exit(exitCodes.usage, `${path} cannot be written and is as it was: ${why}`, { cause });
  }
}

/**
 * Whole or not at all: a manifest that was cut off would be applied as it is. The file beside it must not be there yet: a
 * repository may hold a link of any name to guess, and would say what is written through it.
 */
function replace(path: string, text: string): void {
  const file = realpathSync(path);
  const next = `${file}.${systemRandom.uuid()}`;
  const descriptor = openSync(next, 'wx', statSync(file).mode);
  try {
    writeFileSync(descriptor, text);
    renameSync(next, file);
  } catch (cause) {
    rmSync(next, { force: true });
    throw cause;
  } finally {
    closeSync(descriptor);
  }
}

/** A file that is named may be a link; in a folder only files count, so that no link of a repository leads out of it. */
export function manifestsIn(path: string): readonly string[] {
  try {
    return statSync(path).isDirectory() ? filesBelow(path) : [path];
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

const PASSED_OVER: readonly string[] = ['.git', 'node_modules'];

/** Folder by folder: what Node reads recursively follows links to folders. */
function filesBelow(folder: string): readonly string[] {
  const entries = readdirSync(folder, { withFileTypes: true }).sort((one, other) => (one.name < other.name ? -1 : 1));
  return entries.flatMap((entry): readonly string[] => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return PASSED_OVER.includes(entry.name) ? [] : filesBelow(path);
    return entry.isFile() && /\.(ya?ml|json)$/.test(entry.name) ? [path] : [];
  });
}
