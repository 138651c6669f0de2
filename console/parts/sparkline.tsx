import type { ReactNode } from 'react';
import type { Point } from '../live/recent.ts';

const WIDTH = 88;
const HEIGHT = 20;
const INSET = 2;

/** Used bytes over time, from the least to the most of them; the figures stand beside it, so it is no picture to be read out. */
export function Sparkline({ points }: { readonly points: readonly Point[] }): ReactNode {
  const first = points[0];
  const last = points.at(-1);
  if (!first || !last || last[0] === first[0]) return <span className="spark quiet">—</span>;
  const used = points.map(([, value]) => value);
  const low = Math.min(...used);
  const span = Math.max(...used) - low;
  const x = (at: number): number => INSET + ((at - first[0]) / (last[0] - first[0])) * (WIDTH - 2 * INSET);
  // What does not change is a line through the middle, not one at the bottom, which would read as empty.
  const y = (value: number): number =>
    span === 0 ? HEIGHT / 2 : HEIGHT - INSET - ((value - low) / span) * (HEIGHT - 2 * INSET);
  const path = points.map(([at, value]) => `${x(at).toFixed(1)},${y(value).toFixed(1)}`).join(' ');
  return (
    <svg className="spark" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} width={WIDTH} height={HEIGHT} aria-hidden="true">
      <polyline points={path} fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinejoin="round" />
    </svg>
  );
}
