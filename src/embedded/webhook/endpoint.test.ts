import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock, systemRandom } from '../../telemetry/clock.ts';
import { createEmbedded } from '../cluster.ts';
import { endpointOf } from './endpoint.ts';

const client = { kind: 'service', namespace: 'default', name: 'hook', path: '/admit', port: 443 } as const;
const url = 'https://hook.default.svc:443/admit';

async function where(...objects: readonly (readonly [plural: string, object: object])[]) {
  const { store, rest, close } = await createEmbedded({ clock: systemClock, random: systemRandom });
  for (const [plural, object] of objects) {
    const root = plural === 'endpointslices' ? '/apis/discovery.k8s.io/v1' : '/api/v1';
    const path = `${root}/namespaces/default/${plural}`;
    const { status } = await rest.handle({ method: 'POST', path, body: JSON.stringify(object) });
    assert.equal(status, 201);
  }
  const found = endpointOf(store, client);
  close();
  return found;
}

const service = (spec: object) => ['services', { metadata: { name: 'hook' }, spec }] as const;
const ports = [{ name: 'https', port: 443, targetPort: 8443 }];

test('a URL is where it says', async () => {
  const { store, close } = await createEmbedded({ clock: systemClock, random: systemRandom });
  const found = endpointOf(store, { kind: 'url', url: 'https://example.com/admit' });
  assert.deepEqual(found, { kind: 'found', url: 'https://example.com/admit', address: undefined });
  close();
});

test('a Service that is not there cannot be reached', async () => {
  assert.deepEqual(await where(), { kind: 'unreachable', url, reason: 'service "hook" not found' });
});

test('a Service by another name is reached there', async () => {
  const found = await where(service({ type: 'ExternalName', externalName: 'localhost' }));
  assert.deepEqual(found, { kind: 'found', url, address: 'localhost:443' });
});

test('a Service with an EndpointSlice is reached at its first ready address', async () => {
  const slice = {
    metadata: { name: 'hook-1', labels: { 'kubernetes.io/service-name': 'hook' } },
    addressType: 'IPv4',
    endpoints: [
      { addresses: ['10.0.0.1'], conditions: { ready: false } },
      { addresses: ['10.0.0.2'], conditions: { ready: true } },
    ],
    ports: [{ name: 'https', port: 8443 }],
  };
  const found = await where(service({ ports }), ['endpointslices', slice]);
  assert.deepEqual(found, { kind: 'found', url, address: '10.0.0.2:8443' });
});

test('a Service with Endpoints is reached at the first', async () => {
  const endpoints = {
    metadata: { name: 'hook' },
    subsets: [{ addresses: [{ ip: '10.0.0.3' }], ports: [{ name: 'https', port: 8443 }] }],
  };
  const found = await where(service({ ports }), ['endpoints', endpoints]);
  assert.deepEqual(found, { kind: 'found', url, address: '10.0.0.3:8443' });
});

test('a Service without the port, or that leads nowhere, cannot be reached', async () => {
  const other = await where(service({ ports: [{ name: 'http', port: 80 }] }));
  assert.deepEqual(other, { kind: 'unreachable', url, reason: 'no service port 443 found for service "hook"' });
  const empty = await where(service({ ports }));
  assert.deepEqual(empty, { kind: 'unreachable', url, reason: 'no endpoints available for service "hook"' });
});
