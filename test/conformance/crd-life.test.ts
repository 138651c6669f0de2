/** The life of a definition: its names, its versions, its changes and its end. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  causesOf,
  create,
  DEFINITIONS,
  define,
  definition,
  newGroup,
  type Schema,
  served,
  withSpec,
} from './definitions.ts';
import { JSON_PATCH, MERGE } from './objects.ts';
import { type Answer, connect, eventually } from './target.ts';

const api = await connect();
const namespace = await api.namespace();

type Parsed = Answer['json'];

const find = async (name: string): Promise<Parsed> => (await api.call(`${DEFINITIONS}/${name}`)).json;

async function condition(name: string, type: string, status: string): Promise<Parsed> {
  let found: Parsed;
  await eventually(async () => {
    const conditions = (await find(name)).status?.conditions ?? [];
    found = conditions.find((each: Parsed) => each.type === type && each.status === status);
    return found !== undefined;
  }, `${name} does not become ${type}=${status}`);
  return found;
}

const change = (name: string, body: unknown, headers: Readonly<Record<string, string>> = MERGE): Promise<Answer> =>
  api.call(`${DEFINITIONS}/${name}`, { method: 'PATCH', body, headers });

test('a new definition has its other names filled in, and a status without conditions', async () => {
  const group = newGroup();
  const { status, json } = await create(api, definition(group, 'gadgets'));
  assert.equal(status, 201);
  assert.deepEqual(json.spec.names, { plural: 'gadgets', singular: 'gadget', kind: 'Gadget', listKind: 'GadgetList' });
  assert.deepEqual(json.spec.conversion, { strategy: 'None' });
  assert.deepEqual(json.status, {
    conditions: null,
    acceptedNames: { plural: '', kind: '' },
    storedVersions: ['v1'],
  });
  assert.equal(json.metadata.generation, 1);
});

test('its names are accepted, and it is established', async () => {
  const group = newGroup();
  await create(api, definition(group, 'gadgets', { names: { shortNames: ['gd'], categories: ['all'] } }));
  const name = `gadgets.${group}`;
  const established = await condition(name, 'Established', 'True');
  assert.deepEqual(
    [established.reason, established.message],
    ['InitialNamesAccepted', 'the initial names have been accepted'],
  );
  const accepted = await condition(name, 'NamesAccepted', 'True');
  assert.deepEqual([accepted.reason, accepted.message], ['NoConflicts', 'no conflicts found']);
  const { status, metadata } = await find(name);
  assert.deepEqual(status.acceptedNames, {
    plural: 'gadgets',
    singular: 'gadget',
    shortNames: ['gd'],
    kind: 'Gadget',
    listKind: 'GadgetList',
    categories: ['all'],
  });
  const owners = metadata.managedFields.map(({ manager, subresource = '' }: Parsed) => `${manager} ${subresource}`);
  assert.ok(owners.includes('kube-apiserver status'));
});

test('names that somebody else has in the group are not accepted, until they are free', async () => {
  const group = newGroup();
  await define(api, group, 'gadgets', { names: { shortNames: ['gd'] } });
  await create(api, definition(group, 'others', { kind: 'Gadget', names: { shortNames: ['gd'], singular: 'other' } }));
  const name = `others.${group}`;
  const refused = await condition(name, 'NamesAccepted', 'False');
  assert.deepEqual([refused.reason, refused.message], ['ListKindConflict', '"GadgetList" is already in use']);
  const established = await condition(name, 'Established', 'False');
  assert.deepEqual([established.reason, established.message], ['NotAccepted', 'not all names are accepted']);
  assert.deepEqual((await find(name)).status.acceptedNames, { plural: 'others', singular: 'other', kind: '' });
  assert.equal((await api.call(`/apis/${group}/v1/others`)).status, 404);
  await api.call(`${DEFINITIONS}/gadgets.${group}`, { method: 'DELETE' });
  await condition(name, 'Established', 'True');
  await served(api, `/apis/${group}/v1/others`);
});

test('a definition without a namespace for its objects', async () => {
  const group = newGroup();
  await define(api, group, 'globes', { scope: 'Cluster', schema: withSpec({ type: 'object' }) });
  const path = `/apis/${group}/v1/globes`;
  const body = { apiVersion: `${group}/v1`, kind: 'Globe', metadata: { name: 'earth' } };
  const { json } = await api.call(path, { method: 'POST', body });
  assert.equal(json.metadata.namespace, undefined);
  assert.equal((await api.call(`${path}/earth`)).status, 200);
  const inNamespace = `/apis/${group}/v1/namespaces/${namespace}/globes`;
  assert.equal((await api.call(inNamespace, { method: 'POST', body })).status, 404);
});

const size = (more: Schema = {}): Schema =>
  withSpec({ type: 'object', properties: { size: { type: 'integer' }, ...more } });

const version = (name: string, schema: Schema, more: object = {}): object => ({
  name,
  served: true,
  storage: false,
  schema: { openAPIV3Schema: schema },
  ...more,
});

test('objects of one version are read in the others', async () => {
  const group = newGroup();
  await define(api, group, 'gadgets', {
    versions: [
      version('v1', size(), { storage: true }),
      version('v2', size({ colour: { type: 'string', default: 'red' } })),
      version('v1beta1', size(), { served: false }),
    ],
  });
  const at = (name: string, object = ''): string => `/apis/${group}/${name}/namespaces/${namespace}/gadgets${object}`;
  const body = {
    apiVersion: `${group}/v1`,
    kind: 'Gadget',
    metadata: { name: 'a' },
    spec: { size: 1, colour: 'blue' },
  };
  const { json: made } = await api.call(at('v1'), { method: 'POST', body });
  assert.deepEqual(made.spec, { size: 1 });
  await served(api, at('v2'));
  const { json: other } = await api.call(at('v2', '/a'));
  assert.deepEqual([other.apiVersion, other.spec], [`${group}/v2`, { size: 1 }]);
  assert.equal(other.metadata.uid, made.metadata.uid);
  const { json: list } = await api.call(at('v2'));
  assert.deepEqual([list.apiVersion, list.items[0].apiVersion], [`${group}/v2`, `${group}/v2`]);
  assert.equal((await api.call(at('v1beta1'))).status, 404);
  const { json: own } = await api.call(`/apis/${group}`);
  assert.deepEqual(
    own.versions.map((each: Parsed) => each.version),
    ['v2', 'v1'],
  );
  assert.equal(own.preferredVersion.version, 'v2');
  const { json: patched } = await api.call(at('v2', '/a'), {
    method: 'PATCH',
    body: { spec: { size: 2 } },
    headers: MERGE,
  });
  assert.deepEqual(patched.spec, { size: 2 });
  assert.deepEqual((await api.call(at('v1', '/a'))).json.spec, { size: 2 });
});

test('versions that were stored stay until they are taken from the status', async () => {
  const group = newGroup();
  const name = `gadgets.${group}`;
  await define(api, group, 'gadgets', { versions: [version('v1', size(), { storage: true })] });
  const both = [version('v1', size()), version('v2', size(), { storage: true })];
  const { json } = await change(name, { spec: { versions: both } });
  assert.deepEqual(json.status.storedVersions, ['v1', 'v2']);
  assert.equal(json.metadata.generation, 2);
  const only = [version('v2', size(), { storage: true })];
  const refused = await change(name, { spec: { versions: only } });
  assert.equal(refused.status, 422);
  assert.deepEqual(causesOf(refused), [
    'FieldValueInvalid status.storedVersions[0]: Invalid value: "v1": missing from spec.versions; v1 was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in v1 and removes v1 from status.storedVersions',
  ]);
  const path = `${DEFINITIONS}/${name}/status`;
  await api.call(path, { method: 'PATCH', body: { status: { storedVersions: ['v2'] } }, headers: MERGE });
  assert.equal((await change(name, { spec: { versions: only } })).status, 200);
});

test('a change of the schema reaches what was there before', async () => {
  const group = newGroup();
  await define(api, group, 'gadgets', { schema: size({ old: { type: 'string' } }) });
  const path = `/apis/${group}/v1/namespaces/${namespace}/gadgets`;
  const body = { apiVersion: `${group}/v1`, kind: 'Gadget', metadata: { name: 'a' }, spec: { size: 1, old: 'x' } };
  await api.call(path, { method: 'POST', body });
  const schema = size({ fresh: { type: 'string', default: 'new' } });
  await change(
    `gadgets.${group}`,
    [{ op: 'replace', path: '/spec/versions/0/schema/openAPIV3Schema', value: schema }],
    JSON_PATCH,
  );
  await eventually(async () => {
    const { json } = await api.call(`${path}/a`);
    return (
      JSON.stringify(json.spec) === '{"fresh":"new","size":1}' ||
      JSON.stringify(json.spec) === '{"size":1,"fresh":"new"}'
    );
  }, 'the new default is not there');
});

test('what a definition is about cannot be changed', async () => {
  const group = newGroup();
  const name = `gadgets.${group}`;
  await define(api, group, 'gadgets');
  const scope = await change(name, { spec: { scope: 'Cluster' } });
  assert.deepEqual(causesOf(scope), ['FieldValueInvalid spec.scope: Invalid value: "Cluster": field is immutable']);
  const kind = await change(name, { spec: { names: { kind: 'Other', listKind: 'OtherList' } } });
  assert.deepEqual(causesOf(kind), ['FieldValueInvalid spec.names.kind: Invalid value: "Other": field is immutable']);
});

test('a definition goes when everything that it described is gone', async () => {
  const group = newGroup();
  const name = `gadgets.${group}`;
  await define(api, group, 'gadgets', { schema: size() });
  const path = `/apis/${group}/v1/namespaces/${namespace}/gadgets`;
  const metadata = { name: 'kept', finalizers: ['example.com/keep'] };
  await api.call(path, { method: 'POST', body: { apiVersion: `${group}/v1`, kind: 'Gadget', metadata } });
  await api.call(path, {
    method: 'POST',
    body: { apiVersion: `${group}/v1`, kind: 'Gadget', metadata: { name: 'free' } },
  });
  const { json } = await api.call(`${DEFINITIONS}/${name}`, { method: 'DELETE' });
  assert.deepEqual(json.metadata.finalizers, ['customresourcecleanup.apiextensions.k8s.io']);
  assert.equal(json.metadata.deletionGracePeriodSeconds, undefined);
  const pending = json.status.conditions.find((each: Parsed) => each.type === 'Terminating');
  assert.deepEqual(
    [pending.reason, pending.message],
    [
      'InstanceDeletionPending',
      'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
    ],
  );
  let refused: Answer | undefined;
  await eventually(async () => {
    const metadata = { generateName: 'late-' };
    refused = await api.call(path, { method: 'POST', body: { apiVersion: `${group}/v1`, kind: 'Gadget', metadata } });
    return refused.status !== 201;
  }, 'new objects are still accepted');
  assert.equal(refused?.status, 403);
  assert.match(
    refused?.json.message,
    /is forbidden: create not allowed while custom resource definition is terminating$/,
  );
  await eventually(async () => (await api.call(`${path}/free`)).status === 404, 'the objects are not removed');
  const marked = async (): Promise<boolean> =>
    (await api.call(`${path}/kept`)).json.metadata.deletionTimestamp !== undefined;
  await eventually(marked, 'the object with a finalizer is not deleted');
  const body = { metadata: { finalizers: null } };
  await api.call(`${path}/kept`, { method: 'PATCH', body, headers: MERGE });
  await eventually(async () => (await api.call(`${DEFINITIONS}/${name}`)).status === 404, 'the definition does not go');
  await eventually(async () => (await api.call(path)).status === 404, 'its kind is still served');
});

test('a watch ends with the definition, after the last event', async () => {
  const group = newGroup();
  await define(api, group, 'gadgets', { schema: size() });
  const path = `/apis/${group}/v1/namespaces/${namespace}/gadgets`;
  const body = { apiVersion: `${group}/v1`, kind: 'Gadget', metadata: { name: 'a' } };
  const { json } = await api.call(path, { method: 'POST', body });
  await using watch = await api.watch(`${path}?watch=true&resourceVersion=${json.metadata.resourceVersion}`);
  await api.call(`${DEFINITIONS}/gadgets.${group}`, { method: 'DELETE' });
  const event = await watch.next();
  assert.deepEqual([event?.type, event?.object.metadata.name], ['DELETED', 'a']);
  assert.equal(await watch.next(), undefined);
});

test('what a definition does not serve is not there', async () => {
  const group = newGroup();
  await define(api, group, 'gadgets', { schema: size() });
  const path = `/apis/${group}/v1/namespaces/${namespace}/gadgets`;
  for (const part of ['status', 'scale']) {
    const { status, json } = await api.call(`${path}/a/${part}`);
    assert.deepEqual([status, json.message], [404, `gadgets.${group} "a" not found`]);
  }
  for (const other of [`/apis/${group}/v9/gadgets`, `/apis/${group}/v1/others`]) {
    const { status, text } = await api.call(other);
    assert.deepEqual([status, text], [404, '404 page not found\n']);
  }
  const body = { apiVersion: `${group}/v1`, kind: 'Gadget', metadata: { name: 'a', namespace } };
  const { status } = await api.call(`/apis/${group}/v1/gadgets`, { method: 'POST', body });
  assert.equal(status, 404);
});

test('objects go with their namespace', async () => {
  const group = newGroup();
  await define(api, group, 'gadgets', { schema: size() });
  const own = await api.namespace();
  const path = `/apis/${group}/v1/namespaces/${own}/gadgets`;
  const body = { apiVersion: `${group}/v1`, kind: 'Gadget', metadata: { name: 'a' } };
  assert.equal((await api.call(path, { method: 'POST', body })).status, 201);
  await api.call(`/api/v1/namespaces/${own}`, { method: 'DELETE' });
  await eventually(async () => (await api.call(`/api/v1/namespaces/${own}`)).status === 404, 'the namespace stays');
  assert.deepEqual((await api.call(path)).json.items, []);
});

test('definitions are shown with the time when they were made', async () => {
  const group = newGroup();
  await create(api, definition(group, 'gadgets'));
  const accept = 'application/json;as=Table;g=meta.k8s.io;v=v1';
  const { json } = await api.call(`${DEFINITIONS}/gadgets.${group}`, { headers: { accept } });
  assert.deepEqual(
    json.columnDefinitions.map((column: Parsed) => column.name),
    ['Name', 'Created At'],
  );
  assert.equal(json.rows[0].cells[0], `gadgets.${group}`);
});
