import assert from 'node:assert/strict';
import { test } from 'node:test';
import { APPLY, JSON_PATCH, MERGE, STRATEGIC } from './objects.ts';
import { connect } from './target.ts';

const api = await connect();
const namespace = await api.namespace();
const deployments = (name = '', below = ''): string =>
  `/apis/apps/v1/namespaces/${namespace}/deployments${name && `/${name}`}${below}`;

const labels = { app: 'web', tier: 'front' };

/** Paused, so that nobody else has a reason to write to it. */
async function made(name: string): Promise<string> {
  const containers = [{ name: 'main', image: 'registry.example/web:1' }];
  const spec = {
    paused: true,
    replicas: 2,
    selector: { matchLabels: labels, matchExpressions: [{ key: 'tier', operator: 'Exists' }] },
    template: { metadata: { labels }, spec: { containers } },
  };
  const { status, text } = await api.call(deployments(), { method: 'POST', body: { metadata: { name }, spec } });
  assert.equal(status, 201, text);
  return deployments(name, '/scale');
}

test('a scale has the numbers and the selector of what it scales', async () => {
  const scale = await made('shown');
  const { status, json } = await api.call(scale);
  assert.equal(status, 200);
  assert.equal(json.kind, 'Scale');
  assert.equal(json.apiVersion, 'autoscaling/v1');
  assert.deepEqual(Object.keys(json.metadata).sort(), [
    'creationTimestamp',
    'name',
    'namespace',
    'resourceVersion',
    'uid',
  ]);
  assert.deepEqual(json.spec, { replicas: 2 });
  assert.equal(json.status.selector, 'app=web,tier=front,tier');
});

test('a scale of something that is not there answers NotFound by its name', async () => {
  const { status, json } = await api.call(deployments('nobody', '/scale'));
  assert.equal(status, 404);
  assert.equal(json.message, 'deployments.apps "nobody" not found');
});

test('a scale is changed by a replacement and by patches of three types', async () => {
  const scale = await made('changed');
  const put = await api.call(scale, { method: 'PUT', body: { metadata: { name: 'changed' }, spec: { replicas: 3 } } });
  assert.equal(put.json.spec.replicas, 3, put.text);
  const patches = [
    { headers: MERGE, body: { spec: { replicas: 4 } }, replicas: 4 },
    { headers: STRATEGIC, body: { spec: { replicas: 5 } }, replicas: 5 },
    { headers: JSON_PATCH, body: [{ op: 'replace', path: '/spec/replicas', value: 6 }], replicas: 6 },
  ];
  for (const { headers, body, replicas } of patches) {
    const { json, text } = await api.call(scale, { method: 'PATCH', headers, body });
    assert.equal(json.spec?.replicas, replicas, text);
  }
  const { json } = await api.call(deployments('changed'));
  assert.equal(json.spec.replicas, 6);
  assert.equal(json.metadata.generation, 5);
});

test('whoever scales owns the number, and the object says that it was by its scale', async () => {
  const scale = await made('owned');
  const body = { spec: { replicas: 7 } };
  await api.call(`${scale}?fieldManager=scaler`, { method: 'PATCH', headers: MERGE, body });
  const { json } = await api.call(deployments('owned'));
  const entry = json.metadata.managedFields.find(({ manager }: { manager: string }) => manager === 'scaler');
  assert.equal(entry.subresource, 'scale');
  assert.equal(entry.apiVersion, 'apps/v1');
  assert.deepEqual(entry.fieldsV1, { 'f:spec': { 'f:replicas': {} } });
});

test('a scale of an older version is refused as a conflict', async () => {
  const scale = await made('raced');
  const { json: old } = await api.call(scale);
  await api.call(scale, { method: 'PATCH', headers: MERGE, body: { spec: { replicas: 3 } } });
  const { status, json } = await api.call(scale, { method: 'PUT', body: { ...old, spec: { replicas: 9 } } });
  assert.equal(status, 409);
  assert.match(
    json.message,
    /^Operation cannot be fulfilled on deployments\.apps "raced": the object has been modified/,
  );
});

test('an apply of a scale conflicts with who scaled before', async () => {
  const scale = await made('disputed');
  await api.call(`${scale}?fieldManager=one`, { method: 'PATCH', headers: MERGE, body: { spec: { replicas: 3 } } });
  const body = { kind: 'Scale', apiVersion: 'autoscaling/v1', metadata: { name: 'disputed' }, spec: { replicas: 4 } };
  const refused = await api.call(`${scale}?fieldManager=two`, { method: 'PATCH', headers: APPLY, body });
  assert.equal(refused.status, 409);
  assert.equal(refused.json.details.causes[0].field, '.spec.replicas');
  const forced = await api.call(`${scale}?fieldManager=two&force=true`, { method: 'PATCH', headers: APPLY, body });
  assert.equal(forced.status, 200, forced.text);
  assert.equal(forced.json.spec.replicas, 4);
});

test('a dry run scales nothing', async () => {
  const scale = await made('tried');
  const tried = await api.call(`${scale}?dryRun=All`, {
    method: 'PATCH',
    headers: MERGE,
    body: { spec: { replicas: 9 } },
  });
  assert.equal(tried.json.spec.replicas, 9);
  assert.equal((await api.call(scale)).json.spec.replicas, 2);
});

test('a scale is neither made nor deleted', async () => {
  const scale = await made('fixed');
  assert.equal((await api.call(scale, { method: 'POST', body: {} })).status, 405);
  assert.equal((await api.call(scale, { method: 'DELETE' })).status, 405);
});
