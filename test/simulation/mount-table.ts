/** Stands in for src/provision/quota/mount-table.ts while a simulation runs (see hooks.ts): what its exports are on. */
import type { Mounted } from '../../src/provision/quota/mount-table.ts';
import type { Counting } from './server.ts';

/** What of the GlusterFS volume is mounted, and where it is. */
export const GLUSTER = { host: 'gluster-1', volume: 'tank', prefix: '/shared' } as const;

const mounts: Readonly<Record<Counting, Mounted>> = {
  xfs: {
    point: '/persistentvolumes',
    fileSystem: 'xfs',
    source: '/dev/sdb1',
    options: ['rw', 'prjquota'],
  },
  ext4: {
    point: '/second',
    fileSystem: 'ext4',
    source: '/dev/sdc1',
    options: ['rw', 'prjquota'],
  },
  glusterfs: {
    point: '/second',
    fileSystem: 'fuse.glusterfs',
    source: `${GLUSTER.host}:/${GLUSTER.volume}${GLUSTER.prefix}`,
    options: ['rw'],
  },
};

/** `id`: as the stand-in for descriptors gives it. */
export const findMount = (_table: string, id: string): Mounted | undefined =>
  Object.entries(mounts).find(([counting]) => counting === id)?.[1];
