import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claim, claims, configMap, configMaps, MERGE } from './objects.ts';
import { type Refused, refuses } from './refusal.ts';
import { connect } from './target.ts';

const api = await connect();
const namespace = await api.namespace();

for (const name of ['kept', 'other']) await api.call(configMaps(namespace), { method: 'POST', body: configMap(name) });

const KEPT = '/api/v1/namespaces/$NS/configmaps/kept';
const deletes = (body?: unknown, query = '', path = KEPT): Refused['request'] => [
  `${path}${query}`,
  { method: 'DELETE', ...(body === undefined ? {} : { body }) },
];
const invalid = { status: 422, reason: 'Invalid' };
const bad = { status: 400, reason: 'BadRequest' };
const OPTIONS = 'DeleteOptions.meta.k8s.io "" is invalid: ';
const POLICIES = 'supported values: "Foreground", "Background", "Orphan", "nil"';

refuses(api, namespace, [
  {
    rule: 'what becomes of dependents is one of three words',
    request: deletes({ propagationPolicy: 'Sideways' }),
    ...invalid,
    message: `${OPTIONS}propagationPolicy: Unsupported value: "Sideways": ${POLICIES}`,
    fields: ['propagationPolicy'],
  },
  {
    rule: 'it is one of three words in the address as well',
    request: deletes(undefined, '?propagationPolicy=Sideways'),
    ...invalid,
    message: `${OPTIONS}propagationPolicy: Unsupported value: "Sideways": ${POLICIES}`,
  },
  {
    rule: 'the old and the new way to say it exclude each other',
    request: deletes({ orphanDependents: true, propagationPolicy: 'Orphan' }),
    ...invalid,
    message: `${OPTIONS}propagationPolicy: Invalid value: "Orphan": orphanDependents and deletionPropagation cannot be both set`,
  },
  {
    rule: 'a dry run of a delete is of all or nothing',
    request: deletes({ dryRun: ['Some'] }),
    ...invalid,
    message: `${OPTIONS}dryRun: Unsupported value: ["Some"]: supported values: "All"`,
  },
  {
    rule: 'the grace of a delete is a number',
    request: deletes(undefined, '?gracePeriodSeconds=x'),
    ...bad,
    message: 'strconv.ParseInt: parsing "x": invalid syntax',
  },
  {
    rule: 'options that end too early are refused',
    request: deletes('{'),
    ...bad,
    message: "couldn't get version/kind; json parse error: unexpected end of JSON input",
  },
  {
    rule: 'a precondition on what is not there is not looked at',
    request: deletes({ preconditions: { uid: 'x' } }, '', '/api/v1/namespaces/$NS/configmaps/nobody'),
    status: 404,
    reason: 'NotFound',
    message: 'configmaps "nobody" not found',
  },
  {
    rule: 'the limit of a collection that is deleted is a number',
    request: deletes(undefined, '?limit=x', '/api/v1/namespaces/$NS/configmaps'),
    ...bad,
    message: 'strconv.ParseInt: parsing "x": invalid syntax',
  },
  {
    rule: 'a collection is deleted by selectors that can be read',
    request: deletes(undefined, '?labelSelector=a%20b', '/api/v1/namespaces/$NS/configmaps'),
    ...bad,
    message: /./,
  },
  {
    rule: 'the namespace of the system stays',
    request: deletes(undefined, '', '/api/v1/namespaces/kube-system'),
    status: 403,
    reason: 'Forbidden',
    message: 'namespaces "kube-system" is forbidden: this namespace may not be deleted',
  },
]);

const make = async (name: string, metadata: object = {}): Promise<void> => {
  await api.call(configMaps(namespace), { method: 'POST', body: configMap(name, {}, metadata) });
};
const release = (name: string) =>
  api.call(configMaps(namespace, name), { method: 'PATCH', headers: MERGE, body: { metadata: { finalizers: null } } });
const HELD = { labels: { batch: 'held' }, finalizers: ['example.com/hold'] };

test('nothing of what was refused above was deleted', async () => {
  assert.equal((await api.call(configMaps(namespace, 'kept'))).status, 200);
});

test('options that nobody knows are passed over', async () => {
  await make('unknown-options');
  const { status } = await api.call(configMaps(namespace, 'unknown-options'), { method: 'DELETE', body: { foo: 1 } });
  assert.equal(status, 200);
});

test('options may say their kind', async () => {
  await make('typed-options');
  const body = { kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy: 'Background' };
  assert.equal((await api.call(configMaps(namespace, 'typed-options'), { method: 'DELETE', body })).status, 200);
});

test('the write that takes the last finalizer answers with what it made, and then there is nothing', async () => {
  await make('last', HELD);
  await api.call(configMaps(namespace, 'last'), { method: 'DELETE' });
  const { status, json } = await release('last');
  assert.equal(status, 200);
  assert.equal(json.metadata.finalizers, undefined);
  assert.match(json.metadata.deletionTimestamp, /^\d{4}-/);
  assert.equal((await api.call(configMaps(namespace, 'last'))).status, 404);
});

