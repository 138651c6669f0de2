import type { Provider, VolumeConstraints } from '../expand/provider.ts';
import { driverOf } from './driver.ts';
import { failureIn } from './failure.ts';

const GIB = 1024n ** 3n;

interface GenericRow {
  readonly driver: string;
  readonly expands: boolean;
  /** Why it does not, as a user reads it; empty when it does. */
  readonly why: string;
}

/**
 * Drivers without a provider of their own. Source: the drivers' own documentation, as collected in Larder's
 * specification (expander.md section 4, November 2026); drivers that are not listed are taken at their class's word.
 */
export const genericDrivers: readonly GenericRow[] = [
  { driver: 'topolvm.io', expands: true, why: '' },
  { driver: 'local.csi.openebs.io', expands: true, why: '' },
  { driver: 'rbd.csi.ceph.com', expands: true, why: '' },
  { driver: 'cephfs.csi.ceph.com', expands: true, why: '' },
  { driver: 'driver.longhorn.io', expands: true, why: '' },
  { driver: 'cinder.csi.openstack.org', expands: true, why: '' },
  { driver: 'csi.vsphere.vmware.com', expands: true, why: '' },
  { driver: 'csi.hetzner.cloud', expands: true, why: '' },
  { driver: 'dobs.csi.digitalocean.com', expands: true, why: '' },
  { driver: 'hostpath.csi.k8s.io', expands: true, why: '' },
  { driver: 'nfs.csi.k8s.io', expands: false, why: 'the driver accepts an expansion and does nothing' },
  { driver: 'rancher.io/local-path', expands: false, why: 'the provisioner has no resizer' },
  {
    driver: 'k8s-sigs.io/nfs-subdir-external-provisioner',
    expands: false,
    why: 'the provisioner has no resizer: let Larder take it over',
  },
];

const constraints: VolumeConstraints = {
  minSize: GIB,
  maxSize: undefined,
  stepSize: GIB,
  volumeType: '',
  modifications: undefined,
};

/** Any CSI driver whose class allows expansion. Whole GiB, because most drivers round up to them. */
export const generic: Provider = {
  name: 'generic',
  async canExpand(volume) {
    const driver = driverOf(volume);
    const row = genericDrivers.find((candidate) => candidate.driver === driver);
    if (!row || row.expands) return { kind: 'yes' };
    return { kind: 'no', reason: `${driver} cannot expand: ${row.why}` };
  },
  async getVolumeConstraints() {
    return constraints;
  },
  async validateExpansion(_volume, newSize) {
    if (newSize % GIB === 0n) return { kind: 'yes' };
    return { kind: 'no', reason: 'sizes are whole GiB' };
  },
  failureOf: (message) => failureIn([], message),
  supportedStorageClasses: () => genericDrivers.filter(({ expands }) => expands).map(({ driver }) => driver),
  defaultConfiguration: () => ({}),
};
