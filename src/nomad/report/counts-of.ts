import type { ReportCounts } from './report.ts';

const noCounts: ReportCounts = { direct: 0, approximate: 0, manual: 0, dropped: 0 };

/** How many lines of each class there are. */
export function countsOf(accounts: readonly { readonly class: keyof ReportCounts }[]): ReportCounts {
  const found = { ...noCounts };
  for (const { class: each } of accounts) found[each] += 1;
  return found;
}
