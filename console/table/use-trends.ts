import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type { VolumeRow } from '../../src/operator/api.ts';
import { keyOfVolume } from '../../src/operator/console/feed.ts';
import type { TrendsAnswer } from '../../src/operator/console/trends.ts';
import { ask } from '../live/ask.ts';
import { joinPoints, type Point } from '../live/recent.ts';
import { useLive } from '../live/use-live.ts';

const SPAN_MS = 24 * 3_600_000;
const POINTS = 40;
const CLAIMS_AT_MOST = 100;
/** Of rows that were seen before, so that scrolling back shows their lines at once. */
const KEPT = 1_000;
const AGAIN_MS = 60_000;
/** Who scrolls past rows does not read them. */
const REST_MS = 150;
const NONE: readonly Point[] = [];

interface Joined {
  readonly older: readonly Point[];
  readonly newer: readonly Point[];
  readonly points: readonly Point[];
}

/** The last day of a row that is seen; what came while the page is open is at its end. The same array while nothing came. */
export function useTrends(rows: readonly VolumeRow[]): (row: VolumeRow) => readonly Point[] {
  const { recent } = useLive();
  const known = useRef<TrendsAnswer>({});
  const joined = useRef(new Map<string, Joined>());
  const seen = rows.filter(({ claim, phase }) => claim !== '' && phase === 'Bound').slice(0, CLAIMS_AT_MOST);
  const names = useRested(seen.map(({ namespace, claim }) => `${namespace}/${claim}`).join(' '));
  const { data } = useQuery({
    queryKey: ['trends', names],
    enabled: names !== '',
    refetchInterval: AGAIN_MS,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => {
      known.current = withAnswer(known.current, await trendsOf(names.split(' '), signal));
      return known.current;
    },
  });
  return (row) => {
    const key = keyOfVolume(row);
    const older = data?.[`${row.namespace}/${row.claim}`] ?? NONE;
    const newer = recent.get(key) ?? NONE;
    const before = joined.current.get(key);
    if (before && before.older === older && before.newer === newer) return before.points;
    const points = older === NONE && newer === NONE ? NONE : joinPoints(older, newer);
    if (joined.current.size >= KEPT) joined.current.clear();
    joined.current.set(key, { older, newer, points });
    return points;
  };
}

function trendsOf(names: readonly string[], signal: AbortSignal): Promise<TrendsAnswer> {
  const to = Date.now();
  const claims = names.map((each) => {
    const [namespace = '', name = ''] = each.split('/');
    return { namespace, name };
  });
  return ask<TrendsAnswer>('/api/trends', { claims, from: to - SPAN_MS, to, points: POINTS }, signal);
}

/** The oldest go first. */
function withAnswer(known: TrendsAnswer, answer: TrendsAnswer): TrendsAnswer {
  const others = Object.entries(known).filter(([name]) => !Object.hasOwn(answer, name));
  return Object.fromEntries([...others.slice(-KEPT), ...Object.entries(answer)]);
}

/** The value once it has not changed for a moment; the first at once. */
function useRested(value: string): string {
  const [rested, setRested] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setRested(value), REST_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return rested === '' ? value : rested;
}
