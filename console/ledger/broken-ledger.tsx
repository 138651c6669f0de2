import type { ReactNode } from 'react';
import type { LedgerAnswer } from '../../src/operator/ledger/ledger-api.ts';
import { Link } from '../frame/link.tsx';

/** What is shown beside it comes from the records before the first broken link. */
export function BrokenLedger({ ledger }: { readonly ledger: LedgerAnswer | undefined }): ReactNode {
  if (ledger?.kind !== 'ledger' || ledger.findings.every(({ weight }) => weight === 'notice')) return null;
  return (
    <p className="failure" role="alert">
      <strong>The ledger is broken.</strong> What it says of changes may lack records:{' '}
      <Link to="/ledger">what is wrong, and what to do</Link>.
    </p>
  );
}
