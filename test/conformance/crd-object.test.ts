/** Objects of a kind that a definition describes: what is filled in, left out, kept and found. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { causesOf, define, newGroup } from './definitions.ts';
import { APPLY, JSON_PATCH, MERGE, STRATEGIC } from './objects.ts';
import { type Answer, connect, eventually } from './target.ts';

const api = await connect();
const namespace = await api.namespace();
const group = newGroup();
const apiVersion = `${group}/v1`;

const spec = {
  type: 'object',
  properties: {
    size: { type: 'integer', default: 3 },
    mode: { type: 'string', enum: ['a', 'b'] },
    port: { 'x-kubernetes-int-or-string': true },
    free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    tags: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
    items: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['key'],
      items: {
        type: 'object',
        required: ['key'],
        properties: { key: { type: 'string' }, value: { type: 'integer', default: 7 } },
      },
    },
    labels: { type: 'object', additionalProperties: { type: 'string' } },
    note: { type: 'string', nullable: true },
    flag: { type: 'boolean' },
    template: {
      type: 'object',
      'x-kubernetes-embedded-resource': true,
      'x-kubernetes-preserve-unknown-fields': true,
    },
  },
};

await define(api, group, 'widgets', {
  schema: {
    type: 'object',
    description: 'A widget is a thing.',
    required: ['spec'],
    properties: {
      spec,
      status: { type: 'object', properties: { phase: { type: 'string' }, replicas: { type: 'integer', minimum: 0 } } },
    },
  },
  names: { shortNames: ['wd'], categories: ['things'] },
  version: {
    subresources: { status: {}, scale: { specReplicasPath: '.spec.size', statusReplicasPath: '.status.replicas' } },
    additionalPrinterColumns: [
      { name: 'Size', type: 'integer', jsonPath: '.spec.size' },
      { name: 'Phase', type: 'string', jsonPath: '.status.phase', priority: 1, description: 'How it is.' },
      { name: 'First', type: 'string', jsonPath: '.spec.items[0].key' },
      { name: 'B', type: 'integer', jsonPath: '.spec.items[?(@.key=="b")].value' },
      { name: 'Tags', type: 'string', jsonPath: '.spec.tags' },
      { name: 'Flag', type: 'boolean', jsonPath: '.spec.flag' },
    ],
    selectableFields: [{ jsonPath: '.spec.mode' }, { jsonPath: '.spec.size' }],
  },
});

const widgets = (name = ''): string => `/apis/${group}/v1/namespaces/${namespace}/widgets${name && `/${name}`}`;

function widget(name: string, content: object = {}, more: object = {}): object {
  return { apiVersion, kind: 'Widget', metadata: { name }, spec: content, ...more };
}

const post = (body: object, query = ''): Promise<Answer> => api.call(`${widgets()}${query}`, { method: 'POST', body });

const patch = (name: string, body: unknown, headers: Readonly<Record<string, string>> = MERGE): Promise<Answer> =>
  api.call(widgets(name), { method: 'PATCH', body, headers });

const warnings = ({ headers }: Answer): readonly string[] =>
  [headers['warning'] ?? []]
    .flat()
    .flatMap((text) => [...text.matchAll(/299 - "((?:[^"\\]|\\.)*)"/g)].map((match) => match[1] ?? ''));

test('what the schema does not name is left out, and told', async () => {
  const answer = await post(
    widget('pruned', { nope: 1, items: [{ key: 'a', zz: 2 }], free: { deep: { x: [1] } } }, { extra: 1 }),
  );
  assert.equal(answer.status, 201);
  assert.deepEqual(answer.json.spec, { size: 3, items: [{ key: 'a', value: 7 }], free: { deep: { x: [1] } } });
  assert.equal(answer.json.extra, undefined);
  const told = ['unknown field \\"extra\\"', 'unknown field \\"spec.items[0].zz\\"', 'unknown field \\"spec.nope\\"'];
  assert.deepEqual(warnings(answer), told);
});

test('strict validation refuses what it does not name', async () => {
  const answer = await post(widget('strict', { nope: 1 }, { extra: 1 }), '?fieldValidation=Strict');
  assert.equal(answer.status, 400);
  assert.equal(
    answer.json.message,
    'Widget in version "v1" cannot be handled as a Widget: strict decoding error: unknown field "extra", unknown field "spec.nope"',
  );
});

test('unknown members are silently left out when validation is ignored', async () => {
  const answer = await post(widget('ignored', { nope: 1 }), '?fieldValidation=Ignore');
  assert.equal(answer.status, 201);
  assert.deepEqual(warnings(answer), []);
});

test('null is kept where the schema allows it, and is the default elsewhere', async () => {
  const { json } = await post(widget('nulls', { size: null, note: null, flag: null, mode: 'a' }));
  assert.deepEqual(json.spec, { size: 3, note: null, mode: 'a' });
});

test('a whole object inside needs its version and kind, and keeps everything', async () => {
  const refused = await post(widget('template', { template: {} }));
  assert.equal(refused.status, 422);
  assert.deepEqual(causesOf(refused), [
    'FieldValueRequired spec.template.apiVersion: Required value',
    'FieldValueRequired spec.template.kind: Required value',
  ]);
  const template = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x' }, spec: { any: 1 } };
  const { json } = await post(widget('template', { template }));
  assert.deepEqual(json.spec.template, template);
});

test('a number or a text is both', async () => {
  for (const [name, port] of [['port-number', 80] as const, ['port-text', 'http'] as const]) {
    const { json } = await post(widget(name, { port }));
    assert.equal(json.spec.port, port);
  }
});

test('the generation counts what is neither metadata nor status', async () => {
  const { json: made } = await post(widget('counted', {}, { status: { phase: 'new' } }));
  assert.equal(made.metadata.generation, 1);
  assert.equal(made.status, undefined);
  const { json: labelled } = await patch('counted', { metadata: { labels: { a: 'b' } } });
  assert.equal(labelled.metadata.generation, 1);
  const { json: grown } = await patch('counted', { spec: { size: 5 }, status: { phase: 'no' } });
  assert.equal(grown.metadata.generation, 2);
  assert.equal(grown.status, undefined);
  const same = await patch('counted', { spec: { size: 5 } });
  assert.equal(same.json.metadata.resourceVersion, grown.metadata.resourceVersion);
});

test('the status is written by itself, and changes nothing else', async () => {
  await post(widget('status'));
  const body = { metadata: { labels: { a: 'b' } }, spec: { size: 9 }, status: { phase: 'ready', replicas: 2 } };
  const headers = MERGE;
  const { status, json } = await api.call(`${widgets('status')}/status`, { method: 'PATCH', body, headers });
  assert.equal(status, 200);
  assert.equal(json.metadata.labels, undefined);
  assert.equal(json.metadata.generation, 1);
  assert.deepEqual([json.spec.size, json.status], [3, { phase: 'ready', replicas: 2 }]);
  const wrong = { status: { phase: 1, replicas: -1 } };
  const refused = await api.call(`${widgets('status')}/status`, { method: 'PATCH', body: wrong, headers });
  assert.equal(refused.status, 422);
  assert.deepEqual(causesOf(refused), [
    'FieldValueInvalid .status.replicas: Invalid value: -1: should be a non-negative integer',
    'FieldValueInvalid status.replicas: Invalid value: -1: replicas in body should be greater than or equal to 0',
    'FieldValueTypeInvalid status.phase: Invalid value: "integer": phase in body must be of type string: "integer"',
  ]);
});

test('the scale is read and written where the definition says', async () => {
  await post(widget('scaled'));
  const { json } = await api.call(`${widgets('scaled')}/scale`);
  assert.equal(json.kind, 'Scale');
  assert.deepEqual([json.spec, json.status], [{ replicas: 3 }, { replicas: 0 }]);
  const body = { spec: { replicas: 6 } };
  const { json: scaled } = await api.call(`${widgets('scaled')}/scale`, { method: 'PATCH', body, headers: MERGE });
  assert.deepEqual(scaled.spec, { replicas: 6 });
  const { json: seen } = await api.call(widgets('scaled'));
  assert.deepEqual([seen.spec.size, seen.metadata.generation], [6, 2]);
  const wrong = await api.call(`${widgets('scaled')}/scale`, {
    method: 'PATCH',
    body: { spec: { replicas: -1 } },
    headers: MERGE,
  });
  assert.equal(wrong.status, 422);
  assert.deepEqual(causesOf(wrong), [
    'FieldValueInvalid .spec.size: Invalid value: -1: should be a non-negative integer',
  ]);
});

test('merge and JSON patches work, a strategic one is not known', async () => {
  await post(widget('patched', { tags: ['a'] }));
  const { json: merged } = await patch('patched', { spec: { tags: ['b'], labels: { x: 'y' } } });
  assert.deepEqual(merged.spec, { size: 3, tags: ['b'], labels: { x: 'y' } });
  const { json } = await patch('patched', [{ op: 'add', path: '/spec/tags/-', value: 'c' }], JSON_PATCH);
  assert.deepEqual(json.spec.tags, ['b', 'c']);
  const refused = await patch('patched', { spec: { size: 1 } }, STRATEGIC);
  assert.equal(refused.status, 415);
  assert.equal(
    refused.json.message,
    'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml',
  );
});

test('a patch fills in defaults and is checked like everything else', async () => {
  await post(widget('patch-checked', { size: 1 }));
  const { json } = await patch('patch-checked', { spec: { size: null, items: [{ key: 'n' }] } });
  assert.deepEqual(json.spec, { size: 3, items: [{ key: 'n', value: 7 }] });
  const refused = await patch('patch-checked', [{ op: 'add', path: '/spec/mode', value: 'z' }], JSON_PATCH);
  assert.equal(refused.status, 422);
  assert.deepEqual(causesOf(refused), [
    'FieldValueNotSupported spec.mode: Unsupported value: "z": supported values: "a", "b"',
  ]);
});

test('an update must say which version it replaces', async () => {
  const { json } = await post(widget('put'));
  const bare = await api.call(widgets('put'), { method: 'PUT', body: widget('put', { size: 4 }) });
  assert.equal(bare.status, 422);
  assert.deepEqual(causesOf(bare), [
    'FieldValueInvalid metadata.resourceVersion: Invalid value: 0: must be specified for an update',
  ]);
  const { status } = await api.call(widgets('put'), { method: 'PUT', body: { ...json, spec: { size: 4 } } });
  assert.equal(status, 200);
  const stale = await api.call(widgets('put'), { method: 'PUT', body: { ...json, spec: { size: 5 } } });
  assert.equal(stale.status, 409);
});

const applied = (name: string, manager: string, content: object, force = ''): Promise<Answer> =>
  api.call(`${widgets(name)}?fieldManager=${manager}${force}`, {
    method: 'PATCH',
    headers: APPLY,
    body: widget(name, content),
  });

test('server-side apply merges lists by their keys and sets by their values', async () => {
  await applied('applied', 'one', { items: [{ key: 'a', value: 1 }], tags: ['x'], free: { one: { p: 1 } } });
  const { json } = await applied('applied', 'two', { items: [{ key: 'b' }], tags: ['y'], free: { two: { q: 2 } } });
  assert.deepEqual(json.spec.items, [
    { key: 'a', value: 1 },
    { key: 'b', value: 7 },
  ]);
  assert.deepEqual(json.spec.tags, ['x', 'y']);
  assert.deepEqual(json.spec.free, { one: { p: 1 }, two: { q: 2 } });
  const owned = json.metadata.managedFields.find(({ manager }: { manager: string }) => manager === 'two');
  assert.deepEqual(owned.fieldsV1, {
    'f:spec': {
      'f:free': { 'f:two': { '.': {}, 'f:q': {} } },
      'f:items': { 'k:{"key":"b"}': { '.': {}, 'f:key': {} } },
      'f:tags': { 'v:"y"': {} },
    },
  });
  const { json: left } = await applied('applied', 'two', { tags: ['y'] });
  assert.deepEqual(left.spec.items, [{ key: 'a', value: 1 }]);
  assert.deepEqual(left.spec.free, { one: { p: 1 } });
});

test('server-side apply refuses what others own, and what the schema does not name', async () => {
  await applied('contested', 'one', { size: 1 });
  const contested = await applied('contested', 'two', { size: 2 });
  assert.equal(contested.status, 409);
  assert.equal(contested.json.message, 'Apply failed with 1 conflict: conflict with "one": .spec.size');
  assert.equal((await applied('contested', 'two', { size: 2 }, '&force=true')).json.spec.size, 2);
  const unknown = await applied('contested', 'two', { size: 2, zzz: 1 });
  assert.equal(unknown.status, 500);
  const what = `(/contested; ${apiVersion}, Kind=Widget): .spec.zzz: field not declared in schema`;
  assert.equal(unknown.json.message, `failed to create typed patch object ${what}`);
});

test('columns show what their paths find', async () => {
  await post(widget('shown', { items: [{ key: 'a' }, { key: 'b', value: 9 }], tags: ['x', 'y'], flag: true }));
  const accept = 'application/json;as=Table;g=meta.k8s.io;v=v1';
  const { json } = await api.call(widgets('shown'), { headers: { accept } });
  assert.deepEqual(
    json.columnDefinitions.map(({ name, type, priority }: Answer['json']) => [name, type, priority]),
    [
      ['Name', 'string', 0],
      ['Size', 'integer', 0],
      ['Phase', 'string', 1],
      ['First', 'string', 0],
      ['B', 'integer', 0],
      ['Tags', 'string', 0],
      ['Flag', 'boolean', 0],
    ],
  );
  assert.equal(
    json.columnDefinitions[1].description,
    'Custom resource definition column (in JSONPath format): .spec.size',
  );
  assert.equal(json.columnDefinitions[2].description, 'How it is.');
  assert.deepEqual(json.rows[0].cells, ['shown', 3, null, 'a', 9, '["x","y"]', true]);
});

test('lists are selected by the fields that the definition names', async () => {
  await post(widget('selected-a', { mode: 'a', size: 8 }));
  await post(widget('selected-b', { mode: 'b', size: 8 }));
  const { json } = await api.call(`${widgets()}?fieldSelector=spec.size%3D8,spec.mode%3Da`);
  assert.deepEqual(
    json.items.map(({ metadata }: Answer['json']) => metadata.name),
    ['selected-a'],
  );
  assert.equal(json.items[0].kind, 'Widget');
  const { json: without } = await api.call(`${widgets()}?fieldSelector=spec.size%3D8,spec.mode%21%3Da`);
  assert.deepEqual(
    without.items.map(({ metadata }: Answer['json']) => metadata.name),
    ['selected-b'],
  );
  const refused = await api.call(`${widgets()}?fieldSelector=spec.port%3D1`);
  assert.equal(refused.status, 400);
  assert.equal(refused.json.message, 'field label not supported: spec.port');
});

test('metadata alone can be asked for', async () => {
  await post(widget('partial'));
  const accept = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';
  const { json } = await api.call(widgets('partial'), { headers: { accept } });
  assert.deepEqual([json.kind, json.metadata.name, json.spec], ['PartialObjectMetadata', 'partial', undefined]);
});

test('changes are watched', async () => {
  const { json } = await api.call(widgets());
  const version = json.metadata.resourceVersion;
  await using watch = await api.watch(
    `${widgets()}?watch=true&resourceVersion=${version}&fieldSelector=metadata.name%3Dseen`,
  );
  await post(widget('seen'));
  await patch('seen', { spec: { size: 4 } });
  await api.call(widgets('seen'), { method: 'DELETE' });
  const events = [await watch.next(), await watch.next(), await watch.next()];
  assert.deepEqual(
    events.map((event) => [event?.type, event?.object.spec.size]),
    [
      ['ADDED', 3],
      ['MODIFIED', 4],
      ['DELETED', 4],
    ],
  );
});

test('a name is generated, and a dry run leaves nothing', async () => {
  const { json } = await api.call(widgets(), {
    method: 'POST',
    body: { apiVersion, kind: 'Widget', metadata: { generateName: 'made-' }, spec: {} },
  });
  assert.match(json.metadata.name, /^made-[a-z0-9]{5}$/);
  assert.equal((await post(widget('dry'), '?dryRun=All')).status, 201);
  assert.equal((await api.call(widgets('dry'))).status, 404);
});

test('a removal answers with a status, one of many with what it removed', async () => {
  const { json: made } = await post(widget('gone'));
  const { json } = await api.call(widgets('gone'), { method: 'DELETE' });
  assert.deepEqual(json.details, { name: 'gone', group, kind: 'widgets', uid: made.metadata.uid });
  await post(widget('many', {}, { metadata: { name: 'many', labels: { part: 'many' } } }));
  const { json: removed } = await api.call(`${widgets()}?labelSelector=part%3Dmany`, { method: 'DELETE' });
  assert.equal(removed.kind, 'WidgetList');
  assert.deepEqual(
    removed.items.map(({ metadata }: Answer['json']) => metadata.name),
    ['many'],
  );
});

test('a finalizer keeps an object', async () => {
  await post(widget('kept', {}, { metadata: { name: 'kept', finalizers: ['example.com/keep'] } }));
  const { json } = await api.call(widgets('kept'), { method: 'DELETE' });
  assert.ok(json.metadata.deletionTimestamp);
  await patch('kept', { metadata: { finalizers: null } });
  assert.equal((await api.call(widgets('kept'))).status, 404);
});

interface Wrong {
  readonly what: string;
  readonly body: object;
  readonly status: number;
  readonly message: string;
}

const wrong: readonly Wrong[] = [
  {
    what: 'another kind',
    body: { ...widget('w'), kind: 'Gadget' },
    status: 422,
    message: `Gadget.${group} "w" is invalid: kind: Invalid value: "Gadget": must be Widget`,
  },
  {
    what: 'no kind',
    body: { metadata: { name: 'w' }, spec: {} },
    status: 400,
    message:
      'the object provided is unrecognized (must be of type Widget): Object \'Kind\' is missing in \'{"metadata":{"name":"w"},"spec":{}}\' ({"metadata":{"name":"w"},"spec ...)',
  },
  {
    what: 'another version',
    body: { ...widget('w'), apiVersion: `${group}/v2` },
    status: 400,
    message: `the API version in the data (${group}/v2) does not match the expected API version (${group}/v1)`,
  },
  {
    what: 'a required part missing',
    body: { apiVersion, kind: 'Widget', metadata: { name: 'w' } },
    status: 422,
    message: `Widget.${group} "w" is invalid: spec: Required value`,
  },
  {
    what: 'null for a required part',
    body: { apiVersion, kind: 'Widget', metadata: { name: 'w' }, spec: null },
    status: 422,
    message: `Widget.${group} "w" is invalid: spec: Required value`,
  },
  {
    what: 'one value twice in a set',
    body: widget('w', { tags: ['a', 'b', 'a'] }),
    status: 422,
    message: `Widget.${group} "w" is invalid: spec.tags[2]: Duplicate value: "a"`,
  },
  {
    what: 'one key twice in a list',
    body: widget('w', { items: [{ key: 'a' }, { key: 'a', value: 1 }] }),
    status: 422,
    message: `Widget.${group} "w" is invalid: spec.items[1]: Duplicate value: {"key":"a"}`,
  },
];

for (const { what, body, status, message } of wrong) {
  test(`an object is refused for ${what}`, async () => {
    const answer = await post(body);
    assert.equal(answer.status, status);
    assert.equal(answer.json.message, message);
  });
}

test('all versions of discovery know the kind', async () => {
  const { json: list } = await api.call(`/apis/${group}/v1`);
  const { storageVersionHash, ...listed } = list.resources[0];
  assert.match(storageVersionHash, /^[A-Za-z0-9+/]{11}=$/);
  assert.deepEqual(listed, {
    name: 'widgets',
    singularName: 'widget',
    namespaced: true,
    kind: 'Widget',
    verbs: ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'],
    shortNames: ['wd'],
    categories: ['things'],
  });
  assert.deepEqual(list.resources[2], {
    name: 'widgets/scale',
    singularName: '',
    namespaced: true,
    group: 'autoscaling',
    version: 'v1',
    kind: 'Scale',
    verbs: ['get', 'patch', 'update'],
  });
  const version = { groupVersion: `${group}/v1`, version: 'v1' };
  const { json: own } = await api.call(`/apis/${group}`);
  assert.deepEqual([own.versions, own.preferredVersion], [[version], version]);
  const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
  let found: Answer['json'];
  await eventually(async () => {
    const { json } = await api.call('/apis', { headers: { accept } });
    found = json.items.find(({ metadata }: Answer['json']) => metadata.name === group);
    return found !== undefined;
  }, 'the group is not in aggregated discovery');
  assert.deepEqual(found.versions[0].resources[0], {
    resource: 'widgets',
    responseKind: { group, version: 'v1', kind: 'Widget' },
    scope: 'Namespaced',
    singularResource: 'widget',
    verbs: ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'],
    shortNames: ['wd'],
    categories: ['things'],
    subresources: [
      {
        subresource: 'status',
        responseKind: { group, version: 'v1', kind: 'Widget' },
        verbs: ['get', 'patch', 'update'],
      },
      {
        subresource: 'scale',
        responseKind: { group: 'autoscaling', version: 'v1', kind: 'Scale' },
        verbs: ['get', 'patch', 'update'],
      },
    ],
  });
});

test('the schema is published', async () => {
  const path = `apis/${group}/v1`;
  let address = '';
  await eventually(async () => {
    const { json } = await api.call('/openapi/v3');
    address = json.paths[path]?.serverRelativeURL ?? '';
    return address !== '';
  }, 'the group is not in the index of schemas');
  const { json } = await api.call(address);
  const name = `${group.split('.').toReversed().join('.')}.v1.Widget`;
  const schema = json.components.schemas[name];
  assert.equal(schema.description, 'A widget is a thing.');
  assert.deepEqual(schema['x-kubernetes-group-version-kind'], [{ group, version: 'v1', kind: 'Widget' }]);
  assert.deepEqual(Object.keys(schema.properties).sort(), ['apiVersion', 'kind', 'metadata', 'spec', 'status']);
  assert.deepEqual(schema.properties.spec.properties.mode, { type: 'string', enum: ['a', 'b'] });
  assert.ok(json.components.schemas[`${name}List`]);
  assert.ok(json.paths[`/apis/${group}/v1/namespaces/{namespace}/widgets/{name}/status`].patch);
});
