/** Readers of the narrow types in kinds.ts, without the metadata that all objects share. */
import type {
  Condition,
  ConfigMap,
  Event,
  LabelSelector,
  Lease,
  Namespace,
  Node,
  ObjectReference,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  ResourceQuota,
  Secret,
  StorageClass,
  VolumeAttributesClass,
} from './kinds.ts';
import type { KubeObject } from './object.ts';
import {
  flag,
  identifier,
  integer,
  isObject,
  listOf,
  object,
  oneOf,
  type Reader,
  repeated,
  required,
  shared,
  stringMap,
  text,
} from './reader.ts';

const quantities = shared(stringMap(repeated));
const accessModes = shared(listOf(oneOf('ReadWriteOnce', 'ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOncePod')));
const volumeMode = oneOf('Filesystem', 'Block');
const reclaimPolicy = oneOf('Retain', 'Delete', 'Recycle');

const conditions = listOf(
  object<Condition>({
    type: required(repeated),
    status: required(oneOf('True', 'False', 'Unknown')),
    reason: repeated,
    message: repeated,
    lastTransitionTime: repeated,
    lastProbeTime: repeated,
    observedGeneration: integer,
  }),
);

const objectReference = object<ObjectReference>({
  apiVersion: repeated,
  kind: repeated,
  namespace: repeated,
  name: identifier,
  uid: identifier,
  resourceVersion: text,
  fieldPath: repeated,
});

type Expression = NonNullable<LabelSelector['matchExpressions']>[number];
const labelSelector = object<LabelSelector>({
  matchLabels: stringMap(repeated),
  matchExpressions: listOf(
    object<Expression>({
      key: required(repeated),
      operator: required(oneOf('In', 'NotIn', 'Exists', 'DoesNotExist')),
      values: listOf(repeated),
    }),
  ),
});

type ClaimSpec = PersistentVolumeClaim['spec'];
export const claim = object<Omit<PersistentVolumeClaim, keyof KubeObject>>({
  spec: required(
    object<ClaimSpec>({
      accessModes,
      storageClassName: repeated,
      volumeName: identifier,
      volumeMode,
      selector: labelSelector,
      resources: required(
        shared(object<ClaimSpec['resources']>({ requests: required(quantities, {}), limits: quantities })),
        {
          requests: {},
        },
      ),
      dataSource: object<NonNullable<ClaimSpec['dataSource']>>({
        apiGroup: repeated,
        kind: required(repeated),
        name: required(text),
      }),
      dataSourceRef: object<NonNullable<ClaimSpec['dataSourceRef']>>({
        apiGroup: repeated,
        kind: required(repeated),
        name: required(text),
        namespace: repeated,
      }),
      volumeAttributesClassName: repeated,
    }),
  ),
  status: shared(
    object<NonNullable<PersistentVolumeClaim['status']>>({
      phase: oneOf('Pending', 'Bound', 'Lost'),
      accessModes,
      capacity: quantities,
      allocatedResources: quantities,
      allocatedResourceStatuses: stringMap(repeated),
      conditions,
    }),
  ),
});

type VolumeSpec = PersistentVolume['spec'];
type RequiredAffinity = NonNullable<NonNullable<VolumeSpec['nodeAffinity']>['required']>;
type NodeTerm = RequiredAffinity['nodeSelectorTerms'][number];
const nodeTerm = object<NodeTerm>({
  matchExpressions: listOf(
    object<NonNullable<NodeTerm['matchExpressions']>[number]>({
      key: required(repeated),
      operator: required(repeated),
      values: listOf(repeated),
    }),
  ),
});

export const volume = object<Omit<PersistentVolume, keyof KubeObject>>({
  spec: required(
    object<VolumeSpec>({
      capacity: required(quantities, {}),
      accessModes,
      persistentVolumeReclaimPolicy: reclaimPolicy,
      storageClassName: repeated,
      mountOptions: listOf(repeated),
      volumeMode,
      claimRef: objectReference,
      nfs: object<NonNullable<VolumeSpec['nfs']>>({ server: required(repeated), path: required(text), readOnly: flag }),
      local: object<NonNullable<VolumeSpec['local']>>({ path: required(text), fsType: repeated }),
      hostPath: object<NonNullable<VolumeSpec['hostPath']>>({ path: required(text), type: repeated }),
      csi: object<NonNullable<VolumeSpec['csi']>>({
        driver: required(repeated),
        volumeHandle: required(text),
        volumeAttributes: stringMap(text),
      }),
      awsElasticBlockStore: object<NonNullable<VolumeSpec['awsElasticBlockStore']>>({ volumeID: required(text) }),
      gcePersistentDisk: object<NonNullable<VolumeSpec['gcePersistentDisk']>>({ pdName: required(text) }),
      azureDisk: object<NonNullable<VolumeSpec['azureDisk']>>({ diskURI: required(text) }),
      azureFile: object<NonNullable<VolumeSpec['azureFile']>>({ shareName: required(text) }),
      nodeAffinity: object<NonNullable<VolumeSpec['nodeAffinity']>>({
        required: object<RequiredAffinity>({ nodeSelectorTerms: required(listOf(nodeTerm), []) }),
      }),
    }),
  ),
  status: object<NonNullable<PersistentVolume['status']>>({
    phase: oneOf('Pending', 'Available', 'Bound', 'Released', 'Failed'),
    message: text,
    reason: repeated,
  }),
});

