import type { ReactNode } from 'react';
import type { ExportRow } from '../../src/operator/api.ts';
import { percentText, sizeText } from '../words/size.ts';
import { Shape } from './shape.tsx';

/** How full the storage behind an export is; unlike a volume it does not grow. */
export function ExportLine({ row }: { readonly row: ExportRow }): ReactNode {
  const used = usedShare(row);
  return (
    <div className="export-line">
      <span className={`light tone-${row.up ? 'ok' : 'danger'}`}>
        <Shape name={row.up ? 'circle' : 'square'} />
        <span className="break light-name">{row.name}</span>
        <span className="visually-hidden">: {row.up ? 'up' : 'down'}</span>
      </span>
      {row.up ? (
        <span className="quiet number">
          {used === undefined ? 'not measured yet' : `${sizeText(row.freeBytes)} free of ${sizeText(row.totalBytes)}`}
        </span>
      ) : (
        <span className="tone-danger">down</span>
      )}
      {used !== undefined && (
        <span className="bar" role="img" aria-label={`${percentText(used)} used`}>
          <span className="bar-used" style={{ width: `${(used * 100).toFixed(2)}%` }} />
        </span>
      )}
      {!row.up && <p className="said">{row.detail}</p>}
    </div>
  );
}

/** Undefined while its size is not known. */
export function usedShare({ freeBytes, totalBytes }: ExportRow): number | undefined {
  if (freeBytes === '' || totalBytes === '' || totalBytes === '0') return undefined;
  return 1 - Number(freeBytes) / Number(totalBytes);
}
