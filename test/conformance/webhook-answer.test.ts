import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configMap, configMaps } from './objects.ts';
import { post } from './persona.ts';
import { connect } from './target.ts';
import { patching, register } from './webhook-registration.ts';
import { startWebhooks } from './webhook-server.ts';

const api = await connect();
const server = await startWebhooks();
const namespace = await api.namespace();
await register(api, server, { phase: 'mutating', namespace, hooks: [{ path: '/mutates' }] });
await register(api, server, { phase: 'validating', namespace, hooks: [{ path: '/validates' }] });
const yes = () => ({ allowed: true });
let count = 0;
const fresh = () => `answer-${count++}`;

for (const { what, response, status, message, more } of [
  { what: 'nothing more', response: {}, status: 400, message: ' without explanation', more: {} },
  { what: 'a message', response: { status: { message: 'no way' } }, status: 400, message: ': no way', more: {} },
  {
    what: 'a code and a reason',
    response: { status: { message: 'no way', code: 418, reason: 'Teapot' } },
    status: 418,
    message: ': no way',
    more: { reason: 'Teapot' },
  },
  {
    what: 'a reason alone, and a code of success',
    response: { status: { reason: 'OnlyReason', code: 200 } },
    status: 400,
    message: ': OnlyReason',
    more: { reason: 'OnlyReason' },
  },
  {
    what: 'details',
    response: { status: { message: 'x', details: { name: 'n', causes: [{ message: 'c', field: 'data' }] } } },
    status: 400,
    message: ': x',
    more: { details: { name: 'n', causes: [{ message: 'c', field: 'data' }] } },
  },
]) {
  test(`a no with ${what} is told as such`, async () => {
    server.answer('/mutates', yes);
    server.answer('/validates', () => ({ allowed: false, ...response }));
    const answer = await api.call(configMaps(namespace), post(configMap('denied')));
    assert.equal(answer.status, status);
    assert.deepEqual(answer.json, {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: `admission webhook "validates.conformance.example.com" denied the request${message}`,
      ...more,
      code: status,
    });
  });
}

const CALL = 'failed to call webhook: ';
const RESPONSE = 'received invalid webhook response: ';
const BUSY = 'an error on the server ("unknown") has prevented the request from succeeding';

for (const { what, reply, reason } of [
  { what: 'an error of the server', reply: { status: 500, text: 'oh no' }, reason: `${CALL}${BUSY}` },
  {
    what: 'no such path',
    reply: { status: 404, text: 'x' },
    reason: `${CALL}the server could not find the requested resource`,
  },
  { what: 'nothing', reply: { status: 200, text: '{}' }, reason: `${RESPONSE}webhook response was absent` },
  {
    what: 'no response in the review',
    reply: { status: 200, text: '{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview"}' },
    reason: `${RESPONSE}webhook response was absent`,
  },
  {
    what: 'a patch, of one that validates',
    reply: { allowed: true, patch: 'W10=', patchType: 'JSONPatch' },
    reason: `${RESPONSE}validating webhook may not return response.patch`,
  },
]) {
  test(`an answer that is ${what} is none`, async () => {
    server.answer('/mutates', yes);
    server.answer('/validates', () => reply);
    const { status, json } = await api.call(configMaps(namespace), post(configMap('unanswered')));
    assert.equal(status, 500);
    const message = `failed calling webhook "validates.conformance.example.com": ${reason}`;
    assert.deepEqual(json, {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: `Internal error occurred: ${message}`,
      reason: 'InternalError',
      details: { causes: [{ message }] },
      code: 500,
    });
  });
}

test('an answer to another question is none', async () => {
  server.answer('/mutates', yes);
  server.answer('/validates', () => ({ uid: 'another', allowed: true }));
  const { status, json } = await api.call(configMaps(namespace), post(configMap('unanswered')));
  assert.equal(status, 500);
  assert.match(
    json.message,
    /: received invalid webhook response: expected response.uid="[0-9a-f-]{36}", got "another"$/,
  );
});

for (const { what, reply, reason } of [
  {
    what: 'without its type',
    reply: { allowed: true, patch: 'W10=' },
    reason: `${RESPONSE}webhook returned response.patch but not response.patchType`,
  },
  {
    what: 'of which only the type is there',
    reply: { allowed: true, patchType: 'JSONPatch' },
    reason: `${RESPONSE}webhook returned response.patchType but not response.patch`,
  },
  {
    what: 'of an unknown type',
    reply: { ...patching({ op: 'add', path: '/data', value: {} }), patchType: 'Foo' },
    reason: 'unsupported patch type "Foo"',
  },
]) {
  test(`a patch ${what} is no answer`, async () => {
    server.answer('/mutates', () => reply);
    server.answer('/validates', yes);
    const { status, json } = await api.call(configMaps(namespace), post(configMap('unpatched')));
    assert.equal(status, 500);
    assert.equal(
      json.message,
      `Internal error occurred: failed calling webhook "mutates.conformance.example.com": ${reason}`,
    );
  });
}

test('a patch that does not fit is an error', async () => {
  server.answer('/mutates', () => patching({ op: 'remove', path: '/data/nothing' }));
  server.answer('/validates', yes);
  const { status, json } = await api.call(configMaps(namespace), post(configMap('unfit', { a: 'b' })));
  assert.equal(status, 500);
  assert.equal(json.reason, 'InternalError');
  assert.match(json.message, /^Internal error occurred: .*\/data\/nothing/);
});

