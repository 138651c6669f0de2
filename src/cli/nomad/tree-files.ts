import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Exit, exitCodes } from '../exit.ts';
import { unreadable } from '../input.ts';

const MODULES = 'modules-k8s';
const ROOT_FILES: readonly string[] = ['kubernetes.tf', 'migration-report.json'];
const READ = /\.(ya?ml|tf|md)$/;

/** Texts of a written tree, by path. Links are not followed: none leads out of it. Throws Exit 2 when it cannot be read. */
export function treeFiles(out: string): ReadonlyMap<string, string> {
  try {
    if (!statSync(out).isDirectory()) throw new Exit(exitCodes.usage, `${out} is no folder`);
    const files = new Map<string, string>();
    for (const entry of readdirSync(out, { withFileTypes: true })) {
      if (entry.isFile() && ROOT_FILES.includes(entry.name))
        files.set(entry.name, readFileSync(join(out, entry.name), 'utf8'));
      if (entry.isDirectory() && entry.name === MODULES) readBelow(out, MODULES, files);
    }
    return files;
  } catch (cause) {
    if (cause instanceof Exit) throw cause;
    throw unreadable(out, cause);
  }
}

function readBelow(out: string, folder: string, files: Map<string, string>): void {
  for (const entry of readdirSync(join(out, folder), { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory() && entry.name !== '.terraform') readBelow(out, path, files);
    else if (entry.isFile() && READ.test(entry.name)) files.set(path, readFileSync(join(out, path), 'utf8'));
  }
}
