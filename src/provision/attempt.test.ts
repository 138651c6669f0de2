import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { kinds } from '../kube/kinds.ts';
import { claimDraft, classDraft, startWorld, type World } from './world.fixture.ts';

const TIMEOUT = { timeout: 30_000 };
const DATA = { namespace: 'default', name: 'data' };

/** Gives a claim to Larder and stops right after its directory was made, before its volume is saved. */
async function stoppedBeforeSaving(t: TestContext): Promise<{ world: World; goOn: () => void }> {
  const held = Promise.withResolvers<void>();
  t.after(() => held.resolve()); // before the room's own end, which waits for what is under way: a test that fails ends, too
  const world = await startWorld(t);
  const [storage] = world.storages;
  assert.ok(storage);
  const ensure = storage.ensure.bind(storage);
  const made = t.mock.method(storage, 'ensure', async (...asked: Parameters<typeof ensure>) => {
    const result = await ensure(...asked);
    await held.promise;
    return result;
  });
  await world.client.create(kinds.StorageClass, classDraft('larder', {}));
  await world.client.create(kinds.PersistentVolumeClaim, claimDraft('data', 'larder'));
  await world.until(() => made.mock.callCount() > 0 && directories(world).length > 0);
  return { world, goOn: held.resolve };
}

const directories = ({ folder }: World): readonly string[] =>
  readdirSync(folder).filter((name) => !name.startsWith('.'));

const volumes = ({ writes }: World): readonly string[] => writes.filter((write) => write === 'POST persistentvolumes');

test(
  'a claim that is bound elsewhere while its directory is made gets no volume, and no directory',
  TIMEOUT,
  async (t) => {
    const { world, goOn } = await stoppedBeforeSaving(t);
    const value = { spec: { volumeName: 'elsewhere' } };
    await world.client.patch(kinds.PersistentVolumeClaim, DATA, { kind: 'merge', value });
    await world.until(() => world.provision.caches.claims.get('default/data')?.spec.volumeName === 'elsewhere');
    goOn();
    await world.until(() => directories(world).length === 0);
    await world.settle();
    assert.deepEqual(volumes(world), []);
  },
);

test('a volume that is made for the claim by hand meanwhile is the one it gets', TIMEOUT, async (t) => {
  const { world, goOn } = await stoppedBeforeSaving(t);
  await world.client.create(kinds.PersistentVolume, {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: 'by-hand' },
    spec: {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteMany'],
      persistentVolumeReclaimPolicy: 'Retain',
      storageClassName: 'larder',
      nfs: { server: '127.0.0.1', path: '/storage/v/by-hand' },
      claimRef: { kind: 'PersistentVolumeClaim', ...DATA },
    },
  });
  await world.until(() => world.provision.caches.volumes.get('by-hand'));
  goOn();
  await world.until(() => world.provision.caches.claims.get('default/data')?.spec.volumeName === 'by-hand');
  await world.until(() => directories(world).length === 0);
  await world.settle();
  assert.deepEqual(volumes(world), []);
});

test(
  'a process whose lease ran out meanwhile saves no volume; the directory stays for who leads now',
  TIMEOUT,
  async (t) => {
    const { world, goOn } = await stoppedBeforeSaving(t);
    const kept = directories(world);
    world.fence = false;
    goOn();
    await world.settle();
    assert.deepEqual(volumes(world), []);
    assert.deepEqual(directories(world), kept);
    world.fence = true;
    await world.clock.advance(30_000);
    await world.until(() => volumes(world).length === 1);
  },
);