test('an object that is being deleted can still be changed', async () => {
  await make('changing', HELD);
  await api.call(configMaps(namespace, 'changing'), { method: 'DELETE' });
  const body = { data: { a: 'b' } };
  const { status, json } = await api.call(configMaps(namespace, 'changing'), { method: 'PATCH', headers: MERGE, body });
  assert.deepEqual([status, json.data], [200, body.data]);
  await release('changing');
});

test('the time of the end cannot be taken back', async () => {
  await make('ending', HELD);
  const { json } = await api.call(configMaps(namespace, 'ending'), { method: 'DELETE' });
  const body = configMap('ending', {}, { finalizers: HELD.finalizers });
  const after = await api.call(configMaps(namespace, 'ending'), { method: 'PUT', body });
  assert.equal(after.json.metadata.deletionTimestamp, json.metadata.deletionTimestamp);
  await release('ending');
});

test('a collection is answered as it was, with those that stay among those that went', async () => {
  await make('goes', { labels: { batch: 'held' } });
  await make('stays', HELD);
  const path = `${configMaps(namespace)}?labelSelector=batch%3Dheld`;
  const { status, json } = await api.call(path, { method: 'DELETE' });
  assert.deepEqual([status, json.kind], [200, 'ConfigMapList']);
  assert.deepEqual(
    json.items.map(({ metadata }: { metadata: { name: string } }) => metadata.name),
    ['goes', 'stays'],
  );
  const left = await api.call(path);
  assert.deepEqual(
    left.json.items.map(({ metadata }: { metadata: { name: string } }) => metadata.name),
    ['stays'],
  );
  assert.match(left.json.items[0].metadata.deletionTimestamp, /^\d{4}-/);
  await release('stays');
});

test('a collection as a dry run stays', async () => {
  await make('dry', { labels: { batch: 'dry' } });
  const path = `${configMaps(namespace)}?labelSelector=batch%3Ddry`;
  const { json } = await api.call(`${path}&dryRun=All`, { method: 'DELETE' });
  assert.equal(json.items.length, 1);
  assert.equal((await api.call(path)).json.items.length, 1);
});

test('a collection without any object is deleted all the same', async () => {
  const { status, json } = await api.call(`${configMaps(namespace)}?labelSelector=nobody`, { method: 'DELETE' });
  assert.deepEqual([status, json.items], [200, []]);
});

test('a collection is deleted by field', async () => {
  await make('by-field');
  await api.call(`${configMaps(namespace)}?fieldSelector=metadata.name%3Dby-field`, { method: 'DELETE' });
  assert.equal((await api.call(configMaps(namespace, 'by-field'))).status, 404);
  assert.equal((await api.call(configMaps(namespace, 'other'))).status, 200);
});

test('a pod without a node goes at once, whatever grace it is given', async () => {
  const pods = `/api/v1/namespaces/${namespace}/pods`;
  const spec = { containers: [{ name: 'c', image: 'i' }] };
  await api.call(pods, { method: 'POST', body: { metadata: { name: 'p' }, spec } });
  const { status, json } = await api.call(`${pods}/p?gracePeriodSeconds=5`, { method: 'DELETE' });
  assert.deepEqual([status, json.kind], [200, 'Pod']);
  assert.equal((await api.call(`${pods}/p`)).status, 404);
});

test('a watch tells of an object that waits for its finalizer, and of its end', async () => {
  await make('watched', { labels: { watched: 'yes' }, finalizers: ['example.com/hold'] });
  await using watch = await api.watch(`${configMaps(namespace)}?watch=true&labelSelector=watched`);
  assert.equal((await watch.next())?.type, 'ADDED');
  await api.call(configMaps(namespace, 'watched'), { method: 'DELETE' });
  const ending = await watch.next();
  assert.equal(ending?.type, 'MODIFIED');
  assert.match(ending?.object.metadata.deletionTimestamp, /^\d{4}-/);
  await release('watched');
  const end = await watch.next();
  assert.equal(end?.type, 'DELETED');
  assert.ok(Number(end?.object.metadata.resourceVersion) > Number(ending?.object.metadata.resourceVersion));
});

test('a claim that is deleted is shown as it ends, with its protection', async () => {
  await api.call(claims(namespace), {
    method: 'POST',
    body: claim({ name: 'ends', spec: { storageClassName: 'none' } }),
  });
  const { status, json } = await api.call(claims(namespace, 'ends'), { method: 'DELETE' });
  assert.deepEqual(
    [status, json.kind, json.metadata.finalizers],
    [200, 'PersistentVolumeClaim', ['kubernetes.io/pvc-protection']],
  );
});
