/** The whole journey on real input: a process, a claim over TLS, a real directory, real usage, growth, an explanation. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { kinds } from '../../src/kube/index.ts';
import { applyClaim, bound, eventsOf } from './claims.ts';
import { eventually } from './larder.ts';
import type { Journey, Place } from './site.ts';

const MIB = 1024 * 1024;

export const journey = (place: Place): readonly Journey[] => [
  {
    name: `on ${place.name} a claim gets its named directory, keeps data that was there, grows before it is full, and explains itself`,
    run: (t) => grows(t, place),
  },
  {
    name: `on ${place.name} a new directory has mode 0777 and its owner whatever the umask, and existing ones that no claim names stay as they are`,
    run: (t) => fresh(t, place),
  },
  {
    name: `on ${place.name} the default class deletes through the trash, and undelete brings the data back`,
    run: (t) => trash(t, place),
  },
];

async function grows(t: TestContext, place: Place): Promise<void> {
  const site = await place.site(t);
  const { client } = site;
  const namespace = site.named('default');

  const before = join(site.export, 'glusterfs_myapp_data');
  mkdirSync(join(before, 'sub'), { recursive: true });
  writeFileSync(join(before, 'sub', 'kept.txt'), 'precious', { mode: 0o600 });
  utimesSync(join(before, 'sub', 'kept.txt'), 1_000_000, 1_000_000);
  writeFileSync(join(site.export, 'not-a-volume'), '');

  await applyClaim(client, {
    name: 'myapp-data',
    namespace,
    storageClass: site.named('glusterfs-nfs'),
    size: '20Mi',
    annotations: {
      'volume-name': 'myapp_data',
      'pvc-chonker.io/enabled': 'true',
      'pvc-chonker.io/increase': '50%',
      'pvc-chonker.io/min-scale-up': '1Mi',
      'pvc-chonker.io/max-size': '40Mi',
      'pvc-chonker.io/cooldown': '1s',
    },
  });
  const { claim, volume } = await bound(client, namespace, 'myapp-data');
  assert.deepEqual(volume.spec.nfs, { server: '127.0.0.1', path: '/storage/v/glusterfs_myapp_data' });
  assert.equal(volume.metadata.name, `pvc-${claim.metadata.uid}`);
  assert.equal(volume.spec.persistentVolumeReclaimPolicy, 'Retain');
  assert.equal(volume.spec.nodeAffinity, undefined);

  const kept = join(before, 'sub', 'kept.txt');
  assert.equal(readFileSync(kept, 'utf8'), 'precious');
  assert.equal(statSync(kept).mode & 0o777, 0o600);
  assert.equal(statSync(kept).mtimeMs, 1_000_000_000);
  assert.deepEqual(
    readdirSync(site.export).filter((name) => name.startsWith('glusterfs_')),
    ['glusterfs_myapp_data'],
  );

  writeFileSync(join(before, 'filler'), randomBytes(18 * MIB));
  const grown = await eventually('the claim to grow', async () => {
    const { claim: now } = await bound(client, namespace, 'myapp-data');
    return now.status?.capacity?.['storage'] !== '20Mi' ? now : undefined;
  });
  assert.equal(grown.spec.resources.requests['storage'], '30Mi');
  assert.equal(grown.status?.capacity?.['storage'], '30Mi');
  assert.equal((await bound(client, namespace, 'myapp-data')).volume.spec.capacity['storage'], '30Mi');

  const explained = await site.run(['explain', 'pvc/myapp-data', '-n', namespace]);
  assert.equal(explained.code, 0, explained.stderr);
  assert.ok(explained.stdout.startsWith(`${namespace}/myapp-data`), explained.stdout);
  assert.ok(
    explained.stdout.split('\n').every((line) => line.length <= 80),
    explained.stdout,
  );
  await eventually('the event Expanded', async () => {
    const reasons = (await eventsOf(client, namespace, 'myapp-data')).map((event) => event.reason);
    return reasons.includes('VolumeAdopted') && reasons.includes('Expanded') ? reasons : undefined;
  });
}

async function fresh(t: TestContext, place: Place): Promise<void> {
  const site = await place.site(t);
  const { client } = site;
  const namespace = site.named('default');
  mkdirSync(join(site.export, 'glusterfs_other_data'), { mode: 0o700 });
  await applyClaim(client, {
    name: 'fresh',
    namespace,
    storageClass: site.named('glusterfs-nfs'),
    size: '1Gi',
    annotations: { 'volume-name': 'fresh_config' },
  });
  await bound(client, namespace, 'fresh');
  const state = statSync(join(site.export, 'glusterfs_fresh_config'));
  const owner = process.getuid?.() === 0 ? 0 : process.getuid?.();
  assert.deepEqual([state.mode & 0o7777, state.uid], [0o777, owner]);
  assert.equal(statSync(join(site.export, 'glusterfs_other_data')).mode & 0o777, 0o700);
}

async function trash(t: TestContext, place: Place): Promise<void> {
  const site = await place.site(t);
  const { client } = site;
  const namespace = site.named('default');
  const notes = { name: 'notes', namespace, size: '10Mi', storageClass: site.defaultClass };
  await applyClaim(client, notes);
  const { volume } = await bound(client, namespace, 'notes');
  const directory = volume.spec.local?.path ?? '';
  assert.equal(directory.startsWith(`${site.export}/`), true, directory);
  writeFileSync(join(directory, 'letter.txt'), 'dear');
  await client.delete(kinds.PersistentVolumeClaim, { namespace, name: 'notes' });
  await eventually('the directory to leave', async () => (existsSync(directory) ? undefined : true));

  const listed = await site.run(['volumes', 'undelete', '-o', 'json']);
  assert.equal(JSON.parse(listed.stdout).entries[0]?.claim, `${namespace}/notes`, listed.stderr);
  const dry = await site.run(['volumes', 'undelete', `${namespace}/notes`, '--dry-run']);
  assert.match(dry.stdout, /^would restore /);
  assert.equal(existsSync(directory), false);
  const real = await site.run(['volumes', 'undelete', `${namespace}/notes`]);
  assert.match(real.stdout, /^restored /, real.stderr);
  assert.equal(readFileSync(join(directory, 'letter.txt'), 'utf8'), 'dear');

  await applyClaim(client, notes);
  const again = await bound(client, namespace, 'notes');
  assert.equal(again.volume.spec.local?.path, directory);
  assert.equal(readFileSync(join(directory, 'letter.txt'), 'utf8'), 'dear');
}
