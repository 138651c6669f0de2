import type { RightName } from '../../src/operator/access/need.ts';
import type { IconName } from './icon.tsx';
import type { View } from './route.ts';

export interface Screen {
  readonly view: View['kind'];
  readonly path: string;
  readonly name: string;
  readonly icon: IconName;
  /** After `g`. */
  readonly key: string;
  /** Without it there is nothing to see; absent: it shows what the person may see. */
  readonly needs?: RightName;
}

/** What the rail shows, in its order. */
export const screens: readonly Screen[] = [
  { view: 'overview', path: '/', name: 'Overview', icon: 'overview', key: 'o' },
  { view: 'volumes', path: '/volumes', name: 'Volumes', icon: 'volumes', key: 'v' },
  { view: 'policies', path: '/policies', name: 'Policies', icon: 'policies', key: 'p' },
  { view: 'exports', path: '/exports', name: 'Exports', icon: 'exports', key: 'e', needs: 'see storage' },
  { view: 'trash', path: '/trash', name: 'Trash', icon: 'trash', key: 't', needs: 'see storage' },
  { view: 'nomad', path: '/nomad', name: 'Nomad', icon: 'nomad', key: 'n' },
  { view: 'cluster', path: '/cluster', name: 'Cluster', icon: 'cluster', key: 'c', needs: 'see nodes' },
  { view: 'changes', path: '/changes', name: 'Changes', icon: 'changes', key: 'h', needs: 'see ledger' },
  { view: 'ledger', path: '/ledger', name: 'Ledger', icon: 'ledger', key: 'l', needs: 'see ledger' },
  { view: 'setup', path: '/setup', name: 'Setup', icon: 'setup', key: 's', needs: 'see storage' },
];
