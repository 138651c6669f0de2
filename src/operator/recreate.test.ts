import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClient, type Transport, type TransportResponse } from '../kube/index.ts';
import { systemClock, systemRandom } from '../telemetry/clock.ts';
import { savedManifest, survey, tryOut } from './recreate.ts';

const clientOf = (send: Transport['send']) =>
  createClient({
    transport: { send, close: async () => undefined },
    clock: systemClock,
    random: systemRandom,
    retry: { attempts: 1 },
  });
const responseOf = (status: number, body: string): TransportResponse => ({
  status,
  headers: {},
  text: async () => body,
  async *chunks() {
    yield body;
  },
});
const answering = (status: number, body: string) => clientOf(async () => responseOf(status, body));
const { signal } = new AbortController();
const name = { namespace: 'shop', name: 'db' };
const manifest = { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { ...name }, spec: {} };

test('a server without StatefulSets is told from one without this one', async () => {
  const absent = JSON.stringify({ kind: 'Status', reason: 'NotFound', details: { name: 'db', kind: 'statefulsets' } });
  assert.deepEqual(await survey(answering(404, absent), name, signal), { kind: 'absent' });
  assert.deepEqual(await survey(answering(404, '404 page not found\n'), name, signal), { kind: 'not-served' });
  await assert.rejects(survey(answering(403, '{}'), name, signal), { code: 'KUBE_FORBIDDEN' });
});

test('what would be refused, or is not answered, is an error with a code', async () => {
  const forbidden = JSON.stringify({ kind: 'Status', reason: 'Forbidden', message: 'statefulsets is forbidden' });
  const world = (client: ReturnType<typeof clientOf>) => ({ client, clock: systemClock, signal });
  await assert.rejects(tryOut(world(answering(403, forbidden)), manifest), {
    code: 'KUBE_FORBIDDEN',
    message: /create statefulsets shop\/db-larder-trial: statefulsets is forbidden/,
  });
  const silent = clientOf(() => Promise.reject(new Error('connection reset')));
  await assert.rejects(tryOut(world(silent), manifest), { code: 'KUBE_UNAVAILABLE', message: /connection reset/ });
});

test('a trial is stored nowhere and has another name', async () => {
  let asked = { path: '', body: '' };
  const client = clientOf(async ({ path, body }) => {
    asked = { path, body: String(body) };
    return responseOf(201, JSON.stringify(manifest));
  });
  await tryOut({ client, clock: systemClock, signal }, manifest);
  assert.match(asked.path, /\/namespaces\/shop\/statefulsets\?fieldManager=larder&dryRun=All$/);
  assert.equal(JSON.parse(asked.body).metadata.name, 'db-larder-trial');
});

test('a saved manifest is a StatefulSet, whole', () => {
  assert.deepEqual(savedManifest(JSON.stringify(manifest)), { kind: 'manifest', manifest });
  assert.match(JSON.stringify(savedManifest('{"kind":"StatefulSet"}')), /holds no StatefulSet of apps\/v1/);
  assert.equal(savedManifest(JSON.stringify(manifest).slice(0, -4)).kind, 'invalid');
  assert.equal(savedManifest('').kind, 'invalid');
});
