import assert from 'node:assert/strict';
import { test } from 'node:test';
import { APPLY, claim, claims, configMap, configMaps, JSON_PATCH, MERGE, STRATEGIC } from './objects.ts';
import { connect } from './target.ts';

const api = await connect();
const namespace = await api.namespace();

async function make(name: string, data: Record<string, string> = {}, metadata: object = {}): Promise<void> {
  const { status } = await api.call(configMaps(namespace), { method: 'POST', body: configMap(name, data, metadata) });
  assert.equal(status, 201);
}

const patch = (name: string, headers: Record<string, string>, body: unknown, query = '') =>
  api.call(`${configMaps(namespace, name)}${query}`, { method: 'PATCH', headers, body });

test('a merge patch sets members, and null removes them', async () => {
  await make('merge', { keep: '1', drop: '2' });
  const { status, json } = await patch('merge', MERGE, { data: { drop: null, add: '3' } });
  assert.equal(status, 200);
  assert.deepEqual(json.data, { keep: '1', add: '3' });
});

test('a merge patch replaces lists', async () => {
  await make('merge-list', {}, { finalizers: ['example.com/a', 'example.com/b'] });
  const { json } = await patch('merge-list', MERGE, { metadata: { finalizers: ['example.com/c'] } });
  assert.deepEqual(json.metadata.finalizers, ['example.com/c']);
  await patch('merge-list', MERGE, { metadata: { finalizers: null } });
});

test('a merge patch that names an older version is refused as a conflict', async () => {
  await make('merge-raced');
  const { status, json } = await patch('merge-raced', MERGE, { metadata: { resourceVersion: '1' }, data: { a: 'b' } });
  assert.equal(status, 409);
  assert.equal(json.reason, 'Conflict');
});

test('a JSON patch does its operations in order', async () => {
  await make('json', { a: '1' });
  const { status, json } = await patch('json', JSON_PATCH, [
    { op: 'test', path: '/data/a', value: '1' },
    { op: 'add', path: '/data/b', value: '2' },
    { op: 'move', from: '/data/a', path: '/data/c' },
  ]);
  assert.equal(status, 200);
  assert.deepEqual(json.data, { b: '2', c: '1' });
});

test('a JSON patch whose test fails changes nothing', async () => {
  await make('json-test', { a: '1' });
  const { status, json } = await patch('json-test', JSON_PATCH, [
    { op: 'add', path: '/data/b', value: '2' },
    { op: 'test', path: '/data/a', value: 'other' },
  ]);
  assert.equal(status, 422);
  assert.equal(json.reason, 'Invalid');
  assert.deepEqual((await api.call(configMaps(namespace, 'json-test'))).json.data, { a: '1' });
});

test('a JSON patch that removes what is not there is refused', async () => {
  await make('json-missing');
  const { status } = await patch('json-missing', JSON_PATCH, [{ op: 'remove', path: '/data/nothing' }]);
  assert.equal(status, 422);
});

test('a JSON patch that is no list is refused', async () => {
  await make('json-shape');
  const { status } = await patch('json-shape', JSON_PATCH, { op: 'add' });
  assert.equal(status, 400);
});

test('a strategic merge patch adds to lists that are merged', async () => {
  await make('strategic', {}, { finalizers: ['example.com/a'] });
  const { status, json } = await patch('strategic', STRATEGIC, { metadata: { finalizers: ['example.com/b'] } });
  assert.equal(status, 200);
  assert.deepEqual([...json.metadata.finalizers].sort(), ['example.com/a', 'example.com/b']);
  const cut = { metadata: { '$deleteFromPrimitiveList/finalizers': ['example.com/a', 'example.com/b'] } };
  assert.equal((await patch('strategic', STRATEGIC, cut)).json.metadata.finalizers, undefined);
});

test('a strategic merge patch merges a list by its key, and deletes by directive', async () => {
  const path = `/api/v1/namespaces/${namespace}/pods`;
  const container = (name: string, image: string) => ({ name, image });
  const body = { metadata: { name: 'pod' }, spec: { containers: [container('a', 'one:1'), container('b', 'two:1')] } };
  assert.equal((await api.call(path, { method: 'POST', body })).status, 201);
  const change = { spec: { containers: [container('b', 'two:2')] } };
  const { status, json } = await api.call(`${path}/pod`, { method: 'PATCH', headers: STRATEGIC, body: change });
  assert.equal(status, 200);
  assert.deepEqual(
    json.spec.containers.map(({ name, image }: { name: string; image: string }) => `${name}=${image}`),
    ['a=one:1', 'b=two:2'],
  );
  const removal = { spec: { containers: [{ name: 'a', $patch: 'delete' }] } };
  const refused = await api.call(`${path}/pod`, { method: 'PATCH', headers: STRATEGIC, body: removal });
  assert.equal(refused.status, 422);
  assert.match(refused.json.message, /spec\.containers: Forbidden: pod updates may not add or remove containers/);
});

