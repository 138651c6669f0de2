import { type ReactNode, useState } from 'react';
import type { ChangeRow } from '../../src/operator/ledger/ledger-api.ts';
import { Link } from '../frame/link.tsx';
import { recordPath } from '../frame/route.ts';
import { Evidence } from '../ledger/evidence.tsx';
import { Moment } from '../parts/moment.tsx';

/** The newest evidence of a change: what it would do, read where one is. */
export function ChangeEvidence({
  change: { evidence },
  open = false,
}: {
  readonly change: Pick<ChangeRow, 'evidence'>;
  readonly open?: boolean;
}): ReactNode {
  const [shown, setShown] = useState(open);
  if (evidence === undefined) return null;
  const { record, path, at, summary, authors } = evidence;
  return (
    <details className="folded" open={open} onToggle={(event) => setShown(event.currentTarget.open)}>
      <summary>
        {summary === '' ? 'Evidence' : summary}{' '}
        <span className="quiet">
          as compared <Moment at={at} /> by {authors.join(' and ')}
        </span>
      </summary>
      {shown && <Evidence record={record} path={path} />}
      <p className="quiet">
        <Link to={recordPath(record)}>Its record</Link>
      </p>
    </details>
  );
}
