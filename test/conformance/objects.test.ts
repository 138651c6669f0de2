import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claim, claims, configMap, configMaps } from './objects.ts';
import { connect } from './target.ts';

const api = await connect();
const namespace = await api.namespace();

test('a new object gets a uid, a resource version, a creation time and its namespace', async () => {
  const { status, json } = await api.call(configMaps(namespace), {
    method: 'POST',
    body: configMap('made', { a: 'b' }),
  });
  assert.equal(status, 201);
  assert.match(json.metadata.uid, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  assert.match(json.metadata.resourceVersion, /^\d+$/);
  assert.match(json.metadata.creationTimestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  assert.equal(json.metadata.namespace, namespace);
  assert.deepEqual(json.data, { a: 'b' });
});

test('a read gives what was made, with kind and apiVersion', async () => {
  await api.call(configMaps(namespace), { method: 'POST', body: configMap('read', { a: 'b' }) });
  const { status, json } = await api.call(configMaps(namespace, 'read'));
  assert.equal(status, 200);
  assert.equal(json.kind, 'ConfigMap');
  assert.equal(json.apiVersion, 'v1');
  assert.deepEqual(json.data, { a: 'b' });
});

test('a body without kind and apiVersion is of the kind of the address', async () => {
  const { status, json } = await api.call(configMaps(namespace), {
    method: 'POST',
    body: { metadata: { name: 'bare' } },
  });
  assert.equal(status, 201);
  assert.equal(json.kind, 'ConfigMap');
});

test('the second object of a name is refused as AlreadyExists', async () => {
  await api.call(configMaps(namespace), { method: 'POST', body: configMap('twice') });
  const { status, json } = await api.call(configMaps(namespace), { method: 'POST', body: configMap('twice') });
  assert.equal(status, 409);
  assert.equal(json.kind, 'Status');
  assert.equal(json.reason, 'AlreadyExists');
  assert.equal(json.message, 'configmaps "twice" already exists');
  assert.deepEqual(json.details, { name: 'twice', kind: 'configmaps' });
});

test('an object that is not there answers NotFound by name', async () => {
  const { status, json } = await api.call(configMaps(namespace, 'nobody'));
  assert.equal(status, 404);
  assert.equal(json.status, 'Failure');
  assert.equal(json.reason, 'NotFound');
  assert.equal(json.message, 'configmaps "nobody" not found');
  assert.equal(json.code, 404);
});

test('generateName makes a different name each time', async () => {
  const body = { metadata: { generateName: 'gen-' } };
  const first = await api.call(configMaps(namespace), { method: 'POST', body });
  const second = await api.call(configMaps(namespace), { method: 'POST', body });
  assert.match(first.json.metadata.name, /^gen-[a-z0-9]{5}$/);
  assert.match(second.json.metadata.name, /^gen-[a-z0-9]{5}$/);
  assert.notEqual(first.json.metadata.name, second.json.metadata.name);
  assert.equal(first.json.metadata.generateName, 'gen-');
});

test('an object in a namespace that is not there is refused with the namespace as what is missing', async () => {
  const { status, json } = await api.call(configMaps('nowhere-at-all'), { method: 'POST', body: configMap('x') });
  assert.equal(status, 404);
  assert.equal(json.message, 'namespaces "nowhere-at-all" not found');
});

test('a body of another namespace than the address is refused', async () => {
  const body = configMap('elsewhere', {}, { namespace: 'default' });
  const { status, json } = await api.call(configMaps(namespace), { method: 'POST', body });
  assert.equal(status, 400);
  assert.equal(json.message, 'the namespace of the provided object does not match the namespace sent on the request');
});

test('a body of another version than the address is refused', async () => {
  const body = { apiVersion: 'v2', kind: 'ConfigMap', metadata: { name: 'v2' } };
  const { status, json } = await api.call(configMaps(namespace), { method: 'POST', body });
  assert.equal(status, 400);
  assert.equal(json.reason, 'BadRequest');
});

test('a dry run answers as the real thing and leaves nothing', async () => {
  const path = `${configMaps(namespace)}?dryRun=All`;
  const { status, json } = await api.call(path, { method: 'POST', body: configMap('dry', { a: 'b' }) });
  assert.equal(status, 201);
  assert.equal(json.metadata.name, 'dry');
  assert.equal(json.metadata.resourceVersion, undefined);
  assert.equal((await api.call(configMaps(namespace, 'dry'))).status, 404);
});

test('a dry run with another value than All is refused', async () => {
  const path = `${configMaps(namespace)}?dryRun=Some`;
  const { status, json } = await api.call(path, { method: 'POST', body: configMap('dry') });
  assert.equal(status, 422);
  assert.equal(json.reason, 'Invalid');
});

test('an update replaces the object and raises its version', async () => {
  const made = await api.call(configMaps(namespace), {
    method: 'POST',
    body: configMap('updated', { a: 'b', c: 'd' }),
  });
  const body = { ...made.json, data: { a: 'z' } };
  const { status, json } = await api.call(configMaps(namespace, 'updated'), { method: 'PUT', body });
  assert.equal(status, 200);
  assert.deepEqual(json.data, { a: 'z' });
  assert.notEqual(json.metadata.resourceVersion, made.json.metadata.resourceVersion);
  assert.equal(json.metadata.uid, made.json.metadata.uid);
});

test('an update of an older version is refused as a conflict', async () => {
  const made = await api.call(configMaps(namespace), { method: 'POST', body: configMap('raced') });
  await api.call(configMaps(namespace, 'raced'), { method: 'PUT', body: { ...made.json, data: { first: '1' } } });
  const body = { ...made.json, data: { second: '2' } };
  const { status, json } = await api.call(configMaps(namespace, 'raced'), { method: 'PUT', body });
  assert.equal(status, 409);
  assert.equal(json.reason, 'Conflict');
  assert.equal(
    json.message,
    'Operation cannot be fulfilled on configmaps "raced": the object has been modified; please apply your changes to the latest version and try again',
  );
});

test('an update that says no version replaces whatever is there', async () => {
  await api.call(configMaps(namespace), { method: 'POST', body: configMap('blind', { a: 'b' }) });
  const { status, json } = await api.call(configMaps(namespace, 'blind'), {
    method: 'PUT',
    body: configMap('blind', { c: 'd' }),
  });
  assert.equal(status, 200);
  assert.deepEqual(json.data, { c: 'd' });
});

test('an update that changes nothing keeps the version', async () => {
  const made = await api.call(configMaps(namespace), { method: 'POST', body: configMap('same', { a: 'b' }) });
  const { json } = await api.call(configMaps(namespace, 'same'), { method: 'PUT', body: made.json });
  assert.equal(json.metadata.resourceVersion, made.json.metadata.resourceVersion);
});

test('an update of something that is not there answers NotFound', async () => {
  const { status } = await api.call(configMaps(namespace, 'ghost'), { method: 'PUT', body: configMap('ghost') });
  assert.equal(status, 404);
});

test('an update under another name than the address is refused', async () => {
  await api.call(configMaps(namespace), { method: 'POST', body: configMap('named') });
  const { status, json } = await api.call(configMaps(namespace, 'named'), { method: 'PUT', body: configMap('other') });
  assert.equal(status, 400);
  assert.equal(json.message, 'the name of the object (other) does not match the name on the URL (named)');
});

test('uid and creation time cannot be changed', async () => {
  const made = await api.call(configMaps(namespace), { method: 'POST', body: configMap('fixed') });
  const metadata = { ...made.json.metadata, creationTimestamp: '2001-01-01T00:00:00Z' };
  const kept = await api.call(configMaps(namespace, 'fixed'), { method: 'PUT', body: { ...made.json, metadata } });
  assert.equal(kept.json.metadata.creationTimestamp, made.json.metadata.creationTimestamp);
  const foreign = { ...made.json, metadata: { name: 'fixed', uid: '00000000-0000-4000-8000-000000000000' } };
  const { status, json } = await api.call(configMaps(namespace, 'fixed'), { method: 'PUT', body: foreign });
  assert.equal(status, 409);
  assert.match(json.message, /Precondition failed: UID in precondition/);
});

test('a name that is no DNS subdomain is refused with the rule', async () => {
  const { status, json } = await api.call(configMaps(namespace), { method: 'POST', body: configMap('Not_A_Name') });
  assert.equal(status, 422);
  assert.equal(json.reason, 'Invalid');
  assert.equal(
    json.message,
    "ConfigMap \"Not_A_Name\" is invalid: metadata.name: Invalid value: \"Not_A_Name\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
  );
  assert.equal(json.details.causes[0].field, 'metadata.name');
});

test('an object without a name is refused', async () => {
  const { status, json } = await api.call(configMaps(namespace), { method: 'POST', body: { metadata: {} } });
  assert.equal(status, 422);
  assert.match(json.message, /name or generateName is required/);
});

test('labels must be label keys and values', async () => {
  const body = configMap('labelled', {}, { labels: { 'a b': 'c d' } });
  const { status, json } = await api.call(configMaps(namespace), { method: 'POST', body });
  assert.equal(status, 422);
  assert.equal(json.details.causes.length, 2);
  assert.equal(json.details.causes[0].field, 'metadata.labels');
});

test('annotations may hold 256 KiB and not more', async () => {
  const body = configMap('annotated', {}, { annotations: { a: 'x'.repeat(256 * 1024) } });
  const { status, json } = await api.call(configMaps(namespace), { method: 'POST', body });
  assert.equal(status, 422);
  assert.match(json.message, /metadata\.annotations: Too long: may not be more than 262144 bytes/);
});

test('a body of more than 3 MiB is refused', async () => {
  const body = configMap('large', { a: 'x'.repeat(3 * 1024 * 1024) });
  const { status, json } = await api.call(configMaps(namespace), { method: 'POST', body });
  assert.equal(status, 413);
  assert.equal(json.reason, 'RequestEntityTooLarge');
});

test('a member of the wrong type is refused and named', async () => {
  const body = { metadata: { name: 'typed' }, data: { a: 1 } };
  const { status, json } = await api.call(configMaps(namespace), { method: 'POST', body });
  assert.equal(status, 400);
  assert.match(json.message, /json: cannot unmarshal number into Go struct field .*data.* of type string/);
});

test('a body that is no JSON is refused', async () => {
  const { status, json } = await api.call(configMaps(namespace), { method: 'POST', body: '{' });
  assert.equal(status, 400);
  assert.equal(json.reason, 'BadRequest');
});

test('YAML is understood', async () => {
  const { status, json } = await api.call(configMaps(namespace), {
    method: 'POST',
    headers: { 'content-type': 'application/yaml' },
    body: 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: yaml\ndata:\n  a: b\n',
  });
  assert.equal(status, 201);
  assert.deepEqual(json.data, { a: 'b' });
});

test('another media type is refused by name', async () => {
  const headers = { 'content-type': 'text/plain' };
  const { status, json } = await api.call(configMaps(namespace), { method: 'POST', headers, body: 'hello' });
  assert.equal(status, 415);
  assert.equal(json.reason, 'UnsupportedMediaType');
});

test('an answer in a form that is not served is refused', async () => {
  const { status } = await api.call(configMaps(namespace), { headers: { accept: 'text/html' } });
  assert.equal(status, 406);
});

test('unknown fields are left out with a warning, refused when strict, and left out in silence when ignored', async () => {
  const body = { ...claim({ name: 'unknown' }), foo: 1, spec: { ...Object(claim({ name: 'x' })).spec, bar: 2 } };
  const warned = await api.call(`${claims(namespace)}?dryRun=All`, { method: 'POST', body });
  assert.equal(warned.status, 201);
  assert.match(String(warned.headers['warning']), /299 - "unknown field \\"foo\\""/);
  assert.match(String(warned.headers['warning']), /299 - "unknown field \\"spec\.bar\\""/);
  const ignored = await api.call(`${claims(namespace)}?dryRun=All&fieldValidation=Ignore`, { method: 'POST', body });
  assert.equal(ignored.status, 201);
  assert.equal(ignored.headers['warning'], undefined);
  assert.equal(ignored.json.spec.bar, undefined);
  const strict = await api.call(`${claims(namespace)}?fieldValidation=Strict`, { method: 'POST', body });
  assert.equal(strict.status, 400);
  assert.match(strict.json.message, /strict decoding error: .*unknown field "spec\.bar"/);
});

test('a write to a collection of all namespaces is not allowed', async () => {
  const { status } = await api.call('/api/v1/configmaps', { method: 'POST', body: configMap('x') });
  assert.equal(status, 405);
});

test('a kind that is not served answers 404', async () => {
  const { status } = await api.call(`/apis/nothing.example/v1/namespaces/${namespace}/things`);
  assert.equal(status, 404);
});

test('a request without a token, or with a wrong one, is refused', async () => {
  const { status, json } = await api.call('/api/v1/namespaces', { headers: { authorization: 'Bearer wrong' } });
  assert.equal(status, 401);
  assert.equal(json.reason, 'Unauthorized');
});

test('keys that objects of JavaScript have by nature are keys like others', async () => {
  const data = { constructor: 'a', toString: 'b' };
  const { status, json } = await api.call(configMaps(namespace), { method: 'POST', body: configMap('natural', data) });
  assert.equal(status, 201);
  assert.deepEqual(Object.entries(json.data).sort(), [
    ['constructor', 'a'],
    ['toString', 'b'],
  ]);
  const secrets = `/api/v1/namespaces/${namespace}/secrets`;
  const secret = await api.call(secrets, {
    method: 'POST',
    body: { metadata: { name: 'natural' }, type: 'constructor' },
  });
  assert.equal(secret.status, 201);
  const labels = '{"metadata":{"name":"proto","labels":{"__proto__":"x"}}}';
  const refused = await api.call(configMaps(namespace), { method: 'POST', body: labels });
  assert.equal(refused.status, 422);
});