test('a strategic merge patch replaces an object by directive', async () => {
  await make('strategic-replace', { a: '1', b: '2' });
  const { json } = await patch('strategic-replace', STRATEGIC, { data: { $patch: 'replace', c: '3' } });
  assert.deepEqual(json.data, { c: '3' });
});

test('another kind of patch is refused by name', async () => {
  await make('foreign');
  const { status, json } = await patch('foreign', { 'content-type': 'application/json' }, {});
  assert.equal(status, 415);
  assert.equal(json.reason, 'UnsupportedMediaType');
  assert.equal(json.message, '415: Unsupported Media Type');
});

test('a patch of something that is not there answers NotFound', async () => {
  assert.equal((await patch('ghost', MERGE, { data: {} })).status, 404);
});

test('a patch as a dry run leaves the object alone', async () => {
  await make('dry-patch', { a: '1' });
  const { json } = await patch('dry-patch', MERGE, { data: { a: '2' } }, '?dryRun=All');
  assert.deepEqual(json.data, { a: '2' });
  assert.deepEqual((await api.call(configMaps(namespace, 'dry-patch'))).json.data, { a: '1' });
});

test('an unknown field in a strict patch is refused with the field', async () => {
  await make('strict-patch');
  const { status, json } = await patch('strict-patch', MERGE, { foo: 1 }, '?fieldValidation=Strict');
  assert.equal(status, 422);
  assert.match(json.message, /strict decoding error: unknown field \\?"foo\\?"/);
});

test('the status has an address of its own: neither touches the other', async () => {
  const conditions = [{ type: 'Resizing', status: 'True' }];
  const body = { ...claim({ name: 'status' }), status: { conditions } };
  const made = await api.call(claims(namespace), { method: 'POST', body });
  assert.deepEqual(made.json.status, { phase: 'Pending' });
  const patched = (path: string, change: object) => api.call(path, { method: 'PATCH', headers: MERGE, body: change });
  const through = await patched(claims(namespace, 'status'), { status: { conditions } });
  assert.deepEqual(through.json.status, { phase: 'Pending' });
  const path = `${claims(namespace, 'status')}/status`;
  const change = { metadata: { labels: { a: 'b' } }, status: { conditions }, spec: { volumeName: 'ignored' } };
  const { status, json } = await patched(path, change);
  assert.equal(status, 200);
  assert.equal(json.status.conditions[0].type, 'Resizing');
  assert.equal(json.spec.volumeName, undefined);
  assert.equal((await api.call(path)).json.status.conditions[0].status, 'True');
});

const apply = (name: string, manager: string, body: unknown, query = '') =>
  patch(name, APPLY, body, `?fieldManager=${manager}${query}`);

const applied = (name: string, data: Record<string, string>) => configMap(name, data);

test('an apply makes an object that is not there, and then updates it', async () => {
  const first = await apply('applied', 'one', applied('applied', { a: '1' }));
  assert.equal(first.status, 201);
  const second = await apply('applied', 'one', applied('applied', { a: '2' }));
  assert.equal(second.status, 200);
  assert.deepEqual(second.json.data, { a: '2' });
});

test('an apply says who owns which fields', async () => {
  const { json } = await apply('owned', 'one', applied('owned', { a: '1' }));
  const [entry] = json.metadata.managedFields;
  assert.equal(entry.manager, 'one');
  assert.equal(entry.operation, 'Apply');
  assert.equal(entry.apiVersion, 'v1');
  assert.equal(entry.fieldsType, 'FieldsV1');
  assert.deepEqual(entry.fieldsV1, { 'f:data': { 'f:a': {} } });
});

test('an apply that repeats itself changes nothing', async () => {
  const first = await apply('repeated', 'one', applied('repeated', { a: '1' }));
  const second = await apply('repeated', 'one', applied('repeated', { a: '1' }));
  assert.equal(second.json.metadata.resourceVersion, first.json.metadata.resourceVersion);
});

test('fields that the manager no longer applies go', async () => {
  await apply('shrunk', 'one', applied('shrunk', { a: '1', b: '2' }));
  const { json } = await apply('shrunk', 'one', applied('shrunk', { a: '1' }));
  assert.deepEqual(json.data, { a: '1' });
});

test('fields that somebody else applies as well stay', async () => {
  await apply('shared', 'one', applied('shared', { a: '1', b: '2' }));
  await apply('shared', 'two', applied('shared', { b: '2' }));
  const { json } = await apply('shared', 'one', applied('shared', { a: '1' }));
  assert.deepEqual(json.data, { a: '1', b: '2' });
});

test('another value for a field of somebody else is a conflict that names both', async () => {
  await apply('disputed', 'one', applied('disputed', { a: '1' }));
  const { status, json } = await apply('disputed', 'two', applied('disputed', { a: '2' }));
  assert.equal(status, 409);
  assert.equal(json.reason, 'Conflict');
  assert.equal(json.message, 'Apply failed with 1 conflict: conflict with "one": .data.a');
  assert.deepEqual(json.details.causes, [
    { reason: 'FieldManagerConflict', message: 'conflict with "one"', field: '.data.a' },
  ]);
});

