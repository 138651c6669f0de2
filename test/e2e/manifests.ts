/** The objects that tests write, as small as the API takes them; `spec` overrides. */

export const namespace = (name: string): object => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
export const storageClass = (name: string, volumeBindingMode = 'Immediate', annotations = {}): object => ({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name, annotations },
  provisioner: 'example.org/disk',
  reclaimPolicy: 'Retain',
  allowVolumeExpansion: true,
  volumeBindingMode,
});
export const claim = (place: string, name: string, spec: object = {}, labels: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name, namespace: place, labels },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, storageClassName: '', ...spec },
});
export const volume = (name: string, spec: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name },
  spec: {
    capacity: { storage: '1Gi' },
    accessModes: ['ReadWriteOnce'],
    persistentVolumeReclaimPolicy: 'Retain',
    storageClassName: '',
    nfs: { server: '127.0.0.1', path: `/storage/${name}` },
    ...spec,
  },
});
export const pod = (place: string, name: string, claimName: string): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: place },
  spec: {
    containers: [{ name: 'main', image: 'example.org/image:1', volumeMounts: [{ name: 'data', mountPath: '/data' }] }],
    volumes: [{ name: 'data', persistentVolumeClaim: { claimName } }],
  },
});
