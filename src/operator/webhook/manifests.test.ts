import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createEmbedded } from '../../embedded/cluster.ts';
import { systemClock, systemRandom } from '../../telemetry/clock.ts';
import type { Manifest } from '../rbac.ts';
import { configurations, webhookAccess, webhookManifests, webhookSecretAccess } from './manifests.ts';

/** An API that writes down the claims about which it asks, and hears yes. */
async function start() {
  const asked: string[] = [];
  const api = await createEmbedded({
    clock: systemClock,
    random: systemRandom,
    ask: async ({ body }) => {
      const { request } = JSON.parse(body);
      asked.push(`${request.namespace}/${request.name}`);
      const response = { uid: request.uid, allowed: true };
      const review = { kind: 'AdmissionReview', apiVersion: 'admission.k8s.io/v1', response };
      return { kind: 'answered', status: 200, text: JSON.stringify(review) };
    },
  });
  const post = async (path: string, body: object): Promise<void> => {
    const headers = { 'content-type': 'application/json' };
    const answer = await api.rest.handle({ method: 'POST', path, headers, body: JSON.stringify(body) });
    assert.equal(answer.status, 201, await answer.text());
  };
  return { api, asked, post };
}

function collectionOf({ apiVersion, kind, metadata: { namespace } }: Manifest): string {
  const root = apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`;
  return `${root}${namespace === undefined ? '' : `/namespaces/${namespace}`}/${kind.toLowerCase()}s`;
}

const claim = (name: string, enabled?: string): object => ({
  metadata: { name, ...(enabled === undefined ? {} : { annotations: { 'pvc-chonker.io/enabled': enabled } }) },
  spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'a', resources: { requests: { storage: '1Gi' } } },
});

test('the API asks about every new claim but those that opted out and those of the system', async (t) => {
  const { api, asked, post } = await start();
  t.after(() => api.close());
  for (const name of ['storage', 'shop']) await post('/api/v1/namespaces', { metadata: { name } });
  for (const each of configurations({ kind: 'url', url: 'https://127.0.0.1:1' }, 'storage')) {
    await post(collectionOf(each), each);
  }
  const claims = (namespace: string): string => `/api/v1/namespaces/${namespace}/persistentvolumeclaims`;
  for (const [index, enabled] of [undefined, 'true', 'maybe', 'false', 'False', 'FALSE'].entries()) {
    await post(claims('shop'), claim(`claim-${index}`, enabled));
  }
  for (const namespace of ['storage', 'kube-system', 'kube-public']) await post(claims(namespace), claim('own'));
  assert.deepEqual(asked, ['shop/claim-0', 'shop/claim-1', 'shop/claim-2']);
});

test('what an administrator applies is accepted, and grants nothing but what the operator fills', async (t) => {
  const { api, post } = await start();
  t.after(() => api.close());
  await post('/api/v1/namespaces', { metadata: { name: 'storage' } });
  const manifests = webhookManifests('storage');
  for (const each of manifests) await post(collectionOf(each), each);
  assert.equal(manifests.length, 8);
  for (const { names, verbs } of [...webhookAccess, ...webhookSecretAccess]) {
    assert.deepEqual(verbs, ['get', 'patch']);
    assert.equal(names?.length, 1);
  }
});

test('nobody waits for a webhook that is away', () => {
  for (const { kind, webhooks } of configurations({ kind: 'url', url: 'https://127.0.0.1:1' }, 'storage')) {
    assert.ok(Array.isArray(webhooks), kind);
    for (const { failurePolicy, timeoutSeconds, sideEffects } of webhooks) {
      assert.deepEqual([failurePolicy, timeoutSeconds, sideEffects], ['Ignore', 3, 'None']);
    }
  }
});
