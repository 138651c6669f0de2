/** One thing that the report says: what was promised, what the records show, and from which of them that is known. */
import type { State } from '../state.ts';

export const criterionIds = [
  'rebuild-time',
  'drift-free',
  'evidence',
  'alert-time',
  'drills',
  'rotations',
  'alert-routes',
  'run-incidents',
  'open-incidents',
] as const;
export type CriterionId = (typeof criterionIds)[number];

/** Not known is said where the records do not show it; it is never taken for met. */
export type CriterionVerdict =
  | { readonly kind: 'met' }
  | { readonly kind: 'missed'; readonly why: string }
  | { readonly kind: 'not-known'; readonly why: string };

export interface Criterion {
  readonly id: CriterionId;
  readonly title: string;
  readonly target: string;
  /** What the records show, as `19 of 20 (95 %)`. */
  readonly value: string;
  readonly verdict: CriterionVerdict;
  /** What somebody should look at or do, one line each, the most urgent first. */
  readonly notes: readonly string[];
  readonly records: readonly Source[];
}

/** A record that the value was computed from. */
export interface Source {
  readonly seq: number;
  readonly id: string;
}

/** What a criterion is computed over. */
export interface Span {
  /** Epoch milliseconds; what happened before it does not count. */
  readonly from: number;
  readonly now: number;
}

export function isWithin({ from, now }: Span, time: number): boolean {
  return time >= from && time <= now;
}

/** In the order of the ledger. */
export function sourcesOf(state: State, ids: Iterable<string>): readonly Source[] {
  const sources: Source[] = [];
  for (const id of new Set(ids)) {
    const kept = state.history.get(id);
    if (kept) sources.push({ seq: kept.record.seq, id });
  }
  return sources.sort((a, b) => a.seq - b.seq);
}

/** `19 of 20 (95 %)`; the percentage is rounded down, so that 94.9 is not told as 95. */
export function shareText(part: number, of: number): string {
  return of === 0 ? 'none' : `${part} of ${of} (${percent(part, of)} %)`;
}

function percent(part: number, of: number): string {
  return String(Math.floor((part * 1000) / of) / 10);
}

/** Of what took longer than it may: rounded minutes would say of 60 minutes and a millisecond that they were 60. */
export function slowText(minutes: number, atMost: number): string {
  return minutes > atMost ? `${minutes} minutes` : `more than ${atMost} minutes`;
}

/** Exact: no fraction is made where none is needed. */
export function isShare(part: number, of: number, percentAtLeast: number): boolean {
  return part * 100 >= of * percentAtLeast;
}

/** `2026-03-01 12:00Z`. */
export function momentText(time: string | number): string {
  return `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')}Z`;
}

export function dayText(time: string | number): string {
  return new Date(time).toISOString().slice(0, 10);
}
