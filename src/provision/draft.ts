/** The PersistentVolume of a claim. */

import type { AccessMode, PersistentVolume, PersistentVolumeClaim, StorageClass } from '../kube/kinds.ts';
import type { Draft } from '../kube/object.ts';
import { annotation, FINALIZER, HOSTNAME_LABEL } from './annotation.ts';
import type { ClassOptions } from './class.ts';
import type { CloneSource } from './clone/data-source.ts';
import { type Enforced, quotaNotes } from './quota/note.ts';
import type { DirectoryPath, ExportDescription } from './storage.ts';
import { pathOn } from './volume.ts';

export interface VolumeDesign {
  readonly claim: PersistentVolumeClaim;
  readonly storageClass: StorageClass;
  readonly options: ClassOptions;
  readonly export: ExportDescription;
  readonly path: DirectoryPath;
  /** The node of a `local` export. */
  readonly nodeName: string;
  readonly adopted: boolean;
  /** What the directory is a copy of; absent: of nothing. */
  readonly clonedFrom?: CloneSource | undefined;
  /** As `Storage` told it; empty while the directory is not there yet. */
  readonly identity: string;
  /** The limit that the directory has; absent: none of ours. */
  readonly quota?: Enforced | undefined;
  /** False: made without a finalizer, because nobody could take it off. Default true. */
  readonly finalizer?: boolean;
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
      ...(design.finalizer === false ? {} : { finalizers: [FINALIZER] }),
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
    ...(design.clonedFrom ? { [annotation.clonedFrom]: design.clonedFrom.claim } : {}),
    ...(options.deleteAdopted ? { [annotation.deleteAdopted]: 'true' } : {}),
    ...quotaNotes(design.quota),
  };
}

export function sourceOf(
  description: ExportDescription,
  directory: DirectoryPath,
  nodeName: string,
): Pick<PersistentVolume['spec'], 'nfs' | 'local' | 'nodeAffinity'> {
  const path = pathOn(description, directory);
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
