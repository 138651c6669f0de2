import type { ReactNode } from 'react';
import type { ExportRow } from '../../src/operator/api.ts';
import { usedShare } from '../parts/export-line.tsx';
import { List } from '../parts/list.tsx';
import { Path } from '../parts/path.tsx';
import { Shape } from '../parts/shape.tsx';
import { Size } from '../parts/size.tsx';
import { percentText } from '../words/size.ts';
import { answerText } from './answer-text.ts';

export function ExportTable({ rows }: { readonly rows: readonly ExportRow[] }): ReactNode {
  return (
    <List
      kind="exports"
      heads={[
        'Export',
        { title: 'State', wide: true },
        { title: 'Answers in', right: true, wide: true },
        'Used',
        { title: 'Free', right: true, wide: true },
        { title: 'Size', right: true, wide: true },
        { title: 'Free inodes', right: true, wide: true },
        { title: 'Requested', right: true },
      ]}
    >
      {rows.map((row) => (
        <ExportCells key={row.name} row={row} />
      ))}
    </List>
  );
}

function ExportCells({ row }: { readonly row: ExportRow }): ReactNode {
  const requested = requestedShare(row);
  return (
    <tr>
      <th scope="row" className="export-name">
        <Path text={row.name} />
        <span className="narrow-only">
          <Standing row={row} />
        </span>
        <span className="quiet below wide">
          {row.backend}, at{' '}
          <code>
            <Path text={row.root} />
          </code>
        </span>
      </th>
      <td className="wide">
        <Standing row={row} />
      </td>
      <td className="right number wide">{answerText(row)}</td>
      <td className="used">
        <UsedShare row={row} />
        <span className="quiet below narrow-only">
          <Size bytes={row.freeBytes} /> free of <Size bytes={row.totalBytes} />
        </span>
      </td>
      <td className="right wide">
        <Size bytes={row.freeBytes} />
      </td>
      <td className="right wide">
        <Size bytes={row.totalBytes} />
      </td>
      <td className="right number wide">
        <Inodes row={row} />
      </td>
      <td className="right">
        <Size bytes={row.requestedBytes} />
        {requested !== undefined && (
          <span className={`below ${requested > 1 ? 'tone-warn' : 'quiet'}`}>{percentText(requested)} of its size</span>
        )}
      </td>
    </tr>
  );
}

function Standing({ row }: { readonly row: ExportRow }): ReactNode {
  return (
    <>
      <span className={`state tone-${row.up ? 'ok' : 'danger'}`}>
        <Shape name={row.up ? 'circle' : 'square'} />
        {row.up ? 'up' : 'down'}
      </span>
      {!row.up && <span className="said">{row.detail}</span>}
    </>
  );
}

/** From the bytes: the figure of the metric is cut to so few digits that little is nothing. */
function requestedShare({ requestedBytes, totalBytes, overcommit }: ExportRow): number | undefined {
  return overcommit === undefined ? undefined : Number(requestedBytes) / Number(totalBytes);
}

function UsedShare({ row }: { readonly row: ExportRow }): ReactNode {
  const used = usedShare(row);
  if (used === undefined) return <span className="quiet">not measured</span>;
  return (
    <span className="usage">
      <span className="bar" role="img" aria-label={`${percentText(used)} used`}>
        <span className="bar-used" style={{ width: `${(used * 100).toFixed(2)}%` }} />
      </span>
      <span className="percent">{percentText(used)}</span>
    </span>
  );
}

/** Filesystems that make inodes as they are needed count none. */
function Inodes({ row: { freeInodes, totalInodes } }: { readonly row: ExportRow }): ReactNode {
  if (totalInodes === '') return '—';
  if (totalInodes === '0') return <span title="this filesystem makes them as they are needed">no limit</span>;
  const free = Number(freeInodes) / Number(totalInodes);
  return (
    <>
      {BigInt(freeInodes).toLocaleString()}
      <span className={`below ${free < 0.1 ? 'tone-warn' : 'quiet'}`}>{percentText(free)}</span>
    </>
  );
}
