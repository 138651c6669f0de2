/** A commit of what the ledger wrote, and of nothing else: neither the index nor the files of the user are part of it. */
import { join } from 'node:path';
import { type Clock, type Random, sleep } from '../telemetry/clock.ts';
import { ALLOWED_SIGNERS } from './allowed-signers.ts';
import { git, gitFolder } from './git.ts';
import { headTrailer } from './head-trailer.ts';
import { awake, withLock } from './lock.ts';
import { LEDGER_FOLDER, type LedgerRecord, REVIEWS_FOLDER } from './record.ts';
import { isRecordPath } from './record-file.ts';
import { LedgerError } from './registry.ts';
import type { SignedHead } from './signed-head.ts';
import { attributesPaths } from './tree.ts';

export interface CommitRequest {
  readonly root: string;
  /** All records that are there: their artifacts go with them. */
  readonly records: readonly LedgerRecord[];
  /** Of the newest record. */
  readonly head?: SignedHead;
  readonly clock: Clock;
  readonly random: Random;
}

export type Committed =
  | { readonly kind: 'committed'; readonly commit: string; readonly records: number }
  | { readonly kind: 'nothing' }
  /** A hook, a merge in progress, no name and e-mail …: in the words of git. The files stay as they are, and are valid. */
  | { readonly kind: 'failed'; readonly why: string };

const FROM_INPUT = ['--pathspec-from-file=-', '--pathspec-file-nul'] as const;

/** Somebody else's git, an editor that looks at the repository: longer than they take, shorter than somebody waits. */
const PATIENCE_MS = 5_000;
const LOOK_AGAIN_MS = 50;

/** Commits every record that is not committed yet, also those that an earlier commit failed for. One after the other. */
export async function commitRecords(request: CommitRequest): Promise<Committed> {
  const { root, clock, random } = request;
  try {
    const folder = join(await gitFolder(root), 'larder', 'commit');
    return await withLock({ folder, clock, random }, () => patiently(request));
  } catch (cause) {
    if (cause instanceof LedgerError) return { kind: 'failed', why: cause.message };
    throw cause;
  }
}

/** What git says of a lock that another one of it holds. */
const BUSY = /index\.lock': File exists/;

async function patiently(request: CommitRequest): Promise<Committed> {
  const { clock, random } = request;
  const deadline = clock.monotonic() + PATIENCE_MS;
  using _alive = awake();
  for (;;) {
    const outcome = await commitOnce(request);
    if (outcome.kind !== 'failed' || !BUSY.test(outcome.why) || clock.monotonic() >= deadline) return outcome;
    await sleep(clock, LOOK_AGAIN_MS * (0.5 + random.next()));
  }
}

async function commitOnce({ root, records, head }: CommitRequest): Promise<Committed> {
  const pending = await pendingPaths(root, records);
  if (pending.kind === 'failed') return pending;
  const paths = pending.changes.map(({ path }) => path);
  if (paths.length === 0) return { kind: 'nothing' };
  const fresh = pending.changes.filter(({ isNew }) => isNew).map(({ path }) => path);
  const added = await git(root, ['add', '--intent-to-add', ...FROM_INPUT], nulled(fresh));
  if (added.code !== 0) return { kind: 'failed', why: complaint(added) };
  const made = records.filter(({ id }) => paths.some((path) => path.endsWith(`-${id}.json`)));
  const message = [title(made), ...(head === undefined ? [] : [headTrailer(head)])].join('\n\n');
  const args = ['commit', '--quiet', '--only', '--cleanup=whitespace', '-m', message, ...FROM_INPUT];
  const committed = await git(root, args, nulled(paths));
  if (committed.code !== 0) {
    await git(root, ['rm', '--quiet', '--cached', '--ignore-unmatch', ...FROM_INPUT], nulled(fresh)); // as it was
    return { kind: 'failed', why: complaint(committed) };
  }
  const { output } = await git(root, ['rev-parse', '--short', 'HEAD']);
  return { kind: 'committed', commit: output.trim(), records: made.length };
}

interface Change {
  readonly path: string;
  /** git does not know it yet. */
  readonly isNew: boolean;
}

type Pending =
  | { readonly kind: 'pending'; readonly changes: readonly Change[] }
  | { readonly kind: 'failed'; readonly why: string };

/** A record or an artifact that git knows and that is another now is no news, but damage: `verify` tells it. */
async function pendingPaths(root: string, records: readonly LedgerRecord[]): Promise<Pending> {
  const folders = [LEDGER_FOLDER, REVIEWS_FOLDER];
  const args = ['status', '--porcelain=v1', '-z', '--untracked-files=all', '--no-renames', '--', ...folders];
  const status = await git(root, args);
  if (status.code !== 0) return { kind: 'failed', why: complaint(status) };
  const artifacts = new Set(records.flatMap((record) => record.artifacts.map(({ path }) => path)));
  const derived = new Set([ALLOWED_SIGNERS, ...attributesPaths]);
  const changes = status.output.split('\0').flatMap((entry): readonly Change[] => {
    const [flags, path] = [entry.slice(0, 2), entry.slice(3)];
    const isNew = flags === '??';
    const isOwn = isRecordPath(path) || artifacts.has(path);
    const isAdded = isNew || flags.startsWith('A') || flags === ' A';
    if (!(isOwn && isAdded) && !(derived.has(path) && !flags.includes('D'))) return [];
    return [{ path, isNew }];
  });
  return { kind: 'pending', changes };
}

function nulled(paths: readonly string[]): string {
  return paths.map((path) => `${path}\0`).join('');
}

/** `ledger: 42 change-applied <id>`; of several the first and the last number. */
function title(records: readonly LedgerRecord[]): string {
  const [first] = records;
  const last = records.at(-1);
  if (!first || !last) return 'ledger: allowed_signers';
  if (first === last) return `ledger: ${first.seq} ${first.type} ${first.id}`;
  return `ledger: ${first.seq}-${last.seq}, ${records.length} records`;
}

function complaint({ errors, output, code }: { errors: string; output: string; code: number }): string {
  const text = (errors.trim() || output.trim() || `git ended with code ${code}`).replace(/^(fatal|error): /, '');
  return text.split('\n').slice(0, 3).join(' ');
}
