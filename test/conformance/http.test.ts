import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { parse as parseYaml } from 'yaml';
import { claims, configMap, configMaps, storageClasses } from './objects.ts';
import { type Refused, refuses } from './refusal.ts';
import { type Call, connect } from './target.ts';

const api = await connect();
const namespace = await api.namespace();
await api.call(configMaps(namespace), { method: 'POST', body: configMap('a', { key: 'value' }) });

const MAPS = '/api/v1/namespaces/$NS/configmaps';
const NOT_ALLOWED = {
  status: 405,
  reason: 'MethodNotAllowed',
  message: 'the server does not allow this method on the requested resource',
};
const notAllowed = (rule: string, method: NonNullable<Call['method']>, path: string, body?: object): Refused => ({
  rule,
  request: [path, { method, ...(body && { body }) }],
  ...NOT_ALLOWED,
});
const accept = (type: string, path = `${MAPS}/a`): Refused['request'] => [path, { headers: { accept: type } }];
const NOT_ACCEPTABLE = { status: 406, reason: 'NotAcceptable' };
const MISSING = { status: 404, reason: 'NotFound', message: 'the server could not find the requested resource' };

refuses(api, namespace, [
  notAllowed('a collection cannot be replaced', 'PUT', MAPS, configMap('a')),
  notAllowed('a collection cannot be patched', 'PATCH', MAPS, {}),
  notAllowed('an object cannot be posted to its own address', 'POST', `${MAPS}/a`, configMap('a')),
  notAllowed('nothing is made in all namespaces at once', 'POST', '/api/v1/configmaps', configMap('a')),
  notAllowed('nothing is deleted in all namespaces at once', 'DELETE', '/api/v1/configmaps'),
  notAllowed('namespaces are not deleted together', 'DELETE', '/api/v1/namespaces'),
  notAllowed('a status is not posted', 'POST', `${claims('$NS', 'x')}/status`, {}),
  notAllowed('a status is not deleted', 'DELETE', `${claims('$NS', 'x')}/status`),
  notAllowed('a binding is not read', 'GET', '/api/v1/namespaces/$NS/pods/x/binding'),
  notAllowed('the end of a namespace is not read', 'GET', '/api/v1/namespaces/$NS/finalize'),
  notAllowed('an address has no options', 'OPTIONS', MAPS),
  notAllowed('the version is not posted', 'POST', '/version', {}),
  {
    rule: 'a status that a kind does not have is not found',
    request: [`${MAPS}/a/status`],
    ...MISSING,
  },
  { rule: 'a resource that a version does not have is not found', request: ['/api/v1/nothings'], ...MISSING },
  {
    rule: 'a kind without namespaces is not found in one',
    request: ['/api/v1/namespaces/$NS/persistentvolumes'],
    ...MISSING,
  },
  {
    rule: 'a kind with namespaces is not found by name without one',
    request: ['/api/v1/persistentvolumeclaims/x'],
    ...MISSING,
  },
  {
    rule: 'a version that a group does not have is not found',
    request: ['/apis/storage.k8s.io/v9'],
    ...MISSING,
  },
  {
    rule: 'another form than those that are served is not acceptable',
    request: accept('text/html'),
    ...NOT_ACCEPTABLE,
    message: /^406: Not Acceptable\n\nAvailable representations: application\/json, application\/yaml/,
  },
  {
    rule: 'any form of application is not one of those that are served',
    request: accept('application/*'),
    ...NOT_ACCEPTABLE,
    message: /^406: Not Acceptable/,
  },
  {
    rule: 'a view that nobody knows is not acceptable',
    request: accept('application/json;as=Nothing;v=v1;g=meta.k8s.io'),
    ...NOT_ACCEPTABLE,
    message: /^only the following media types are accepted: application\/json, application\/yaml/,
  },
  {
    rule: 'a version of tables that nobody knows is not acceptable',
    request: accept('application/json;as=Table;v=v2;g=meta.k8s.io'),
    ...NOT_ACCEPTABLE,
    message: /^only the following media types are accepted/,
  },
  {
    rule: 'the metadata of one object is no view of a list',
    request: accept('application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io', MAPS),
    ...NOT_ACCEPTABLE,
    message: 'you requested PartialObjectMetadata, but the requested object is a list (*core.ConfigMapList)',
  },
  {
    rule: 'the metadata of a list is no view of one object',
    request: accept('application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io'),
    ...NOT_ACCEPTABLE,
    message: 'you requested PartialObjectMetadataList, but the requested object is not a list (*core.ConfigMap)',
  },
  {
    rule: 'what the rows of a table include is one of three words',
    request: accept('application/json;as=Table;v=v1;g=meta.k8s.io', `${MAPS}?includeObject=Sometimes`),
    status: 400,
    reason: 'BadRequest',
    message: `Unable to convert to Table as requested: includeObject: Invalid value: "Sometimes": must be 'Metadata', 'Object', 'None', or empty`,
  },
  {
    rule: 'a body in a form that nobody knows is refused with those that are known',
    request: [MAPS, { method: 'POST', body: 'x', headers: { 'content-type': 'text/plain' } }],
    status: 415,
    reason: 'UnsupportedMediaType',
    message:
      /^the body of the request was in an unknown format - accepted media types include: application\/json, application\/yaml/,
  },
  {
    rule: 'a patch in a form that nobody knows is refused',
    request: [`${MAPS}/a`, { method: 'PATCH', body: 'x', headers: { 'content-type': 'text/plain' } }],
    status: 415,
    reason: 'UnsupportedMediaType',
    message: '415: Unsupported Media Type',
  },
]);

