import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import type { ChangeDetail, ChangesAnswer } from '../../src/operator/ledger/ledger-api.ts';
import { ask } from '../live/ask.ts';
import { useIsLive } from '../live/use-live.ts';

const AGAIN_MS = 4_000;

export function useChanges(enabled: boolean): UseQueryResult<ChangesAnswer> {
  const live = useIsLive();
  return useQuery({
    queryKey: ['changes'],
    enabled,
    refetchInterval: live ? AGAIN_MS : false,
    queryFn: ({ signal }) => ask<ChangesAnswer>('/api/changes', undefined, signal),
  });
}

export function useChange(id: string, enabled: boolean): UseQueryResult<ChangeDetail> {
  const live = useIsLive();
  return useQuery({
    queryKey: ['changes', id],
    enabled,
    refetchInterval: live ? AGAIN_MS : false,
    queryFn: ({ signal }) => ask<ChangeDetail>(`/api/changes/one?id=${encodeURIComponent(id)}`, undefined, signal),
  });
}
