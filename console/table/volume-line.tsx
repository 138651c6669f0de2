import { memo, type ReactNode } from 'react';
import type { VolumeRow } from '../../src/operator/api.ts';
import { Link } from '../frame/link.tsx';
import { volumePath } from '../frame/route.ts';
import type { Point } from '../live/recent.ts';
import { Size } from '../parts/size.tsx';
import { Sparkline } from '../parts/sparkline.tsx';
import { StateWord } from '../parts/state-word.tsx';
import { UsageBar } from '../parts/usage-bar.tsx';
import { fullInText } from '../words/time.ts';

interface Properties {
  readonly row: VolumeRow;
  readonly index: number;
  readonly points: readonly Point[];
  readonly chosen: boolean;
}

/** One row; it is drawn anew only when something of it changed. */
export const VolumeLine = memo(function volumeLine({ row, index, points, chosen }: Properties): ReactNode {
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
        <span className="quiet below narrow-only">{row.namespace}</span>
      </th>
      <td className="wide">{row.namespace}</td>
      <td className="used">
        <UsageBar row={row} />
      </td>
      <td className="right">
        <Size bytes={row.capacity === '' ? row.request : row.capacity} />
      </td>
      <td className="right number">{fullInText(row.fullInMs)}</td>
      <td className="wide">
        <Sparkline points={points} />
      </td>
      <td>
        <StateWord row={row} />
      </td>
    </tr>
  );
});
