import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { kinds, type PersistentVolume } from '../kube/kinds.ts';
import { FINALIZER } from './annotation.ts';
import { claimDraft, classDraft, refusal, startWorld, volumeOf, type World } from './world.fixture.ts';

const TIMEOUT = { timeout: 15_000 };

/** Every patch of a volume is refused, as the roles would. */
async function unpatched(t: TestContext, parameters: Record<string, string>): Promise<World> {
  const world = await startWorld(t, { finalizers: false });
  const all = { pathPattern: '${.PVC.name}', ...parameters };
  await world.client.create(kinds.StorageClass, classDraft('larder', all, { reclaimPolicy: 'Delete' }));
  world.intercept = ({ method, path }) =>
    method === 'PATCH' && path.includes('/persistentvolumes/') ? refusal(403, 'Forbidden') : undefined;
  return world;
}

async function filled(world: World): Promise<PersistentVolume> {
  await world.client.create(kinds.PersistentVolumeClaim, claimDraft('data', 'larder'));
  const volume = await world.until(() => volumeOf(world, 'default/data'));
  writeFileSync(join(world.folder, 'data', 'file'), 'dear');
  return volume;
}

const drop = (world: World): Promise<void> =>
  world.client.delete(kinds.PersistentVolumeClaim, { namespace: 'default', name: 'data' });

const patches = (world: World): readonly string[] =>
  world.writes.filter((write) => write === 'PATCH persistentvolumes');

test(
  'where volumes may not be patched they have no finalizer, and are removed without asking for one',
  TIMEOUT,
  async (t) => {
    const world = await unpatched(t, { archiveOnDelete: 'true' });
    const volume = await filled(world);
    assert.ok(!volume.metadata.finalizers?.includes(FINALIZER));
    await drop(world);
    await world.until(() => !world.provision.caches.volumes.get(volume.metadata.name));
    assert.equal(readFileSync(join(world.folder, 'archived-data', 'file'), 'utf8'), 'dear');
    assert.deepEqual(patches(world), []);
  },
);

test('a volume that changes in the moment of its removal gets its directory back', TIMEOUT, async (t) => {
  const world = await unpatched(t, { onDelete: 'delete' });
  const { name } = (await filled(world)).metadata;
  const refuse = world.intercept;
  let moved = false;
  world.intercept = (request) => {
    if (request.method !== 'DELETE' || !request.path.endsWith(name) || moved) return refuse?.(request);
    moved = !existsSync(join(world.folder, 'data'));
    void world.client.patch(
      kinds.PersistentVolume,
      { name },
      { kind: 'merge', value: { spec: { persistentVolumeReclaimPolicy: 'Retain' } } },
    );
    return refusal(409, 'Conflict');
  };
  await drop(world);
  await world.until(() => world.provision.caches.volumes.get(name)?.spec.persistentVolumeReclaimPolicy === 'Retain');
  await world.until(() => existsSync(join(world.folder, 'data', 'file')));
  await world.settle();
  assert.ok(moved, 'the directory had left');
  assert.equal(readFileSync(join(world.folder, 'data', 'file'), 'utf8'), 'dear');
});

test('a volume whose finalizer cannot be taken off stays as it is, and says why', TIMEOUT, async (t) => {
  const world = await unpatched(t, { onDelete: 'delete' });
  const { name } = (await filled(world)).metadata;
  const value = { metadata: { finalizers: ['kubernetes.io/pv-protection', FINALIZER] } };
  await world.client.patch(kinds.PersistentVolume, { name }, { kind: 'merge', value });
  await drop(world);
  await world.until(() => world.provision.caches.volumes.get(name)?.status?.phase === 'Released');
  const [event] = await world.events(name);
  assert.match(event ?? '', /VolumeFailedDelete: the volume has the finalizer .* grant "patch" on persistentvolumes/);
  assert.equal(readFileSync(join(world.folder, 'data', 'file'), 'utf8'), 'dear');
  assert.deepEqual(patches(world), []);
});
