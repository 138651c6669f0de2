/**
 * What is read before a request is raised, beside the kinds that everybody reads. Snapshots and backups are custom
 * resources: a cluster may not have them.
 */
import { defineResource } from '../../kube/define-resource.ts';
import type { LabelSelector } from '../../kube/kinds.ts';
import type { KubeObject } from '../../kube/object.ts';
import { flag, listOf, object, oneOf, repeated, required, stringMap, text } from '../../kube/reader.ts';

export interface LimitRange extends KubeObject {
  readonly spec: {
    readonly limits: readonly {
      readonly type: string;
      readonly min?: Readonly<Record<string, string>>;
      readonly max?: Readonly<Record<string, string>>;
    }[];
  };
}

/** Free space as a CSI driver publishes it, for one class and one part of the cluster. */
export interface StorageCapacity extends KubeObject {
  readonly storageClassName: string;
  /** Absent: no node reaches it. Empty: all do. */
  readonly nodeTopology?: LabelSelector;
  /** Absent: not known at present. */
  readonly capacity?: string;
}

export interface VolumeSnapshot extends KubeObject {
  readonly spec: { readonly source: { readonly persistentVolumeClaimName?: string } };
  readonly status?: {
    readonly readyToUse?: boolean;
    /** When the storage cut it. */
    readonly creationTime?: string;
    readonly error?: { readonly message?: string };
  };
}

/** Of Velero: a backup of whole namespaces. */
export interface Backup extends KubeObject {
  readonly spec: {
    /** Empty: all. */
    readonly includedNamespaces: readonly string[];
    readonly excludedNamespaces: readonly string[];
  };
  readonly status?: { readonly phase?: string; readonly startTimestamp?: string };
}

/** Of Velero: one volume whose files are being copied. */
export interface PodVolumeBackup extends KubeObject {
  readonly status?: { readonly phase?: string; readonly startTimestamp?: string };
}

const quantities = stringMap(repeated);
type Limit = LimitRange['spec']['limits'][number];
type Expression = NonNullable<LabelSelector['matchExpressions']>[number];
type SnapshotSpec = VolumeSnapshot['spec'];
type SnapshotStatus = NonNullable<VolumeSnapshot['status']>;
type Progress = NonNullable<Backup['status']>;

const selector = object<LabelSelector>({
  matchLabels: stringMap(repeated),
  matchExpressions: listOf(
    object<Expression>({
      key: required(repeated),
      operator: required(oneOf('In', 'NotIn', 'Exists', 'DoesNotExist')),
      values: listOf(repeated),
    }),
  ),
});
const progress = object<Progress>({ phase: repeated, startTimestamp: text });

export const guardKinds = {
  LimitRange: defineResource<LimitRange>(
    { group: '', version: 'v1', plural: 'limitranges', kind: 'LimitRange', namespaced: true },
    object<Omit<LimitRange, keyof KubeObject>>({
      spec: required(
        object<LimitRange['spec']>({
          limits: required(listOf(object<Limit>({ type: required(repeated), min: quantities, max: quantities })), []),
        }),
        { limits: [] },
      ),
    }),
  ),
  CSIStorageCapacity: defineResource<StorageCapacity>(
    {
      group: 'storage.k8s.io',
      version: 'v1',
      plural: 'csistoragecapacities',
      kind: 'CSIStorageCapacity',
      namespaced: true,
    },
    object<Omit<StorageCapacity, keyof KubeObject>>({
      storageClassName: required(repeated, ''),
      nodeTopology: selector,
      capacity: text,
    }),
  ),
  VolumeSnapshot: defineResource<VolumeSnapshot>(
    {
      group: 'snapshot.storage.k8s.io',
      version: 'v1',
      plural: 'volumesnapshots',
      kind: 'VolumeSnapshot',
      namespaced: true,
    },
    object<Omit<VolumeSnapshot, keyof KubeObject>>({
      spec: required(
        object<SnapshotSpec>({
          source: required(object<SnapshotSpec['source']>({ persistentVolumeClaimName: text }), {}),
        }),
        { source: {} },
      ),
      status: object<SnapshotStatus>({
        readyToUse: flag,
        creationTime: text,
        error: object<NonNullable<SnapshotStatus['error']>>({ message: text }),
      }),
    }),
  ),
  Backup: defineResource<Backup>(
    { group: 'velero.io', version: 'v1', plural: 'backups', kind: 'Backup', namespaced: true },
    object<Omit<Backup, keyof KubeObject>>({
      spec: required(
        object<Backup['spec']>({
          includedNamespaces: required(listOf(repeated), []),
          excludedNamespaces: required(listOf(repeated), []),
        }),
        { includedNamespaces: [], excludedNamespaces: [] },
      ),
      status: progress,
    }),
  ),
  PodVolumeBackup: defineResource<PodVolumeBackup>(
    { group: 'velero.io', version: 'v1', plural: 'podvolumebackups', kind: 'PodVolumeBackup', namespaced: true },
    object<Omit<PodVolumeBackup, keyof KubeObject>>({ status: progress }),
  ),
} as const;
