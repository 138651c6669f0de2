import type { ReactNode } from 'react';

/** Drawn, because no font has all of them. The word beside a shape says the same. */
const shapes = {
  circle: <circle cx="6" cy="6" r="4" fill="currentColor" />,
  diamond: <path d="M6 1 11 6 6 11 1 6z" fill="currentColor" />,
  triangle: <path d="M6 1.5 11.2 10.5H.8z" fill="currentColor" />,
  square: <path d="M2 2h8v8H2z" fill="currentColor" />,
  dashed: <circle cx="6" cy="6" r="4" fill="none" stroke="currentColor" strokeWidth="1.6" strokeDasharray="2.1 2.1" />,
  bars: <path d="M2.5 2h2.6v8H2.5zM6.9 2h2.6v8H6.9z" fill="currentColor" />,
} as const;

export type ShapeName = keyof typeof shapes;

export function Shape({ name }: { readonly name: ShapeName }): ReactNode {
  return (
    <svg className="shape" viewBox="0 0 12 12" width="10" height="10" aria-hidden="true">
      {shapes[name]}
    </svg>
  );
}