test('an object has no head', async () => {
  for (const path of [configMaps(namespace), configMaps(namespace, 'a'), '/version']) {
    const { status, text } = await api.call(path, { method: 'HEAD' });
    assert.deepEqual([status, text], [405, ''], path);
  }
});

test('the health of the server has one', async () => {
  const { status, text } = await api.call('/healthz', { method: 'HEAD' });
  assert.deepEqual([status, text], [200, '']);
});

test('health can be asked in parts, and with all of them named', async () => {
  assert.equal((await api.call('/healthz/ping')).text, 'ok');
  const { headers, text } = await api.call('/livez?verbose');
  assert.equal(headers['content-type'], 'text/plain; charset=utf-8');
  assert.match(text, /^\[\+\]ping ok\n/);
  assert.match(text, /\nlivez check passed\n$/);
  assert.equal((await api.call('/readyz/nothing')).status, 404);
});

test('what no group serves is no object, so it is not said as one', async () => {
  for (const path of ['/nothing', '/apis/nothing.example']) {
    const { status, headers, text } = await api.call(path);
    assert.deepEqual(
      [status, headers['content-type'], text],
      [404, 'text/plain; charset=utf-8', '404 page not found\n'],
    );
  }
});

test('an address may end in a slash', async () => {
  const { status, json } = await api.call(`${configMaps(namespace)}/`);
  assert.deepEqual([status, json.kind], [200, 'ConfigMapList']);
});

test('the paths that are served are listed at the root', async () => {
  const { json } = await api.call('/');
  for (const path of ['/api/v1', '/apis/storage.k8s.io/v1', '/healthz', '/openapi/v3', '/version']) {
    assert.ok(json.paths.includes(path), path);
  }
});

const inForm = (type: string, path = configMaps(namespace, 'a')) => api.call(path, { headers: { accept: type } });

