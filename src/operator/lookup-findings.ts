import type { LookupState } from '../providers/lookup.ts';
import type { Finding } from './api.ts';

/** What `doctor` says of a cloud that is asked about volumes. */
export function lookupFindings({ cloud, known, problem, code }: LookupState): readonly Finding[] {
  const check = `look-ups of ${cloud}`;
  const volumes = `${known} ${known === 1 ? 'volume' : 'volumes'} known`;
  if (problem === '') return [{ check, level: 'ok', message: volumes, fix: '' }];
  const fix = `docs/guides/${cloud}.md, and ${code} in docs/reference/errors.md; growth goes on by the tables meanwhile`;
  return [{ check, level: 'warning', message: `${problem}; ${volumes}`, fix }];
}
