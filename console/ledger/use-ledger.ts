import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import type { LedgerAnswer } from '../../src/operator/ledger/ledger-api.ts';
import { ask } from '../live/ask.ts';
import { useIsLive } from '../live/use-live.ts';

const AGAIN_MS = 5_000;
/** While all of it is being looked at. */
const SOON_MS = 1_000;

/** Whether there is a ledger, and whether it is whole. */
export function useLedger(): UseQueryResult<LedgerAnswer> {
  const live = useIsLive();
  return useQuery<LedgerAnswer>({
    queryKey: ['ledger'],
    refetchInterval: ({ state: { data } }) => live && (data?.kind === 'ledger' && data.verifying ? SOON_MS : AGAIN_MS),
    queryFn: ({ signal }) => ask<LedgerAnswer>('/api/ledger', undefined, signal),
  });
}
