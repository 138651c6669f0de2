/** Which kind of quota the filesystem behind an export has, from how it is mounted; and what is missing where it has none. */
import type { Mounted } from './mount-table.ts';

export type Backend =
  /** Directories carry a project number, the filesystem counts and limits by it. */
  | { readonly kind: 'xfs' | 'ext4'; readonly target: string }
  /** The servers of the volume count and limit by directory. `prefix` is what of the volume is mounted, without slashes at its ends. */
  | { readonly kind: 'glusterfs'; readonly host: string; readonly volume: string; readonly prefix: string }
  /** Why, and what to do; ends without a full stop. */
  | { readonly kind: 'none'; readonly reason: string };

export type QuotaKind = Exclude<Backend['kind'], 'none'>;

const OTHERWISE = 'or use a class whose parameter quota is "report"';

export function backendOf(mounted: Mounted | undefined): Backend {
  if (!mounted) return none('the mount table does not show the export');
  switch (mounted.fileSystem) {
    case 'xfs':
      return mounted.options.includes('prjquota')
        ? { kind: 'xfs', target: mounted.point }
        : none(`${mounted.point} (XFS) is mounted without the option prjquota: unmount it and mount it with prjquota`);
    case 'ext4':
      return mounted.options.includes('prjquota')
        ? { kind: 'ext4', target: mounted.source }
        : none(
            `${mounted.point} (ext4) is mounted without the option prjquota: unmount it, run tune2fs -O project,quota on ${mounted.source} and mount it with prjquota`,
          );
    case 'fuse.glusterfs':
      return glusterOf(mounted);
    case 'nfs':
    case 'nfs4':
      return none(
        `${mounted.point} is an NFS mount, and limits cannot be set over NFS: run Larder where the filesystem itself is mounted`,
      );
    default:
      return none(`${mounted.point} is ${mounted.fileSystem}, which has no quota for directories that Larder can set`);
  }
}

const none = (reason: string): Backend => ({ kind: 'none', reason: `${reason}, ${OTHERWISE}` });

/** `host:/volume`, `host:volume`, `h1,h2:/volume/sub/dir`; GlusterFS 10, mount.glusterfs(8). */
function glusterOf({ source, point }: Mounted): Backend {
  const match = /^([A-Za-z0-9._,-]+):\/?([A-Za-z0-9._-]+)((?:\/[^/]+)*)\/?$/.exec(source);
  const [, hosts, volume, below = ''] = match ?? [];
  const host = hosts?.split(',')[0];
  if (!host || !volume)
    return none(`${point} (GlusterFS) has the source ${JSON.stringify(source)}, which names no volume`);
  return { kind: 'glusterfs', host, volume, prefix: below.slice(1) };
}
