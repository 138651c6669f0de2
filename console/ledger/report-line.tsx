import type { ReactNode } from 'react';
import { Link } from '../frame/link.tsx';
import { Shape } from '../parts/shape.tsx';
import { verdictLooks } from './looks.ts';
import { useReport } from './use-report.ts';

const DAYS = 30;

/** How the objectives stand, in one line. Of a ledger that is broken nothing is computed, which is told above it. */
export function ReportLine(): ReactNode {
  const { data } = useReport(DAYS);
  if (data?.kind !== 'report') return null;
  return (
    <p className="report-line wide">
      <span className="quiet">Objectives, {DAYS} days:</span>{' '}
      {(['met', 'missed', 'not-known'] as const).map((kind) => (
        <span key={kind} className={`state tone-${data.counts[kind] > 0 ? verdictLooks[kind].tone : 'quiet'}`}>
          <Shape name={verdictLooks[kind].shape} />
          {data.counts[kind]} {verdictLooks[kind].word}
        </span>
      ))}{' '}
      <Link to="/ledger/report">Report</Link>
    </p>
  );
}