test('several conflicts are listed', async () => {
  await apply('disputes', 'one', applied('disputes', { a: '1', b: '1' }));
  const { json } = await apply('disputes', 'two', applied('disputes', { a: '2', b: '2' }));
  assert.equal(json.message, 'Apply failed with 2 conflicts: conflicts with "one":\n- .data.a\n- .data.b');
});

test('force takes the field over', async () => {
  await apply('forced', 'one', applied('forced', { a: '1' }));
  const { status, json } = await apply('forced', 'two', applied('forced', { a: '2' }), '&force=true');
  assert.equal(status, 200);
  assert.deepEqual(json.data, { a: '2' });
  const owners = json.metadata.managedFields.map(({ manager }: { manager: string }) => manager);
  assert.deepEqual(owners, ['two']);
});

test('an update takes the fields that it changes, and an apply then conflicts with it', async () => {
  await apply('edited', 'one', applied('edited', { a: '1' }));
  await patch('edited', MERGE, { data: { a: '2' } }, '?fieldManager=editor');
  const { status, json } = await apply('edited', 'one', applied('edited', { a: '1' }));
  assert.equal(status, 409);
  assert.equal(json.message, 'Apply failed with 1 conflict: conflict with "editor" using v1: .data.a');
});

test('a field owned through an item of a set stays when somebody else applies another item', async () => {
  const metadata = (finalizer: string) => ({ name: 'sets', finalizers: [finalizer] });
  const body = (finalizer: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: metadata(finalizer) });
  await apply('sets', 'one', body('example.com/one'));
  const { json } = await apply('sets', 'two', body('example.com/two'));
  assert.deepEqual([...json.metadata.finalizers].sort(), ['example.com/one', 'example.com/two']);
  await patch('sets', MERGE, { metadata: { finalizers: null } });
});

test('an apply needs a manager', async () => {
  const { status, json } = await patch('nobody', APPLY, applied('nobody', {}));
  assert.equal(status, 422);
  assert.match(json.message, /fieldManager: Required value: is required for apply patch/);
});

test('an apply is written in YAML as well', async () => {
  const text = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: yaml\ndata:\n  a: "1"\n';
  const { status, json } = await apply('yaml', 'one', text);
  assert.equal(status, 201);
  assert.deepEqual(json.data, { a: '1' });
});

test('an apply of a claim owns what it says and nothing that the server adds', async () => {
  const path = `${claims(namespace, 'owned-claim')}?fieldManager=one`;
  const { json } = await api.call(path, { method: 'PATCH', headers: APPLY, body: claim({ name: 'owned-claim' }) });
  const [entry] = json.metadata.managedFields;
  assert.deepEqual(entry.fieldsV1, {
    'f:spec': { 'f:accessModes': {}, 'f:resources': { 'f:requests': { 'f:storage': {} } }, 'f:storageClassName': {} },
  });
  assert.ok(json.metadata.finalizers.includes('kubernetes.io/pvc-protection'));
});

test('who made an object by a POST is its owner', async () => {
  const path = `${configMaps(namespace)}?fieldManager=maker`;
  const { json } = await api.call(path, { method: 'POST', body: configMap('posted', { a: '1' }) });
  const [entry] = json.metadata.managedFields;
  assert.equal(entry.manager, 'maker');
  assert.equal(entry.operation, 'Update');
});

test('items of a keyed list belong to whoever applies them, and go with them', async () => {
  // owners that exist, because others would be collected
  const owner = async (name: string) => {
    const { json } = await api.call(configMaps(namespace), { method: 'POST', body: configMap(name) });
    return { apiVersion: 'v1', kind: 'ConfigMap', name, uid: json.metadata.uid };
  };
  const [a, b, c] = [await owner('owner-a'), await owner('owner-b'), await owner('owner-c')];
  const body = (...ownerReferences: object[]) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'keyed', ownerReferences },
  });
  const names = ({ json }: { json: { metadata: { ownerReferences?: { name: string }[] } } }) =>
    json.metadata.ownerReferences?.map(({ name }) => name).sort();
  await apply('keyed', 'one', body(a, b));
  assert.deepEqual(names(await apply('keyed', 'two', body(b, c))), ['owner-a', 'owner-b', 'owner-c']);
  assert.deepEqual(names(await apply('keyed', 'one', body())), ['owner-b', 'owner-c']);
  assert.equal(names(await apply('keyed', 'two', body())), undefined);
});

test('an apply under another version than the address is refused', async () => {
  const { status, json } = await apply('version', 'one', {
    apiVersion: 'v2',
    kind: 'ConfigMap',
    metadata: { name: 'version' },
  });
  assert.equal(status, 400);
  assert.equal(json.message, 'invalid object type: /v2, Kind=ConfigMap');
});
