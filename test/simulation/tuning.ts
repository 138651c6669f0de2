/**
 * Periods of the product that only cost the simulation time, and portions that are too large for its small directories:
 * nothing that an invariant speaks of depends on how often they come round, and those that belong together keep their
 * ratio. They are lengthened on the way into the process, as mutants are changed.
 */
import type { Patch } from './patch.ts';

export const tuning: readonly Patch[] = [
  {
    file: 'src/operator/space.ts',
    find: 'const REFRESH_MS = 10_000;',
    replace: 'const REFRESH_MS = 600_000;',
  },
  {
    file: 'src/provision/usage/crawler.ts',
    find: 'const pauseMs = Math.min(intervalMs / 4, 1_000);',
    replace: 'const pauseMs = Math.min(intervalMs / 4, 30_000);',
  },
  {
    file: 'src/provision/quota/keeper.ts',
    find: 'const INTERVAL_MS = 30_000;',
    replace: 'const INTERVAL_MS = 300_000;',
  },
  {
    file: 'src/provision/export/exports.ts',
    find: 'const INTERVAL_MS = 10_000;',
    replace: 'const INTERVAL_MS = 120_000;',
  },
  {
    file: 'src/kube/watch.ts',
    find: 'const ABSENT_MS = { first: 1_000, longest: 30_000 } as const;',
    replace: 'const ABSENT_MS = { first: 1_000, longest: 1_800_000 } as const;',
  },
  { file: 'src/embedded/watch.ts', find: 'const BOOKMARK_MS = 60_000;', replace: 'const BOOKMARK_MS = 300_000;' },
  { file: 'src/kube/stream.ts', find: 'const SILENT_MS = 180_000;', replace: 'const SILENT_MS = 900_000;' },
  { file: 'src/kube/stream.ts', find: 'const SHORTEST_SECONDS = 300;', replace: 'const SHORTEST_SECONDS = 1500;' },
  { file: 'src/kube/stream.ts', find: 'const LONGEST_SECONDS = 600;', replace: 'const LONGEST_SECONDS = 3000;' },
  {
    file: 'src/provision/clone/cloner.ts',
    find: 'const OPERATIONS = 4_000;',
    replace: 'const OPERATIONS = 8;', // a copy takes several slices
  },
];
