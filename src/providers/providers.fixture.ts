/** Volumes as drivers make them, for the tests of this room. */
import type { ProvidedVolume } from '../expand/provider.ts';
import type { PersistentVolume } from '../kube/kinds.ts';

const metadata = { name: 'x', uid: 'x', resourceVersion: '1' };

export function volumeOf(spec: Partial<PersistentVolume['spec']>, provisionedBy?: string): PersistentVolume {
  const annotations: Record<string, string> =
    provisionedBy === undefined ? {} : { 'pv.kubernetes.io/provisioned-by': provisionedBy };
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { ...metadata, annotations },
    spec: { capacity: {}, ...spec },
  };
}

export interface Provision {
  readonly provisioner: string | undefined;
  readonly parameters?: Readonly<Record<string, string>>;
  readonly volume?: PersistentVolume | undefined;
  /** A quantity; default `1Gi`. */
  readonly size?: string;
  readonly attributes?: ProvidedVolume['attributes'];
  readonly volumeType?: string;
}

export function provided(given: Provision): ProvidedVolume {
  const { provisioner, parameters, volume, size = '1Gi', attributes, volumeType } = given;
  return {
    claim: {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { ...metadata, namespace: 'default' },
      spec: { resources: { requests: { storage: size } } },
    },
    volume,
    storageClass:
      provisioner === undefined
        ? undefined
        : {
            apiVersion: 'storage.k8s.io/v1',
            kind: 'StorageClass',
            metadata,
            provisioner,
            ...(parameters ? { parameters } : {}),
          },
    attributes,
    volumeType,
  };
}

export const csi = (driver: string, volumeAttributes?: Readonly<Record<string, string>>): PersistentVolume =>
  volumeOf({ csi: { driver, volumeHandle: 'v', ...(volumeAttributes ? { volumeAttributes } : {}) } });
