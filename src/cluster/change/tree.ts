/** Files of the operators' repository, as they lie there or as a commit has them. */
import { lstat, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { git } from '../../ledger/git.ts';
import { ChangeError } from '../registry.ts';
import { runTool } from './tool.ts';

export type EntryKind = 'file' | 'folder' | 'link' | 'other';

/** Paths are from the root, with `/`. */
export interface Tree {
  /** For messages: `as they are`, `as of 1234abc`. */
  readonly name: string;
  /** Undefined: there is nothing of that name. */
  kindOf(path: string): Promise<EntryKind | undefined>;
  /** Of a folder, sorted. */
  entries(path: string): Promise<readonly { readonly name: string; readonly kind: EntryKind }[]>;
  text(path: string): Promise<string>;
  /** Runs `work` with a folder that holds the whole tree, for programs that read files themselves. */
  onDisk<T>(work: (root: string) => Promise<T>): Promise<T>;
}

export function workingTree(root: string): Tree {
  return {
    name: 'as they are',
    async kindOf(path) {
      try {
        return kindOf(await lstat(join(root, path)));
      } catch (cause) {
        if (isMissing(cause)) return undefined;
        throw cause;
      }
    },
    async entries(path) {
      const entries = await readdir(join(root, path), { withFileTypes: true });
      return byName(entries.map((entry) => ({ name: entry.name, kind: kindOf(entry) })));
    },
    text: (path) => readFile(join(root, path), 'utf8'),
    onDisk: (work) => work(root),
  };
}

function kindOf(entry: { isFile(): boolean; isDirectory(): boolean; isSymbolicLink(): boolean }): EntryKind {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'folder';
  return entry.isSymbolicLink() ? 'link' : 'other';
}

function isMissing(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && (cause.code === 'ENOENT' || cause.code === 'ENOTDIR');
}

function byName<T extends { readonly name: string }>(entries: readonly T[]): readonly T[] {
  return [...entries].sort((one, other) => (one.name < other.name ? -1 : 1));
}

export interface CommittedTree extends Tree {
  /** Its full name. */
  readonly commit: string;
}

/** What `commit` names must be a commit of the repository. Nothing is checked out. */
export async function committedTree(root: string, commit: string): Promise<CommittedTree> {
  const name = await commitOf(root, commit);
  const list = async (path: string): Promise<readonly Listed[]> => {
    const place = path === '' ? [] : ['--', path];
    return listed(await succeed(root, ['ls-tree', '-z', '--full-tree', name, ...place]));
  };
  return {
    commit: name,
    name: `as of ${name.slice(0, 12)}`,
    async kindOf(path) {
      if (path === '') return 'folder';
      return (await list(path)).find((entry) => entry.path === path)?.kind;
    },
    async entries(path) {
      const entries = await list(path === '' ? '' : `${path}/`);
      return byName(
        entries.map((entry) => ({ name: entry.path.slice(entry.path.lastIndexOf('/') + 1), kind: entry.kind })),
      );
    },
    text: (path) => succeed(root, ['cat-file', 'blob', `${name}:${path}`]),
    async onDisk(work) {
      const folder = await mkdtemp(join(tmpdir(), 'larder-change-'));
      try {
        const archive = join(folder, 'tree.tar');
        await succeed(root, ['archive', '--format=tar', `--output=${archive}`, name]);
        await runTool('tar', ['-xf', 'tree.tar'], { cwd: folder });
        await rm(archive);
        return await work(folder);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}

/** Its full name. @throws ChangeError LARDER_CHANGE_NO_WAY_BACK */
async function commitOf(root: string, commit: string): Promise<string> {
  const { code, output } = await git(root, [
    'rev-parse',
    '--verify',
    '--quiet',
    '--end-of-options',
    `${commit}^{commit}`,
  ]);
  if (code === 0) return output.trimEnd();
  throw new ChangeError(
    'LARDER_CHANGE_NO_WAY_BACK',
    `the repository has no commit ${commit}; fetch it, or name another`,
  );
}

async function succeed(root: string, args: readonly string[]): Promise<string> {
  const { code, output, errors } = await git(root, args);
  if (code === 0) return output;
  throw new ChangeError('LARDER_CHANGE_MANIFESTS', `git ${args[0]} failed: ${errors.trimEnd()}`);
}

interface Listed {
  readonly path: string;
  readonly kind: EntryKind;
}

/** `mode type object<tab>path`, each with a NUL behind it. */
function listed(output: string): readonly Listed[] {
  return output.split('\0').flatMap((line): readonly Listed[] => {
    const [, mode = '', path = ''] = /^(\d+) \w+ [0-9a-f]+\t(.+)$/s.exec(line) ?? [];
    return path === '' ? [] : [{ path, kind: KINDS.get(mode) ?? 'other' }];
  });
}

const KINDS: ReadonlyMap<string, EntryKind> = new Map([
  ['040000', 'folder'],
  ['100644', 'file'],
  ['100755', 'file'],
  ['120000', 'link'],
]);

/** Paths with something that is not as HEAD has it; all of them where nothing is committed yet. */
export async function uncommitted(root: string, paths: readonly string[]): Promise<readonly string[]> {
  if (paths.length === 0) return [];
  const { code, output } = await git(root, [
    'status',
    '--porcelain',
    '-z',
    '--untracked-files=all',
    '--ignored',
    '--',
    ...paths,
  ]);
  if (code !== 0) return paths;
  return output.split('\0').flatMap((line) => (line.length > 3 ? [line.slice(3)] : []));
}
