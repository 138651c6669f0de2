import { type Dirent, existsSync, lstatSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import type { FileContent, JobFiles } from '../../nomad/hcl/functions/hcl-function.ts';
import { isInputName, isPassedOver, MARKER, ownFiles } from '../../nomad/source/input-name.ts';
import { Exit, exitCodes } from '../exit.ts';
import { unreadable } from '../input.ts';

/** What is read for one command. Paths are relative to `root`, with `/`. */
export interface InputFiles {
  readonly root: string;
  /** Files that may be jobs, Terraform or entries of Consul, sorted. */
  readonly paths: readonly string[];
  /** Text of one of them; undefined where it cannot be read, or is too large to be a job. */
  readonly text: (path: string) => string | undefined;
  /** What the functions of a file see: their paths are relative to its folder, and end at the root. */
  readonly filesOf: (path: string) => JobFiles;
  /** Links that were not followed, and why. */
  readonly warnings: readonly string[];
}

/** A jobspec is some ten kilobytes; what is larger is something else. */
const LARGEST_BYTES = 4 << 20;

/** Folders with everything below them, or single files with the Terraform beside them. Throws Exit 2 for what cannot be read. */
export function inputFiles(names: readonly string[], out?: string): InputFiles {
  if (names.length === 0) throw new Exit(exitCodes.usage, 'name the folder or the files that the jobs are in');
  const found = names.map((name) => present(name));
  const folders = found.map(({ path, folder }) => (folder ? path : dirname(path)));
  const root = common(folders);
  const skip = out === undefined ? undefined : resolve(out);
  const paths = found.flatMap(({ path, folder }) =>
    folder ? filesBelow(path, skip) : [path, ...terraformBeside(path)],
  );
  const { followed, warnings } = follow(root, [...new Set(paths)]);
  const own = followed.map((path) => nameIn(root, path)).sort();
  return { root, paths: own, warnings, text: (path) => textOf(root, path), filesOf: (path) => jobFiles(root, path) };
}

function nameIn(root: string, path: string): string {
  return relative(root, path).split(sep).join('/');
}

/** Without links to what is read anyway, so that no job is there twice; none leads out of what was named. */
function follow(
  root: string,
  paths: readonly string[],
): { readonly followed: readonly string[]; readonly warnings: readonly string[] } {
  const isLink = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
  const followed = paths.filter((path) => !isLink(path));
  const read = new Set(followed);
  const warnings: string[] = [];
  for (const path of paths.filter(isLink).sort()) {
    const target = targetOf(path);
    const name = nameIn(root, path);
    if (target === undefined) warnings.push(`${name} is a link to nothing, and was not read`);
    else if (!isInside(root, target))
      warnings.push(`${name} is a link to ${target}, and was not read: name the folder that holds both`);
    else if (statSync(target).isDirectory()) {
      if (!hasReadOf(target, read))
        warnings.push(
          `${name} is a link to the folder ${nameIn(root, target)}, and was not read: name that folder, too`,
        );
    } else if (!read.has(target)) {
      read.add(target);
      followed.push(path);
    }
  }
  return { followed, warnings };
}

function hasReadOf(folder: string, read: ReadonlySet<string>): boolean {
  return [...read].some((path) => isInside(folder, path));
}

function targetOf(link: string): string | undefined {
  try {
    return realpathSync(link);
  } catch {
    // it is told; what it was to be nobody knows
    return undefined;
  }
}

function present(name: string): { readonly path: string; readonly folder: boolean } {
  try {
    const path = realpathSync(name);
    return { path, folder: statSync(path).isDirectory() };
  } catch (cause) {
    throw unreadable(name, cause);
  }
}

/** The nearest folder that holds all of them. */
function common([first = sep, ...rest]: readonly string[]): string {
  let root = first;
  while (!rest.every((folder) => folder === root || folder.startsWith(root === sep ? sep : `${root}${sep}`)))
    root = dirname(root);
  return root;
}

/** Folder by folder, because links to folders are not followed. What Larder wrote is no input. */
function filesBelow(folder: string, skip: string | undefined): readonly string[] {
  const entries = readdirSync(folder, { withFileTypes: true });
  const ours = entries.some(({ name }) => name === MARKER);
  return entries.flatMap((entry): readonly string[] => {
    const path = join(folder, entry.name);
    if (path === skip || (ours && ownFiles.has(entry.name))) return [];
    if (entry.isDirectory()) return isPassedOver(entry.name) ? [] : filesBelow(path, skip);
    return isWanted(entry, path) ? [path] : [];
  });
}

/** A link is, where it is to a folder or has the name of what is read. */
function isWanted(entry: Dirent, path: string): boolean {
  if (isPassedOver(entry.name)) return false;
  if (isInputName(entry.name)) return entry.isFile() || entry.isSymbolicLink();
  return entry.isSymbolicLink() && statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function terraformBeside(path: string): readonly string[] {
  const folder = dirname(path);
  return readdirSync(folder)
    .filter((name) => name.endsWith('.tf'))
    .map((name) => join(folder, name))
    .filter((file) => lstatSync(file).isFile() || lstatSync(file).isSymbolicLink());
}

function textOf(root: string, path: string): string | undefined {
  const content = contentOf(root, resolve(root, path));
  return content.kind === 'file' ? Buffer.from(content.bytes).toString('utf8') : undefined;
}

function jobFiles(root: string, file: string): JobFiles {
  const folder = dirname(resolve(root, file));
  return {
    read: (path) => contentOf(root, resolve(folder, path)),
    below: (path) => listed(root, resolve(folder, path)),
  };
}

/** The folder itself may be a link, and must not be one that leads out. */
function listed(root: string, start: string): ReturnType<JobFiles['below']> {
  if (!isInside(root, start)) return outside(start, root);
  try {
    const real = existsSync(start) ? realpathSync(start) : start;
    if (!isInside(root, real)) return outside(start, root);
    return { kind: 'files', paths: allBelow(real).map((each) => relative(real, each).split(sep).join('/')) };
  } catch (cause) {
    return { kind: 'refused', message: cause instanceof Error ? cause.message : String(cause) };
  }
}

function contentOf(root: string, file: string): FileContent {
  if (!isInside(root, file)) return outside(file, root);
  try {
    const real = realpathSync(file);
    if (!isInside(root, real)) return outside(file, root);
    const found = statSync(real);
    if (found.isDirectory()) return { kind: 'directory' };
    if (!found.isFile() || found.size > LARGEST_BYTES)
      return { kind: 'refused', message: `${file} is no file of a job` };
    return { kind: 'file', bytes: readFileSync(real) };
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return { kind: 'missing' };
    return { kind: 'refused', message: cause instanceof Error ? cause.message : String(cause) };
  }
}

function outside(path: string, root: string): { readonly kind: 'refused'; readonly message: string } {
  return { kind: 'refused', message: `${path} is outside of ${root}: run the command on the folder that holds both` };
}

/** Links are not followed, and a folder that is not there holds nothing. */
function allBelow(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry): readonly string[] => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return allBelow(path);
    return entry.isFile() ? [path] : [];
  });
}

function isInside(root: string, path: string): boolean {
  return path === root || path.startsWith(root === sep ? sep : `${root}${sep}`);
}
