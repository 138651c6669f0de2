import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claim, claims, configMap, configMaps, MERGE, storageClasses } from './objects.ts';
import { connect } from './target.ts';

const api = await connect();
const namespace = await api.namespace();

async function make(name: string, metadata: object = {}) {
  const { status, json } = await api.call(configMaps(namespace), {
    method: 'POST',
    body: configMap(name, {}, metadata),
  });
  assert.equal(status, 201);
  return json;
}

const remove = (name: string, body?: object, query = '') =>
  api.call(`${configMaps(namespace, name)}${query}`, { method: 'DELETE', ...(body && { body }) });

test('a delete answers with a Status that names what went', async () => {
  const made = await make('gone');
  const { status, json } = await remove('gone');
  assert.equal(status, 200);
  assert.equal(json.kind, 'Status');
  assert.equal(json.status, 'Success');
  assert.deepEqual(json.details, { name: 'gone', kind: 'configmaps', uid: made.metadata.uid });
  assert.equal((await api.call(configMaps(namespace, 'gone'))).status, 404);
});

test('the delete of a storage class answers with the class', async () => {
  const body = { metadata: { name: `class-${namespace}` }, provisioner: 'example.com/none' };
  await api.call(storageClasses(), { method: 'POST', body });
  const { status, json } = await api.call(storageClasses(`class-${namespace}`), { method: 'DELETE' });
  assert.equal(status, 200);
  assert.equal(json.kind, 'StorageClass');
});

test('a delete of what is not there answers NotFound', async () => {
  assert.equal((await remove('nobody')).status, 404);
});

test('an object with a finalizer waits for it, and then goes', async () => {
  await make('waiting', { finalizers: ['example.com/hold'] });
  const { status, json } = await remove('waiting');
  assert.equal(status, 200);
  assert.match(json.metadata.deletionTimestamp, /^\d{4}-/);
  assert.equal(json.metadata.deletionGracePeriodSeconds, 0);
  const again = await remove('waiting');
  assert.equal(again.status, 200);
  assert.equal(again.json.metadata.deletionTimestamp, json.metadata.deletionTimestamp);
  const freed = { metadata: { finalizers: null } };
  await api.call(configMaps(namespace, 'waiting'), { method: 'PATCH', headers: MERGE, body: freed });
  assert.equal((await api.call(configMaps(namespace, 'waiting'))).status, 404);
});

test('an object that is being deleted takes no new finalizer', async () => {
  await make('closing', { finalizers: ['example.com/hold'] });
  await remove('closing');
  const more = { metadata: { finalizers: ['example.com/hold', 'example.com/more'] } };
  const { status, json } = await api.call(configMaps(namespace, 'closing'), {
    method: 'PATCH',
    headers: MERGE,
    body: more,
  });
  assert.equal(status, 422);
  assert.match(json.message, /no new finalizers can be added if the object is being deleted/);
  const freed = { metadata: { finalizers: null } };
  await api.call(configMaps(namespace, 'closing'), { method: 'PATCH', headers: MERGE, body: freed });
});

test('a delete of another uid or version is refused as a conflict', async () => {
  const made = await make('precise');
  const uid = '00000000-0000-4000-8000-000000000000';
  const other = await remove('precise', { preconditions: { uid } });
  assert.equal(other.status, 409);
  assert.match(
    other.json.message,
    /^Operation cannot be fulfilled on ConfigMap "precise": the UID in the precondition \(00000000-0000-4000-8000-000000000000\) does not match the UID in record \([-0-9a-f]{36}\)/,
  );
  const older = await remove('precise', { preconditions: { resourceVersion: '1' } });
  assert.equal(older.status, 409);
  assert.match(
    older.json.message,
    /the ResourceVersion in the precondition \(1\) does not match the ResourceVersion in record/,
  );
  const exact = { uid: made.metadata.uid, resourceVersion: made.metadata.resourceVersion };
  assert.equal((await remove('precise', { preconditions: exact })).status, 200);
});

