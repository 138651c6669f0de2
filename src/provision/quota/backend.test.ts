import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { backendOf } from './backend.ts';
import { findMount, type Mounted } from './mount-table.ts';

/** As Linux 6.1 shows them; the mounts of a container's node, a folder of XFS among them. */
const TABLE = `21 16 0:19 / /mnt rw,relatime - tmpfs tmp rw
22 21 98:0 / /mnt/x rw,relatime shared:7 - xfs /dev/ubda rw,attr2,inode64,logbufs=8,logbsize=32k,prjquota
23 21 98:16 / /mnt/e rw,relatime - ext4 /dev/ubdb rw,prjquota
24 21 98:0 /sp\\040ace /mnt/bi\\040nd rw,relatime - xfs /dev/ubda rw,attr2,inode64,prjquota
25 21 98:32 / /mnt/plain rw,relatime - xfs /dev/ubdc rw,attr2,noquota
26 21 0:40 / /persistentvolumes rw,relatime - nfs4 127.0.0.1:/storage/v rw,vers=4.1
27 21 0:41 / /gluster rw,relatime - fuse.glusterfs one,two:/volume/sub/dir rw,user_id=0
28 21 98:48 / /mnt/f rw,relatime - ext4 /dev/ubdd rw,errors=remount-ro
`;

const mounted = (fileSystem: string, source = 'x', options: readonly string[] = []): Mounted => ({
  point: '/p',
  fileSystem,
  source,
  options,
});

const found = (id: string): Mounted | undefined => findMount(TABLE, id);

describe('the mount table', () => {
  it('is read by the number of the mount, names with spaces too', () => {
    assert.equal(found('24')?.point, '/mnt/bi nd');
    assert.equal(found('22')?.source, '/dev/ubda');
    assert.deepEqual(found('23')?.options, ['rw', 'prjquota']);
    for (const id of ['', '2', '99']) assert.equal(found(id), undefined);
    assert.equal(findMount('nonsense\n1 2 3\n - \n', '1'), undefined);
  });
});

describe('the backend of quotas', () => {
  it('is the filesystem behind the mount, when it was mounted for it', () => {
    assert.deepEqual(backendOf(found('22')), { kind: 'xfs', target: '/mnt/x' });
    assert.deepEqual(backendOf(found('24')), { kind: 'xfs', target: '/mnt/bi nd' });
    assert.deepEqual(backendOf(found('23')), { kind: 'ext4', target: '/dev/ubdb' });
    assert.deepEqual(backendOf(found('27')), { kind: 'glusterfs', host: 'one', volume: 'volume', prefix: 'sub/dir' });
  });

  it('reads how GlusterFS writes its volumes', () => {
    const gluster = (source: string) => backendOf(mounted('fuse.glusterfs', source));
    assert.deepEqual(gluster('host:/v'), { kind: 'glusterfs', host: 'host', volume: 'v', prefix: '' });
    assert.deepEqual(gluster('10.0.0.1:v'), { kind: 'glusterfs', host: '10.0.0.1', volume: 'v', prefix: '' });
    for (const source of ['v', ':/v', 'host:', 'host:/-x y', '']) assert.equal(gluster(source).kind, 'none', source);
  });

  it('says what is missing, and the way around it', () => {
    const reason = (of: Mounted | undefined): string => {
      const backend = backendOf(of);
      assert.ok(backend.kind === 'none');
      assert.match(backend.reason, /, or use a class whose parameter quota is "report"$/);
      return backend.reason;
    };
    assert.match(reason(found('25')), /^\/mnt\/plain \(XFS\) is mounted without the option prjquota: unmount it/);
    assert.match(reason(found('28')), /tune2fs -O project,quota on \/dev\/ubdd and mount it with prjquota/);
    assert.match(reason(found('26')), /^\/persistentvolumes is an NFS mount, and limits cannot be set over NFS/);
    assert.match(reason(mounted('btrfs')), /^\/p is btrfs, which has no quota/);
    assert.match(reason(undefined), /^the mount table does not show the export/);
    assert.match(reason(mounted('xfs', '/dev/x', ['pqnoenforce'])), /without the option prjquota/);
  });
});
