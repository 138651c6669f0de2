import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claim, claims } from './objects.ts';
import { connect } from './target.ts';

const api = await connect();
const namespace = await api.namespace();
const pods = `/api/v1/namespaces/${namespace}/pods`;

const range = {
  metadata: { name: 'limits' },
  spec: {
    limits: [
      { type: 'PersistentVolumeClaim', min: { storage: '1Gi' }, max: { storage: '10Gi' } },
      {
        type: 'Container',
        min: { cpu: '100m' },
        max: { cpu: '2' },
        default: { cpu: '1', memory: '1Gi' },
        defaultRequest: { cpu: '500m' },
      },
      { type: 'Pod', max: { cpu: '3' } },
    ],
  },
};

await api.call(`/api/v1/namespaces/${namespace}/limitranges`, { method: 'POST', body: range });

const tryClaim = (size: string) =>
  api.call(`${claims(namespace)}?dryRun=All`, { method: 'POST', body: claim({ name: 'sized', size }) });

/** A server may see a new limit a moment later. */
async function limited(): Promise<Awaited<ReturnType<typeof tryClaim>>> {
  let answer = await tryClaim('500Mi');
  for (let tries = 0; answer.status !== 403 && tries < 200; tries += 1) answer = await tryClaim('500Mi');
  return answer;
}

const tryPod = (...containers: object[]) =>
  api.call(`${pods}?dryRun=All`, {
    method: 'POST',
    body: { metadata: { name: 'limited' }, spec: { automountServiceAccountToken: false, containers } },
  });

test('a claim that asks for less than the least is refused', async () => {
  const { status, json } = await limited();
  assert.equal(status, 403);
  assert.equal(
    json.message,
    'persistentvolumeclaims "sized" is forbidden: minimum storage usage per PersistentVolumeClaim is 1Gi, but request is 500Mi',
  );
});

test('a claim that asks for more than the most is refused', async () => {
  await limited();
  const { status, json } = await tryClaim('20Gi');
  assert.equal(status, 403);
  assert.equal(
    json.message,
    'persistentvolumeclaims "sized" is forbidden: maximum storage usage per PersistentVolumeClaim is 10Gi, but request is 20Gi',
  );
});

test('a claim within the limits is made', async () => {
  await limited();
  assert.equal((await tryClaim('5Gi')).status, 201);
});

test('a container gets what it does not ask for, and the pod says so', async () => {
  await limited();
  const { status, json } = await tryPod(
    { name: 'a', image: 'registry.example/a' },
    { name: 'b', image: 'registry.example/b', resources: { requests: { cpu: '200m' } } },
  );
  assert.equal(status, 201, json.message);
  const [first, second] = json.spec.containers;
  assert.deepEqual(first.resources, {
    limits: { cpu: '1', memory: '1Gi' },
    requests: { cpu: '500m', memory: '1Gi' },
  });
  assert.deepEqual(second.resources.requests, { cpu: '200m', memory: '1Gi' });
  assert.equal(
    json.metadata.annotations['kubernetes.io/limit-ranger'],
    'LimitRanger plugin set: cpu, memory request for container a; cpu, memory limit for container a; memory request for container b; cpu, memory limit for container b',
  );
});

test('a container that asks for too little and too much is refused for both', async () => {
  await limited();
  const { status, json } = await tryPod({
    name: 'a',
    image: 'registry.example/a',
    resources: { requests: { cpu: '50m' }, limits: { cpu: '5' } },
  });
  assert.equal(status, 403);
  assert.equal(
    json.message,
    'pods "limited" is forbidden: [minimum cpu usage per Container is 100m, but request is 50m, maximum cpu usage per Container is 2, but limit is 5, maximum cpu usage per Pod is 3, but limit is 5]',
  );
});

test('containers that are too much together are refused', async () => {
  await limited();
  const each = (name: string) => ({ name, image: 'registry.example/a', resources: { limits: { cpu: '2' } } });
  const { status, json } = await tryPod(each('a'), each('b'));
  assert.equal(status, 403);
  assert.equal(json.message, 'pods "limited" is forbidden: maximum cpu usage per Pod is 3, but limit is 4');
});
