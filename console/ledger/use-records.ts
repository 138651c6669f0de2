import { useQueries, useQuery } from '@tanstack/react-query';
import type { RecordRow, RecordsAnswer } from '../../src/operator/ledger/ledger-api.ts';
import { ask } from '../live/ask.ts';
import { useIsLive } from '../live/use-live.ts';

const PAGE = 100;
const AGAIN_MS = 5_000;

export interface Records {
  readonly found: number;
  readonly all: number;
  /** Undefined: not here yet. */
  readonly at: (index: number) => RecordRow | undefined;
  readonly error: Error | null;
  readonly isHere: boolean;
  readonly retry: () => void;
}

function question(q: string, page: number, live: boolean) {
  const query = new URLSearchParams({ q, from: String(page * PAGE), limit: String(PAGE) });
  return {
    queryKey: ['ledger', 'records', q, page],
    refetchInterval: live ? AGAIN_MS : (false as const),
    placeholderData: (before: RecordsAnswer | undefined) => before,
    queryFn: ({ signal }: { readonly signal: AbortSignal }) =>
      ask<RecordsAnswer>(`/api/ledger/records?${query}`, undefined, signal),
  };
}

/** Of thousands only the pages are asked for that somebody looks at. `seen`: places of rows that are shown. */
export function useRecords(q: string, seen: readonly number[]): Records {
  const live = useIsLive();
  const first = useQuery(question(q, 0, live));
  const wanted = [...new Set(seen.map((index) => Math.floor(index / PAGE)))].filter((page) => page > 0);
  const others = useQueries({ queries: wanted.map((page) => question(q, page, live)) });
  const pages = new Map<number, RecordsAnswer>();
  if (first.data) pages.set(0, first.data);
  for (const [index, page] of wanted.entries()) {
    const { data, isPlaceholderData } = others[index] ?? {};
    if (data && !isPlaceholderData) pages.set(page, data);
  }
  return {
    found: first.data?.found ?? 0,
    all: first.data?.all ?? 0,
    at: (index) => pages.get(Math.floor(index / PAGE))?.rows[index % PAGE],
    error: first.error ?? others.find(({ error }) => error)?.error ?? null,
    isHere: first.data !== undefined,
    retry: () => void first.refetch(),
  };
}
