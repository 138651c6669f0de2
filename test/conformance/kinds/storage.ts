/** Classes, drivers and attachments of storage. */
import type { KindCase } from './kind-case.ts';

const PATH = '/apis/storage.k8s.io/v1';

export const storage: Readonly<Record<string, KindCase>> = {
  volumeattributesclass: {
    path: `${PATH}/volumeattributesclasses`,
    sample: { driverName: 'disk.example.com', parameters: { iops: '100' } },
    // whoever protects it would put it back
    replacement: {
      metadata: { finalizers: ['kubernetes.io/vac-protection'] },
      driverName: 'disk.example.com',
      parameters: { iops: '100' },
    },
    merge: { metadata: { labels: { a: 'b' } } },
    wrong: { 'without a driver': { parameters: { a: 'b' } }, 'without parameters': { driverName: 'disk.example.com' } },
    wrongChanges: {
      'of the parameters': { parameters: { iops: '200' } },
      'of the driver': { driverName: 'other.example.com' },
    },
  },
  csidriver: {
    path: `${PATH}/csidrivers`,
    sample: { spec: {} },
    variants: {
      'with much said': {
        spec: {
          attachRequired: false,
          podInfoOnMount: true,
          storageCapacity: true,
          fsGroupPolicy: 'File',
          volumeLifecycleModes: ['Ephemeral', 'Persistent'],
          tokenRequests: [{ audience: 'a' }, { audience: 'b', expirationSeconds: 3600 }],
          requiresRepublish: true,
        },
      },
    },
    merge: { spec: { requiresRepublish: true } },
    applied: { spec: { seLinuxMount: true } },
    wrong: {
      'with an unknown policy': { spec: { fsGroupPolicy: 'Maybe' } },
      'with an unknown mode': { spec: { volumeLifecycleModes: ['Sometimes'] } },
      'with a name that is none': { metadata: { name: 'a_driver' }, spec: {} },
    },
    wrongChanges: { 'of how it is attached': { spec: { attachRequired: false } } },
  },
  csinode: {
    path: `${PATH}/csinodes`,
    sample: { spec: { drivers: [{ name: 'disk.example.com', nodeID: 'one', topologyKeys: ['zone'] }] } },
    merge: { metadata: { labels: { a: 'b' } } },
    applied: { spec: { drivers: [{ name: 'other.example.com', nodeID: 'two' }] } },
    wrong: {
      'with a driver without a name': { spec: { drivers: [{ name: '', nodeID: 'x' }] } },
      'without drivers': { spec: {} },
    },
    wrongChanges: {
      'of a driver’s id': {
        spec: { drivers: [{ name: 'disk.example.com', nodeID: 'other', topologyKeys: ['zone'] }] },
      },
    },
  },
  csistoragecapacity: {
    path: `${PATH}/namespaces/NS/csistoragecapacities`,
    sample: { storageClassName: 'disk', capacity: '100Gi', nodeTopology: { matchLabels: { zone: 'a' } } },
    variants: { 'that knows little': { storageClassName: 'disk' } },
    merge: { capacity: '2048Mi', maximumVolumeSize: '1Gi' },
    wrong: {
      'without a class': { capacity: '1Gi' },
      'with less than nothing': { storageClassName: 'disk', capacity: '-1Gi' },
    },
    wrongChanges: { 'of the class': { storageClassName: 'other' } },
  },
  volumeattachment: {
    path: `${PATH}/volumeattachments`,
    managed: true,
    sample: {
      spec: { attacher: 'disk.example.com', nodeName: 'nowhere', source: { persistentVolumeName: 'nothing' } },
    },
    merge: { metadata: { labels: { a: 'b' } } },
    status: { status: { attached: true, attachmentMetadata: { a: 'b' } } },
    wrong: {
      'without a node': { spec: { attacher: 'disk.example.com', source: { persistentVolumeName: 'x' } } },
      'without a volume': { spec: { attacher: 'disk.example.com', nodeName: 'x', source: {} } },
      'without an attacher': { spec: { nodeName: 'x', source: { persistentVolumeName: 'x' } } },
    },
    wrongChanges: { 'of the node': { spec: { nodeName: 'elsewhere' } } },
  },
};
