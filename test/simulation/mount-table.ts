/** Stands in for src/provision/quota/mount-table.ts while a simulation runs (see hooks.ts): its exports are on XFS. */
import type { Mounted } from '../../src/provision/quota/mount-table.ts';

export const findMount = (_table: string, _id: string): Mounted => ({
  point: '/persistentvolumes',
  fileSystem: 'xfs',
  source: '/dev/sdb1',
  options: ['rw', 'prjquota'],
});
