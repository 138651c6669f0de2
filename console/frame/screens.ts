import type { IconName } from './icon.tsx';
import type { View } from './route.ts';

export interface Screen {
  readonly view: View['kind'];
  readonly path: string;
  readonly name: string;
  readonly icon: IconName;
  /** After `g`. */
  readonly key: string;
}

/** What the rail shows, in its order. */
export const screens: readonly Screen[] = [
  { view: 'overview', path: '/', name: 'Overview', icon: 'overview', key: 'o' },
  { view: 'volumes', path: '/volumes', name: 'Volumes', icon: 'volumes', key: 'v' },
  { view: 'exports', path: '/exports', name: 'Exports', icon: 'exports', key: 'e' },
  { view: 'trash', path: '/trash', name: 'Trash', icon: 'trash', key: 't' },
  { view: 'setup', path: '/setup', name: 'Setup', icon: 'setup', key: 's' },
];
