import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { type ReactNode, useMemo } from 'react';
import type { VolumeRow } from '../../src/operator/api.ts';
import { keyOfVolume } from '../../src/operator/console/feed.ts';
import type { TrendsAnswer } from '../../src/operator/console/trends.ts';
import { useParameter } from '../frame/use-route.ts';
import { ask } from '../live/ask.ts';
import { useLive } from '../live/use-live.ts';
import { FailureNote } from '../parts/failure-note.tsx';
import { Chart } from './chart.tsx';
import type { Explained } from './explained.ts';
import { measuredPoints, plotOf } from './plot.ts';
import { PlotTable } from './plot-table.tsx';

const spans = { '1h': 3_600_000, '1d': 86_400_000, '7d': 7 * 86_400_000, '30d': 30 * 86_400_000 } as const;
const names = { '1h': '1 h', '1d': '1 d', '7d': '7 d', '30d': '30 d' } as const;
type Span = keyof typeof spans;
const POINTS = 400;
const AGAIN_MS = 60_000;

interface Properties {
  readonly row: VolumeRow;
  readonly decision: Explained | undefined;
}

export function HistoryChart({ row, decision }: Properties): ReactNode {
  const { recent } = useLive();
  const [word, setSpan] = useParameter('span');
  const [view, setView] = useParameter('view');
  const span: Span = word === '1h' || word === '7d' || word === '30d' ? word : '1d';
  const { data, error, refetch } = useTrend(row, span);
  const live = recent.get(keyOfVolume(row));
  const points = useMemo(() => {
    const from = Date.now() - spans[span];
    return measuredPoints(data ?? [], decision, live ?? []).filter(([at]) => at >= from);
  }, [data, decision, live, span]);
  const plot = useMemo(() => plotOf(points, decision, row.thresholdRatio), [points, decision, row.thresholdRatio]);
  const growths = useMemo(() => (decision?.growths ?? []).map(({ at }) => at / 1000), [decision]);
  return (
    <>
      <div className="section-bar">
        <h2 id="usage">Usage</h2>
        <fieldset className="segments" aria-label="Time shown">
          {(['1h', '1d', '7d', '30d'] as const).map((each) => (
            <button
              key={each}
              type="button"
              aria-pressed={each === span}
              onClick={() => setSpan(each === '1d' ? '' : each)}
            >
              {names[each]}
            </button>
          ))}
        </fieldset>
        <button type="button" aria-pressed={view === 'table'} onClick={() => setView(view === 'table' ? '' : 'table')}>
          as a table
        </button>
      </div>
      {error && <FailureNote what="The history was not read" cause={error} retry={() => void refetch()} />}
      {points.length < 2 ? (
        <p className="quiet">
          {row.phase === 'Bound'
            ? 'The chart begins with the second measurement.'
            : 'There is nothing to measure until the claim is bound.'}
        </p>
      ) : view === 'table' ? (
        <PlotTable points={points} />
      ) : (
        <Chart plot={plot} growths={growths} label={`Usage of ${row.claim} over ${names[span]}`} />
      )}
    </>
  );
}

function useTrend({ namespace, claim, phase }: VolumeRow, span: Span) {
  return useQuery({
    queryKey: ['trend', namespace, claim, span],
    enabled: phase === 'Bound',
    refetchInterval: AGAIN_MS,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => {
      const to = Date.now();
      const request = { claims: [{ namespace, name: claim }], from: to - spans[span], to, points: POINTS };
      const answer = await ask<TrendsAnswer>('/api/trends', request, signal);
      return answer[`${namespace}/${claim}`] ?? [];
    },
  });
}
