import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createEmbedded } from '../embedded/cluster.ts';
import { createClient } from '../kube/client.ts';
import { systemClock, systemRandom } from '../telemetry/clock.ts';
import { silentLog } from '../telemetry/log.ts';
import { applyDefinitions } from './definitions.ts';

const PATH = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/pvcpolicies.pvc-chonker.io';

async function world(t: { after(end: () => void): void }) {
  const embedded = await createEmbedded({ clock: systemClock, random: systemRandom });
  t.after(() => embedded.close());
  const client = createClient({ transport: embedded.transport, clock: systemClock, random: systemRandom });
  const send = async (method: 'GET' | 'PATCH' | 'POST', path: string, body?: object) => {
    const headers = { 'content-type': method === 'PATCH' ? 'application/json-patch+json' : 'application/json' };
    const response = await client.request({ method, path, headers, ...(body && { body: JSON.stringify(body) }) });
    return JSON.parse(await response.text());
  };
  return { client, send };
}

test('the kinds are served when it returns, and applying them again changes nothing', async (t) => {
  const { client, send } = await world(t);
  await applyDefinitions(client, silentLog);
  const list = await send('GET', '/apis/pvc-chonker.io/v1alpha1/pvcpolicies');
  assert.equal(list.kind, 'PVCPolicyList');
  const before = (await send('GET', PATH)).metadata;
  await applyDefinitions(client, silentLog);
  assert.equal((await send('GET', PATH)).metadata.resourceVersion, before.resourceVersion);
});

test('what somebody changed in a definition is as it should be after the next start', async (t) => {
  const { client, send } = await world(t);
  await applyDefinitions(client, silentLog);
  const field = '/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/template/properties/maxSize';
  await send('PATCH', PATH, [{ op: 'remove', path: field }]);
  await applyDefinitions(client, silentLog);
  const { spec } = await send('GET', PATH);
  assert.ok(spec.versions[0].schema.openAPIV3Schema.properties.spec.properties.template.properties.maxSize);
});

test('a definition that cannot become ours is told, and the others are there', async (t) => {
  const { client, send } = await world(t);
  const schema = { openAPIV3Schema: { type: 'object' } };
  await send('POST', PATH.slice(0, PATH.lastIndexOf('/')), {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'pvcpolicies.pvc-chonker.io' },
    spec: {
      group: 'pvc-chonker.io',
      scope: 'Namespaced',
      names: { plural: 'pvcpolicies', kind: 'PVCPolicy' },
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
  });
  const told: unknown[] = [];
  await applyDefinitions(client, { ...silentLog, error: (fields: unknown) => void told.push(fields) });
  assert.equal(told.length, 1);
  assert.equal((await send('GET', '/apis/pvc-chonker.io/v1alpha1/pvcgroups')).kind, 'PVCGroupList');
});
