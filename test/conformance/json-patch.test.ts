import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configMap, configMaps, JSON_PATCH, MERGE, STRATEGIC } from './objects.ts';
import { type Refused, refuses } from './refusal.ts';
import { connect } from './target.ts';

const api = await connect();
const namespace = await api.namespace();
await api.call(configMaps(namespace), { method: 'POST', body: configMap('a', { a: '1', b: '2' }) });

const PATH = '/api/v1/namespaces/$NS/configmaps/a';
const patched = (headers: Record<string, string>, body: unknown, query = ''): Refused['request'] => [
  `${PATH}${query}`,
  { method: 'PATCH', headers, body },
];
const bad = { status: 400, reason: 'BadRequest' };
const misfit = {
  status: 422,
  reason: 'Invalid',
  message: 'the server rejected our request due to an error in our request',
};
const unfit = { status: 422, reason: 'Invalid' };
const OPTIONS = 'PatchOptions.meta.k8s.io "" is invalid: ';
const NAMELESS = 'the name of the object (a based on URL) was undeterminable: name must be provided';

refuses(api, namespace, [
  {
    rule: 'a JSON patch that ends too early is refused',
    request: patched(JSON_PATCH, '['),
    ...bad,
    message: 'error decoding patch: unexpected end of JSON input',
  },
  {
    rule: 'a JSON patch is a list',
    request: patched(JSON_PATCH, '{}'),
    ...bad,
    message: 'error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp',
  },
  {
    rule: 'a JSON patch knows six operations',
    request: patched(JSON_PATCH, [{ op: 'nothing', path: '/data/a' }]),
    ...misfit,
  },
  { rule: 'an operation says where', request: patched(JSON_PATCH, [{ op: 'add' }]), ...misfit },
  {
    rule: 'a test that fails fails the patch',
    request: patched(JSON_PATCH, [{ op: 'test', path: '/data/a', value: '9' }]),
    ...misfit,
  },
  {
    rule: 'what is not there cannot be removed',
    request: patched(JSON_PATCH, [{ op: 'remove', path: '/data/zzz' }]),
    ...misfit,
  },
  {
    rule: 'nothing is added where there is no parent',
    request: patched(JSON_PATCH, [{ op: 'add', path: '/x/y/z', value: '9' }]),
    ...misfit,
  },
  {
    rule: 'a JSON patch cannot rename',
    request: patched(JSON_PATCH, [{ op: 'replace', path: '/metadata/name', value: 'other' }]),
    ...bad,
    message: 'the name of the object (other) does not match the name on the URL (a)',
  },
  {
    rule: 'a JSON patch cannot take the metadata away',
    request: patched(JSON_PATCH, [{ op: 'remove', path: '/metadata' }]),
    ...bad,
    message: NAMELESS,
  },
  {
    rule: 'a JSON patch cannot take everything away',
    request: patched(JSON_PATCH, [{ op: 'replace', path: '', value: {} }]),
    ...bad,
    message: NAMELESS,
  },
  {
    rule: 'a JSON patch cannot make another kind of the object',
    request: patched(JSON_PATCH, [{ op: 'replace', path: '/kind', value: 'Secret' }]),
    ...unfit,
    message: /^ "" is invalid: patch: Invalid value: /,
    fields: ['patch'],
  },
  {
    rule: 'a JSON patch that makes a wrong type is refused with the whole that it makes',
    request: patched(JSON_PATCH, [{ op: 'add', path: '/data/n', value: 5 }]),
    ...unfit,
    message:
      /^ "" is invalid: patch: Invalid value: ".*\\"n\\":5.*": json: cannot unmarshal number into Go struct field ConfigMap\.data of type string$/,
    fields: ['patch'],
  },
  {
    rule: 'a merge patch that ends too early is refused',
    request: patched(MERGE, '{'),
    ...bad,
    message: 'error decoding patch: unexpected end of JSON input',
  },
  {
    rule: 'a merge patch is an object',
    request: patched(MERGE, '[]'),
    ...bad,
    message: 'error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}',
  },
  { rule: 'a merge patch is not null', request: patched(MERGE, 'null'), ...bad, message: 'Invalid JSON Patch' },
  {
    rule: 'a merge patch that makes a wrong type is refused',
    request: patched(MERGE, { data: 'x' }),
    ...unfit,
    message: /: json: cannot unmarshal string into Go struct field ConfigMap\.data of type map\[string\]string$/,
    fields: ['patch'],
  },
  {
    rule: 'a merge patch cannot make another version of the object',
    request: patched(MERGE, { apiVersion: 'v2' }),
    ...unfit,
    message: /^ "" is invalid: patch: Invalid value: /,
    fields: ['patch'],
  },
  {
    rule: 'a merge patch with an unknown field is refused when strict',
    request: patched(MERGE, { foo: 1 }, '?fieldValidation=Strict'),
    ...unfit,
    message: /: strict decoding error: unknown field "foo"$/,
    fields: ['patch'],
  },
  {
    rule: 'a strategic merge patch that ends too early is refused',
    request: patched(STRATEGIC, '{'),
    ...bad,
    message: 'unexpected end of JSON input',
  },
  {
    rule: 'a strategic merge patch is an object',
    request: patched(STRATEGIC, '[]'),
    ...bad,
    message: 'json: cannot unmarshal array into Go value of type map[string]interface {}',
  },
  {
    rule: 'a directive that nobody knows is a failure',
    request: patched(STRATEGIC, { metadata: { $patch: 'nothing' } }),
    status: 500,
    reason: '',
    message: 'unknown patch type: nothing in map: map[$patch:nothing]',
  },
  {
    rule: 'the whole object is not deleted by directive',
    request: patched(STRATEGIC, { $patch: 'delete' }),
    ...bad,
    message: NAMELESS,
  },
  {
    rule: 'a strategic merge patch with an unknown field is refused when strict',
    request: patched(STRATEGIC, { nope: 1 }, '?fieldValidation=Strict'),
    ...unfit,
    message: /: strict decoding error: unknown field "nope"$/,
    fields: ['patch'],
  },
  {
    rule: 'a strategic merge patch with a member twice is refused when strict',
    request: patched(STRATEGIC, '{"metadata":{"labels":{"q":"1"},"labels":{"q":"2"}}}', '?fieldValidation=Strict'),
    ...unfit,
    message: /: strict decoding error: duplicate field "metadata\.labels"$/,
    fields: ['patch'],
  },
  {
    rule: 'only an apply is forced',
    request: patched(MERGE, {}, '?force=true'),
    ...unfit,
    message: `${OPTIONS}force: Forbidden: may not be specified for non-apply patch`,
    fields: ['force'],
  },
  {
    rule: 'a dry run of a patch is of all or nothing',
    request: patched(MERGE, {}, '?dryRun=Nope'),
    ...unfit,
    message: `${OPTIONS}dryRun: Unsupported value: ["Nope"]: supported values: "All"`,
    fields: ['dryRun'],
  },
]);

