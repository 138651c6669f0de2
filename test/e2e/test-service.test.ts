/** What the pods of the Terraform module test-service do, done for real. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Container, containerFor, scriptOf } from './test-service.ts';

const NOBODY = 65_534;
const PATHS = {
  'module.config.path': '/storage/v/glusterfs_provisioner-test_config',
  'module.data.path': '/storage/v/glusterfs_provisioner-test_data',
};
const claims = scriptOf('claims', PATHS);

/** A filesystem that says it comes from that directory of the export; `size` and `mode` are those of tmpfs. */
const mounted = (place: string, path: string, mode = '0777', size = '1m'): string =>
  `mkdir -p $root${place}; umount $root${place} 2> /dev/null || true
   mount -t tmpfs -o mode=${mode},size=${size} 127.0.0.1:${path} $root${place}`;

const both = `${mounted('/config', PATHS['module.config.path'])}\n${mounted('/data', PATHS['module.data.path'])}`;

test('the script of the test service passes on its directories, and says which case does not hold', async (t) => {
  const container = await containerFor(t);
  if (typeof container === 'string') return t.skip(container);
  await container.prepare(both);
  assert.deepEqual(await container.run(claims, NOBODY), { passed: true, message: '' });
  const left = await container.prepare('cat $root/config/test $root/data/test; ls $root/config $root/data');
  assert.equal(
    left,
    'written by test-1\nwritten by test-1\n/mnt/container/config:\ntest\n\n/mnt/container/data:\ntest\n',
  );

  await elsewhere(container);
  await unwritable(container);
});

/** Case 2: another directory than that of the convention. */
async function elsewhere(container: Container): Promise<void> {
  for (const [place, path] of [
    ['/config', PATHS['module.config.path']],
    ['/data', PATHS['module.data.path']],
  ] as const) {
    await container.prepare(`${both}\n${mounted(place, `${path}-1`)}`);
    const { passed, message } = await container.run(claims, NOBODY);
    assert.equal(passed, false);
    assert.ok(message.startsWith(`case 2: ${place} is not ${path}: 127.0.0.1:${path}-1 ${place} tmpfs `), message);
  }
}

/** Case 3: a directory that an ordinary user cannot write, and one without room. */
async function unwritable(container: Container): Promise<void> {
  await container.prepare(`${both}\n${mounted('/data', PATHS['module.data.path'], '0755')}`);
  const message = `case 3: cannot write in /data as uid ${NOBODY}`;
  assert.deepEqual(await container.run(claims, NOBODY), { passed: false, message });
  assert.deepEqual(await container.run(claims, 0), { passed: true, message: '' });

  await container.prepare(`${both}\nhead -c 2m /dev/zero > $root/config/ballast 2> /dev/null || true`);
  const full = await container.run(claims, NOBODY);
  assert.deepEqual([full.passed, full.message.slice(0, 'case 3: '.length)], [false, 'case 3: ']);
}

test('the script beside a hostPath passes when the directory can be read, and writes nothing there', async (t) => {
  const container = await containerFor(t);
  if (typeof container === 'string') return t.skip(container);
  const path = '/storage/v/glusterfs_byhand_data';
  const script = scriptOf('host-path', { 'var.existing_path': path });
  const message = `case 4: cannot read ${path}`;
  assert.deepEqual(await container.run(script, 0), { passed: false, message }, 'nothing is mounted');
  await container.prepare(`${mounted('/existing', path)}; echo dear > $root/existing/letter
    mount -o remount,ro $root/existing; find $root/existing -printf '%p %m %T@ %C@\\n' > /mnt/before`);
  assert.deepEqual(await container.run(script, 0), { passed: true, message: '' });
  await container.prepare(`find $root/existing -printf '%p %m %T@ %C@\\n' | cmp - /mnt/before`);
});
