import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import type { VolumeRow } from '../../src/operator/api.ts';
import { keyOfVolume } from '../../src/operator/console/feed.ts';
import { volumePath } from '../frame/route.ts';
import { go } from '../frame/use-route.ts';
import type { Column, Order } from './order.ts';
import { useTableKeys } from './use-table-keys.ts';
import { useTrends } from './use-trends.ts';
import { VolumeLine } from './volume-line.tsx';

interface Properties {
  readonly rows: readonly VolumeRow[];
  readonly order: Order;
  readonly onOrder: (by: Column) => void;
  readonly hold: (held: boolean) => void;
}

const ROW_HEIGHT = 44;
/** Rows that are made ready above and below what is seen. */
const BEYOND = 8;

const heads: readonly { readonly by: Column | undefined; readonly name: string; readonly className: string }[] = [
  { by: 'name', name: 'Name', className: '' },
  { by: 'namespace', name: 'Namespace', className: 'wide' },
  { by: 'used', name: 'Used', className: 'used' },
  { by: 'size', name: 'Size', className: 'right' },
  { by: 'full', name: 'Full in', className: 'right' },
  { by: undefined, name: 'Last day', className: 'wide' },
  { by: 'state', name: 'State', className: '' },
];

/** Of many rows only those are in the document that are seen. */
export function VolumeTable({ rows, order, onOrder, hold }: Properties): ReactNode {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: BEYOND,
    // The rows begin below the head, which stays.
    scrollPaddingStart: ROW_HEIGHT,
  });
  const items = virtual.getVirtualItems();
  const seen = items.flatMap(({ index }) => rows[index] ?? []);
  const trends = useTrends(seen);
  const [at, setAt] = useState(-1);
  useTableKeys({ at, setAt, count: rows.length, open: (index) => open(rows[index]) });
  useEffect(() => {
    if (at >= 0) virtual.scrollToIndex(at);
  }, [at, virtual]);
  const before = items[0]?.start ?? 0;
  const after = virtual.getTotalSize() - (items.at(-1)?.end ?? 0);
  return (
    <div ref={scroller} className="scroll table" onPointerEnter={() => hold(true)} onPointerLeave={() => hold(false)}>
      <table className="list volumes" aria-rowcount={rows.length + 1}>
        <caption className="visually-hidden">Volumes; j and k move, enter opens</caption>
        <Head order={order} onOrder={onOrder} />
        <tbody>
          <Space height={before} />
          {items.map(({ index }) => {
            const row = rows[index];
            if (!row) return null;
            const key = keyOfVolume(row);
            return (
              <VolumeLine key={key} row={row} index={index} points={trends.get(key) ?? []} chosen={index === at} />
            );
          })}
          <Space height={after} />
        </tbody>
      </table>
    </div>
  );
}

function open(row: VolumeRow | undefined): void {
  if (row && row.claim !== '') go(volumePath(row.namespace, row.claim));
}

/** Holds the place of rows that are not in the document. */
function Space({ height }: { readonly height: number }): ReactNode {
  if (height <= 0) return null;
  return (
    <tr>
      <td colSpan={heads.length} style={{ height, padding: 0, border: 0 }} />
    </tr>
  );
}

function Head({ order, onOrder }: Pick<Properties, 'order' | 'onOrder'>): ReactNode {
  return (
    <thead>
      <tr aria-rowindex={1}>
        {heads.map(({ by, name, className }) => {
          const sorted = by !== undefined && order.by === by;
          const direction = sorted ? (order.descending ? 'descending' : 'ascending') : undefined;
          const stop = (event: KeyboardEvent): void => event.stopPropagation();
          return (
            <th key={name} scope="col" className={className} aria-sort={direction}>
              {by === undefined ? (
                name
              ) : (
                <button type="button" onClick={() => onOrder(by)} onKeyDown={stop}>
                  {name}
                  <span aria-hidden="true">{sorted ? (order.descending ? ' ↓' : ' ↑') : ''}</span>
                </button>
              )}
            </th>
          );
        })}
      </tr>
    </thead>
  );
}
