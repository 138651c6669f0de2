import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createManualClock } from '../telemetry/manual-clock.ts';
import { createClient } from './client.ts';
import { isKubeError, type KubeErrorCode } from './error.ts';
import { kinds } from './kinds.ts';
import { type Answer, item, noJitter, scripted, status } from './scripted.fixture.ts';

const name = { namespace: 'ns', name: 'a' };

function setUp(answers: readonly (Answer | Error | 'hang')[]) {
  const clock = createManualClock();
  const remaining = [...answers];
  const transport = scripted((_, signal) => {
    const answer = remaining.shift() ?? assert.fail('more requests than answers');
    if (answer instanceof Error) throw answer;
    if (answer !== 'hang') return answer;
    return new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
  });
  const client = createClient({ transport, clock, random: noJitter, userAgent: 'tester/1.2' });
  return { client, clock, requests: transport.requests, unused: remaining };
}

/** Lets virtual time pass until the promise has settled. */
async function within<T>(clock: ReturnType<typeof createManualClock>, ms: number, promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  await clock.advance(ms);
  assert.equal(clock.pending(), 0, 'a timer is left behind');
  return promise;
}

function code(expected: KubeErrorCode) {
  return (error: unknown): boolean => isKubeError(error, expected);
}

test('a read reads the object and says who asks', async () => {
  const { client, requests } = setUp([{ body: item('a', '1') }]);
  const object = await client.get(kinds.ConfigMap, name);
  assert.deepEqual(object.data, { value: '1' });
  assert.equal(requests[0]?.path, '/api/v1/namespaces/ns/configmaps/a');
  assert.equal(requests[0]?.headers?.['user-agent'], 'tester/1.2');
});

test('names are percent-encoded', async () => {
  const { client, requests } = setUp([{ body: item('a', '1') }]);
  await client.get(kinds.ConfigMap, { namespace: '../x', name: 'a/b?c' });
  assert.equal(requests[0]?.path, '/api/v1/namespaces/..%2Fx/configmaps/a%2Fb%3Fc');
});

test('a read is repeated after 500, 503, 429 and no response, with growing waits', async () => {
  const answers = [
    status(500, 'InternalError'),
    status(503, ''),
    status(429, ''),
    new Error('socket hang up'),
    { body: item('a', '1') },
  ];
  const { client, clock, requests } = setUp(answers);
  const reading = client.get(kinds.ConfigMap, name);
  for (const [waitMs, count] of [
    [99, 1],
    [1, 2],
    [200, 3],
    [400, 4],
    [800, 5],
  ] as const) {
    await clock.advance(waitMs);
    assert.equal(requests.length, count);
  }
  assert.equal((await reading).metadata.resourceVersion, '1');
});

