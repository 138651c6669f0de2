import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failureOf } from './failure.ts';
import type { StorageProblem } from './storage.ts';

const subject = {
  export: { backend: 'nfs', server: '127.0.0.1', path: '/storage/v', root: '/persistentvolumes' },
  path: ['glusterfs_x'],
  doing: 'creating',
  uid: 0,
  mode: 0o777,
  namespace: 'shop',
} as const;

const problemOf = (problem: StorageProblem['problem'], detail = '', errno = ''): StorageProblem => ({
  kind: 'problem',
  problem,
  detail,
  errno,
  landed: 'no',
});

test('each failure of the export has its text, ending with what to do, and its time', () => {
  const minutes = { kind: 'later', afterMs: 300_000 } as const;
  const heal = { kind: 'heal', afterMs: 30_000 } as const;
  const rows = [
    [
      problemOf('unavailable', 'did not answer within 5s'),
      'storage unavailable: export 127.0.0.1:/storage/v did not answer within 5s: check the server and the mount, it is retried by itself',
      heal,
    ],
    [
      problemOf('unavailable', 'failed (ETIMEDOUT)', 'ETIMEDOUT'),
      'storage unavailable: export 127.0.0.1:/storage/v failed (ETIMEDOUT): check the server and the mount, it is retried by itself',
      heal,
    ],
    [
      problemOf('not-mounted'),
      'storage unavailable: /persistentvolumes is not a mounted export: mount 127.0.0.1:/storage/v there, it is retried by itself',
      heal,
    ],
    [
      problemOf('no-space', '10 bytes / 3 inodes free', 'ENOSPC'),
      'no space left on export 127.0.0.1:/storage/v: 10 bytes / 3 inodes free: free some space, it is retried every 30s',
      { kind: 'later', afterMs: 30_000 },
    ],
    [
      problemOf('read-only', '', 'EROFS'),
      'export 127.0.0.1:/storage/v is read-only: export it writable, it is retried by itself',
      heal,
    ],
    [
      problemOf('denied', '', 'EPERM'),
      'permission denied creating glusterfs_x as uid 0: the export needs no_root_squash (or set dirUid)',
      minutes,
    ],
    [
      problemOf('not-a-directory'),
      'glusterfs_x exists and is not a directory: move it away, or choose another name',
      minutes,
    ],
    [
      problemOf('symbolic-link'),
      'glusterfs_x is a symbolic link (refused): put a directory there, or choose another name',
      minutes,
    ],
    [
      problemOf('other-filesystem'),
      'glusterfs_x is a mount point or on another filesystem than the export (refused): unmount it, or choose another name',
      minutes,
    ],
    [
      problemOf('not-empty'),
      'directory glusterfs_x exists, is not empty and was never a volume of namespace shop: to adopt it, annotate the namespace with larder.dev/adopt=true or list it in the class parameter adoptable; else choose another name',
      minutes,
    ],
    [
      problemOf('mode-differs', 'it has mode 0755 and owner 0:0'),
      'cannot set mode 0777 on glusterfs_x: it has mode 0755 and owner 0:0: correct the directory by hand, or change existingMode in the class',
      minutes,
    ],
    [
      problemOf('unexpected', 'failed (EMLINK)', 'EMLINK'),
      'failed creating glusterfs_x on export 127.0.0.1:/storage/v: failed (EMLINK): see the log of Larder, it is retried by itself',
      { kind: 'backoff' },
    ],
  ] as const;
  for (const [problem, message, again] of rows) assert.deepEqual(failureOf(problem, subject), { message, again });
});

test('without root the advice is about the id that Larder has', () => {
  assert.equal(
    failureOf(problemOf('denied'), { ...subject, uid: 1000 }).message,
    'permission denied creating glusterfs_x as uid 1000: uid 1000 needs write permission there (or run as root)',
  );
});
