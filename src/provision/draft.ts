/** The PersistentVolume of a claim. */

import type { AccessMode, PersistentVolume, PersistentVolumeClaim, StorageClass } from '../kube/kinds.ts';
import type { Draft } from '../kube/object.ts';
import { annotation, FINALIZER, HOSTNAME_LABEL } from './annotation.ts';
import type { ClassOptions } from './class.ts';
import type { DirectoryPath, ExportDescription } from './storage.ts';

export interface VolumeDesign {
  readonly claim: PersistentVolumeClaim;
  readonly storageClass: StorageClass;
  readonly options: ClassOptions;
  readonly export: ExportDescription;
  readonly path: DirectoryPath;
  /** The node of a `local` export. */
  readonly nodeName: string;
  readonly adopted: boolean;
  /** As `Storage` told it; empty while the directory is not there yet. */
  readonly identity: string;
}

/** Deterministic, so that a second attempt, or a second leader, makes the same volume or none. */
export const volumeNameOf = (claim: PersistentVolumeClaim): string => `pvc-${claim.metadata.uid}`;

export function draftOf(design: VolumeDesign): Draft<PersistentVolume> {
  const { claim, storageClass } = design;
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: {
      name: volumeNameOf(claim),
      annotations: notesOf(design),
      finalizers: [FINALIZER],
    },
    spec: {
      capacity: { storage: claim.spec.resources.requests['storage'] ?? '' },
      accessModes: accessModesOf(claim),
      persistentVolumeReclaimPolicy: storageClass.reclaimPolicy ?? 'Delete',
      storageClassName: storageClass.metadata.name,
      ...(storageClass.mountOptions?.length ? { mountOptions: storageClass.mountOptions } : {}),
      volumeMode: 'Filesystem',
      claimRef: {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        namespace: claim.metadata.namespace ?? '',
        name: claim.metadata.name,
        uid: claim.metadata.uid,
        resourceVersion: claim.metadata.resourceVersion,
      },
      ...sourceOf(design.export, design.path, design.nodeName),
    },
  };
}

export const accessModesOf = (claim: PersistentVolumeClaim): readonly AccessMode[] => claim.spec.accessModes ?? [];

function notesOf(design: VolumeDesign): Record<string, string> {
  const { options } = design;
  return {
    [annotation.provisionedBy]: design.storageClass.provisioner,
    [annotation.onDelete]: options.onDelete,
    [annotation.trashRetention]: options.trashRetention.text,
    [annotation.archiveRetention]: options.archiveRetention.text,
    ...(design.identity === '' ? {} : { [annotation.identity]: design.identity }),
    ...(design.adopted ? { [annotation.adopted]: 'true' } : {}),
    ...(options.deleteAdopted ? { [annotation.deleteAdopted]: 'true' } : {}),
  };
}

export function sourceOf(
  description: ExportDescription,
  directory: DirectoryPath,
  nodeName: string,
): Pick<PersistentVolume['spec'], 'nfs' | 'local' | 'nodeAffinity'> {
  const path = [description.path, ...directory].join('/');
  switch (description.backend) {
    case 'nfs':
      return { nfs: { server: description.server, path } };
    case 'local': {
      const here = { key: HOSTNAME_LABEL, operator: 'In', values: [nodeName] };
      return { local: { path }, nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [here] }] } } };
    }
    default:
      return description.backend satisfies never;
  }
}
