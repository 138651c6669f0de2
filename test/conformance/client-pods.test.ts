/** Pods as clients make them: with the token and the secrets of their account. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { connect } from './target.ts';

const api = await connect();
const MOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';
const container = { name: 'main', image: 'example.org/main:1' };
let place = '';
let pods = '';

before(async () => {
  place = await api.namespace();
  pods = `/api/v1/namespaces/${place}/pods`;
  const accounts = `/api/v1/namespaces/${place}/serviceaccounts`;
  const quiet = { metadata: { name: 'quiet' }, automountServiceAccountToken: false };
  const pulling = { metadata: { name: 'pulling' }, imagePullSecrets: [{ name: 'registry' }] };
  for (const body of [quiet, pulling]) {
    const { status } = await api.call(accounts, { method: 'POST', body });
    assert.equal(status, 201);
  }
});

async function made(name: string, spec: object): Promise<ReturnType<typeof JSON.parse>> {
  const body = { metadata: { name }, spec: { containers: [container], ...spec } };
  const { status, json } = await api.call(pods, { method: 'POST', body });
  assert.equal(status, 201, json.message);
  return json.spec;
}

test('a pod gets the token of its account in every container', async () => {
  const spec = await made('token', { initContainers: [{ ...container, name: 'first' }] });
  assert.equal(spec.volumes.length, 1);
  const { name, projected } = spec.volumes[0];
  assert.match(name, /^kube-api-access-[a-z0-9]{5}$/);
  assert.deepEqual(projected, {
    defaultMode: 420,
    sources: [
      { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
      { configMap: { items: [{ key: 'ca.crt', path: 'ca.crt' }], name: 'kube-root-ca.crt' } },
      {
        downwardAPI: {
          items: [{ fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' }, path: 'namespace' }],
        },
      },
    ],
  });
  for (const each of [...spec.containers, ...spec.initContainers]) {
    assert.deepEqual(each.volumeMounts, [{ mountPath: MOUNT, name, readOnly: true }]);
  }
});

test('the pod says whether it wants the token, else its account does', async () => {
  assert.equal((await made('without', { automountServiceAccountToken: false })).volumes, undefined);
  assert.equal((await made('quiet', { serviceAccountName: 'quiet' })).volumes, undefined);
  const wanting = await made('wanting', { serviceAccountName: 'quiet', automountServiceAccountToken: true });
  assert.equal(wanting.volumes.length, 1);
});

test('what a container mounts in the place of the token stays', async () => {
  const own = { mountPath: MOUNT, name: 'own' };
  const containers = [
    { ...container, volumeMounts: [own] },
    { ...container, name: 'other' },
  ];
  const spec = await made('own', { containers, volumes: [{ name: 'own', emptyDir: {} }] });
  assert.deepEqual(spec.containers[0].volumeMounts, [own]);
  assert.equal(spec.containers[1].volumeMounts[0].mountPath, MOUNT);
  assert.equal(spec.volumes.length, 2);
  const alone = await made('alone', { containers: containers.slice(0, 1), volumes: [{ name: 'own', emptyDir: {} }] });
  assert.equal(alone.volumes.length, 1);
});

test('the secrets for images are those of the account, unless the pod names its own', async () => {
  assert.deepEqual((await made('pulling', { serviceAccountName: 'pulling' })).imagePullSecrets, [{ name: 'registry' }]);
  const own = await made('own-secret', { serviceAccountName: 'pulling', imagePullSecrets: [{ name: 'mine' }] });
  assert.deepEqual(own.imagePullSecrets, [{ name: 'mine' }]);
});

test('an account that is not there is refused', async () => {
  const body = { metadata: { name: 'lost' }, spec: { containers: [container], serviceAccountName: 'nosuch' } };
  const { status, json } = await api.call(pods, { method: 'POST', body });
  assert.equal(status, 403);
  assert.equal(
    json.message,
    `pods "lost" is forbidden: error looking up service account ${place}/nosuch: serviceaccount "nosuch" not found`,
  );
});
