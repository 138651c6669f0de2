import { type Range, useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type ReactNode, useEffect, useEffectEvent, useMemo, useRef, useState } from 'react';
import type { VolumeRow } from '../../src/operator/api.ts';
import { keyOfVolume } from '../../src/operator/console/feed.ts';
import { rem } from '../frame/rem.ts';
import { volumePath } from '../frame/route.ts';
import { go } from '../frame/use-route.ts';
import { type ColumnName, columnNames, type Hidden } from './columns.ts';
import { lastOpenedAt } from './last-opened.ts';
import type { Column, Order } from './order.ts';
import { useTableKeys } from './use-table-keys.ts';
import { useTrends } from './use-trends.ts';
import { VolumeLine } from './volume-line.tsx';

interface Properties {
  readonly rows: readonly VolumeRow[];
  readonly order: Order;
  readonly onOrder: (by: Column) => void;
  readonly hold: (held: boolean) => void;
  readonly hidden: Hidden;
}

/** As its style sheet has it. */
const ROW_REM = 2.75;
/** Rows come and go so many at a time, with as many ready above and below what is seen: between two such steps a browser only moves them. */
const STEP = 8;

const heads: readonly {
  readonly by: Column | undefined;
  readonly column: ColumnName | undefined;
  readonly name: string;
  readonly className: string;
}[] = [
  { by: 'name', column: undefined, name: 'Name', className: 'name' },
  { by: 'namespace', column: 'namespace', name: columnNames.namespace, className: 'wide' },
  { by: 'used', column: 'used', name: columnNames.used, className: 'used' },
  { by: 'size', column: 'size', name: columnNames.size, className: 'right size' },
  { by: 'full', column: 'full', name: columnNames.full, className: 'right full' },
  { by: undefined, column: 'trend', name: columnNames.trend, className: 'wide trend' },
  { by: 'state', column: 'state', name: columnNames.state, className: 'state-cell' },
];

/** Of many rows only those are in the document that are seen. */
export function VolumeTable({ rows, order, onOrder, hold, hidden }: Properties): ReactNode {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rem(ROW_REM),
    rangeExtractor: steppedRange,
    // The rows begin below the head, which stays.
    scrollPaddingStart: rem(ROW_REM),
  });
  const items = virtual.getVirtualItems();
  const seen = items.flatMap(({ index }) => rows[index] ?? []);
  const pointsOf = useTrends(seen);
  // By its key: rows change places while somebody reads, and the one that is chosen stays the one that `enter` opens.
  const [chosen, setChosen] = useState(() => keyAt(rows, lastOpenedAt(rows)));
  const at = useMemo(
    () => (chosen === undefined ? -1 : rows.findIndex((row) => keyOfVolume(row) === chosen)),
    [rows, chosen],
  );
  const setAt = (next: number): void => setChosen(keyAt(rows, next));
  useTableKeys({ at, setAt, count: rows.length, open: (index) => open(rows[index]) });
  const follow = useEffectEvent(() => {
    if (at >= 0) virtual.scrollToIndex(at);
  });
  // When another one is chosen, not when the chosen one moves: the table is not taken from under a reader.
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is what is waited for
  useEffect(() => follow(), [chosen]);
  const before = items[0]?.start ?? 0;
  const after = virtual.getTotalSize() - (items.at(-1)?.end ?? 0);
  return (
    <div ref={scroller} className="scroll table" onPointerEnter={() => hold(true)} onPointerLeave={() => hold(false)}>
      <table className="list volumes" aria-rowcount={rows.length + 1}>
        <caption className="visually-hidden">Volumes; j and k move, enter opens</caption>
        <Head order={order} onOrder={onOrder} hidden={hidden} />
        <tbody>
          <Space height={before} />
          {items.map(({ index }) => {
            const row = rows[index];
            if (!row) return null;
            const key = keyOfVolume(row);
            return (
              <VolumeLine
                key={key}
                row={row}
                index={index}
                points={pointsOf(row)}
                chosen={index === at}
                hidden={hidden}
              />
            );
          })}
          <Space height={after} />
        </tbody>
      </table>
    </div>
  );
}

function steppedRange({ startIndex, endIndex, count }: Range): number[] {
  const first = Math.max(0, (Math.floor(startIndex / STEP) - 1) * STEP);
  const last = Math.min(count - 1, (Math.floor(endIndex / STEP) + 2) * STEP - 1);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
}

function keyAt(rows: readonly VolumeRow[], at: number): string | undefined {
  const row = rows[at];
  return row && keyOfVolume(row);
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

function Head({ order, onOrder, hidden }: Pick<Properties, 'order' | 'onOrder' | 'hidden'>): ReactNode {
  return (
    <thead>
      <tr aria-rowindex={1}>
        {heads.map(({ by, column, name, className }) => {
          if (column !== undefined && hidden.has(column)) return null;
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