test('answers are written in YAML for who likes that best', async () => {
  for (const type of ['application/yaml', 'application/json;q=0.5, application/yaml']) {
    const { headers, text } = await inForm(type);
    assert.equal(headers['content-type'], 'application/yaml');
    assert.match(text, /^apiVersion: v1\ndata:\n {2}key: value\nkind: ConfigMap\nmetadata:\n {2}creationTimestamp: "/);
    assert.equal(parseYaml(text).metadata.name, 'a');
  }
});

test('a refusal is written in YAML as well', async () => {
  const { status, text } = await inForm('application/yaml', configMaps(namespace, 'nobody'));
  assert.equal(status, 404);
  const { kind, code, details, message } = parseYaml(text);
  assert.deepEqual(
    { kind, code, details, message },
    {
      kind: 'Status',
      code: 404,
      details: { kind: 'configmaps', name: 'nobody' },
      message: 'configmaps "nobody" not found',
    },
  );
});

test('of several forms the first that is served is taken', async () => {
  for (const type of ['text/html, */*', 'text/html, application/json', 'application/json, application/yaml']) {
    assert.equal((await inForm(type)).headers['content-type'], 'application/json', type);
  }
});

test('JSON is indented for who asks, and for tools that people call by hand', async () => {
  const plain = await api.call(configMaps(namespace, 'a'));
  assert.doesNotMatch(plain.text.trim(), /\n/);
  const asked = await api.call(`${configMaps(namespace, 'a')}?pretty=true`);
  assert.match(asked.text, /^\{\n {2}"kind": "ConfigMap",\n {2}"apiVersion": "v1",/);
  const curl = await api.call(configMaps(namespace, 'a'), { headers: { 'user-agent': 'curl/8.0' } });
  assert.equal(curl.text, asked.text);
  const declined = await api.call(`${configMaps(namespace, 'a')}?pretty=false`, {
    headers: { 'user-agent': 'curl/8.0' },
  });
  assert.doesNotMatch(declined.text.trim(), /\n/);
});

test('long answers are compressed for who understands that, short ones are not', async () => {
  await api.call(configMaps(namespace), { method: 'POST', body: configMap('long', { a: 'x'.repeat(200_000) }) });
  const headers = { 'accept-encoding': 'gzip' };
  const long = await api.call(configMaps(namespace, 'long'), { headers });
  assert.equal(long.headers['content-encoding'], 'gzip');
  assert.equal(long.headers['vary'], 'Accept-Encoding');
  assert.ok(long.bytes);
  assert.equal(JSON.parse(gunzipSync(long.bytes).toString('utf8')).data.a.length, 200_000);
  const short = await api.call(configMaps(namespace, 'a'), { headers });
  assert.equal(short.headers['content-encoding'], undefined);
  const plain = await api.call(configMaps(namespace, 'long'), { headers: { 'accept-encoding': 'deflate' } });
  assert.equal(plain.json.data.a.length, 200_000);
});

test('answers are not to be kept', async () => {
  const { headers } = await api.call(configMaps(namespace, 'a'));
  assert.equal(headers['cache-control'], 'no-cache, private');
});

const METADATA_LIST = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io';

test('a list is shown as the metadata of its items', async () => {
  const { json } = await inForm(METADATA_LIST, `${configMaps(namespace)}?fieldSelector=metadata.name%3Da`);
  assert.deepEqual([json.kind, json.apiVersion], ['PartialObjectMetadataList', 'meta.k8s.io/v1']);
  assert.match(json.metadata.resourceVersion, /^\d+$/);
  const [item] = json.items;
  assert.deepEqual([item.kind, item.apiVersion, item.metadata.name], ['PartialObjectMetadata', 'meta.k8s.io/v1', 'a']);
  assert.equal(item.data, undefined);
});

test('an empty list of metadata has no list in it', async () => {
  const { json } = await inForm(METADATA_LIST, `${configMaps(namespace)}?labelSelector=nobody`);
  assert.equal(json.items, null);
});

const table = (query: string) =>
  inForm(
    'application/json;as=Table;v=v1;g=meta.k8s.io',
    `${configMaps(namespace)}?fieldSelector=metadata.name%3Da${query}`,
  );

test('a table includes what is asked for: the metadata, all, or nothing', async () => {
  const row = async (query: string) => (await table(query)).json.rows[0];
  assert.equal((await row('')).object.kind, 'PartialObjectMetadata');
  assert.equal((await row('&includeObject=Metadata')).object.kind, 'PartialObjectMetadata');
  assert.equal((await row('&includeObject=Object')).object.data.key, 'value');
  assert.equal((await row('&includeObject=None')).object, null);
});

test('the cells of a table have the types of JSON', async () => {
  const { json } = await table('');
  assert.deepEqual(json.rows[0].cells.slice(0, 2), ['a', 1]);
  assert.deepEqual(
    json.columnDefinitions.map(({ name, type, format, priority }: Record<string, unknown>) => [
      name,
      type,
      format,
      priority,
    ]),
    [
      ['Name', 'string', 'name', 0],
      ['Data', 'string', '', 0],
      ['Age', 'string', '', 0],
    ],
  );
});

test('one object is shown as a table of one row', async () => {
  const { json } = await inForm('application/json;as=Table;v=v1;g=meta.k8s.io');
  assert.equal(json.rows.length, 1);
  assert.match(json.metadata.resourceVersion, /^\d+$/);
});

test('a write can be answered with a table as well, or with metadata alone', async () => {
  const body = { metadata: { name: `http-${namespace}` }, provisioner: 'example.com/none' };
  const headers = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' };
  const made = await api.call(storageClasses(), { method: 'POST', body, headers });
  assert.deepEqual([made.status, made.json.kind, made.json.rows[0].cells[0]], [201, 'Table', `http-${namespace}`]);
  const metadata = { accept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io' };
  const gone = await api.call(storageClasses(`http-${namespace}`), { method: 'DELETE', headers: metadata });
  assert.deepEqual([gone.status, gone.json.kind], [200, 'PartialObjectMetadata']);
});

test('a refusal is a Status, whatever view was asked for', async () => {
  const { status, json } = await inForm(
    'application/json;as=Table;v=v1;g=meta.k8s.io',
    configMaps(namespace, 'nobody'),
  );
  assert.deepEqual([status, json.kind], [404, 'Status']);
});
