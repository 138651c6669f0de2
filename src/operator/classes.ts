import type { StorageClass } from '../kube/kinds.ts';
import type { Draft } from '../kube/object.ts';

/** The provisioner's name in StorageClasses; more can be configured (PROVISIONER_NAME). */
export const PROVISIONER = 'larder.dev/directory';

/**
 * The classes that `larder up` makes when they are missing (it never changes one that is there). `glusterfs-nfs` is the
 * requirement's class: named directories, Retain, on a trusting single-user cluster, hence `adopt: any`. `larder` is the
 * default class: its volumes leave through the trash when their claim is deleted.
 */
export const localClasses: readonly Draft<StorageClass>[] = [
  {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'glusterfs-nfs' },
    provisioner: PROVISIONER,
    parameters: { pathPattern: 'glusterfs_${.PVC.annotations.volume-name}', adopt: 'any', export: 'nfs' },
    reclaimPolicy: 'Retain',
    volumeBindingMode: 'Immediate',
    allowVolumeExpansion: true,
  },
  {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'larder', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
    provisioner: PROVISIONER,
    parameters: { onDelete: 'delete', export: 'local' },
    reclaimPolicy: 'Delete',
    volumeBindingMode: 'Immediate',
    allowVolumeExpansion: true,
  },
];
