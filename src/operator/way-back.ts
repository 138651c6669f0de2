/** What is to be known before nfs-subdir-external-provisioner works again on volumes that Larder made. Pure. */
import type { PersistentVolume } from '../kube/kinds.ts';
import { annotation, FINALIZER } from '../provision/annotation.ts';
import { isOurs } from '../provision/volume.ts';
import type { Finding } from './api.ts';
import { found, keep } from './takeover.ts';

/** Volumes that the peer could not delete, or would delete although Larder never would. */
export function wayBack(provisioner: string, volumes: readonly PersistentVolume[]): readonly Finding[] {
  return volumes
    .filter((volume) => isOurs(volume, [provisioner]))
    .flatMap((volume) => {
      const check = `pv ${volume.metadata.name}`;
      const adopted = volume.metadata.annotations?.[annotation.adopted] === 'true';
      const loose = adopted && volume.spec.persistentVolumeReclaimPolicy === 'Delete';
      return [
        ...(volume.metadata.finalizers?.includes(FINALIZER)
          ? [
              found(
                'warning',
                check,
                'has a finalizer of Larder, which the peer cannot take off',
                'run this with --yes',
              ),
            ]
          : []),
        ...(loose
          ? [
              found(
                'warning',
                check,
                'its directory held data before; Larder keeps that, the peer does not',
                keep(volume),
              ),
            ]
          : []),
      ];
    });
}

/** Of volumes of that name that the peer would leave in Terminating. */
export const heldVolumes = (provisioner: string, volumes: readonly PersistentVolume[]): readonly PersistentVolume[] =>
  volumes.filter((volume) => isOurs(volume, [provisioner]) && volume.metadata.finalizers?.includes(FINALIZER));
