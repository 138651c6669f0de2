/** Limits on a real GlusterFS volume, through the driver that the process of an export uses. */
import assert from 'node:assert/strict';
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { it } from 'node:test';
import type { RunCommand } from '../../src/provision/quota/command.ts';
import { createGlusterDriver } from '../../src/provision/quota/gluster-driver.ts';
import { counted } from '../../src/provision/usage/statfs.ts';
import { glusterOf } from '../storage/gluster.ts';
import type { Room } from '../storage/room.ts';

const MIB = 1024n * 1024n;

/** The program in the room, where the servers are. */
const runIn =
  (room: Room): RunCommand =>
  async ({ program, args }) => {
    const words = [program, ...args].map((word) => `'${word}'`).join(' ');
    return { kind: 'ran', code: 0, output: await room.run(`${words} || true`), errors: '' };
  };

it('a directory of a GlusterFS volume gets a limit, is counted, grows and is free again', async (t) => {
  const gluster = await glusterOf(t);
  if (typeof gluster === 'string') return t.skip(gluster);
  const { room } = gluster;
  const driver = createGlusterDriver(runIn(room), {
    kind: 'glusterfs',
    host: '10.99.0.1',
    volume: 'store',
    prefix: '',
  });
  const target = { path: ['a'], id: 0 };
  const disabled = await driver.report();
  assert.ok('kind' in disabled && disabled.kind === 'problem');
  assert.match(disabled.detail, /Quota is disabled, please enable quota/);

  await room.run('gluster --mode=script volume quota store enable; mkdir /mnt/fuse/a');
  for (const name of ['soft', 'hard'])
    await room.run(`gluster --mode=script volume set store features.${name}-timeout 0`);
  assert.deepEqual(await driver.report(), []);
  assert.equal(await driver.limit(target, 10n * MIB), '');
  const write = (mebibytes: number, name: string): Promise<string> =>
    room.run(`dd if=/dev/zero of=/mnt/fuse/a/${name} bs=1M count=${mebibytes} conv=fsync 2>&1 || true`);
  await write(5, 'one');
  const [entry, ...others] = await entriesOf(driver);
  assert.deepEqual(others, []);
  assert.equal(entry?.path, 'a');
  assert.equal(entry.limitBytes, 10n * MIB);
  assert.equal(entry.usedBytes, 5n * MIB);
  const answers = await Promise.all(
    [join(gluster.root, 'a'), gluster.root].map((path) => statfs(path, { bigint: true })),
  );
  const [directory, root] = answers;
  assert.ok(directory && root);
  const { usedBytes, limitBytes } = counted(directory, root) ?? assert.fail('statfs says nothing of the directory');
  assert.deepEqual([usedBytes, limitBytes], [5n * MIB, 10n * MIB], 'the FUSE client says the same');
  assert.match(await write(30, 'two'), /Disk quota exceeded/);

  assert.equal(await driver.limit(target, 60n * MIB), '');
  assert.doesNotMatch(await write(30, 'three'), /exceeded/);
  assert.equal(await driver.limit(target, 0n), '');
  assert.equal(await driver.limit(target, 0n), '', 'a limit that is not there is lifted');
  assert.deepEqual(await driver.report(), []);
  assert.match(await driver.limit({ path: ['missing'], id: 0 }, MIB), /^gluster: .*No such file or directory/);
});

async function entriesOf(driver: ReturnType<typeof createGlusterDriver>) {
  const report = await driver.report();
  assert.ok(!('kind' in report));
  return report;
}
