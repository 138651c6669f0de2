import assert from 'node:assert/strict';
import { it } from 'node:test';
import { kinds } from '../../kube/kinds.ts';
import { claimDraft, classDraft, namespaceDraft, startWorld, volumeOf } from '../world.fixture.ts';

const GIB = 1024n ** 3n;
const sized = (storage: string) => ({ spec: { resources: { requests: { storage } } } });

it('what is requested follows the volumes: made, grown, released, and after a restart', async (t) => {
  let world = await startWorld(t);
  const tally = () => world.provision.catalog.tally;
  const place = world.storages[0]?.description;
  assert.ok(place);
  const other = { ...place, root: '/elsewhere' };
  const { client } = world;
  await client.create(kinds.StorageClass, classDraft('dirs', { pathPattern: '${.PVC.namespace}-${.PVC.name}' }));
  await client.create(kinds.Namespace, namespaceDraft('shop'));
  await client.create(kinds.PersistentVolumeClaim, claimDraft('a', 'dirs', sized('1Gi')));
  await client.create(kinds.PersistentVolumeClaim, claimDraft('b', 'dirs', { ...sized('2Gi'), namespace: 'shop' }));
  const a = await world.until(() => volumeOf(world, 'default/a'));
  await world.until(() => volumeOf(world, 'shop/b'));
  assert.equal(tally().requested(place), 3n * GIB);
  assert.equal(tally().requestedBy('shop', place), 2n * GIB);
  assert.equal(tally().requestedBy('default', place, a.metadata.name), 0n);
  assert.equal(tally().requestedBy('shop', place, a.metadata.name), 2n * GIB, 'it is not of that namespace');
  assert.equal(tally().requested(other), 0n);

  const name = { namespace: 'default', name: 'a' };
  await client.patch(kinds.PersistentVolumeClaim, name, { kind: 'merge', value: sized('5Gi') });
  await world.until(() => volumeOf(world, 'default/a')?.spec.capacity['storage'] === '5Gi');
  assert.equal(tally().requested(place), 7n * GIB);

  world = await world.restart();
  assert.equal(tally().requested(place), 7n * GIB);
  await client.delete(kinds.PersistentVolumeClaim, name);
  await world.until(() => tally().requested(place) === 2n * GIB);
});
