import type { PersistentVolume } from '../../kube/kinds.ts';

/**
 * Drivers whose volumes are directories of one share, and whose nodes tell what `statfs` says of the mount: the figures
 * of the whole share. Read in csi-driver-nfs and csi-driver-smb (pkg/…/nodeserver.go, NodeGetVolumeStats), November 2026.
 */
const DRIVERS: ReadonlySet<string> = new Set(['nfs.csi.k8s.io', 'smb.csi.k8s.io']);

/** True for a directory on a share: what a kubelet reports of it is the share's, and says nothing about the volume. */
export function sharesFilesystem(volume: PersistentVolume | undefined): boolean {
  if (!volume) return false;
  const { nfs, csi } = volume.spec;
  return nfs !== undefined || (csi !== undefined && DRIVERS.has(csi.driver));
}
