import assert from 'node:assert/strict';
import { it, type TestContext } from 'node:test';
import { kinds } from '../../kube/kinds.ts';
import { claimDraft, classDraft, namespaceDraft, startWorld, volumeOf, type World } from '../world.fixture.ts';
import { budgetRoom } from './growth.ts';

const claimOf = (name: string, storage: string, className = 'dirs') =>
  claimDraft(name, className, { namespace: 'shop', spec: { resources: { requests: { storage } } } });

async function shopOf(t: TestContext, budget: string): Promise<World> {
  const world = await startWorld(t);
  const parameters = { pathPattern: '${.PVC.name}', onDelete: 'delete' };
  await world.client.create(kinds.StorageClass, classDraft('dirs', parameters, { reclaimPolicy: 'Delete' }));
  const draft = namespaceDraft('shop');
  const metadata = { ...draft.metadata, annotations: { 'larder.dev/budget': budget } };
  await world.client.create(kinds.Namespace, { ...draft, metadata });
  await world.until(() => world.provision.caches.namespaces?.get('shop'));
  return world;
}

const make = (world: World, ...args: Parameters<typeof claimOf>) =>
  world.client.create(kinds.PersistentVolumeClaim, claimOf(...args));

it('of claims that come at once only as many get a volume as the budget has room for', async (t) => {
  const world = await shopOf(t, '3Gi');
  await Promise.all(['a', 'b', 'c', 'd', 'e'].map((name) => make(world, name, '1Gi')));
  await world.settle();
  assert.equal([...world.provision.caches.volumes.list()].length, 3);
  const refused = ['a', 'b', 'c', 'd', 'e'].filter((name) => !volumeOf(world, `shop/${name}`));
  assert.equal(refused.length, 2);
  for (const name of refused) {
    const [event] = await world.events(name);
    assert.match(
      event ?? '',
      /^ProvisioningFailed: namespace shop has a budget of 3Gi, of which \dGi is requested already, and 1Gi is asked for on export 127\.0\.0\.1:\/storage\/v/,
    );
  }
});

it('a refused claim gets its volume when another goes, or when the budget is raised', async (t) => {
  const world = await shopOf(t, '2Gi');
  await make(world, 'a', '2Gi');
  await world.until(() => volumeOf(world, 'shop/a'));
  await make(world, 'b', '1Gi');
  await make(world, 'c', '2Gi');
  await world.settle();
  assert.equal(volumeOf(world, 'shop/b'), undefined);
  await world.client.delete(kinds.PersistentVolumeClaim, { namespace: 'shop', name: 'a' });
  await world.until(() => volumeOf(world, 'shop/b') ?? volumeOf(world, 'shop/c'));
  const value = { metadata: { annotations: { 'larder.dev/budget': '10Gi' } } };
  await world.client.patch(kinds.Namespace, { name: 'shop' }, { kind: 'merge', value });
  await world.until(() => volumeOf(world, 'shop/b') && volumeOf(world, 'shop/c'));
});

it('a budget that cannot be read lets nothing in, and says so', async (t) => {
  const world = await shopOf(t, 'lots');
  await make(world, 'a', '1Gi');
  await world.settle();
  assert.equal(volumeOf(world, 'shop/a'), undefined);
  assert.match((await world.events('a'))[0] ?? '', /annotation larder\.dev\/budget "lots", which is no quantity/);
});

it('the class has a budget for each namespace; another namespace is not concerned', async (t) => {
  const world = await shopOf(t, '100Gi');
  const parameters = { pathPattern: '${.PVC.namespace}-${.PVC.name}', namespaceBudget: '1Gi' };
  await world.client.create(kinds.StorageClass, classDraft('small', parameters));
  await make(world, 'a', '1Gi', 'small');
  await world.until(() => volumeOf(world, 'shop/a'));
  await make(world, 'b', '1Mi', 'small');
  await world.client.create(kinds.PersistentVolumeClaim, claimDraft('a', 'small'));
  await world.until(() => volumeOf(world, 'default/a'));
  await world.settle();
  assert.equal(volumeOf(world, 'shop/b'), undefined);
  assert.match((await world.events('b'))[0] ?? '', /parameter namespaceBudget of the class/);
});

it('a volume does not grow beyond the budget; the claim hears why, and it grows when there is room', async (t) => {
  const world = await shopOf(t, '3Gi');
  await make(world, 'a', '1Gi');
  const volume = await world.until(() => volumeOf(world, 'shop/a'));
  const source = 'budget of namespace shop on export 127.0.0.1:/storage/v';
  assert.deepEqual(budgetRoom(world.provision.catalog, volume), { bytes: 2n * 1024n ** 3n, source });
  const ask = (storage: string) =>
    world.client.patch(
      kinds.PersistentVolumeClaim,
      { namespace: 'shop', name: 'a' },
      { kind: 'merge', value: { spec: { resources: { requests: { storage } } } } },
    );
  await ask('4Gi');
  await world.until(() => world.provision.caches.claims.get('shop/a')?.spec.resources.requests['storage'] === '4Gi');
  await world.settle();
  assert.equal(volumeOf(world, 'shop/a')?.spec.capacity['storage'], '1Gi');
  const said = (await world.events('a')).find((event) => event.startsWith('VolumeResizeFailed'));
  assert.match(said ?? '', /budget of 3Gi, of which 0 is requested already, and 4Gi is asked for/);
  const value = { metadata: { annotations: { 'larder.dev/budget': '4Gi' } } };
  await world.client.patch(kinds.Namespace, { name: 'shop' }, { kind: 'merge', value });
  await world.until(
    () => world.provision.caches.namespaces?.get('shop')?.metadata.annotations?.['larder.dev/budget'] === '4Gi',
  );
  await world.clock.advance(300_000);
  await world.until(() => volumeOf(world, 'shop/a')?.spec.capacity['storage'] === '4Gi');
});

it('a class that enforces quotas is refused where the filesystem has none, before a directory is made', async (t) => {
  const world = await shopOf(t, '100Gi');
  await world.client.create(
    kinds.StorageClass,
    classDraft('strict', { quota: 'enforce', pathPattern: '${.PVC.name}' }),
  );
  await make(world, 'a', '1Gi', 'strict');
  await world.settle();
  assert.equal(volumeOf(world, 'shop/a'), undefined);
  const listed = await world.storages[0]?.list([]);
  assert.deepEqual(listed, { kind: 'list', names: [] });
  assert.match(
    (await world.events('a'))[0] ?? '',
    /^ProvisioningFailed: quota cannot be enforced on a of export 127\.0\.0\.1:\/storage\/v: .*, or use a class whose parameter quota is "report"$/,
  );
});