test('a read gives up after its attempts with the last error', async () => {
  const { client, clock, requests } = setUp(
    Array.from({ length: 6 }, () => status(500, 'InternalError', 'etcd is gone')),
  );
  await assert.rejects(
    within(clock, 29_000, client.get(kinds.ConfigMap, name)),
    /get configmaps ns\/a: etcd is gone \(500/,
  );
  assert.equal(requests.length, 6);
});

test('Retry-After is waited for, in seconds and as a date', async () => {
  const later = { ...status(503, ''), headers: { 'retry-after': '3' } };
  const headers = { date: 'Wed, 01 Jan 2025 10:00:00 GMT', 'retry-after': 'Wed, 01 Jan 2025 10:00:05 GMT' };
  const { client, clock, requests } = setUp([later, { ...status(429, ''), headers }, { body: item('a', '2') }]);
  const writing = client.patch(kinds.ConfigMap, name, { kind: 'merge', value: {} });
  await clock.advance(2_999);
  assert.equal(requests.length, 1);
  await clock.advance(1);
  assert.equal(requests.length, 2);
  await clock.advance(4_999);
  assert.equal(requests.length, 2);
  await within(clock, 1, writing);
});

for (const [what, answer] of [
  ['500', status(500, 'InternalError')],
  ['503 without Retry-After', status(503, '')],
  ['no response', new Error('read ECONNRESET')],
] as const) {
  test(`a write is not repeated after ${what}, because it may have been applied`, async () => {
    const { client, clock, requests } = setUp([answer]);
    await assert.rejects(
      within(clock, 0, client.patch(kinds.ConfigMap, name, { kind: 'merge', value: {} })),
      code('KUBE_UNAVAILABLE'),
    );
    assert.equal(requests.length, 1);
  });
}

test('a hung server is given up at the deadline, and so is a wait that would pass it', async () => {
  const hung = setUp(['hang']);
  await assert.rejects(within(hung.clock, 30_000, hung.client.get(kinds.ConfigMap, name)), /no answer within 30000 ms/);
  const patient = setUp([{ ...status(429, ''), headers: { 'retry-after': '60' } }]);
  await assert.rejects(within(patient.clock, 0, patient.client.get(kinds.ConfigMap, name)), code('KUBE_THROTTLED'));
});

test('an abort ends a request and a wait at once, with the reason of the signal', async () => {
  for (const answer of ['hang', status(500, '')] as const) {
    const { client, clock, requests } = setUp([answer]);
    const stop = new AbortController();
    const reading = client.get(kinds.ConfigMap, name, { signal: stop.signal });
    await clock.advance(0);
    stop.abort(new Error('stopping'));
    await assert.rejects(within(clock, 0, reading), /stopping/);
    assert.equal(requests.length, 1);
  }
});

test('each failure has its code, its reason and what the server said', async () => {
  const vectors: readonly (readonly [Answer, KubeErrorCode])[] = [
    [status(404, 'NotFound'), 'KUBE_NOT_FOUND'],
    [status(409, 'Conflict'), 'KUBE_CONFLICT'],
    [status(409, 'AlreadyExists'), 'KUBE_ALREADY_EXISTS'],
    [status(410, 'Expired'), 'KUBE_GONE'],
    [status(400, 'BadRequest'), 'KUBE_INVALID'],
    [status(413, 'RequestEntityTooLarge'), 'KUBE_INVALID'],
    [status(415, 'UnsupportedMediaType'), 'KUBE_INVALID'],
    [status(422, 'Invalid'), 'KUBE_INVALID'],
    [status(401, 'Unauthorized'), 'KUBE_UNAUTHORIZED'],
    [status(403, 'Forbidden'), 'KUBE_FORBIDDEN'],
    [status(500, 'InternalError'), 'KUBE_UNAVAILABLE'],
    [{ status: 302, body: '<html>moved</html>' }, 'KUBE_MALFORMED'],
    [{ body: '<html>hello</html>' }, 'KUBE_MALFORMED'],
    [{ body: { ...item('a', '1'), data: { n: 1 } } }, 'KUBE_MALFORMED'],
  ];
  for (const [answer, expected] of vectors) {
    const { client } = setUp([answer]);
    const writing = client.patch(kinds.ConfigMap, name, { kind: 'merge', value: {} });
    await assert.rejects(
      writing,
      (error) => isKubeError(error, expected) && error.message.startsWith('patch configmaps ns/a: '),
    );
  }
});

test('the page of a proxy is quoted, but not at length', async () => {
  const { client } = setUp([{ status: 403, body: `<html>\n  Access   denied${'!'.repeat(500)}` }]);
  await assert.rejects(
    client.get(kinds.ConfigMap, name),
    (error) => isKubeError(error) && /<html> Access denied!/.test(error.message) && error.message.length < 260,
  );
});

test('a list reads all pages with its selectors', async () => {
  const { client, requests } = setUp([
    { body: { metadata: { resourceVersion: '7', continue: 'a+b/=' }, items: [item('a', '1')] } },
    { body: { metadata: { resourceVersion: '7' }, items: [item('b', '2')] } },
  ]);
  const list = await client.list(kinds.ConfigMap, {
    namespace: 'ns',
    labelSelector: 'app=x,!y',
    fieldSelector: 'metadata.name=a',
    limit: 1,
  });
  assert.deepEqual(
    list.items.map((object) => object.metadata.name),
    ['a', 'b'],
  );
  assert.equal(list.resourceVersion, '7');
  const query = new URLSearchParams(requests[1]?.path.split('?')[1]);
  assert.deepEqual(Object.fromEntries(query), {
    limit: '1',
    continue: 'a+b/=',
    labelSelector: 'app=x,!y',
    fieldSelector: 'metadata.name=a',
  });
});

test('a list whose continue token expires starts again, and in the end asks for everything at once', async () => {
  const page = { body: { metadata: { resourceVersion: '7', continue: 'next' }, items: [item('a', '1')] } };
  const expired = status(410, 'Expired');
  const whole = { body: { metadata: { resourceVersion: '9' }, items: [item('b', '2')] } };
  const { client, requests } = setUp([page, expired, page, expired, page, expired, whole]);
  const list = await client.list(kinds.ConfigMap);
  assert.deepEqual(
    list.items.map((object) => object.metadata.name),
    ['b'],
    'nothing of the abandoned lists is kept',
  );
  assert.equal(requests.at(-1)?.path, '/api/v1/configmaps');
});

test('items of a list need no kind; an unreadable item fails the list or is reported', async () => {
  const bare = { metadata: { name: 'a', namespace: 'ns', uid: 'u', resourceVersion: '1' } };
  const body = {
    metadata: { resourceVersion: '7' },
    items: [bare, { metadata: { name: 'b', namespace: 'ns' }, data: 1 }],
  };
  const strict = setUp([{ body }]);
  await assert.rejects(strict.client.list(kinds.ConfigMap), /list configmaps: ns\/b: expected an object at data/);
  const lenient = setUp([{ body }]);
  const reported: string[] = [];
  const list = await lenient.client.list(kinds.ConfigMap, { onMalformed: (error) => reported.push(error.code) });
  assert.deepEqual(reported, ['KUBE_MALFORMED']);
  assert.deepEqual(list.items, [{ apiVersion: 'v1', kind: 'ConfigMap', ...bare }]);
});

test('writes carry their method, type, manager and options', async () => {
  const answer = { body: item('a', '1') };
  const { client, requests } = setUp([answer, answer, answer, answer, answer, answer, answer]);
  const object = await client.create(kinds.ConfigMap, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: name,
    data: {},
  });
  await client.update(kinds.ConfigMap, object, { dryRun: true });
  await client.patch(kinds.ConfigMap, name, { kind: 'json', operations: [] }, { fieldManager: 'me' });
  await client.patch(kinds.ConfigMap, name, { kind: 'merge', value: {} }, { subresource: 'status' });
  await client.patch(kinds.ConfigMap, name, { kind: 'strategic', value: {} }, { force: true });
  await client.patch(kinds.ConfigMap, name, { kind: 'apply', value: {} }, { force: true });
  await client.delete(kinds.ConfigMap, name, {
    preconditions: { uid: 'u', resourceVersion: '1' },
    gracePeriodSeconds: 0,
  });
  const path = '/api/v1/namespaces/ns/configmaps';
  assert.deepEqual(
    requests.map(({ method, path: target, headers }) => `${method} ${target} ${headers?.['content-type']}`),
    [
      `POST ${path}?fieldManager=tester application/json`,
      `PUT ${path}/a?fieldManager=tester&dryRun=All application/json`,
      `PATCH ${path}/a?fieldManager=me application/json-patch+json`,
      `PATCH ${path}/a/status?fieldManager=tester application/merge-patch+json`,
      `PATCH ${path}/a?fieldManager=tester application/strategic-merge-patch+json`,
      `PATCH ${path}/a?fieldManager=tester&force=true application/apply-patch+yaml`,
      `DELETE ${path}/a application/json`,
    ],
  );
  assert.deepEqual(JSON.parse(String(requests[6]?.body)), {
    kind: 'DeleteOptions',
    apiVersion: 'v1',
    preconditions: { uid: 'u', resourceVersion: '1' },
    gracePeriodSeconds: 0,
  });
});

test('a raw request is neither repeated nor judged', async () => {
  const { client, requests } = setUp([{ status: 500, body: 'oops' }]);
  const response = await client.request({ method: 'GET', path: '/version', headers: { accept: 'text/plain' } });
  assert.equal(response.status, 500);
  assert.equal(await response.text(), 'oops');
  assert.deepEqual(requests[0]?.headers, { 'user-agent': 'tester/1.2', accept: 'text/plain' });
});
