/** The provisioner's whole journey on GlusterFS, and what NFS clients of Ganesha see of it. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { kinds } from '../../src/kube/index.ts';
import { applyClaim, bound, eventsOf } from '../e2e/claims.ts';
import { eventually, runLarder } from '../e2e/larder.ts';
import { addressOf, embedded } from '../e2e/site.ts';
import { type Gluster, glusterOf } from './gluster.ts';
import { type Stage, stageFor } from './stage.ts';

export async function onGluster(t: TestContext): Promise<void> {
  const gluster = await glusterOf(t);
  if (typeof gluster === 'string') return t.skip(gluster);
  const stage = await stageFor(t, {
    place: embedded,
    exports: { gluster: gluster.root },
    args: ['--watch-interval', '3s'],
  });
  await t.test('a claim adopts the directory that bears its name, and changes nothing in it', () =>
    adopts(stage, gluster),
  );
  await t.test('claims of one namespace share a directory', () => shares(stage, gluster));
  await t.test('a new directory has mode 0777 and root, and NFS clients of Ganesha read and write in it', () =>
    serves(stage, gluster),
  );
  await t.test('usage is what is in the directory', () => measures(stage, gluster));
  await t.test('an archived directory keeps its data under its other name', () => archives(stage, gluster));
  await t.test('a deleted one comes back by undelete', () => comesBack(stage, gluster));
  await t.test('a volume whose bricks are stopped is unavailable, not missing, and heals', () => stops(stage, gluster));
}

async function adopts(stage: Stage, { root }: Gluster): Promise<void> {
  const { client } = stage;
  const pathPattern = 'glusterfs_${.PVC.annotations.volume-name}';
  await stage.addClass('gluster', { pathPattern, adopt: 'any' }, 'named');
  const directory = join(root, 'glusterfs_myapp_data');
  mkdirSync(directory);
  writeFileSync(join(directory, 'kept'), 'precious', { mode: 0o600 });
  const annotations = { 'volume-name': 'myapp_data' };
  await applyClaim(client, { name: 'myapp-data', storageClass: 'named', size: '1Gi', annotations });
  const { volume } = await bound(client, 'default', 'myapp-data');
  assert.deepEqual(volume.spec.nfs, { server: 'gluster', path: '/v/glusterfs_myapp_data' });
  assert.equal(readFileSync(join(directory, 'kept'), 'utf8'), 'precious');
  assert.equal(statSync(join(directory, 'kept')).mode & 0o777, 0o600);
  await eventually('the event of the adoption', async () =>
    (await eventsOf(client, 'default', 'myapp-data')).find(({ reason }) => reason === 'VolumeAdopted'),
  );
}

async function shares({ client }: Stage, { root }: Gluster): Promise<void> {
  const annotations = { 'volume-name': 'myapp_data' };
  await applyClaim(client, { name: 'sharer', storageClass: 'named', size: '1Gi', annotations });
  const { volume } = await bound(client, 'default', 'sharer');
  assert.equal(volume.spec.nfs?.path, '/v/glusterfs_myapp_data');
  assert.deepEqual(readdirSync(join(root, 'glusterfs_myapp_data')), ['kept']);
}

async function serves({ client }: Stage, { root, nfs, nfsWrite }: Gluster): Promise<void> {
  await applyClaim(client, { name: 'fresh', storageClass: 'gluster', size: '1Gi' });
  await bound(client, 'default', 'fresh');
  const { mode, uid, gid } = statSync(join(root, 'x-fresh'));
  assert.deepEqual([mode & 0o7777, uid, gid], [0o777, 0, 0]);
  assert.match(await nfs('nfs-ls', '/store/'), /^drwxrwxrwx .* x-fresh$/m);
  await nfsWrite('/store/x-fresh/letter', 'dear');
  assert.equal(readFileSync(join(root, 'x-fresh', 'letter'), 'utf8'), 'dear');
  assert.equal(await nfs('nfs-cat', '/store/glusterfs_myapp_data/kept'), 'precious');
}

async function measures({ client, operator }: Stage, { root }: Gluster): Promise<void> {
  mkdirSync(join(root, 'glusterfs_filled'));
  writeFileSync(join(root, 'glusterfs_filled', 'filler'), Buffer.alloc(3 * 2 ** 20, 1));
  const annotations = { 'volume-name': 'filled' };
  await applyClaim(client, { name: 'filled', storageClass: 'named', size: '1Gi', annotations });
  await eventually('the usage of the volume', async () => {
    const { stdout } = await runLarder(['volumes', 'usage', '-n', 'default', '-o', 'json'], addressOf(operator));
    const rows: readonly { readonly claim?: string; readonly used?: string }[] = JSON.parse(stdout);
    const used = BigInt(rows.find(({ claim }) => claim === 'filled')?.used || 0);
    return used >= 3n * 2n ** 20n ? used : undefined;
  });
}

async function archives(stage: Stage, { root }: Gluster): Promise<void> {
  await stage.addClass('gluster', { onDelete: 'archive' }, 'archiving');
  await stage.claim('old', 'archiving');
  await stage.bound('old');
  writeFileSync(join(root, 'x-old', 'letter'), 'dear');
  await stage.client.delete(kinds.PersistentVolumeClaim, { namespace: 'default', name: 'old' });
  await eventually('the directory to leave', async () => !existsSync(join(root, 'x-old')) || undefined);
  assert.equal(readFileSync(join(root, 'archived-x-old', 'letter'), 'utf8'), 'dear');
}

async function comesBack(stage: Stage, { root }: Gluster): Promise<void> {
  await stage.addClass('gluster', { onDelete: 'delete' }, 'deleting');
  await stage.claim('notes', 'deleting');
  await stage.bound('notes');
  writeFileSync(join(root, 'x-notes', 'letter'), 'dear');
  await stage.client.delete(kinds.PersistentVolumeClaim, { namespace: 'default', name: 'notes' });
  await eventually('the directory to leave', async () => !existsSync(join(root, 'x-notes')) || undefined);
  const { code, stderr } = await runLarder(['volumes', 'undelete', 'default/notes'], addressOf(stage.operator));
  assert.equal(code, 0, stderr);
  assert.equal(readFileSync(join(root, 'x-notes', 'letter'), 'utf8'), 'dear');
  await stage.claim('notes', 'deleting');
  await stage.bound('notes');
  assert.deepEqual(readdirSync(join(root, 'x-notes')), ['letter']);
}

async function stops(stage: Stage, { root, room }: Gluster): Promise<void> {
  await room.run('gluster --mode=script volume stop store force');
  await stage.claim('patient', 'gluster');
  await stage.refusedLike('patient', /^storage unavailable: export gluster:\/v failed \(ENOTCONN\): check the server/);
  await stage.healthy();
  await room.run('gluster --mode=script volume start store');
  await stage.bound('patient');
  assert.ok(existsSync(join(root, 'x-patient')));
}
