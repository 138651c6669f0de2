import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { StorageClass } from '../../kube/kinds.ts';
import { kinds, type PersistentVolume } from '../../kube/kinds.ts';
import { claimDraft, classDraft, startWorld, volumeOf, type World } from '../world.fixture.ts';
import { moveRequestOf, parseManifest } from './manifest.ts';
import { DATA } from './trashed.fixture.ts';

const TIMEOUT = { timeout: 15_000 };
const OPTIONS = ['vers=4.1', 'softerr', 'timeo=30'];

/** A class of archives, and a directory from before that its claim `data` has adopted. */
async function adopted(t: TestContext, mountOptions: readonly string[]): Promise<World> {
  const world = await startWorld(t);
  const parameters = { pathPattern: '${.PVC.name}', adopt: 'any', export: 'nfs' };
  const more: Partial<StorageClass> = { reclaimPolicy: 'Delete', mountOptions };
  await world.client.create(kinds.StorageClass, classDraft('larder', parameters, more));
  mkdirSync(join(world.folder, 'data'));
  writeFileSync(join(world.folder, 'data', 'file'), 'old');
  await world.client.create(kinds.PersistentVolumeClaim, claimDraft('data', 'larder'));
  await world.until(() => volumeOf(world, 'default/data'));
  return world;
}

async function archived(world: World): Promise<string> {
  const { name } = (await world.until(() => volumeOf(world, 'default/data'))).metadata;
  await world.client.delete(kinds.PersistentVolumeClaim, DATA);
  await world.until(() => !world.provision.caches.volumes.get(name));
  assert.ok(existsSync(join(world.folder, 'archived-data', 'file')));
  return name;
}

const marks = ({ metadata, spec }: PersistentVolume) => ({
  mountOptions: spec.mountOptions,
  adopted: metadata.annotations?.['larder.dev/adopted'],
});

test('a volume comes back with its mount options, and as one whose data was there before', TIMEOUT, async (t) => {
  const world = await adopted(t, OPTIONS);
  const name = await archived(world);
  await world.client.delete(kinds.StorageClass, { name: 'larder' });
  await world.provision.volumes.undelete({ ...DATA, dryRun: false });
  const back = await world.client.get(kinds.PersistentVolume, { name });
  assert.deepEqual(marks(back), { mountOptions: OPTIONS, adopted: 'true' });
});

test('where no note says them, mount options are those of the class', TIMEOUT, async (t) => {
  const long = Array.from({ length: 600 }, (_, index) => `option-${index}`);
  const world = await adopted(t, long);
  const name = await archived(world);
  await world.provision.volumes.undelete({ ...DATA, dryRun: false });
  const back = await world.client.get(kinds.PersistentVolume, { name });
  assert.deepEqual(marks(back), { mountOptions: long, adopted: 'true' });
});

test('an archive of somebody else becomes a volume whose data was there before', TIMEOUT, async (t) => {
  const world = await adopted(t, OPTIONS);
  mkdirSync(join(world.folder, 'archived-theirs'));
  writeFileSync(join(world.folder, 'archived-theirs', 'file'), 'old');
  const request = {
    entry: 'archived-theirs',
    claim: 'default/theirs',
    size: '1Gi',
    className: 'larder',
    dryRun: false,
  };
  const { volume } = await world.provision.volumes.restore(request);
  const back = await world.client.get(kinds.PersistentVolume, { name: volume });
  assert.deepEqual(marks(back), { mountOptions: OPTIONS, adopted: 'true' });
});

test('a note holds what the volume said, and of odd values nothing', () => {
  const volume: PersistentVolume = {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: {
      name: 'pv',
      uid: 'u',
      resourceVersion: '1',
      annotations: { 'larder.dev/adopted': 'true', 'larder.dev/delete-adopted': 'true' },
    },
    spec: { capacity: { storage: '1Gi' }, mountOptions: OPTIONS },
  };
  const where = {
    export: { backend: 'nfs', server: 'nas', path: '/v', root: '/mnt' },
    path: ['data'],
    retention: { text: 'never', ms: undefined },
  } as const;
  const note = parseManifest(moveRequestOf(volume, where, 0).manifest);
  assert.deepEqual([note?.mountOptions, note?.adopted, note?.deleteAdopted], [OPTIONS, true, true]);
  const odd = parseManifest('{"capacity":"1Gi","mountOptions":["hard",7,null],"adopted":"true","deleteAdopted":1}');
  assert.deepEqual([odd?.mountOptions, odd?.adopted, odd?.deleteAdopted], [['hard'], undefined, undefined]);
  assert.equal(parseManifest('{"mountOptions":"hard"}')?.mountOptions, undefined);
});
