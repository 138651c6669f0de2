/** The kinds that are served. A new one is a row here, with its rules in kinds/. */
import { age } from './age.ts';
import { at, textAt } from './json.ts';
import type { Column, Kind } from './kind.ts';
import { claimColumns, claimRules, claimWideColumns } from './kinds/claim.ts';
import { configMapColumns, configMapRules, secretColumns, secretRules } from './kinds/configuration.ts';
import { eventColumns, eventFields, eventRules } from './kinds/event.ts';
import { leaseColumns, leaseRules } from './kinds/lease.ts';
import { namespaceColumns, namespaceRules } from './kinds/namespace.ts';
import { nodeColumns, nodeLaterColumns } from './kinds/node.ts';
import { podColumns, podRules, podWideColumns } from './kinds/pod.ts';
import { quotaColumns, quotaRules } from './kinds/resource-quota.ts';
import { isDefaultClass, storageClassColumns, storageClassRules } from './kinds/storage-class.ts';
import { volumeColumns, volumeRules, volumeWideColumns } from './kinds/volume.ts';
import { isLabel, isSubdomain } from './names.ts';

const NAME: Column = {
  name: 'Name',
  format: 'name',
  description: 'Name must be unique within a namespace.',
  cell: (object) => textAt(object, 'metadata', 'name') ?? '',
};

const CLASS_NAME: Column = {
  ...NAME,
  cell: (object) => `${textAt(object, 'metadata', 'name') ?? ''}${isDefaultClass(object) ? ' (default)' : ''}`,
};

const AGE: Column = {
  name: 'Age',
  description: 'CreationTimestamp is a timestamp representing the server time when this object was created.',
  cell: (object, nowMs) => age(textAt(object, 'metadata', 'creationTimestamp'), nowMs),
};

const CORE = 'io.k8s.api.core.v1';

/** What most core kinds have in common. */
const core = {
  group: '',
  version: 'v1',
  categories: [],
  subresources: [],
  shortNames: [],
  namespaced: true,
  nameRule: isSubdomain,
  counted: false,
  returnsDeleted: false,
  fields: {},
  rules: {},
} satisfies Partial<Kind>;

