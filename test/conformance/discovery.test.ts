import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claim, claims, configMap, configMaps, storageClasses } from './objects.ts';
import { connect } from './target.ts';

const api = await connect();
const namespace = await api.namespace();

const TABLE = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' };
const AGGREGATED = { accept: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json' };

test('the server is healthy, live and ready', async () => {
  for (const path of ['/healthz', '/livez', '/readyz']) {
    const { status, text } = await api.call(path);
    assert.equal(status, 200);
    assert.equal(text, 'ok');
  }
});

test('the version can be parsed by kubectl', async () => {
  const { json } = await api.call('/version');
  assert.equal(json.major, '1');
  assert.match(json.minor, /^\d+\+?$/);
  assert.match(json.gitVersion, /^v1\.\d+\.\d+([-+][0-9A-Za-z.+-]+)?$/);
});

test('the core versions are listed', async () => {
  const { json } = await api.call('/api');
  assert.equal(json.kind, 'APIVersions');
  assert.deepEqual(json.versions, ['v1']);
});

test('groups are listed with their preferred version', async () => {
  const { json } = await api.call('/apis');
  assert.equal(json.kind, 'APIGroupList');
  const names = json.groups.map(({ name }: { name: string }) => name);
  for (const name of ['storage.k8s.io', 'coordination.k8s.io', 'authorization.k8s.io']) assert.ok(names.includes(name));
  const { json: group } = await api.call('/apis/storage.k8s.io');
  assert.equal(group.kind, 'APIGroup');
  assert.deepEqual(group.preferredVersion, { groupVersion: 'storage.k8s.io/v1', version: 'v1' });
});

test('the resources of a version are listed with verbs and short names', async () => {
  const { json } = await api.call('/api/v1');
  assert.equal(json.kind, 'APIResourceList');
  assert.equal(json.groupVersion, 'v1');
  const find = (name: string) => json.resources.find((resource: { name: string }) => resource.name === name);
  const found = find('persistentvolumeclaims');
  assert.equal(found.kind, 'PersistentVolumeClaim');
  assert.equal(found.namespaced, true);
  assert.equal(found.singularName, 'persistentvolumeclaim');
  assert.deepEqual(found.shortNames, ['pvc']);
  assert.deepEqual(found.verbs, ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch']);
  assert.deepEqual(find('persistentvolumeclaims/status').verbs, ['get', 'patch', 'update']);
  assert.equal(find('namespaces').namespaced, false);
});

test('everything is discovered in one document, for clients that ask so', async () => {
  const { headers, json } = await api.call('/apis', { headers: AGGREGATED });
  assert.match(String(headers['content-type']), /g=apidiscovery\.k8s\.io;v=v2;as=APIGroupDiscoveryList/);
  assert.equal(json.kind, 'APIGroupDiscoveryList');
  const storage = json.items.find(({ metadata }: { metadata: { name: string } }) => metadata.name === 'storage.k8s.io');
  const version = storage.versions.find(({ version }: { version: string }) => version === 'v1');
  const found = version.resources.find(({ resource }: { resource: string }) => resource === 'storageclasses');
  assert.equal(found.scope, 'Cluster');
  assert.equal(found.responseKind.kind, 'StorageClass');
  assert.deepEqual(found.shortNames, ['sc']);
});

test('the core group is discovered with its subresources', async () => {
  const { json } = await api.call('/api', { headers: AGGREGATED });
  const [version] = json.items[0].versions;
  const found = version.resources.find(({ resource }: { resource: string }) => resource === 'persistentvolumes');
  assert.equal(found.subresources[0].subresource, 'status');
});

test('the index of the schema has an address with a hash for every version', async () => {
  const { json } = await api.call('/openapi/v3');
  const { serverRelativeURL } = json.paths['api/v1'];
  assert.match(serverRelativeURL, /^\/openapi\/v3\/api\/v1\?hash=[0-9A-F]+$/);
  assert.ok(json.paths['apis/storage.k8s.io/v1']);
});

test('the schema says how claims look, and how they are patched', async () => {
  const index = await api.call('/openapi/v3');
  const { status, json } = await api.call(index.json.paths['api/v1'].serverRelativeURL);
  assert.equal(status, 200);
  const schema = json.components.schemas['io.k8s.api.core.v1.PersistentVolumeClaim'];
  assert.deepEqual(schema['x-kubernetes-group-version-kind'], [
    { group: '', kind: 'PersistentVolumeClaim', version: 'v1' },
  ]);
  const { patch } = json.paths['/api/v1/namespaces/{namespace}/persistentvolumeclaims/{name}'];
  assert.deepEqual(patch['x-kubernetes-group-version-kind'], {
    group: '',
    kind: 'PersistentVolumeClaim',
    version: 'v1',
  });
  const parameters = patch.parameters.map(({ name }: { name: string }) => name);
  assert.ok(parameters.includes('fieldValidation') && parameters.includes('dryRun'));
  const containers = json.components.schemas['io.k8s.api.core.v1.PodSpec'].properties.containers;
  assert.equal(containers['x-kubernetes-patch-merge-key'], 'name');
});

test('a list is shown as a table with the columns that kubectl prints', async () => {
  await api.call(claims(namespace), { method: 'POST', body: claim({ name: 'shown' }) });
  const { headers, json } = await api.call(claims(namespace), { headers: TABLE });
  assert.match(String(headers['content-type']), /^application\/json/);
  assert.equal(json.kind, 'Table');
  assert.equal(json.apiVersion, 'meta.k8s.io/v1');
  const names = json.columnDefinitions.map(({ name }: { name: string }) => name);
  assert.deepEqual(names, [
    'Name',
    'Status',
    'Volume',
    'Capacity',
    'Access Modes',
    'StorageClass',
    'VolumeAttributesClass',
    'Age',
    'VolumeMode',
  ]);
  const [row] = json.rows;
  assert.deepEqual(row.cells.slice(0, 7), ['shown', 'Pending', '', '', '', '', '<unset>']);
  assert.match(row.cells[7], /^\d+s$/);
  assert.equal(row.cells[8], 'Filesystem');
  assert.equal(row.object.kind, 'PartialObjectMetadata');
  assert.equal(row.object.metadata.name, 'shown');
});

test('columns that only a wide listing shows have a priority', async () => {
  const { json } = await api.call('/api/v1/persistentvolumes', { headers: TABLE });
  const wide = json.columnDefinitions.filter(({ priority }: { priority: number }) => priority > 0);
  assert.deepEqual(
    wide.map(({ name }: { name: string }) => name),
    ['VolumeMode'],
  );
});

test('the default class is marked in its table', async () => {
  const annotations = { 'storageclass.kubernetes.io/is-default-class': 'true' };
  const name = `default-${namespace}`;
  await api.call(storageClasses(), {
    method: 'POST',
    body: { metadata: { name, annotations }, provisioner: 'example.com/none' },
  });
  const { json } = await api.call(storageClasses(name), { headers: TABLE });
  assert.equal(json.rows[0].cells[0], `${name} (default)`);
  const made = await api.call(claims(namespace), {
    method: 'POST',
    body: {
      metadata: { name: 'defaulted' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1' } } },
    },
  });
  assert.equal(made.json.spec.storageClassName, name);
  await api.call(storageClasses(name), { method: 'DELETE' });
});

test('metadata alone is served to clients that want no more', async () => {
  await api.call(configMaps(namespace), { method: 'POST', body: configMap('partial', { a: 'b' }) });
  const accept = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';
  const { json } = await api.call(configMaps(namespace, 'partial'), { headers: { accept } });
  assert.equal(json.kind, 'PartialObjectMetadata');
  assert.equal(json.metadata.name, 'partial');
  assert.equal(json.data, undefined);
});

/** `k8s\0`, then runtime.Unknown {typeMeta {apiVersion, kind}, raw}. */
function protobuf(apiVersion: string, kind: string, raw: Buffer): Buffer {
  const typeMeta = Buffer.concat([bytes(1, apiVersion), bytes(2, kind)]);
  return Buffer.concat([Buffer.from('k8s\0'), bytes(1, typeMeta), bytes(2, raw)]);
}

/** A length-delimited field; everything here is shorter than 128 bytes. */
function bytes(field: number, value: string | Buffer): Buffer {
  return Buffer.concat([Buffer.from([(field << 3) | 2, Buffer.byteLength(value)]), Buffer.from(value)]);
}

const PROTOBUF = { 'content-type': 'application/vnd.kubernetes.protobuf' };

test('a config map is made from protobuf, as kubectl sends it', async () => {
  const entry = Buffer.concat([bytes(1, 'a'), bytes(2, 'b')]);
  const raw = Buffer.concat([bytes(1, bytes(1, 'wire')), bytes(2, entry)]);
  const { status, json } = await api.call(configMaps(namespace), {
    method: 'POST',
    headers: PROTOBUF,
    body: protobuf('v1', 'ConfigMap', raw),
  });
  assert.equal(status, 201);
  assert.equal(json.metadata.name, 'wire');
  assert.deepEqual(json.data, { a: 'b' });
});

test('a body that claims to be protobuf and is not is refused', async () => {
  const { status } = await api.call(configMaps(namespace), { method: 'POST', headers: PROTOBUF, body: 'not at all' });
  assert.equal(status, 400);
});

test('a client asks what it may do', async () => {
  const spec = { resourceAttributes: { verb: 'create', resource: 'pods', namespace } };
  const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
  const { status, json } = await api.call(path, { method: 'POST', body: { spec } });
  assert.equal(status, 201);
  assert.equal(json.status.allowed, true);
});
