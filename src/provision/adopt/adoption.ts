/** The PersistentVolume and the claim of a directory that is there already. Pure. */
import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '../../kube/kinds.ts';
import type { Draft } from '../../kube/object.ts';
import { annotation } from '../annotation.ts';
import { sourceOf } from '../draft.ts';
import type { ExportDescription } from '../storage.ts';
import { addressOf } from '../volume.ts';
import type { Adoptable } from './adoptable.ts';

export interface Adoption {
  readonly directory: string;
  readonly volume: Draft<PersistentVolume>;
  readonly claim: Draft<PersistentVolumeClaim>;
}

export interface AdoptionOptions {
  readonly namespace: string;
  readonly storageClass: Pick<StorageClass, 'metadata' | 'provisioner' | 'mountOptions'>;
  /** Quantity; absent: half as much again as is used, in whole Gi. */
  readonly size: string | undefined;
  readonly exports: readonly ExportDescription[];
  /** Node of local exports. */
  readonly nodeName: string;
}

const GIB = 1024n ** 3n;
const LONGEST_NAME = 63;

/** `glusterfs_<service>_<type>` is the requirement's convention, and its claims are named `<service>-<type>`. */
export function claimNameOf(directory: string): string {
  const last = directory.split('/').join('-');
  const plain = last
    .replace(/^glusterfs_/, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, LONGEST_NAME)
    .replace(/^-+|-+$/g, '');
  return plain === '' ? 'volume' : plain;
}

/** Never less than 1Gi; NFS does not stop a directory at its size, so this is what people read, not a limit. */
export function sizeFor(usedBytes: bigint | undefined): string {
  const wanted = ((usedBytes ?? 0n) * 3n) / 2n;
  const gib = (wanted + GIB - 1n) / GIB;
  return `${gib > 1n ? gib : 1n}Gi`;
}

/**
 * Only the named claim can bind to the volume, whose directory stays whatever becomes of it: policy Retain, and noted as
 * adopted. The claim carries the name for a pattern such as `glusterfs_${.PVC.annotations.volume-name}`, so that it
 * gets the same directory when it is ever made again without the volume.
 */
export function adoption(found: Adoptable, options: AdoptionOptions): Adoption {
  const { namespace, storageClass } = options;
  const name = claimNameOf(found.directory);
  const size = options.size ?? sizeFor(found.usedBytes);
  const className = storageClass.metadata.name;
  const volumeName = `adopted-${namespace}-${name}`;
  const place = options.exports.find((each) => addressOf(each) === found.export);
  const path = found.directory.split('/');
  const hint = /^glusterfs_([^/]+)$/.exec(found.directory)?.[1];
  return {
    directory: found.directory,
    volume: {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: {
        name: volumeName,
        annotations: {
          [annotation.provisionedBy]: storageClass.provisioner,
          [annotation.adopted]: 'true',
          [annotation.identity]: found.identity,
        },
      },
      spec: {
        capacity: { storage: size },
        accessModes: ['ReadWriteMany'],
        persistentVolumeReclaimPolicy: 'Retain',
        storageClassName: className,
        ...(storageClass.mountOptions?.length ? { mountOptions: storageClass.mountOptions } : {}),
        volumeMode: 'Filesystem',
        claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name },
        ...(place ? sourceOf(place, path, options.nodeName) : {}),
      },
    },
    claim: {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name, namespace, ...(hint === undefined ? {} : { annotations: { 'volume-name': hint } }) },
      spec: {
        accessModes: ['ReadWriteMany'],
        storageClassName: className,
        volumeName,
        resources: { requests: { storage: size } },
      },
    },
  };
}
