import type { Provider, VolumeConstraints } from '../expand/provider.ts';

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