export const kinds: readonly Kind[] = [
  {
    ...core,
    plural: 'configmaps',
    singular: 'configmap',
    kind: 'ConfigMap',
    shortNames: ['cm'],
    schema: `${CORE}.ConfigMap`,
    rules: configMapRules,
    columns: [NAME, ...configMapColumns, AGE],
  },
  {
    ...core,
    plural: 'events',
    singular: 'event',
    kind: 'Event',
    shortNames: ['ev'],
    schema: `${CORE}.Event`,
    fields: eventFields,
    rules: eventRules,
    columns: eventColumns,
  },
  {
    ...core,
    plural: 'namespaces',
    singular: 'namespace',
    kind: 'Namespace',
    shortNames: ['ns'],
    namespaced: false,
    subresources: ['finalize', 'status'],
    schema: `${CORE}.Namespace`,
    nameRule: isLabel,
    returnsDeleted: true,
    fields: { 'status.phase': (namespace) => textAt(namespace, 'status', 'phase') },
    rules: namespaceRules,
    columns: [NAME, ...namespaceColumns, AGE],
  },
  {
    ...core,
    plural: 'nodes',
    singular: 'node',
    kind: 'Node',
    shortNames: ['no'],
    namespaced: false,
    subresources: ['status'],
    schema: `${CORE}.Node`,
    columns: [NAME, ...nodeColumns, AGE, ...nodeLaterColumns],
  },
  {
    ...core,
    plural: 'persistentvolumeclaims',
    singular: 'persistentvolumeclaim',
    kind: 'PersistentVolumeClaim',
    shortNames: ['pvc'],
    subresources: ['status'],
    schema: `${CORE}.PersistentVolumeClaim`,
    returnsDeleted: true,
    rules: claimRules,
    columns: [NAME, ...claimColumns, AGE, ...claimWideColumns],
  },
  {
    ...core,
    plural: 'persistentvolumes',
    singular: 'persistentvolume',
    kind: 'PersistentVolume',
    shortNames: ['pv'],
    namespaced: false,
    subresources: ['status'],
    schema: `${CORE}.PersistentVolume`,
    returnsDeleted: true,
    rules: volumeRules,
    columns: [NAME, ...volumeColumns, AGE, ...volumeWideColumns],
  },
  {
    ...core,
    plural: 'pods',
    singular: 'pod',
    kind: 'Pod',
    shortNames: ['po'],
    categories: ['all'],
    subresources: ['binding', 'status'],
    schema: `${CORE}.Pod`,
    counted: true,
    returnsDeleted: true,
    fields: {
      'spec.nodeName': (pod) => textAt(pod, 'spec', 'nodeName'),
      'spec.restartPolicy': (pod) => textAt(pod, 'spec', 'restartPolicy'),
      'spec.schedulerName': (pod) => textAt(pod, 'spec', 'schedulerName'),
      'spec.serviceAccountName': (pod) => textAt(pod, 'spec', 'serviceAccountName'),
      'spec.hostNetwork': (pod) => String(at(pod, 'spec', 'hostNetwork') === true),
      'status.phase': (pod) => textAt(pod, 'status', 'phase'),
      'status.podIP': (pod) => textAt(pod, 'status', 'podIP'),
      'status.nominatedNodeName': (pod) => textAt(pod, 'status', 'nominatedNodeName'),
    },
    rules: podRules,
    columns: [NAME, ...podColumns, AGE, ...podWideColumns],
  },
  {
    ...core,
    plural: 'resourcequotas',
    singular: 'resourcequota',
    kind: 'ResourceQuota',
    shortNames: ['quota'],
    subresources: ['status'],
    schema: `${CORE}.ResourceQuota`,
    returnsDeleted: true,
    rules: quotaRules,
    columns: [NAME, ...quotaColumns, AGE],
  },
  {
    ...core,
    plural: 'secrets',
    singular: 'secret',
    kind: 'Secret',
    schema: `${CORE}.Secret`,
    fields: { type: (secret) => textAt(secret, 'type') },
    rules: secretRules,
    columns: [NAME, ...secretColumns, AGE],
  },
  {
    ...core,
    plural: 'serviceaccounts',
    singular: 'serviceaccount',
    kind: 'ServiceAccount',
    shortNames: ['sa'],
    schema: `${CORE}.ServiceAccount`,
    returnsDeleted: true,
    columns: [NAME, AGE],
  },
  {
    ...core,
    group: 'coordination.k8s.io',
    plural: 'leases',
    singular: 'lease',
    kind: 'Lease',
    schema: 'io.k8s.api.coordination.v1.Lease',
    rules: leaseRules,
    columns: [NAME, ...leaseColumns, AGE],
  },
  {
    ...core,
    group: 'storage.k8s.io',
    plural: 'storageclasses',
    singular: 'storageclass',
    kind: 'StorageClass',
    shortNames: ['sc'],
    namespaced: false,
    schema: 'io.k8s.api.storage.v1.StorageClass',
    returnsDeleted: true,
    rules: storageClassRules,
    columns: [CLASS_NAME, ...storageClassColumns, AGE],
  },
];

/** What the store files a kind's objects under. */
export function shelfName({ group, plural }: { readonly group: string; readonly plural: string }): string {
  return group === '' ? plural : `${plural}.${group}`;
}

export const NAMESPACES = 'namespaces';
export const CLAIMS = 'persistentvolumeclaims';
export const VOLUMES = 'persistentvolumes';
export const STORAGE_CLASSES = 'storageclasses.storage.k8s.io';
export const QUOTAS = 'resourcequotas';
export const EVENTS = 'events';
export const SERVICE_ACCOUNTS = 'serviceaccounts';

const byAddress = new Map(kinds.map((kind) => [`${kind.group}/${kind.version}/${kind.plural}`, kind]));

export function findKind(group: string, version: string, plural: string): Kind | undefined {
  return byAddress.get(`${group}/${version}/${plural}`);
}
