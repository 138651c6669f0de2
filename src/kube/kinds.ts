/**
 * Narrow types of the kinds that hot paths read: only the fields that some room looks at. Quantities stay strings here
 * (see quantity.ts), times stay RFC 3339 strings. `kinds` (at the end) holds the resource of each.
 */
import { defineResource } from './define-resource.ts';
import type { KubeObject } from './object.ts';
import * as read from './projection.ts';

export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime?: string;
  readonly lastProbeTime?: string;
  readonly observedGeneration?: number;
}

export type AccessMode = 'ReadWriteOnce' | 'ReadOnlyMany' | 'ReadWriteMany' | 'ReadWriteOncePod';
export type ReclaimPolicy = 'Retain' | 'Delete' | 'Recycle';

export interface ObjectReference {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly fieldPath?: string;
}

export interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
    readonly values?: readonly string[];
  }[];
}

export interface PersistentVolumeClaim extends KubeObject {
  readonly spec: {
    readonly accessModes?: readonly AccessMode[];
    readonly storageClassName?: string;
    readonly volumeName?: string;
    readonly volumeMode?: 'Filesystem' | 'Block';
    readonly selector?: LabelSelector;
    readonly resources: {
      readonly requests: Readonly<Record<string, string>>;
      readonly limits?: Readonly<Record<string, string>>;
    };
    readonly dataSource?: { readonly apiGroup?: string; readonly kind: string; readonly name: string };
    readonly dataSourceRef?: {
      readonly apiGroup?: string;
      readonly kind: string;
      readonly name: string;
      readonly namespace?: string;
    };
    readonly volumeAttributesClassName?: string;
  };
  readonly status?: {
    readonly phase?: 'Pending' | 'Bound' | 'Lost';
    readonly accessModes?: readonly AccessMode[];
    readonly capacity?: Readonly<Record<string, string>>;
    readonly allocatedResources?: Readonly<Record<string, string>>;
    readonly allocatedResourceStatuses?: Readonly<Record<string, string>>;
    readonly conditions?: readonly Condition[];
  };
}

export interface PersistentVolume extends KubeObject {
  readonly spec: {
    readonly capacity: Readonly<Record<string, string>>;
    readonly accessModes?: readonly AccessMode[];
    readonly persistentVolumeReclaimPolicy?: ReclaimPolicy;
    readonly storageClassName?: string;
    readonly mountOptions?: readonly string[];
    readonly volumeMode?: 'Filesystem' | 'Block';
    readonly claimRef?: ObjectReference;
    readonly nfs?: { readonly server: string; readonly path: string; readonly readOnly?: boolean };
    readonly local?: { readonly path: string; readonly fsType?: string };
    readonly hostPath?: { readonly path: string; readonly type?: string };
    readonly csi?: {
      readonly driver: string;
      readonly volumeHandle: string;
      readonly volumeAttributes?: Readonly<Record<string, string>>;
    };
    readonly awsElasticBlockStore?: { readonly volumeID: string };
    readonly gcePersistentDisk?: { readonly pdName: string };
    readonly azureDisk?: { readonly diskURI: string };
    readonly azureFile?: { readonly shareName: string };
    readonly nodeAffinity?: {
      readonly required?: {
        readonly nodeSelectorTerms: readonly {
          readonly matchExpressions?: readonly {
            readonly key: string;
            readonly operator: string;
            readonly values?: readonly string[];
          }[];
        }[];
      };
    };
  };
  readonly status?: {
    readonly phase?: 'Pending' | 'Available' | 'Bound' | 'Released' | 'Failed';
    readonly message?: string;
    readonly reason?: string;
  };
}

export interface StorageClass extends KubeObject {
  readonly provisioner: string;
  readonly parameters?: Readonly<Record<string, string>>;
  /** Absent means Delete, as the API server defaults it. */
  readonly reclaimPolicy?: ReclaimPolicy;
  readonly mountOptions?: readonly string[];
  readonly allowVolumeExpansion?: boolean;
  readonly volumeBindingMode?: 'Immediate' | 'WaitForFirstConsumer';
}

export interface VolumeAttributesClass extends KubeObject {
  readonly driverName: string;
  readonly parameters?: Readonly<Record<string, string>>;
}

