import type { Provider, VolumeConstraints } from '../expand/provider.ts';
import { driverOf } from './driver.ts';
import type { Evidence } from './driver-row.ts';
import { failureIn } from './failure.ts';

const GIB = 1024n ** 3n;

interface GenericRow {
  readonly driver: string;
  readonly expands: boolean;
  /** Why it does not, as a user reads it; empty when it does. */
  readonly why: string;
  readonly evidence: Evidence;
  /** An address and the month in which it was read. */
  readonly source: string;
}

/** The drivers' maintainers list there what their drivers can. */
const LIST = 'kubernetes-csi.github.io/docs/drivers.html, 2026-11';

/** Drivers without a provider of their own. One that is not listed is taken at its class's word. */
export const genericDrivers: readonly GenericRow[] = [
  expands('topolvm.io', 'documented', 'github.com/topolvm/topolvm, README, 2026-11'),
  expands('local.csi.openebs.io', 'documented', 'github.com/openebs/lvm-localpv, README, 2026-11'),
  expands('rbd.csi.ceph.com', 'documented', LIST),
  expands('cephfs.csi.ceph.com', 'documented', LIST),
  expands('driver.longhorn.io', 'documented', 'longhorn.io/docs/1.12.0/nodes-and-volumes/volumes/expansion, 2026-11'),
  expands('cinder.csi.openstack.org', 'documented', LIST),
  expands('csi.vsphere.vmware.com', 'documented', `block volumes: ${LIST}`),
  expands('csi.hetzner.cloud', 'documented', LIST),
  expands('dobs.csi.digitalocean.com', 'documented', LIST),
  expands(
    'hostpath.csi.k8s.io',
    'source code',
    'github.com/kubernetes-csi/csi-driver-host-path, pkg/hostpath/controllerserver.go, 2026-11',
  ),
  {
    driver: 'nfs.csi.k8s.io',
    expands: false,
    why: 'the driver accepts an expansion and does nothing',
    evidence: 'source code',
    source: 'github.com/kubernetes-csi/csi-driver-nfs, pkg/nfs/controllerserver.go, 2026-11',
  },
  {
    driver: 'rancher.io/local-path',
    expands: false,
    why: 'the provisioner has no resizer',
    evidence: 'issue',
    source: 'github.com/rancher/local-path-provisioner, #190 and #107, 2026-11',
  },
  {
    driver: 'k8s-sigs.io/nfs-subdir-external-provisioner',
    expands: false,
    why: 'the provisioner has no resizer: let Larder take it over',
    evidence: 'issue',
    source: 'github.com/kubernetes-sigs/nfs-subdir-external-provisioner, #135 and #217, 2026-11',
  },
];

function expands(driver: string, evidence: Evidence, source: string): GenericRow {
  return { driver, expands: true, why: '', evidence, source };
}

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