test('a delete as a dry run leaves the object', async () => {
  await make('dry');
  assert.equal((await remove('dry', undefined, '?dryRun=All')).status, 200);
  assert.equal((await remove('dry', { dryRun: ['All'] })).status, 200);
  assert.equal((await api.call(configMaps(namespace, 'dry'))).status, 200);
});

test('an unknown propagation policy is refused', async () => {
  await make('policy');
  const { status } = await remove('policy', { propagationPolicy: 'Sideways' });
  assert.equal(status, 422);
  assert.equal((await remove('policy', { propagationPolicy: 'Background' })).status, 200);
});

test('a collection is deleted by selector', async () => {
  await make('one', { labels: { batch: 'yes' } });
  await make('two', { labels: { batch: 'yes' } });
  await make('three', { labels: { batch: 'no' } });
  const { status } = await api.call(`${configMaps(namespace)}?labelSelector=batch%3Dyes`, { method: 'DELETE' });
  assert.equal(status, 200);
  const { json } = await api.call(`${configMaps(namespace)}?labelSelector=batch`);
  assert.deepEqual(
    json.items.map(({ metadata }: { metadata: { name: string } }) => metadata.name),
    ['three'],
  );
});

test('a claim is held by its protection until that is taken off', async () => {
  await api.call(claims(namespace), { method: 'POST', body: claim({ name: 'held' }) });
  const { json } = await api.call(claims(namespace, 'held'), { method: 'DELETE' });
  assert.equal(json.kind, 'PersistentVolumeClaim');
});

test('a new namespace is active, carries its name as a label, and knows its finalizer', async () => {
  const { json } = await api.call(`/api/v1/namespaces/${namespace}`);
  assert.equal(json.status.phase, 'Active');
  assert.equal(json.metadata.labels['kubernetes.io/metadata.name'], namespace);
  assert.deepEqual(json.spec.finalizers, ['kubernetes']);
});

test('the namespaces that a cluster needs are there', async () => {
  const { json } = await api.call('/api/v1/namespaces');
  const names = json.items.map(({ metadata }: { metadata: { name: string } }) => metadata.name);
  for (const name of ['default', 'kube-node-lease', 'kube-public', 'kube-system'])
    assert.ok(names.includes(name), name);
});

test('a namespace takes what is in it with it', async () => {
  const doomed = await api.namespace();
  await api.call(configMaps(doomed), { method: 'POST', body: configMap('inside') });
  await using watch = await api.watch(`/api/v1/namespaces?watch=true&fieldSelector=metadata.name%3D${doomed}`);
  assert.equal((await watch.next())?.type, 'ADDED');
  const { json } = await api.call(`/api/v1/namespaces/${doomed}`, { method: 'DELETE' });
  assert.equal(json.status.phase, 'Terminating');
  let event = await watch.next();
  while (event?.type === 'MODIFIED') event = await watch.next();
  assert.equal(event?.type, 'DELETED');
  assert.equal((await api.call(configMaps(doomed, 'inside'))).status, 404);
});

test('nothing new is made in a namespace that is on its way out', async () => {
  const doomed = await api.namespace();
  await api.call(configMaps(doomed), {
    method: 'POST',
    body: configMap('holds', {}, { finalizers: ['example.com/hold'] }),
  });
  await api.call(`/api/v1/namespaces/${doomed}`, { method: 'DELETE' });
  const { status, json } = await api.call(configMaps(doomed), { method: 'POST', body: configMap('late') });
  assert.equal(status, 403);
  assert.equal(
    json.message,
    `configmaps "late" is forbidden: unable to create new content in namespace ${doomed} because it is being terminated`,
  );
  assert.equal(json.details.causes[0].reason, 'NamespaceTerminating');
  const freed = { metadata: { finalizers: null } };
  await api.call(configMaps(doomed, 'holds'), { method: 'PATCH', headers: MERGE, body: freed });
});

test('the default namespace stays', async () => {
  const { status } = await api.call('/api/v1/namespaces/default', { method: 'DELETE' });
  assert.equal(status, 403);
});