export interface Pod extends KubeObject {
  readonly spec: {
    readonly nodeName?: string;
    readonly volumes?: readonly {
      readonly name: string;
      readonly persistentVolumeClaim?: { readonly claimName: string; readonly readOnly?: boolean };
    }[];
  };
  readonly status?: { readonly phase?: 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Unknown' };
}

export interface Node extends KubeObject {
  readonly status?: {
    readonly addresses?: readonly { readonly type: string; readonly address: string }[];
    readonly daemonEndpoints?: { readonly kubeletEndpoint?: { readonly Port: number } };
    readonly conditions?: readonly Condition[];
  };
}

export interface Namespace extends KubeObject {
  readonly status?: { readonly phase?: 'Active' | 'Terminating' };
}

export interface ResourceQuota extends KubeObject {
  readonly spec: {
    readonly hard?: Readonly<Record<string, string>>;
    readonly scopes?: readonly string[];
    readonly scopeSelector?: {
      readonly matchExpressions?: readonly {
        readonly scopeName: string;
        readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
        readonly values?: readonly string[];
      }[];
    };
  };
  readonly status?: {
    readonly hard?: Readonly<Record<string, string>>;
    readonly used?: Readonly<Record<string, string>>;
  };
}

export interface Lease extends KubeObject {
  readonly spec: {
    readonly holderIdentity?: string;
    readonly leaseDurationSeconds?: number;
    /** RFC 3339 with microseconds. */
    readonly acquireTime?: string;
    readonly renewTime?: string;
    readonly leaseTransitions?: number;
  };
}

/** core/v1 Event. */
export interface Event extends KubeObject {
  readonly involvedObject: ObjectReference;
  readonly reason?: string;
  readonly message?: string;
  readonly type?: string;
  readonly source?: { readonly component?: string; readonly host?: string };
  readonly reportingComponent?: string;
  readonly reportingInstance?: string;
  readonly action?: string;
  readonly count?: number;
  readonly firstTimestamp?: string;
  readonly lastTimestamp?: string;
  readonly eventTime?: string;
}

export interface Secret extends KubeObject {
  readonly type?: string;
  /** Base64 values. */
  readonly data?: Readonly<Record<string, string>>;
}

export interface ConfigMap extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
}

/** Nothing but its metadata is read. */
export type ServiceAccount = KubeObject;

const core = { group: '', version: 'v1' } as const;

/** The resource of each kind above. */
export const kinds = {
  PersistentVolumeClaim: defineResource<PersistentVolumeClaim>(
    { ...core, plural: 'persistentvolumeclaims', kind: 'PersistentVolumeClaim', namespaced: true },
    read.claim,
  ),
  PersistentVolume: defineResource<PersistentVolume>(
    { ...core, plural: 'persistentvolumes', kind: 'PersistentVolume', namespaced: false },
    read.volume,
  ),
  StorageClass: defineResource<StorageClass>(
    { group: 'storage.k8s.io', version: 'v1', plural: 'storageclasses', kind: 'StorageClass', namespaced: false },
    read.storageClass,
  ),
  VolumeAttributesClass: defineResource<VolumeAttributesClass>(
    {
      group: 'storage.k8s.io',
      version: 'v1',
      plural: 'volumeattributesclasses',
      kind: 'VolumeAttributesClass',
      namespaced: false,
    },
    read.attributesClass,
  ),
  Pod: defineResource<Pod>({ ...core, plural: 'pods', kind: 'Pod', namespaced: true }, read.pod),
  Node: defineResource<Node>({ ...core, plural: 'nodes', kind: 'Node', namespaced: false }, read.node),
  Namespace: defineResource<Namespace>(
    { ...core, plural: 'namespaces', kind: 'Namespace', namespaced: false },
    read.namespace,
  ),
  ResourceQuota: defineResource<ResourceQuota>(
    { ...core, plural: 'resourcequotas', kind: 'ResourceQuota', namespaced: true },
    read.resourceQuota,
  ),
  Lease: defineResource<Lease>(
    { group: 'coordination.k8s.io', version: 'v1', plural: 'leases', kind: 'Lease', namespaced: true },
    read.lease,
  ),
  Event: defineResource<Event>({ ...core, plural: 'events', kind: 'Event', namespaced: true }, read.event),
  Secret: defineResource<Secret>({ ...core, plural: 'secrets', kind: 'Secret', namespaced: true }, read.secret),
  ConfigMap: defineResource<ConfigMap>(
    { ...core, plural: 'configmaps', kind: 'ConfigMap', namespaced: true },
    read.configMap,
  ),
  ServiceAccount: defineResource<ServiceAccount>(
    { ...core, plural: 'serviceaccounts', kind: 'ServiceAccount', namespaced: true },
    read.nothing,
  ),
} as const;
