import type { ReactNode } from 'react';
import type { ExportRow } from '../../src/operator/api.ts';
import { useTitle } from '../frame/use-title.ts';
import { useLive } from '../live/use-live.ts';
import { Empty } from '../parts/empty.tsx';
import { usedShare } from '../parts/export-line.tsx';
import { Shape } from '../parts/shape.tsx';
import { Size } from '../parts/size.tsx';
import { Waiting } from '../parts/waiting.tsx';
import { percentText } from '../words/size.ts';

export function Exports(): ReactNode {
  useTitle('Exports');
  const { feed } = useLive();
  if (!feed) return <Waiting what="the exports" />;
  const rows = [...feed.exports.values()];
  return (
    <section aria-labelledby="exports">
      <h1 id="exports">
        Exports <span className="quiet number">{rows.length}</span>
      </h1>
      {rows.length === 0 ? (
        <Empty title="This operator has no export.">
          <p>An export is the storage that directories of volumes are made on. Name one with --export.</p>
        </Empty>
      ) : (
        <div className="scroll">
          <table className="list">
            <thead>
              <tr>
                <th scope="col">Export</th>
                <th scope="col">State</th>
                <th scope="col">Used</th>
                <th scope="col" className="right">
                  Free
                </th>
                <th scope="col" className="right">
                  Size
                </th>
                <th scope="col" className="right">
                  Requested
                </th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <ExportLine key={row.name} row={row} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function ExportLine({ row }: { readonly row: ExportRow }): ReactNode {
  const used = usedShare(row);
  return (
    <tr>
      <th scope="row">
        <span className="break">{row.name}</span>
        <span className="quiet below">
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
      <td className="used">
        {used === undefined ? (
          <span className="quiet">not measured</span>
        ) : (
          <span className="usage">
            <span className="bar" role="img" aria-label={`${percentText(used)} used`}>
              <span className="bar-used" style={{ width: `${(used * 100).toFixed(2)}%` }} />
            </span>
            <span className="percent">{percentText(used)}</span>
          </span>
        )}
      </td>
      <td className="right">
        <Size bytes={row.freeBytes} />
      </td>
      <td className="right">
        <Size bytes={row.totalBytes} />
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