const patch = async (headers: Record<string, string>, body: unknown, query = '') => {
  const {
    status,
    headers: own,
    json,
  } = await api.call(`${configMaps(namespace, 'b')}${query}`, {
    method: 'PATCH',
    headers,
    body,
  });
  return { status, warning: own['warning'], json };
};

const fresh = async (data: Record<string, string>, metadata: object = {}): Promise<void> => {
  await api.call(configMaps(namespace, 'b'), { method: 'DELETE' });
  const { status } = await api.call(configMaps(namespace), { method: 'POST', body: configMap('b', data, metadata) });
  assert.equal(status, 201);
};

test('values are copied and moved', async () => {
  await fresh({ a: '1', b: '2' });
  const { json } = await patch(JSON_PATCH, [
    { op: 'copy', from: '/data/a', path: '/data/c' },
    { op: 'move', from: '/data/b', path: '/data/d' },
  ]);
  assert.deepEqual(json.data, { a: '1', c: '1', d: '2' });
});

test('a slash in a key is written as ~1, a tilde as ~0', async () => {
  await fresh({});
  const { json } = await patch(JSON_PATCH, [
    { op: 'add', path: '/metadata/labels', value: { a: 'b' } },
    { op: 'add', path: '/metadata/labels/example.com~1x', value: '1' },
    { op: 'add', path: '/metadata/annotations', value: {} },
  ]);
  assert.deepEqual(json.metadata.labels, { a: 'b', 'example.com/x': '1' });
  assert.equal(json.metadata.annotations, undefined);
});

