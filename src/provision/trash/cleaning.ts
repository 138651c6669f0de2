/**
 * What may be removed from trash and archives to make room on an export, and what may not. Data that nobody gave an end
 * stays whatever happens: an archive without `archiveRetention`, an entry whose directory a living volume owns.
 */
import type { TrashEntry } from '../storage.ts';

/** What may go before its retention has ended. */
export type Early = 'none' | 'trash' | 'all';

/** A size, or a share of the export from 0 to 1. */
export type Room =
  | { readonly kind: 'quantity'; readonly bytes: bigint }
  | { readonly kind: 'percentage'; readonly ratio: number };

export interface Candidate {
  readonly entry: TrashEntry;
  /** Its directory belongs to a living volume: misplaced, and nothing to remove. */
  readonly owned: boolean;
  /** What it holds; undefined: not weighed. */
  readonly bytes: bigint | undefined;
}

export interface CleaningInput {
  readonly candidates: readonly Candidate[];
  readonly early: Early;
  /** How much room is to be made; undefined: all that may go goes. */
  readonly neededBytes: bigint | undefined;
  /** Epoch ms. */
  readonly now: number;
}

export type Verdict =
  | { readonly kind: 'remove'; readonly reason: 'ended' | 'early' }
  | { readonly kind: 'keep'; readonly reason: 'owned' | 'no-end' | 'not-ended' | 'enough' };

export interface Judged {
  readonly candidate: Candidate;
  readonly verdict: Verdict;
}

/** One verdict for each, those to be removed first and in their order: ended before early, trash before archives, the oldest first. */
export function cleaningOf({ candidates, early, neededBytes, now }: CleaningInput): readonly Judged[] {
  const judged = candidates
    .map((candidate) => ({ candidate, verdict: verdictOf(candidate, early, now) }))
    .sort((a, b) => rankOf(a) - rankOf(b) || a.candidate.entry.trashedAt - b.candidate.entry.trashedAt);
  if (neededBytes === undefined) return judged;
  let freed = 0n;
  return judged.map(({ candidate, verdict }) => {
    if (verdict.kind === 'keep') return { candidate, verdict };
    if (freed >= neededBytes) return { candidate, verdict: { kind: 'keep', reason: 'enough' } };
    freed += candidate.bytes ?? 0n;
    return { candidate, verdict };
  });
}

/** The first that applies. */
function verdictOf({ entry, owned }: Candidate, early: Early, now: number): Verdict {
  if (owned) return { kind: 'keep', reason: 'owned' };
  if (entry.removing) return { kind: 'remove', reason: 'ended' };
  if (entry.expiresAt === undefined) return { kind: 'keep', reason: 'no-end' };
  if (entry.expiresAt <= now) return { kind: 'remove', reason: 'ended' };
  const may = early === 'all' || (early === 'trash' && entry.kind === 'trash');
  return may ? { kind: 'remove', reason: 'early' } : { kind: 'keep', reason: 'not-ended' };
}

function rankOf({ candidate, verdict }: Judged): number {
  if (verdict.kind === 'keep') return 3;
  if (verdict.reason === 'ended') return 0;
  return candidate.entry.kind === 'trash' ? 1 : 2;
}

/** What is missing until that much is free; 0: nothing is. */
export function neededOf(space: { readonly totalBytes: bigint; readonly freeBytes: bigint }, wanted: Room): bigint {
  const target =
    wanted.kind === 'quantity'
      ? wanted.bytes
      : (space.totalBytes * BigInt(Math.round(wanted.ratio * 1_000_000))) / 1_000_000n;
  return target > space.freeBytes ? target - space.freeBytes : 0n;
}
