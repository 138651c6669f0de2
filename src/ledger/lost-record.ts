/** Where git still has a record that is not among the files: of a ledger that seems cut off it is the way back. */
import { git } from './git.ts';
import { LEDGER_FOLDER, parseRecord } from './record.ts';
import { isRecordPath } from './record-file.ts';

export interface Found {
  readonly commit: string;
  /** That go back to it; none: only the log of what was checked out knows the commit. */
  readonly branches: readonly string[];
  /** What is checked out goes back to it: a later commit took the record away. */
  readonly isBehind: boolean;
}

/** Looks through all branches, and through what was checked out before. Undefined: no commit of this clone has it. */
export async function lostRecord(root: string, hash: string): Promise<Found | undefined> {
  const log = await git(root, [
    ...['log', '--all', '--reflog', '--no-show-signature', '--no-color', '--format=%x01%h', '--name-only'],
    ...['--diff-filter=A', '--no-renames', '--', LEDGER_FOLDER],
  ]);
  for (const entry of log.output.split('\u0001')) {
    const [commit = '', ...paths] = entry.split('\n').filter((line) => line !== '');
    for (const path of paths.filter(isRecordPath)) {
      const parsed = parseRecord((await git(root, ['cat-file', 'blob', `${commit}:${path}`])).output);
      if (parsed.kind === 'record' && parsed.record.hash === hash)
        return { commit, branches: await branchesWith(root, commit), isBehind: await isBehind(root, commit) };
    }
  }
  return undefined;
}

async function branchesWith(root: string, commit: string): Promise<readonly string[]> {
  const { output } = await git(root, ['branch', '--all', '--format=%(refname:short)', '--contains', commit]);
  return output.split('\n').filter((name) => name !== '' && !name.startsWith('('));
}

async function isBehind(root: string, commit: string): Promise<boolean> {
  return (await git(root, ['merge-base', '--is-ancestor', commit, 'HEAD'])).code === 0;
}