test('no operations at all leave everything as it is', async () => {
  await fresh({ a: '1' });
  const before = await api.call(configMaps(namespace, 'b'));
  for (const body of ['[]', 'null']) {
    const { status, json } = await patch(JSON_PATCH, body);
    assert.equal(status, 200);
    assert.equal(json.metadata.resourceVersion, before.json.metadata.resourceVersion);
  }
});

test('a null in a JSON patch is a value, and an empty text in a map of texts', async () => {
  await fresh({ a: '1' });
  const { json } = await patch(JSON_PATCH, [{ op: 'add', path: '/data/n', value: null }]);
  assert.deepEqual(json.data, { a: '1', n: '' });
});

test('an unknown field in a patch is left out with a warning', async () => {
  await fresh({ a: '1' });
  const { status, warning } = await patch(MERGE, { foo: 1 });
  assert.deepEqual([status, warning], [200, '299 - "unknown field \\"foo\\""']);
  assert.equal((await patch(MERGE, { foo: 1 }, '?fieldValidation=Ignore')).warning, undefined);
});

test('a member that comes twice in a patch counts the last time, with a warning', async () => {
  await fresh({});
  const { warning, json } = await patch(MERGE, '{"data":{"a":"1","a":"2"}}');
  assert.deepEqual(json.data, { a: '2' });
  assert.equal(warning, '299 - "duplicate field \\"data.a\\""');
});

test('a patch that says nothing keeps the version', async () => {
  await fresh({ a: '1' });
  const before = await api.call(configMaps(namespace, 'b'));
  for (const headers of [MERGE, STRATEGIC]) {
    const { json } = await patch(headers, {});
    assert.equal(json.metadata.resourceVersion, before.json.metadata.resourceVersion);
  }
});

test('any version is meant when a patch says 0', async () => {
  await fresh({ a: '1' });
  assert.equal((await patch(MERGE, { metadata: { resourceVersion: '0' }, data: { a: '2' } })).status, 200);
});

test('a map is emptied by null, and by directive', async () => {
  await fresh({ a: '1' });
  assert.equal((await patch(MERGE, { data: null })).json.data, undefined);
  await fresh({ a: '1' });
  assert.equal((await patch(STRATEGIC, { data: { $patch: 'delete' } })).json.data, undefined);
});

test('only the members that are named are retained when the patch says so', async () => {
  await fresh({ a: '1', x: '2' });
  assert.deepEqual((await patch(STRATEGIC, { data: { $retainKeys: ['x', 'y'], y: '3' } })).json.data, {
    x: '2',
    y: '3',
  });
});

const finalizers = (...names: string[]) => ({ finalizers: names.map((name) => `example.com/${name}`) });
const order = async (metadata: object): Promise<string[]> =>
  (await patch(STRATEGIC, { metadata })).json.metadata.finalizers?.map((name: string) =>
    name.replace('example.com/', ''),
  );

test('a list that is merged takes the order of the patch, each other item before what it preceded', async () => {
  await fresh({});
  assert.deepEqual(await order(finalizers('b')), ['b']);
  assert.deepEqual(await order(finalizers('a')), ['a', 'b']);
  assert.deepEqual(
    await order({ '$setElementOrder/finalizers': ['example.com/b', 'example.com/a'], ...finalizers('b') }),
    ['b', 'a'],
  );
  assert.deepEqual(
    await order({ '$setElementOrder/finalizers': ['example.com/c', 'example.com/b'], ...finalizers('c') }),
    ['c', 'b', 'a'],
  );
  assert.deepEqual(await order({ '$deleteFromPrimitiveList/finalizers': ['example.com/a', 'example.com/zz'] }), [
    'c',
    'b',
  ]);
  assert.equal(await order({ finalizers: null }), undefined);
});
