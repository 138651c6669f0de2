import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemRandom } from '../telemetry/clock.ts';
import { createManualClock } from '../telemetry/manual-clock.ts';
import { createEmbedded } from './cluster.ts';

const HOUR_MS = 3_600_000;

async function start() {
  const clock = createManualClock();
  const embedded = await createEmbedded({ clock, random: systemRandom });
  const send = async (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: object) => {
    const headers: Record<string, string> =
      method === 'PATCH' ? { 'content-type': 'application/merge-patch+json' } : {};
    const request = { method, path, headers, ...(body && { body: JSON.stringify(body) }) };
    const answer = await embedded.transport.send(request);
    return { status: answer.status, json: JSON.parse(await answer.text()) };
  };
  return { clock, embedded, send };
}

test('every namespace has its default service account, also after somebody deleted it', async () => {
  const { clock, embedded, send } = await start();
  await send('POST', '/api/v1/namespaces', { metadata: { name: 'shop' } });
  const path = '/api/v1/namespaces/shop/serviceaccounts/default';
  await clock.advance(0);
  const first = await send('GET', path);
  await send('DELETE', path);
  await clock.advance(0);
  const second = await send('GET', path);
  assert.equal(second.status, 200);
  assert.notEqual(second.json.metadata.uid, first.json.metadata.uid);
  embedded.close();
});

test('a namespace with more objects than one transaction takes goes all the same', async () => {
  const { clock, embedded, send } = await start();
  await send('POST', '/api/v1/namespaces', { metadata: { name: 'full' } });
  const path = '/api/v1/namespaces/full/configmaps';
  await Promise.all(Array.from({ length: 450 }, (_, index) => send('POST', path, { metadata: { name: `c${index}` } })));
  await send('DELETE', '/api/v1/namespaces/full');
  await clock.advance(0);
  assert.equal((await send('GET', '/api/v1/namespaces/full')).status, 404);
  assert.equal(embedded.store.list('configmaps', 'full').length, 0);
  embedded.close();
});

test('a namespace waits for the finalizers of what is in it', async () => {
  const { clock, embedded, send } = await start();
  await send('POST', '/api/v1/namespaces', { metadata: { name: 'held' } });
  await send('POST', '/api/v1/namespaces/held/configmaps', {
    metadata: { name: 'c', finalizers: ['example.com/hold'] },
  });
  await send('DELETE', '/api/v1/namespaces/held');
  await clock.advance(0);
  assert.equal((await send('GET', '/api/v1/namespaces/held')).json.status.phase, 'Terminating');
  await send('PATCH', '/api/v1/namespaces/held/configmaps/c', { metadata: { finalizers: null } });
  await clock.advance(0);
  assert.equal((await send('GET', '/api/v1/namespaces/held')).status, 404);
  embedded.close();
});

test('the system comes to rest: without a request nothing is written', async () => {
  const { clock, embedded, send } = await start();
  await send('POST', '/api/v1/namespaces/default/resourcequotas', {
    metadata: { name: 'q' },
    spec: { hard: { persistentvolumeclaims: '1' } },
  });
  await clock.advance(0);
  const revision = embedded.store.revision();
  await clock.advance(24 * HOUR_MS);
  assert.equal(embedded.store.revision(), revision);
  embedded.close();
});

test('events leave an hour after they were last true', async () => {
  const { clock, embedded, send } = await start();
  const event = (name: string) => ({
    metadata: { name },
    involvedObject: { kind: 'Pod', name: 'p', namespace: 'default' },
  });
  const path = '/api/v1/namespaces/default/events';
  await send('POST', path, event('old'));
  await clock.advance(HOUR_MS / 2);
  await send('POST', path, event('young'));
  await clock.advance(HOUR_MS / 2 + 60_000);
  await send('POST', path, event('new'));
  await clock.advance(0);
  assert.deepEqual(
    embedded.store.list('events').map(({ name }) => name),
    ['new', 'young'],
  );
  embedded.close();
});

test('a quota per class counts the claims of that class only', async () => {
  const { clock, embedded, send } = await start();
  const hard = { 'fast.storageclass.storage.k8s.io/requests.storage': '1Gi' };
  await send('POST', '/api/v1/namespaces/default/resourcequotas', { metadata: { name: 'q' }, spec: { hard } });
  const claim = (name: string, storageClassName: string, storage: string) =>
    send('POST', '/api/v1/namespaces/default/persistentvolumeclaims', {
      metadata: { name },
      spec: { accessModes: ['ReadWriteOnce'], storageClassName, resources: { requests: { storage } } },
    });
  assert.equal((await claim('slow', 'slow', '5Gi')).status, 201);
  assert.equal((await claim('fast', 'fast', '1Gi')).status, 201);
  const { status, json } = await claim('more', 'fast', '1Mi');
  assert.equal(status, 403);
  assert.match(
    json.message,
    /exceeded quota: q, requested: fast\.storageclass\.storage\.k8s\.io\/requests\.storage=1Mi/,
  );
  await clock.advance(0);
  const quota = await send('GET', '/api/v1/namespaces/default/resourcequotas/q');
  assert.deepEqual(quota.json.status.used, { 'fast.storageclass.storage.k8s.io/requests.storage': '1Gi' });
  embedded.close();
});
