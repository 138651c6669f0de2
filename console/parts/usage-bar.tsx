import type { ReactNode } from 'react';
import type { VolumeRow } from '../../src/operator/api.ts';
import { percentText, sizeText } from '../words/size.ts';
import { stateLook } from '../words/state.ts';
import { exactTime } from '../words/time.ts';

interface Properties {
  readonly row: VolumeRow;
  /** With the figures under it, for the page of one volume. */
  readonly tall?: boolean;
  /** Bytes beyond which it does not grow; undefined: not known here, or there is none. */
  readonly maximum?: string | undefined;
}

const share = (part: number): string => `${Math.min(100, Math.max(0, part * 100)).toFixed(2)}%`;

/** Used, what is expected until it may grow again, and the threshold; what is not known is dashed and never reads as empty. */
export function UsageBar({ row, tall = false, maximum }: Properties): ReactNode {
  const { usedRatio, thresholdRatio } = row;
  const usage = tall ? 'usage usage-tall' : 'usage';
  if (usedRatio === undefined) {
    const why = row.phase === 'Bound' ? 'not measured yet' : `${row.phase.toLowerCase()}, not in use`;
    return (
      <span className={usage}>
        <span className="bar bar-unknown" role="img" aria-label={why} title={why} />
        <span className="percent quiet">{tall ? why : '—'}</span>
      </span>
    );
  }
  const { tone } = stateLook(row);
  const expected = aheadRatio(row);
  const label = `${percentText(usedRatio)} used, ${sizeText(row.used)} of ${sizeText(row.capacity || row.request)}`;
  const end = maximumRatio(row, maximum);
  const grows = thresholdRatio === undefined ? 'does not grow by itself' : `grows at ${percentText(thresholdRatio)}`;
  const said = `${label}; ${grows}${end === undefined ? '' : `, and not beyond ${sizeText(maximum ?? '')}`}`;
  return (
    <span
      className={usage}
      title={row.measuredAt === undefined ? said : `${said}; measured ${exactTime(row.measuredAt)}`}
    >
      <span className={`bar${tall ? ' bar-tall' : ''} tone-${tone}`} role="img" aria-label={said}>
        {expected > usedRatio && <span className="bar-ahead" style={{ width: share(expected) }} />}
        <span className="bar-used" style={{ width: share(usedRatio) }} />
        {thresholdRatio !== undefined && <span className="bar-tick" style={{ left: share(thresholdRatio) }} />}
        {end !== undefined && <span className="bar-tick bar-end" style={{ left: share(end) }} />}
      </span>
      <span className="percent">{percentText(usedRatio)}</span>
    </span>
  );
}

/** Used and what is expected on top of it, of the size; 0 where that is not known. */
function aheadRatio({ ahead, used, capacity, request }: VolumeRow): number {
  const size = Number(capacity === '' ? request : capacity);
  return ahead === undefined || size === 0 ? 0 : (Number(used) + Number(ahead)) / size;
}

/** Where on the bar its growth ends; undefined: beyond what is there now. */
function maximumRatio({ capacity, request }: VolumeRow, maximum: string | undefined): number | undefined {
  const size = Number(capacity === '' ? request : capacity);
  if (maximum === undefined || size === 0) return undefined;
  const ratio = Number(maximum) / size;
  return ratio <= 1 ? ratio : undefined;
}
