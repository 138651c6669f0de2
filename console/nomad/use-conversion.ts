import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import type { Report } from '../../src/nomad/report/report.ts';
import type { ConversionAnswer } from '../../src/operator/nomad/conversion-api.ts';
import { ask } from '../live/ask.ts';
import type { Jobs } from './jobs.ts';

export interface Migration extends ConversionAnswer {
  /** `migration-report.json`, read. */
  readonly report: Report;
  /** Of all files of the output, by path. */
  readonly texts: ReadonlyMap<string, string>;
}

const REPORT = 'migration-report.json';
const KEPT_MS = 10 * 60_000;

/** What the jobs become, asked anew with each answer; the former stays until then. `check`: with the checks. */
export function useConversion(jobs: Jobs, check = false): UseQueryResult<Migration> {
  const { set, revision, folder, files, policy, variables, answers } = jobs;
  return useQuery({
    queryKey: ['nomad', set, revision, check],
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: KEPT_MS,
    structuralSharing: false,
    placeholderData: (before, query) => (query?.queryKey[1] === set ? before : undefined),
    queryFn: async ({ signal }): Promise<Migration> => {
      const given = { files, policy, variables, answers, check, ...(folder === undefined ? {} : { folder }) };
      const answer = await ask<ConversionAnswer>('/api/nomad/convert', given, signal);
      const texts = new Map(answer.files.map(({ path, text }) => [path, text]));
      const report: Report = JSON.parse(texts.get(REPORT) ?? '{}');
      return { ...answer, report, texts };
    },
  });
}
