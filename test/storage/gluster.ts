/**
 * A GlusterFS volume of one brick, mounted by its FUSE client, and NFS-Ganesha in front of it and of a plain filesystem:
 * all in a room without a network, with the Debian packages of the cache laid over the system's own files.
 */
import type { TestContext } from 'node:test';
import { installDebian } from '../tools/debian.ts';
import { type Room, roomOf } from './room.ts';

export interface Gluster {
  readonly room: Room;
  /** The FUSE mount, as this process sees it. */
  readonly root: string;
  /** Output of one of the libnfs tools on a path of Ganesha's exports: `/store/…` by FSAL_GLUSTER, `/plain/…` by FSAL_VFS. */
  nfs(tool: 'nfs-ls' | 'nfs-cat', path: string): Promise<string>;
  /** Writes a file through Ganesha. */
  nfsWrite(path: string, text: string): Promise<void>;
}

const ADDRESS = '10.99.0.1';

/** The reason of a skip instead, where it cannot run. */
export async function glusterOf(t: TestContext): Promise<Gluster | string> {
  if (process.geteuid?.() !== 0) return 'a GlusterFS brick needs root: its attributes are in the trusted namespace';
  const debian = await installDebian({ env: process.env, say: (line) => void process.stderr.write(`${line}\n`) });
  if (debian.kind === 'unavailable') return debian.reason;
  const room = await roomOf(t, { isolated: true });
  if (typeof room === 'string') return room;
  await room.run(overlay(debian.path));
  const missing = await room.run(
    'for each in glusterd ganesha.nfsd nfs-ls; do type -P $each >/dev/null || echo $each; done',
  );
  if (missing.trim() !== '') return `apt has no package with ${missing.trim().split('\n').join(', ')}`;
  await room.run(volume);
  await room.run(ganesha);
  const url = (path: string): string => `'nfs://127.0.0.1${path}?version=4&nfsport=2049'`;
  return {
    room,
    root: room.at('/mnt/fuse'),
    nfs: (tool, path) => room.run(`${tool} ${url(path)}`),
    async nfsWrite(path, text) {
      await room.run(`printf %s '${text}' > /mnt/sent; nfs-cp /mnt/sent ${url(path)}`);
    },
  };
}

/** Programs, plugins and state of the packages where they expect themselves; nothing of it is seen outside the room. */
const overlay = (debian: string): string => `
  for each in usr etc var; do
    mkdir -p /mnt/over/$each/up /mnt/over/$each/work
    mount -t overlay overlay -o lowerdir='${debian}'/$each:/$each,upperdir=/mnt/over/$each/up,workdir=/mnt/over/$each/work /$each
  done
  mount -t tmpfs tmpfs /run; mkdir -p /run/gluster /run/ganesha
  ldconfig
  ip link set lo up; ip addr add ${ADDRESS}/32 dev lo`;

/** The brick is an XFS image, because memory has no attributes of the kind. Geo-replication takes seconds to start, and nobody asks for it. */
const volume = `
  mkdir -p /mnt/brick /mnt/fuse
  truncate -s 500M /mnt/brick.img; mkfs.xfs -q /mnt/brick.img; mount -o loop /mnt/brick.img /mnt/brick
  mkdir /mnt/brick/store /mnt/brick/plain
  rm -f /usr/lib/*/glusterfs/gsyncd
  glusterd
  gluster() { for left in $(seq 25); do /usr/sbin/gluster --mode=script "$@" && return; sleep 0.2; done; return 1; }
  gluster volume create store ${ADDRESS}:/mnt/brick/store force
  gluster volume start store
  mount -t glusterfs ${ADDRESS}:/store /mnt/fuse`;

const ganesha = `
  cat > /mnt/ganesha.conf <<'END'
NFS_Core_Param { NFS_Protocols = 4; Bind_addr = 127.0.0.1; Enable_NLM = false; Enable_RQUOTA = false; Plugins_Dir = PLUGINS; }
NFSV4 { Graceless = true; RecoveryBackend = fs; }
EXPORT { Export_Id = 1; Path = /mnt/brick/plain; Pseudo = /plain; Access_Type = RW; Squash = No_Root_Squash; FSAL { Name = VFS; } }
EXPORT { Export_Id = 2; Path = /store; Pseudo = /store; Access_Type = RW; Squash = No_Root_Squash;
  FSAL { Name = GLUSTER; Hostname = ${ADDRESS}; Volume = store; } }
END
  sed -i "s#PLUGINS#$(echo /usr/lib/*/ganesha)#" /mnt/ganesha.conf
  ganesha.nfsd -L /mnt/ganesha.log -f /mnt/ganesha.conf -p /mnt/ganesha.pid
  for left in $(seq 100); do nfs-ls 'nfs://127.0.0.1/store/?version=4&nfsport=2049' >/dev/null 2>&1 && exit; sleep 0.2; done
  tail -5 /mnt/ganesha.log; exit 1`;
