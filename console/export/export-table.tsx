import type { ReactNode } from 'react';
import type { ExportRow } from '../../src/operator/api.ts';
import { usedShare } from '../parts/export-line.tsx';
import { Shape } from '../parts/shape.tsx';
import { Size } from '../parts/size.tsx';
import { percentText } from '../words/size.ts';
import { answerText } from './answer-text.ts';

export function ExportTable({ rows }: { readonly rows: readonly ExportRow[] }): ReactNode {
  return (
    <div className="scroll">
      <table className="list">
        <thead>
          <tr>
            <th scope="col">Export</th>
            <th scope="col">State</th>
            <th scope="col" className="right wide">
              Answers in
            </th>
            <th scope="col">Used</th>
            <th scope="col" className="right">
              Free
            </th>
            <th scope="col" className="right wide">
              Size
            </th>
            <th scope="col" className="right wide">
              Free inodes
            </th>
            <th scope="col" className="right">
              Requested
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <ExportCells key={row.name} row={row} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function ExportCells({ row }: { readonly row: ExportRow }): ReactNode {
  return (
    <tr>
      <th scope="row" className="export-name">
        <span className="break">{row.name}</span>
        <span className="quiet below break">
          {row.backend}, at <code>{row.root}</code>
        </span>
      </th>
      <td>
        <span className={`state tone-${row.up ? 'ok' : 'danger'}`}>
          <Shape name={row.up ? 'circle' : 'square'} />
          {row.up ? 'up' : 'down'}
        </span>
        {!row.up && <span className="said">{row.detail}</span>}
      </td>
      <td className="right number wide">{answerText(row)}</td>
      <td className="used">
        <UsedShare row={row} />
      </td>
      <td className="right">
        <Size bytes={row.freeBytes} />
        <span className="quiet below narrow-only">
          of <Size bytes={row.totalBytes} />
        </span>
      </td>
      <td className="right wide">
        <Size bytes={row.totalBytes} />
      </td>
      <td className="right number wide">
        <Inodes row={row} />
      </td>
      <td className="right">
        <Size bytes={row.requestedBytes} />
        {row.overcommit !== undefined && (
          <span className={`below ${row.overcommit > 1 ? 'tone-warn' : 'quiet'}`}>
            {percentText(row.overcommit)} of its size
          </span>
        )}
      </td>
    </tr>
  );
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
