/** Whether a directory is a mounted export, and not the empty mount point under it on the container's own disk. */

export interface MountFacts {
  readonly device: bigint;
  /** Of the directory's `..`. */
  readonly parentDevice: bigint;
  /** `f_type` of statfs(2). */
  readonly magic: bigint;
}

/** Network and FUSE filesystems, whose mounts may share a device number with their parent; linux/magic.h (6.12) and the projects' own headers. */
const NETWORK_FILESYSTEMS: ReadonlySet<bigint> = new Set([
  0x6969n, // NFS
  0x65735546n, // FUSE: GlusterFS, SSHFS, s3fs …
  0x00c36400n, // Ceph
  0xff534d42n, // CIFS
  0xfe534d42n, // SMB2
  0x01021997n, // 9p
  0x0bd00bd0n, // Lustre
  0x7461636fn, // OCFS2
  0x01161970n, // GFS2
  0x19830326n, // BeeGFS
  0x47504653n, // GPFS
  0x5346414fn, // AFS
  0x73757245n, // Coda
]);

export function isMounted(facts: MountFacts): boolean {
  return facts.device !== facts.parentDevice || NETWORK_FILESYSTEMS.has(facts.magic);
}
