import { memo, type ReactNode } from 'react';
import type { VolumeRow } from '../../src/operator/api.ts';
import { Link } from '../frame/link.tsx';
import { volumePath } from '../frame/route.ts';
import type { Point } from '../live/recent.ts';
import { Size } from '../parts/size.tsx';
import { Sparkline } from '../parts/sparkline.tsx';
import { StateShape, StateWord } from '../parts/state-word.tsx';
import { UsageBar } from '../parts/usage-bar.tsx';
import { fullInText } from '../words/time.ts';
import type { Hidden } from './columns.ts';

interface Properties {
  readonly row: VolumeRow;
  readonly index: number;
  readonly points: readonly Point[];
  readonly chosen: boolean;
  readonly hidden: Hidden;
}

/** One row; it is drawn anew only when something of it changed. */
export const VolumeLine = memo(function volumeLine({ row, index, points, chosen, hidden }: Properties): ReactNode {
  return (
    <tr aria-rowindex={index + 2} className={chosen ? 'chosen' : ''} aria-current={chosen ? 'true' : undefined}>
      <th scope="row">
        {row.claim === '' ? (
          <span title="a volume without a claim">{row.volume}</span>
        ) : (
          <Link to={volumePath(row.namespace, row.claim)} title={row.path}>
            {row.claim}
          </Link>
        )}
        <span className="below narrow-only">
          <StateShape row={row} /> <span className="quiet">{row.namespace}</span>
        </span>
      </th>
      {!hidden.has('namespace') && <td className="wide">{row.namespace}</td>}
      {!hidden.has('used') && (
        <td className="used">
          <UsageBar row={row} />
        </td>
      )}
      {!hidden.has('size') && (
        <td className="right size">
          <Size bytes={row.capacity === '' ? row.request : row.capacity} />
        </td>
      )}
      {!hidden.has('full') && <td className="right number full">{fullInText(row.fullInMs)}</td>}
      {!hidden.has('trend') && (
        <td className="wide trend">
          <Sparkline points={points} />
        </td>
      )}
      {!hidden.has('state') && (
        <td className="state-cell">
          <StateWord row={row} />
        </td>
      )}
    </tr>
  );
});
