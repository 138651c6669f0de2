import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MERGE } from './objects.ts';
import { connect } from './target.ts';

const api = await connect();
const namespace = await api.namespace();
const services = (name = ''): string => `/api/v1/namespaces/${namespace}/services${name && `/${name}`}`;

const make = (name: string, spec: object = {}) =>
  api.call(services(), { method: 'POST', body: { metadata: { name }, spec: { ports: [{ port: 80 }], ...spec } } });

test('no two services have one address', async () => {
  const first = await make('first');
  const second = await make('second');
  assert.match(first.json.spec.clusterIP, /^10\.\d+\.\d+\.\d+$/);
  assert.notEqual(first.json.spec.clusterIP, second.json.spec.clusterIP);
  const { clusterIP } = first.json.spec;
  const taken = await make('taken', { clusterIP });
  assert.equal(taken.status, 422);
  assert.equal(
    taken.json.message,
    `Service "taken" is invalid: spec.clusterIPs: Invalid value: ["${clusterIP}"]: failed to allocate IP ${clusterIP}: provided IP is already allocated`,
  );
});

test('no two services have one port of the nodes', async () => {
  const { json } = await make('open', { type: 'NodePort' });
  const [{ nodePort }] = json.spec.ports;
  assert.ok(nodePort >= 30_000 && nodePort <= 32_767, String(nodePort));
  const taken = await make('closed', { type: 'NodePort', ports: [{ port: 80, nodePort }] });
  assert.equal(taken.status, 422);
  assert.equal(
    taken.json.message,
    `Service "closed" is invalid: spec.ports[0].nodePort: Invalid value: ${nodePort}: provided port is already allocated`,
  );
  const outside = await make('outside', { type: 'NodePort', ports: [{ port: 80, nodePort: 80 }] });
  assert.equal(
    outside.json.message,
    'Service "outside" is invalid: spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The range of valid ports is 30000-32767',
  );
});

test('a service that is opened later gets its port then, and gives it back', async () => {
  const { json: closed } = await make('opened');
  assert.equal(closed.spec.ports[0].nodePort, undefined);
  const opened = await api.call(services('opened'), {
    method: 'PATCH',
    headers: MERGE,
    body: { spec: { type: 'NodePort' } },
  });
  assert.ok(opened.json.spec.ports[0].nodePort >= 30_000, opened.text);
  assert.equal(opened.json.spec.clusterIP, closed.spec.clusterIP);
  assert.equal(opened.json.spec.externalTrafficPolicy, 'Cluster');
  const again = await api.call(services('opened'), {
    method: 'PATCH',
    headers: MERGE,
    body: { spec: { type: 'ClusterIP' } },
  });
  assert.equal(again.status, 200, again.text);
  assert.equal(again.json.spec.ports[0].nodePort, undefined);
  assert.equal(again.json.spec.externalTrafficPolicy, undefined);
});

test('a replacement without an address keeps it', async () => {
  const { json } = await make('kept');
  const body = { metadata: { name: 'kept' }, spec: { ports: [{ port: 81 }] } };
  const replaced = await api.call(services('kept'), { method: 'PUT', body });
  assert.equal(replaced.status, 200, replaced.text);
  assert.equal(replaced.json.spec.clusterIP, json.spec.clusterIP);
});

test('a service that becomes another name gives its address up', async () => {
  await make('renamed');
  const body = { spec: { type: 'ExternalName', externalName: 'a.example' } };
  const { status, json, text } = await api.call(services('renamed'), { method: 'PATCH', headers: MERGE, body });
  assert.equal(status, 200, text);
  assert.equal(json.spec.clusterIP, undefined);
  assert.equal(json.spec.clusterIPs, undefined);
  assert.equal(json.spec.internalTrafficPolicy, undefined);
});

test('a service without an address and without pods may be of both families', async () => {
  const { json } = await make('anywhere', { clusterIP: 'None' });
  assert.deepEqual(json.spec.ipFamilies, ['IPv4', 'IPv6']);
  assert.equal(json.spec.ipFamilyPolicy, 'RequireDualStack');
});

test('services are found by type and address', async () => {
  const { json } = await make('found');
  const found = await api.call(`${services()}?fieldSelector=spec.clusterIP%3D${json.spec.clusterIP}`);
  assert.deepEqual(
    found.json.items.map(({ metadata }: { metadata: { name: string } }) => metadata.name),
    ['found'],
  );
});
