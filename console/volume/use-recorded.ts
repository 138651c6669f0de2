import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { needOf } from '../../src/operator/access/need.ts';
import type { VolumeRow } from '../../src/operator/api.ts';
import type { LedgerAnswer, Told } from '../../src/operator/ledger/ledger-api.ts';
import { ask } from '../live/ask.ts';
import { useMay } from '../live/me.ts';
import { useIsLive } from '../live/use-live.ts';
import { type Recorded, recordedOf } from './recorded.ts';

const AGAIN_MS = 15_000;
const NOTHING: readonly Told[] = [];

/** Nothing where there is no ledger, or the person may not see it. */
export function useRecorded({ namespace, claim, volume, path }: VolumeRow): Recorded {
  const may = useMay(needOf('see ledger'));
  const live = useIsLive();
  const ledger = useQuery({
    queryKey: ['ledger'],
    enabled: may,
    queryFn: ({ signal }) => ask<LedgerAnswer>('/api/ledger', undefined, signal),
  });
  const query = new URLSearchParams({ namespace, name: claim, volume, path });
  const { data = NOTHING } = useQuery({
    queryKey: ['ledger', 'life', namespace, claim, volume],
    enabled: ledger.data?.kind === 'ledger',
    refetchInterval: live ? AGAIN_MS : false,
    queryFn: ({ signal }) => ask<readonly Told[]>(`/api/ledger/life?${query}`, undefined, signal),
  });
  return useMemo(() => recordedOf({ namespace, claim }, data), [namespace, claim, data]);
}
