/** Heads in the trailers of the commits that Larder makes of the ledger: every clone has them, and each commit fixes those before it. */
import { git } from './git.ts';
import type { HeadSource, Remembered, RememberedHead } from './head-source.ts';
import { LEDGER_FOLDER, parseRecord } from './record.ts';
import { hashOf } from './record-file.ts';
import { headWords, readHeadWords, type SignedHead } from './signed-head.ts';

const TRAILER = 'Larder-Ledger-Head';
/** Separates fields and trailers; in no text of a commit message. */
const FIELD = '\u0001';

/** Folded, as hooks that limit the length of lines like it. */
export function headTrailer(head: SignedHead): string {
  const [seq, hash, ...rest] = headWords(head);
  return [`${TRAILER}: ${seq}`, hash, ...rest].join('\n ');
}

/** Of all commits that the branch which is checked out goes back to. */
export function trailerSource(root: string): HeadSource {
  return { name: 'commits of this branch', look: () => look(root) };
}

async function look(root: string): Promise<Remembered> {
  const born = await git(root, ['rev-parse', '--verify', '--quiet', 'HEAD']);
  if (born.code !== 0) return { kind: 'looked', heads: [], note: 'nothing is committed yet' };
  const format = `--format=%h${FIELD}%(trailers:key=${TRAILER},valueonly,unfold,separator=%x01)`;
  const { code, output, errors } = await git(root, [
    // What somebody has set for git log would change what is found and what is printed.
    ...['log', '--basic-regexp', '--no-show-signature', '--no-color', '--no-decorate'],
    ...[`--grep=^${TRAILER}: `, format, 'HEAD', '--'],
  ]);
  if (code !== 0) return { kind: 'not-looked', why: `git log: ${errors.trimEnd()}` };
  const shallow = await git(root, ['rev-parse', '--is-shallow-repository']);
  const cut = shallow.output.trim() === 'true';
  const heads = output.split('\n').flatMap((line) => headsOfCommit(root, line));
  return { kind: 'looked', heads, ...(cut && { note: 'the clone is shallow: older commits are not here' }) };
}

function headsOfCommit(root: string, line: string): readonly RememberedHead[] {
  const [commit = '', ...trailers] = line.split(FIELD);
  return trailers
    .filter((trailer) => trailer.trim() !== '')
    .map((trailer) => {
      const head = readHeadWords(trailer.trim().split(/\s+/));
      return { where: `commit ${commit}`, ...(head && { head, counts: () => stoodIn(root, commit, head) }) };
    });
}

/** Anybody can write a trailer; but a commit that had the record of that hash shows that it was there once. */
async function stoodIn(root: string, commit: string, { seq, hash }: SignedHead): Promise<boolean> {
  const prefix = `/${String(seq).padStart(6, '0')}-`;
  const names = await git(root, ['ls-tree', '-r', '--name-only', '-z', '--full-tree', commit, '--', LEDGER_FOLDER]);
  const paths = names.output.split('\0').filter((path) => path.includes(prefix));
  for (const path of paths) {
    const parsed = parseRecord((await git(root, ['cat-file', 'blob', `${commit}:${path}`])).output);
    if (parsed.kind === 'record' && parsed.record.hash === hash && hashOf(parsed.record) === hash) return true;
  }
  return false;
}
