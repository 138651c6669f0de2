/** Objects that are on the cluster before a reader begins. */
import { PEER } from '../e2e/peer-volumes.ts';

export const namespace = (name: string): object => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });

interface ClaimOf {
  readonly name: string;
  readonly namespace?: string;
  readonly storageClassName: string;
  readonly size?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

export const claim = ({
  name,
  namespace = 'default',
  storageClassName,
  size = '10Gi',
  annotations = {},
}: ClaimOf): object => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name, namespace, annotations },
  spec: { accessModes: ['ReadWriteMany'], storageClassName, resources: { requests: { storage: size } } },
});

export const deployment = (name: string, namespaceOf: string, volumes: readonly object[]): object => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: namespaceOf },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { containers: [{ name: 'main', image: 'example.org/main' }], volumes },
    },
  },
});

/** Its pods are made and run nowhere. */
export const statefulSet = {
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name: 'db', namespace: 'shop' },
  spec: {
    replicas: 3,
    serviceName: 'db',
    podManagementPolicy: 'Parallel',
    selector: { matchLabels: { app: 'db' } },
    template: {
      metadata: { labels: { app: 'db' } },
      spec: { containers: [{ name: 'db', image: 'example.org/db' }] },
    },
    volumeClaimTemplates: [
      {
        metadata: { name: 'data' },
        spec: {
          accessModes: ['ReadWriteOnce'],
          storageClassName: 'larder',
          resources: { requests: { storage: '10Gi' } },
        },
      },
    ],
  },
};

export const storageClass = (
  name: string,
  parameters: Readonly<Record<string, string>>,
  more: object = {},
): object => ({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name },
  provisioner: 'larder.dev/directory',
  allowVolumeExpansion: true,
  parameters,
  ...more,
});

const peerEnvironment = { PROVISIONER_NAME: PEER, NFS_SERVER: '127.0.0.1', NFS_PATH: '/storage/v' };

/** Stopped already, as the steps that `larder takeover` prints say; nothing runs pods here. */
export const peer = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'nfs-client-provisioner', namespace: 'default' },
  spec: {
    replicas: 0,
    selector: { matchLabels: { app: 'nfs-client-provisioner' } },
    template: {
      metadata: { labels: { app: 'nfs-client-provisioner' } },
      spec: {
        containers: [
          {
            name: 'provisioner',
            image: 'example.org/nfs-subdir-external-provisioner:v4.0.2',
            env: Object.entries(peerEnvironment).map(([name, value]) => ({ name, value })),
            volumeMounts: [{ name: 'root', mountPath: '/persistentvolumes' }],
          },
        ],
        volumes: [{ name: 'root', nfs: { server: '127.0.0.1', path: '/storage/v' } }],
      },
    },
  },
};
