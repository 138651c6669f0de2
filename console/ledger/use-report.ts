import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import type { ReportAnswer } from '../../src/operator/ledger/ledger-api.ts';
import { ask } from '../live/ask.ts';

/** The objectives as `larder ledger report` computes them, of so many days. */
export function useReport(days: number): UseQueryResult<ReportAnswer> {
  return useQuery({
    queryKey: ['ledger', 'report', days],
    queryFn: ({ signal }) => ask<ReportAnswer>(`/api/ledger/report?days=${days}`, undefined, signal),
  });
}
