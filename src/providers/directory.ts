import type { Provider, VolumeConstraints } from '../expand/provider.ts';
import type { Evidence } from './driver-row.ts';

const MIB = 1024n ** 2n;

/**
 * Directories of Larder's own provisioner grow by raising their limit; no block is allocated. The maximum is what the
 * export or disk has left, which a decision gets as headroom, because it changes with every write.
 */
const constraints: VolumeConstraints = {
  minSize: MIB,
  maxSize: undefined,
  stepSize: MIB,
  volumeType: '',
  modifications: undefined,
};

interface DirectoryRow {
  readonly name: 'nfs' | 'local';
  readonly keeps: string;
  readonly evidence: Evidence;
  /** From the root of this repository: both are Larder's own. */
  readonly source: string;
}

/** For the reference page. */
export const directoryRows: readonly DirectoryRow[] = [
  { name: 'nfs', keeps: 'directories of a shared export', evidence: 'source code', source: 'src/provision/resize.ts' },
  {
    name: 'local',
    keeps: 'directories on a disk of a node',
    evidence: 'source code',
    source: 'src/provision/resize.ts',
  },
];

/** What `nfs` and `local` share. `provisioners` are the names that Larder itself answers to. */
export function directoryProvider(name: 'nfs' | 'local', provisioners: readonly string[]): Provider {
  return {
    name,
    async canExpand() {
      return { kind: 'yes' };
    },
    async getVolumeConstraints() {
      return constraints;
    },
    async validateExpansion(_volume, newSize) {
      if (newSize >= MIB && newSize % MIB === 0n) return { kind: 'yes' };
      return { kind: 'no', reason: 'sizes are whole MiB' };
    },
    supportedStorageClasses: () => provisioners,
    defaultConfiguration: () => ({}),
  };
}
