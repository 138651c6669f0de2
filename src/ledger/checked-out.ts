/** What is checked out, read from the files of git (gitrepository-layout(5)). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf } from './disk.ts';

export interface CheckedOut {
  /** Null before the first commit. */
  readonly commit: string | null;
  /** As `refs/heads/main`; `HEAD` for a commit by itself. */
  readonly branch: string;
}

export interface GitFolders {
  /** Of this working tree: HEAD. */
  readonly own: string;
  /** Of all working trees: branches. */
  readonly shared: string;
}

const COMMIT = /^([0-9a-f]{40}(?:[0-9a-f]{24})?)\n$/;

/** What HEAD says where branches are no plain files (reftable). */
const ELSEWHERE = 'refs/heads/.invalid';

/** Undefined where HEAD is no plain file that says it: git has to be asked. */
export function plainlyCheckedOut({ own, shared }: GitFolders): CheckedOut | undefined {
  const head = textOf(join(own, 'HEAD'));
  const alone = COMMIT.exec(head)?.[1];
  if (alone !== undefined) return { commit: alone, branch: 'HEAD' };
  const branch = /^ref: (refs\/heads\/[^\s]+)\n$/.exec(head)?.[1];
  if (branch === undefined || branch === ELSEWHERE) return undefined;
  const text = textOf(join(shared, branch));
  const commit = text === '' ? packed(shared, branch) : COMMIT.exec(text)?.[1];
  if (commit === undefined && text !== '') return undefined; // a branch that stands for another
  return { commit: commit ?? null, branch };
}

function packed(shared: string, branch: string): string | undefined {
  const line = textOf(join(shared, 'packed-refs'))
    .split('\n')
    .find((each) => each.endsWith(` ${branch}`));
  return line === undefined ? undefined : COMMIT.exec(`${line.split(' ')[0]}\n`)?.[1];
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const code = codeOf(cause);
    if (code === 'ENOENT' || code === 'EISDIR' || code === 'ENOTDIR') return '';
    throw cause;
  }
}
