import type { ReactNode } from 'react';

/** Drawn on a grid of 16, as strokes of the text's colour. */
const paths = {
  overview: 'M2 8h3l2-5 3 10 2-5h2',
  volumes: 'M2 4.5c0-3.3 12-3.3 12 0s-12 3.3-12 0v7c0 3.3 12 3.3 12 0v-7M2 8c0 3.3 12 3.3 12 0',
  policies: 'M3 2h7l3 3v9H3zM5.5 7h5M5.5 9.5h5M5.5 12h3',
  exports: 'M2 3h12v4H2zM2 9h12v4H2zM4.5 5h.01M4.5 11h.01',
  trash: 'M3 4h10M6 4V2.5h4V4M4.5 4l.5 9.5h6l.5-9.5M7 6.5v4.5M9 6.5v4.5',
  nomad: 'M2 3h4.5v10H2zM9 8h5M12 6l2 2-2 2',
  cluster: 'M5.5 2h5v4h-5zM2 10h4.5v4H2zM9.5 10H14v4H9.5zM8 6v2M4.2 10V8h7.6v2',
  changes: 'M4 2.5v11M1.5 11 4 13.5 6.5 11M12 13.5v-11M9.5 5 12 2.5 14.5 5',
  ledger: 'M3 2.5h8.5a1.5 1.5 0 0 1 1.5 1.5v9.5H4.5A1.5 1.5 0 0 1 3 12zM3 12a1.5 1.5 0 0 1 1.5-1.5H13M6 5.5h4',
  setup: 'M2 4h7M12 4h2M2 8h2M7 8h7M2 12h6M11 12h3M10.5 2.5v3M5.5 6.5v3M9.5 10.5v3',
  search: 'M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9M10.5 10.5 14 14',
  leave: 'M7 2.5H3v11h4M6.5 8H14M11 5l3 3-3 3',
  theme: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2M8 2v12M10.5 2.7v10.6M13 5v6',
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name }: { readonly name: IconName }): ReactNode {
  return (
    <svg className="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      <path
        d={paths[name]}
        fill="none"
        stroke="currentColor"
        strokeWidth="1.4"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}
