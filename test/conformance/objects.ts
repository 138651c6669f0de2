/** Small objects that the suite makes, and where they live. */

export interface Claim {
  readonly name: string;
  readonly size?: string;
  readonly spec?: object;
  readonly metadata?: object;
}

export function claim({ name, size = '1Gi', spec = {}, metadata = {} }: Claim): object {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name, ...metadata },
    spec: {
      accessModes: ['ReadWriteMany'],
      storageClassName: '',
      resources: { requests: { storage: size } },
      ...spec,
    },
  };
}

export function configMap(name: string, data: Record<string, string> = {}, metadata: object = {}): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...metadata }, data };
}

export function claims(namespace: string, name = ''): string {
  return `/api/v1/namespaces/${namespace}/persistentvolumeclaims${name && `/${name}`}`;
}

export function configMaps(namespace: string, name = ''): string {
  return `/api/v1/namespaces/${namespace}/configmaps${name && `/${name}`}`;
}

export const volumes = (name = ''): string => `/api/v1/persistentvolumes${name && `/${name}`}`;
export const storageClasses = (name = ''): string => `/apis/storage.k8s.io/v1/storageclasses${name && `/${name}`}`;

export const MERGE = { 'content-type': 'application/merge-patch+json' };
export const JSON_PATCH = { 'content-type': 'application/json-patch+json' };
export const STRATEGIC = { 'content-type': 'application/strategic-merge-patch+json' };
export const APPLY = { 'content-type': 'application/apply-patch+yaml' };