test('a patch that makes something of the wrong type is an error', async () => {
  server.answer('/mutates', () => patching({ op: 'add', path: '/data', value: 5 }));
  const { status, json } = await api.call(configMaps(namespace), post(configMap('unfit')));
  assert.equal(status, 500);
  assert.equal(json.reason, 'InternalError');
});

test('what a patch makes is checked like what a client sends', async () => {
  server.answer('/validates', yes);
  server.answer('/mutates', () => patching({ op: 'add', path: '/metadata/labels', value: { 'a b': 'c' } }));
  const { status, json } = await api.call(configMaps(namespace), post(configMap('checked')));
  assert.equal(status, 422);
  assert.match(json.message, /^ConfigMap "checked" is invalid: metadata.labels: Invalid value: "a b": name part/);
});

test('a patch can name the object, drop what is unknown, and do nothing', async () => {
  server.answer('/validates', yes);
  const [sent, renamed, unknown, empty] = [fresh(), fresh(), fresh(), fresh()];
  server.answer('/mutates', () => patching({ op: 'replace', path: '/metadata/name', value: renamed }));
  const named = await api.call(configMaps(namespace), post(configMap(sent)));
  assert.deepEqual([named.status, named.json.metadata.name], [201, renamed]);
  server.answer('/mutates', () => patching({ op: 'add', path: '/unheardOf', value: 5 }));
  const dropped = await api.call(configMaps(namespace), post(configMap(unknown)));
  assert.deepEqual([dropped.status, 'unheardOf' in dropped.json], [201, false]);
  server.answer('/mutates', () => patching());
  assert.equal((await api.call(configMaps(namespace), post(configMap(empty)))).status, 201);
});

test('who does not answer in time counts as unreachable', async () => {
  const slow = await api.namespace();
  await register(api, server, {
    phase: 'validating',
    namespace: slow,
    hooks: [{ path: '/sleeps', more: { timeoutSeconds: 1 } }],
  });
  server.answer('/sleeps', () => undefined);
  const { status, json } = await api.call(configMaps(slow), post(configMap('late')));
  assert.equal(status, 500);
  assert.equal(
    json.message,
    `Internal error occurred: failed calling webhook "sleeps.conformance.example.com": failed to call webhook: Post "${server.url}/sleeps?timeout=1s": context deadline exceeded`,
  );
});

test('without an answer the failure policy decides', async () => {
  const dead = await api.namespace();
  const clientConfig = { url: 'https://127.0.0.1:1/dead', caBundle: server.caBundle };
  await register(api, server, {
    phase: 'mutating',
    namespace: dead,
    hooks: [{ path: '/ignored', more: { clientConfig, failurePolicy: 'Ignore' } }],
  });
  assert.equal((await api.call(configMaps(dead), post(configMap('written')))).status, 201);
  await register(api, server, {
    phase: 'validating',
    namespace: dead,
    hooks: [{ path: '/required', more: { clientConfig } }],
  });
  const { status, json } = await api.call(configMaps(dead), post(configMap('unwritten')));
  assert.equal(status, 500);
  assert.equal(
    json.message,
    'Internal error occurred: failed calling webhook "required.conformance.example.com": failed to call webhook: Post "https://127.0.0.1:1/dead?timeout=10s": dial tcp 127.0.0.1:1: connect: connection refused',
  );
});

test('a no is a no, also of one whose failures are ignored', async () => {
  const strict = await api.namespace();
  await register(api, server, {
    phase: 'validating',
    namespace: strict,
    hooks: [{ path: '/strict', more: { failurePolicy: 'Ignore' } }],
  });
  server.answer('/strict', () => ({ allowed: false }));
  assert.equal((await api.call(configMaps(strict), post(configMap('refused')))).status, 400);
});

test('a certificate of another authority is not trusted', async () => {
  const foreign = await api.namespace();
  const other = await startWebhooks();
  await register(api, server, {
    phase: 'validating',
    namespace: foreign,
    hooks: [{ path: '/foreign', more: { clientConfig: { url: `${server.url}/foreign`, caBundle: other.caBundle } } }],
  });
  const { status, json } = await api.call(configMaps(foreign), post(configMap('unwritten')));
  assert.equal(status, 500);
  assert.match(
    json.message,
    /failed to call webhook: Post "https:\S+\/foreign\?timeout=10s": tls: failed to verify certificate: x509: certificate signed by unknown authority/,
  );
});

test('a webhook by a service that is not there cannot be asked', async () => {
  const lonely = await api.namespace();
  const service = { namespace: lonely, name: 'absent', path: '/hook' };
  await register(api, server, {
    phase: 'validating',
    namespace: lonely,
    hooks: [{ path: '/absent', more: { clientConfig: { service, caBundle: server.caBundle } } }],
  });
  const { status, json } = await api.call(configMaps(lonely), post(configMap('unwritten')));
  assert.equal(status, 500);
  assert.equal(
    json.message,
    `Internal error occurred: failed calling webhook "absent.conformance.example.com": failed to call webhook: Post "https://absent.${lonely}.svc:443/hook?timeout=10s": service "absent" not found`,
  );
});
