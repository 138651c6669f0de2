import type { ReactNode } from 'react';
import type { Point } from '../live/recent.ts';
import { ListTable } from '../parts/list.tsx';
import { Size } from '../parts/size.tsx';
import { percentText } from '../words/size.ts';
import { exactTime } from '../words/time.ts';

const SHOWN = 200;

/** The chart as figures, newest first. */
export function PlotTable({ points }: { readonly points: readonly Point[] }): ReactNode {
  const newest = points.slice(-SHOWN).reverse();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys
    <section className="scroll plot-table" tabIndex={0} aria-label="Measurements">
      <ListTable
        heads={[
          'Measured',
          { title: 'Used', right: true },
          { title: 'Size', right: true },
          { title: 'Share', right: true },
        ]}
      >
        {newest.map(([at, used, capacity]) => (
          <tr key={at}>
            <th scope="row" className="number">
              {exactTime(at)}
            </th>
            <td className="right">
              <Size bytes={String(Math.round(used))} />
            </td>
            <td className="right">
              <Size bytes={String(Math.round(capacity))} />
            </td>
            <td className="right number">{percentText(capacity === 0 ? undefined : used / capacity)}</td>
          </tr>
        ))}
      </ListTable>
      {points.length > SHOWN && (
        <p className="quiet">
          The newest {SHOWN} of {points.length}.
        </p>
      )}
    </section>
  );
}
