/** The paths that clients ask for beside objects: with a slash too many, health by part, and nothing at all. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connect } from './target.ts';

const api = await connect();

for (const path of ['/version', '/api', '/apis', '/api/v1', '/apis/storage.k8s.io', '/apis/storage.k8s.io/v1']) {
  test(`${path} is the same with a slash behind it`, async () => {
    const [plain, slashed] = [await api.call(path), await api.call(`${path}/`)];
    assert.equal(plain.status, 200);
    assert.equal(slashed.status, 200);
    assert.deepEqual(slashed.json, plain.json);
  });
}

test('objects and lists are the same with a slash behind them', async () => {
  const object = await api.call('/api/v1/namespaces/default/');
  assert.deepEqual([object.status, object.json.metadata.name], [200, 'default']);
  const list = await api.call('/api/v1/namespaces/');
  assert.deepEqual([list.status, list.json.kind], [200, 'NamespaceList']);
});

for (const path of ['/healthz', '/livez', '/readyz', '/healthz/ping', '/livez/log', '/readyz/ping', '/livez/etcd']) {
  test(`${path} says ok`, async () => {
    const { status, headers, text } = await api.call(path);
    assert.deepEqual([status, headers['content-type'], text], [200, 'text/plain; charset=utf-8', 'ok']);
  });
}

for (const path of [
  '/nosuch',
  '/apix',
  '/healthz/nosuch',
  '/apis/nosuch.example.org',
  '/apis/nosuch.example.org/v1',
  '/apis/nosuch.example.org/v1/things',
  '/apis/nosuch.example.org/v1/namespaces/default/things/one',
]) {
  test(`${path} belongs to no group: a page is not found`, async () => {
    const { status, headers, text } = await api.call(path);
    assert.deepEqual(
      [status, headers['content-type'], text],
      [404, 'text/plain; charset=utf-8', '404 page not found\n'],
    );
  });
}

for (const path of [
  '/api/v2',
  '/api/v2/things',
  '/api/v1/nosuch',
  '/api/v1/nosuch/one',
  '/api/v1/namespaces/default/nosuch',
  '/api/v1/namespaces/default/pods/one/nosuch',
  '/apis/storage.k8s.io/v9',
  '/apis/storage.k8s.io/v1/nosuch/one',
]) {
  test(`${path} belongs to a group: a Status says that it is not found`, async () => {
    const { status, json } = await api.call(path);
    assert.equal(status, 404);
    assert.deepEqual(json, {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'the server could not find the requested resource',
      reason: 'NotFound',
      details: {},
      code: 404,
    });
  });
}

test('a write to a group that nobody serves finds no page either', async () => {
  const { status, text } = await api.call('/apis/nosuch.example.org/v1/things', { method: 'POST', body: {} });
  assert.deepEqual([status, text], [404, '404 page not found\n']);
});
