/**
 * What `statfs` of a directory says of it alone, where something limits that directory: one system call in place of a walk.
 * A filesystem with project quotas answers so for a directory with a limit, also through an NFS server, and GlusterFS for
 * one with a quota. Whether the figure is that of this directory and of nothing else no answer tells: see `Confirmed`.
 */

/** As statfs(2) has them. */
export interface Statfs {
  readonly bsize: bigint;
  readonly blocks: bigint;
  readonly bfree: bigint;
}

export interface Counted {
  readonly usedBytes: bigint;
  readonly limitBytes: bigint;
  /** The answer is in whole blocks of this size: a MiB over NFS, often. */
  readonly blockBytes: bigint;
}

/** An answer is no limit of the directory's own unless it leaves clearly less than the export has: so many percent of that. */
const LESS_THAN_FREE = 98n;

/**
 * Undefined: the answer is that of the whole export, or of no use. A directory that is full is walked, because beyond a
 * soft limit the answer is the limit. So is one whose export has not more room than the limit leaves: XFS then answers with
 * what the export has free (Linux 6.13, "don't over-report free space or inodes in statvfs"), and use cannot be told from it.
 */
export function counted(directory: Statfs, root: Statfs): Counted | undefined {
  const limitBytes = directory.blocks * directory.bsize;
  const freeBytes = directory.bfree * directory.bsize;
  if (limitBytes >= root.blocks * root.bsize || freeBytes <= 0n || freeBytes > limitBytes) return undefined;
  if (freeBytes * 100n >= root.bfree * root.bsize * LESS_THAN_FREE) return undefined;
  return { usedBytes: limitBytes - freeBytes, limitBytes, blockBytes: directory.bsize };
}
