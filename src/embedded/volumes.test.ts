import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { isKubeError } from '../kube/error.ts';
import { kinds } from '../kube/kinds.ts';
import { createWorld, type World } from './volumes/world.fixture.ts';

async function world(t: TestContext): Promise<World> {
  const created = await createWorld();
  t.after(() => created.stop());
  return created;
}

const gone = (error: unknown): boolean => isKubeError(error, 'KUBE_NOT_FOUND');
const madeBy = { annotations: { 'pv.kubernetes.io/provisioned-by': 'example.org/disk' } };

test('a claim and a free volume are bound, whichever comes first', async (t) => {
  const { addClaim, addVolume, settle, claim, volume } = await world(t);
  await addVolume('first');
  await addClaim('data');
  await settle();
  await addClaim('logs', { resources: { requests: { storage: '2Gi' } } });
  await settle();
  assert.equal((await claim('logs')).status?.phase, 'Pending');
  await addVolume('second', { capacity: { storage: '3Gi' } });
  await settle();
  const data = await claim('data');
  assert.equal(data.spec.volumeName, 'first');
  assert.deepEqual(data.status, { phase: 'Bound', accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' } });
  const { status, spec } = await volume('first');
  assert.equal(status?.phase, 'Bound');
  assert.equal(spec.claimRef?.uid, data.metadata.uid);
  assert.equal((await claim('logs')).spec.volumeName, 'second');
});

test('of claims that want one volume only one gets it, and the others say why they wait', async (t) => {
  const { addClaim, addVolume, settle, claim, told } = await world(t);
  await addVolume('only');
  const names = ['a', 'b', 'c', 'd', 'e'];
  await Promise.all(names.map((name) => addClaim(name)));
  await settle();
  const claims = await Promise.all(names.map(claim));
  assert.deepEqual(claims.map(({ status }) => status?.phase).sort(), ['Bound', ...Array(4).fill('Pending')]);
  const waiting = claims.find(({ status }) => status?.phase === 'Pending');
  assert.deepEqual(await told(waiting?.metadata.name ?? ''), [
    'FailedBinding: no persistent volumes available for this claim and no storage class is set',
  ]);
});

test('a class asks its provisioner once, and the volume that names the claim is bound to it', async (t) => {
  const { addClass, addClaim, addVolume, settle, claim, volume, told, writes } = await world(t);
  await addClass('disk');
  const { metadata } = await addClaim('data', { storageClassName: 'disk' });
  await settle();
  const { annotations } = (await claim('data')).metadata;
  assert.equal(annotations?.['volume.kubernetes.io/storage-provisioner'], 'example.org/disk');
  assert.equal(annotations?.['volume.beta.kubernetes.io/storage-provisioner'], 'example.org/disk');
  assert.match((await told('data')).join(), /^ExternalProvisioning: [^,]*external provisioner 'example\.org\/disk'/);
  const { uid, namespace, name } = metadata;
  writes.length = 0;
  await addVolume('made', { storageClassName: 'disk', claimRef: { uid, name, ...(namespace ? { namespace } : {}) } });
  await settle();
  assert.equal((await claim('data')).spec.volumeName, 'made');
  assert.equal((await volume('made')).status?.phase, 'Bound');
  assert.deepEqual(writes, [
    'POST /api/v1/persistentvolumes',
    'PATCH /api/v1/persistentvolumes/made/status',
    'PATCH /api/v1/namespaces/shop/persistentvolumeclaims/data',
    'PATCH /api/v1/namespaces/shop/persistentvolumeclaims/data/status',
  ]);
});

test('nothing is written while nothing changes, but for a reminder of what still holds', async (t) => {
  const { addClaim, addVolume, settle, clock, writes } = await world(t);
  await addVolume('v');
  await addClaim('bound');
  await addClaim('waiting');
  await settle();
  writes.length = 0;
  await clock.advance(60_000);
  assert.equal(writes.length, 0, writes.join());
  await clock.advance(30 * 60_000);
  const told = writes.filter((write) => !write.includes('/nodes/here/status'));
  assert.deepEqual(
    told.map((write) => write.replace(/waiting\.[0-9a-f]+$/, 'waiting.ID')),
    ['PATCH /api/v1/namespaces/shop/events/waiting.ID'],
  );
});

test('a claim without a class gets one that becomes the default later', async (t) => {
  const { addClass, addClaim, settle, claim } = await world(t);
  await addClaim('early');
  await settle();
  assert.equal((await claim('early')).spec.storageClassName, undefined);
  await addClass('usual', {}, { annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } });
  await settle();
  const early = await claim('early');
  assert.equal(early.spec.storageClassName, 'usual');
  assert.equal(early.metadata.annotations?.['volume.kubernetes.io/storage-provisioner'], 'example.org/disk');
});

test('a claim and a volume may each name the other', async (t) => {
  const { addClaim, addVolume, settle, claim, volume } = await world(t);
  await addVolume('smaller');
  await addVolume('wanted', { capacity: { storage: '5Gi' } });
  await addClaim('naming', { volumeName: 'wanted' });
  await addVolume('reserved', { capacity: { storage: '9Gi' }, claimRef: { namespace: 'shop', name: 'named' } });
  await addClaim('named');
  await settle();
  assert.equal((await claim('naming')).spec.volumeName, 'wanted');
  assert.equal((await claim('named')).spec.volumeName, 'reserved');
  assert.equal((await volume('smaller')).status?.phase, 'Available');
});

test('a claim that is gone releases its volume, which is kept, left to its maker, or refused', async (t) => {
  const { addClaim, addVolume, settle, remove, volume, told } = await world(t);
  await addVolume('kept', { persistentVolumeReclaimPolicy: 'Retain' });
  await addVolume('made', { persistentVolumeReclaimPolicy: 'Delete' }, madeBy);
  await addVolume('orphan', { persistentVolumeReclaimPolicy: 'Delete' });
  for (const name of ['kept', 'made', 'orphan']) await addClaim(name, { volumeName: name });
  await settle();
  for (const name of ['kept', 'made', 'orphan']) await remove(kinds.PersistentVolumeClaim, name);
  await settle();
  const phases = await Promise.all(['kept', 'made', 'orphan'].map(async (name) => (await volume(name)).status?.phase));
  assert.deepEqual(phases, ['Released', 'Released', 'Failed']);
  assert.deepEqual(await told('orphan'), [
    'VolumeFailedDelete: error getting deleter volume plugin for volume "orphan": no deletable volume plugin matched',
  ]);
});

test('a released volume is not given to a new claim of the same name', async (t) => {
  const { addClaim, addVolume, settle, remove, claim, volume } = await world(t);
  await addVolume('v');
  await addClaim('data');
  await settle();
  await remove(kinds.PersistentVolumeClaim, 'data');
  await settle();
  await addClaim('data');
  await settle();
  assert.equal((await claim('data')).status?.phase, 'Pending');
  assert.equal((await volume('v')).status?.phase, 'Released');
});

test('a bound volume outlives its deletion until its claim is gone, and the claim is not lost meanwhile', async (t) => {
  const { addClaim, addVolume, settle, remove, claim, volume } = await world(t);
  await addVolume('v');
  await addClaim('data');
  await settle();
  await remove(kinds.PersistentVolume, 'v');
  await settle();
  assert.ok((await volume('v')).metadata.deletionTimestamp);
  assert.equal((await claim('data')).status?.phase, 'Bound');
  await remove(kinds.PersistentVolumeClaim, 'data');
  await settle();
  await assert.rejects(volume('v'), gone);
});

test('a claim whose volume vanished is lost, and found again when the volume comes back', async (t) => {
  const { client, addClaim, addVolume, settle, remove, claim, told } = await world(t);
  await addVolume('v');
  await addClaim('data');
  await settle();
  const unprotected = { kind: 'merge', value: { metadata: { finalizers: null } } } as const;
  await remove(kinds.PersistentVolume, 'v');
  await client.patch(kinds.PersistentVolume, { name: 'v' }, unprotected);
  await settle();
  assert.equal((await claim('data')).status?.phase, 'Lost');
  assert.deepEqual(await told('data'), [
    'ClaimLost: Bound claim has lost its PersistentVolume. Data on the volume is lost!',
  ]);
  await addVolume('v');
  await settle();
  assert.equal((await claim('data')).status?.phase, 'Bound');
});

test('a claim that a pod uses outlives its deletion until the pod is gone', async (t) => {
  const { client, addClaim, addVolume, addPod, settle, remove, claim } = await world(t);
  await addVolume('v');
  await addClaim('data');
  await addPod('web', 'data');
  await settle();
  await remove(kinds.PersistentVolumeClaim, 'data');
  await settle();
  assert.ok((await claim('data')).metadata.deletionTimestamp);
  await client.delete(kinds.Pod, { namespace: 'shop', name: 'web' });
  await settle();
  await assert.rejects(claim('data'), gone);
});

test('a volume made for a claim that took another is released to its maker', async (t) => {
  const { addClass, addClaim, addVolume, settle, claim, volume } = await world(t);
  await addClass('disk');
  const { metadata } = await addClaim('data', { storageClassName: 'disk' });
  await settle();
  const { uid, name, namespace } = metadata;
  const claimRef = { uid, name, ...(namespace ? { namespace } : {}) };
  const spec = { storageClassName: 'disk', persistentVolumeReclaimPolicy: 'Delete', claimRef } as const;
  await addVolume('one', spec, madeBy);
  await settle();
  await addVolume('two', spec, madeBy);
  await settle();
  assert.equal((await claim('data')).spec.volumeName, 'one');
  assert.equal((await volume('one')).status?.phase, 'Bound');
  assert.equal((await volume('two')).status?.phase, 'Released');
});
