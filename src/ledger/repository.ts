/** The git repository that a ledger is in: where it is, what is checked out, and what it keeps to itself. */
import { join, resolve } from 'node:path';
import { type CheckedOut, type GitFolders, plainlyCheckedOut } from './checked-out.ts';
import { git, gitFolder, workingTree } from './git.ts';
import { ignoreQuestion } from './ignore-question.ts';
import { LedgerError } from './registry.ts';

export interface Repository {
  /** The folder that has docs/governance in it. */
  readonly root: string;
  /** What this working tree keeps and nobody else gets: `.git/larder`. */
  readonly own: string;
  checkedOut(): Promise<CheckedOut>;
  /** Which of the paths (from the root) a .gitignore keeps out of git. What is committed counts as visible. */
  hidden(paths: readonly string[]): Promise<readonly Hidden[]>;
}

export interface Hidden {
  readonly path: string;
  /** Where it says so: `.gitignore:3: *.log`, or a file outside the repository. */
  readonly rule: string;
}

/** @throws LedgerError LARDER_LEDGER_NOT_FOUND where the folder is in no repository with a working tree. */
export async function findRepository(folder: string): Promise<Repository> {
  const root = await workingTree(folder);
  const own = await gitFolder(root);
  const { output } = await git(root, ['rev-parse', '--git-common-dir']);
  const question = ignoreQuestion(root);
  const folders = { own, shared: resolve(root, output.trimEnd()) };
  return {
    root,
    own: join(own, 'larder'),
    checkedOut: () => checkedOut(root, folders),
    hidden: async (paths) => ((await question.noneOf(paths)) ? [] : hidden(root, paths)),
  };
}

/** An append costs one process, `check-ignore`, and should not cost more: git is asked where its files are not as plain as they usually are. */
async function checkedOut(root: string, folders: GitFolders): Promise<CheckedOut> {
  const plain = plainlyCheckedOut(folders);
  if (plain !== undefined) return plain;
  const { code, output } = await git(root, ['rev-parse', 'HEAD', '--symbolic-full-name', 'HEAD']);
  const [commit, branch] = output.split('\n');
  if (code === 0 && commit !== undefined && branch !== undefined) return { commit, branch };
  const unborn = await git(root, ['symbolic-ref', '--quiet', 'HEAD']);
  return { commit: null, branch: unborn.output.trimEnd() || 'HEAD' };
}

/** `check-ignore -z -v`: source, line, pattern and path, each with a NUL behind it. Code 1: none is hidden. */
async function hidden(root: string, paths: readonly string[]): Promise<readonly Hidden[]> {
  const input = paths.map((path) => `${path}\0`).join('');
  const { code, output, errors } = await git(root, ['check-ignore', '--stdin', '-z', '-v'], input);
  if (code > 1) throw new LedgerError('LARDER_LEDGER_GIT', `git check-ignore failed in ${root}: ${errors.trimEnd()}`);
  const fields = output.split('\0');
  const found: Hidden[] = [];
  for (let at = 0; at + 3 < fields.length; at += 4) {
    const [source = '', line = '', pattern = '', path = ''] = fields.slice(at, at + 4);
    // A pattern with ! brings a file back: git names it, and the file is not hidden.
    if (!pattern.startsWith('!')) found.push({ path, rule: `${source}:${line}: ${pattern}` });
  }
  return found;
}
