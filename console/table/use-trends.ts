import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { VolumeRow } from '../../src/operator/api.ts';
import { keyOfVolume } from '../../src/operator/console/feed.ts';
import type { TrendsAnswer } from '../../src/operator/console/trends.ts';
import { ask } from '../live/ask.ts';
import { joinPoints, type Point } from '../live/recent.ts';
import { useLive } from '../live/use-live.ts';

const SPAN_MS = 24 * 3_600_000;
const POINTS = 40;
const CLAIMS_AT_MOST = 100;
const AGAIN_MS = 60_000;

/** The last day of the rows that are seen, by the volume's key; what came while the page is open is at their end. */
export function useTrends(rows: readonly VolumeRow[]): ReadonlyMap<string, readonly Point[]> {
  const { recent } = useLive();
  const seen = rows.filter(({ claim, phase }) => claim !== '' && phase === 'Bound').slice(0, CLAIMS_AT_MOST);
  const names = seen.map(({ namespace, claim }) => `${namespace}/${claim}`);
  const { data } = useQuery({
    queryKey: ['trends', names],
    enabled: names.length > 0,
    refetchInterval: AGAIN_MS,
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => {
      const to = Date.now();
      const claims = seen.map(({ namespace, claim }) => ({ namespace, name: claim }));
      return ask<TrendsAnswer>('/api/trends', { claims, from: to - SPAN_MS, to, points: POINTS }, signal);
    },
  });
  return useMemo(
    () =>
      new Map(
        seen.map((row) => {
          const key = keyOfVolume(row);
          return [key, joinPoints(data?.[`${row.namespace}/${row.claim}`] ?? [], recent.get(key) ?? [])];
        }),
      ),
    [data, recent, seen],
  );
}
