/** What Larder makes of a real NFS server through a real NFS client, both in User-Mode Linux. */
import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import type { TestContext } from 'node:test';
import { runInUml } from './uml.ts';

const RETRIED = 'check the server and the mount, it is retried by itself';
const SQUASHED = 'permission denied creating x as uid 0: the export needs no_root_squash (or set dirUid)';

/** What nfs-inside.ts tells of each row. */
const expected: readonly {
  readonly row: string;
  readonly said: readonly string[];
  readonly [more: string]: unknown;
}[] = [
  {
    row: 'no_root_squash',
    said: ['created', 'moved', 'restored'],
    mode: '777',
    uid: 0,
    letter: 'dear',
    inodes: 2,
  },
  {
    row: 'root_squash',
    said: [SQUASHED],
    health: 'the start-up probe failed at mkdir (EACCES): export it with rw and no_root_squash',
  },
  { row: 'root_squash, open to all', said: [SQUASHED, 'created'], health: 'up', left: [], uid: 65534 },
  { row: 'ro', said: ['export 127.0.0.1:/frozen is read-only: export it writable, it is retried by itself'] },
  {
    row: 'project quota',
    said: [
      'created',
      'no space left on export 127.0.0.1:/limited: 1048576 bytes / 0 inodes free: free some space, it is retried every 30s',
    ],
  },
  {
    row: 'limit of a directory, on the server',
    said: ['walked', 'walked', 'asked', 'asked'],
    mebibytes: [220, 220, 240],
  },
  {
    row: 'ESTALE',
    said: ['created', `storage unavailable: export 127.0.0.1:/forgotten failed (ESTALE): ${RETRIED}`, 'created'],
  },
  {
    row: 'root replaced on the server',
    said: [`storage unavailable: export 127.0.0.1:/forgotten failed (ESTALE): ${RETRIED}`, 'created'],
  },
  {
    row: 'stopped server',
    said: ['created', `storage unavailable: export 127.0.0.1:/gone did not answer within 5s: ${RETRIED}`, 'created'],
  },
  { row: 'NFS-Ganesha', said: ['created', 'moved', 'restored'], mode: '777', uid: 0, letter: 'dear', inodes: 2 },
  {
    row: 'stopped NFS-Ganesha',
    said: [`storage unavailable: export 127.0.0.1:/ganesha did not answer within 5s: ${RETRIED}`, 'created'],
  },
];

export async function onNfs(t: TestContext): Promise<void> {
  const told = await runInUml(t, { program: resolve(import.meta.dirname, 'nfs-inside.ts'), disks: 1 });
  if (typeof told === 'string') return t.skip(told);
  for (const row of expected) {
    await t.test(row.row, () => {
      const found = told.find(
        (each) => typeof each === 'object' && each !== null && Reflect.get(each, 'row') === row.row,
      );
      assert.deepEqual(found, row);
    });
  }
  assert.equal(told.length, expected.length);
}