export const storageClass = object<Omit<StorageClass, keyof KubeObject>>({
  provisioner: required(repeated),
  parameters: stringMap(repeated),
  reclaimPolicy,
  mountOptions: listOf(repeated),
  allowVolumeExpansion: flag,
  volumeBindingMode: oneOf('Immediate', 'WaitForFirstConsumer'),
});

export const attributesClass = object<Omit<VolumeAttributesClass, keyof KubeObject>>({
  driverName: required(repeated),
  parameters: stringMap(repeated),
});

type PodVolume = NonNullable<Pod['spec']['volumes']>[number];
export const pod = object<Omit<Pod, keyof KubeObject>>({
  spec: required(
    object<Pod['spec']>({
      nodeName: repeated,
      volumes: listOf(
        object<PodVolume>({
          name: required(repeated),
          persistentVolumeClaim: object<NonNullable<PodVolume['persistentVolumeClaim']>>({
            claimName: required(text),
            readOnly: flag,
          }),
        }),
      ),
    }),
    {},
  ),
  status: object<NonNullable<Pod['status']>>({
    phase: oneOf('Pending', 'Running', 'Succeeded', 'Failed', 'Unknown'),
  }),
});

type NodeStatus = NonNullable<Node['status']>;
type DaemonEndpoints = NonNullable<NodeStatus['daemonEndpoints']>;
export const node = object<Omit<Node, keyof KubeObject>>({
  status: object<NodeStatus>({
    addresses: listOf(
      object<NonNullable<NodeStatus['addresses']>[number]>({ type: required(repeated), address: required(text) }),
    ),
    daemonEndpoints: object<DaemonEndpoints>({
      kubeletEndpoint: object<NonNullable<DaemonEndpoints['kubeletEndpoint']>>({ Port: required(integer) }),
    }),
    conditions,
  }),
});

export const namespace = object<Omit<Namespace, keyof KubeObject>>({
  status: object<NonNullable<Namespace['status']>>({ phase: oneOf('Active', 'Terminating') }),
});

type QuotaScopes = NonNullable<ResourceQuota['spec']['scopeSelector']>;
type QuotaScope = NonNullable<QuotaScopes['matchExpressions']>[number];
export const resourceQuota = object<Omit<ResourceQuota, keyof KubeObject>>({
  spec: required(
    object<ResourceQuota['spec']>({
      hard: quantities,
      scopes: listOf(repeated),
      scopeSelector: object<QuotaScopes>({
        matchExpressions: listOf(
          object<QuotaScope>({
            scopeName: required(repeated),
            operator: required(oneOf('In', 'NotIn', 'Exists', 'DoesNotExist')),
            values: listOf(repeated),
          }),
        ),
      }),
    }),
    {},
  ),
  status: object<NonNullable<ResourceQuota['status']>>({ hard: quantities, used: quantities }),
});

export const lease = object<Omit<Lease, keyof KubeObject>>({
  spec: required(
    object<Lease['spec']>({
      holderIdentity: text,
      leaseDurationSeconds: integer,
      acquireTime: text,
      renewTime: text,
      leaseTransitions: integer,
    }),
    {},
  ),
});

export const event = object<Omit<Event, keyof KubeObject>>({
  involvedObject: required(objectReference, {}),
  reason: repeated,
  message: text,
  type: repeated,
  source: object<NonNullable<Event['source']>>({ component: repeated, host: repeated }),
  reportingComponent: repeated,
  reportingInstance: repeated,
  action: repeated,
  count: integer,
  firstTimestamp: text,
  lastTimestamp: text,
  eventTime: text,
});

export const secret = object<Omit<Secret, keyof KubeObject>>({ type: repeated, data: stringMap(text) });
export const configMap = object<Omit<ConfigMap, keyof KubeObject>>({ data: stringMap(text) });
export const nothing: Reader<Record<never, never>> = (raw) => {
  if (!isObject(raw)) throw new TypeError('expected an object');
  return {};
};
