import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock, systemRandom } from '../../telemetry/clock.ts';
import { createEmbedded, type Embedded } from '../cluster.ts';
import { isObject, type JsonObject, objectAt, parseJson, textAt } from '../json.ts';
import type { Caller } from './caller.ts';

const configMaps = '/api/v1/namespaces/default/configmaps';

/** The requests of all reviews, answered by `response`. */
function recorder(response: (request: JsonObject) => JsonObject | Promise<JsonObject> = () => ({ allowed: true })) {
  const asked: JsonObject[] = [];
  const ask: Caller = async ({ body }) => {
    const review = parseJson(body);
    const request = objectAt(isObject(review) ? review : {}, 'request');
    asked.push(request);
    const answer = { uid: request['uid'] ?? '', ...(await response(request)) };
    const text = { kind: 'AdmissionReview', apiVersion: 'admission.k8s.io/v1', response: answer };
    return { kind: 'answered', status: 200, text: JSON.stringify(text) };
  };
  return { asked, ask };
}

async function call({ rest }: Embedded, method: 'POST' | 'PATCH' | 'DELETE' | 'GET', path: string, body?: object) {
  const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
  const headers = { 'content-type': type };
  const answer = await rest.handle({ method, path, headers, ...(body && { body: JSON.stringify(body) }) });
  return { status: answer.status, text: await answer.text() };
}

async function register(api: Embedded, more: object = {}): Promise<void> {
  const webhook = {
    name: 'all.example.com',
    clientConfig: { url: 'https://127.0.0.1:1/' },
    rules: [{ apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*'] }],
    sideEffects: 'None',
    admissionReviewVersions: ['v1'],
    ...more,
  };
  const path = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';
  const { status, text } = await call(api, 'POST', path, { metadata: { name: 'all' }, webhooks: [webhook] });
  assert.equal(status, 201, text);
}

test('of a large collection each object is asked about once', async () => {
  const { asked, ask } = recorder();
  const api = await createEmbedded({ clock: systemClock, random: systemRandom, ask });
  for (let index = 0; index < 150; index += 1) await call(api, 'POST', configMaps, { metadata: { name: `c${index}` } });
  await register(api);
  assert.equal((await call(api, 'DELETE', configMaps)).status, 200);
  const names = asked.map((request) => textAt(request, 'oldObject', 'metadata', 'name'));
  assert.deepEqual([names.length, new Set(names).size], [150, 150]);
  api.close();
});

test('what is generated is what the webhook saw', async () => {
  const { asked, ask } = recorder();
  const api = await createEmbedded({ clock: systemClock, random: systemRandom, ask });
  await register(api);
  const { text } = await call(api, 'POST', configMaps, { metadata: { generateName: 'made-' } });
  const made = parseJson(text);
  const seen = asked.find((request) => textAt(request, 'resource', 'resource') === 'configmaps');
  for (const member of ['name', 'uid', 'creationTimestamp']) {
    assert.equal(textAt(made, 'metadata', member), textAt(seen, 'object', 'metadata', member), member);
  }
  api.close();
});

test('an object that changes with every answer is given up in the end', async () => {
  let version = 0;
  const { ask } = recorder(async () => {
    // what is done by the store itself asks nobody
    await api.store.transact((transaction) => {
      const found = transaction.get('configmaps', 'default/restless');
      if (found) transaction.put('configmaps', found, { ...found.object, data: { version: String(version++) } });
    });
    return { allowed: true };
  });
  const api = await createEmbedded({ clock: systemClock, random: systemRandom, ask });
  await call(api, 'POST', configMaps, { metadata: { name: 'restless' } });
  await register(api);
  const { status, text } = await call(api, 'PATCH', `${configMaps}/restless`, { data: { a: 'b' } });
  assert.equal(status, 500);
  assert.match(text, /the object changes faster than its webhooks answer/);
  api.close();
});

test('what the API does on its own is asked about in the name of the controllers', async () => {
  const { asked, ask } = recorder();
  const api = await createEmbedded({ clock: systemClock, random: systemRandom, ask });
  await register(api, {
    rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['serviceaccounts'] }],
  });
  await call(api, 'POST', '/api/v1/namespaces', { metadata: { name: 'fresh' } });
  const account = '/api/v1/namespaces/fresh/serviceaccounts/default';
  for (let tries = 0; tries < 1000 && (await call(api, 'GET', account)).status !== 200; tries += 1) {
    await new Promise((resolve) => void setImmediate(resolve));
  }
  assert.equal((await call(api, 'GET', account)).status, 200);
  const seen = asked.find((request) => textAt(request, 'namespace') === 'fresh');
  assert.equal(textAt(seen, 'name'), 'default');
  assert.equal(textAt(seen, 'userInfo', 'username'), 'system:kube-controller-manager');
  api.close();
});
