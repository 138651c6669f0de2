/** Files that were handed over, as the functions of a job see files on a disk. Pure. */
import type { FileContent, FilesBelow, JobFiles } from '../hcl/functions/hcl-function.ts';
import { isInputName } from './input-name.ts';

export interface MemoryFiles {
  /** What may be a job, Terraform or an entry of Consul, sorted. */
  readonly paths: readonly string[];
  readonly text: (path: string) => string | undefined;
  /** Their paths are relative to the folder of the file, and end where what was handed over ends. */
  readonly filesOf: (path: string) => JobFiles;
}

/** By path from the root, with `/` and without `.` and `..`. */
export function memoryFiles(contents: ReadonlyMap<string, Uint8Array>): MemoryFiles {
  const folders = new Set([...contents.keys()].flatMap(foldersOf));
  const read = (folder: string, named: string): FileContent => {
    const path = resolved(folder, named);
    if (path === undefined) return outside(named);
    const bytes = contents.get(path);
    if (bytes) return { kind: 'file', bytes };
    return folders.has(path) ? { kind: 'directory' } : { kind: 'missing' };
  };
  const below = (folder: string, named: string): FilesBelow => {
    const path = resolved(folder, named);
    if (path === undefined) return outside(named);
    const prefix = path === '' ? '' : `${path}/`;
    const inside = [...contents.keys()].filter((each) => each.startsWith(prefix));
    return { kind: 'files', paths: inside.map((each) => each.slice(prefix.length)) };
  };
  return {
    paths: [...contents.keys()].filter((path) => isInputName(nameOf(path))).sort(),
    text: (path) => {
      const bytes = contents.get(path);
      return bytes && Buffer.from(bytes).toString('utf8');
    },
    filesOf: (file) => ({
      read: (path) => read(folderOf(file), path),
      below: (path) => below(folderOf(file), path),
    }),
  };
}

function outside(path: string): { readonly kind: 'refused'; readonly message: string } {
  const message = `${path} is outside of what was handed over: hand over the folder that holds both`;
  return { kind: 'refused', message };
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

/** `a/b/c` lies in the root, `a` and `a/b`. */
function foldersOf(path: string): readonly string[] {
  const parts = path.split('/');
  return parts.map((_, index) => parts.slice(0, index).join('/'));
}

/** Undefined where it leads out. */
function resolved(folder: string, path: string): string | undefined {
  if (path.startsWith('/')) return undefined;
  const parts: string[] = [];
  for (const part of `${folder}/${path}`.split('/')) {
    if (part === '..') {
      if (parts.pop() === undefined) return undefined;
    } else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/');
}
