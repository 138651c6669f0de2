import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claim, claims, MERGE, storageClasses, volumes } from './objects.ts';
import { connect, eventually } from './target.ts';

const api = await connect();
const namespace = await api.namespace();

const post = (path: string, body: object) => api.call(path, { method: 'POST', body });
const patch = (path: string, body: object) => api.call(path, { method: 'PATCH', headers: MERGE, body });

async function storageClass(name: string, members: object = {}): Promise<string> {
  const full = `${name}-${namespace}`;
  const { status } = await post(storageClasses(), {
    metadata: { name: full },
    provisioner: 'example.com/none',
    ...members,
  });
  assert.equal(status, 201);
  return full;
}

async function boundClaim(name: string, className: string): Promise<void> {
  const volumeName = `${name}-${namespace}`;
  assert.equal((await post(volumes(), volume(name, { storageClassName: className }))).status, 201);
  await post(claims(namespace), claim({ name, spec: { storageClassName: className, volumeName } }));
  const isBound = async () => (await api.call(claims(namespace, name))).json.status.phase === 'Bound';
  await eventually(isBound, `${name} is not bound`);
}

const request = (storage: string) => ({ spec: { resources: { requests: { storage } } } });

test('a new claim is pending, for a file system, and protected', async () => {
  const { json } = await post(claims(namespace), claim({ name: 'new' }));
  assert.equal(json.status.phase, 'Pending');
  assert.equal(json.spec.volumeMode, 'Filesystem');
  assert.deepEqual(json.metadata.finalizers, ['kubernetes.io/pvc-protection']);
});

test('quantities are stored in their canonical form', async () => {
  const { json } = await post(claims(namespace), claim({ name: 'sizes', size: '1024Mi' }));
  assert.equal(json.spec.resources.requests.storage, '1Gi');
});

test('a quantity that is none is refused', async () => {
  const { status, json } = await post(claims(namespace), claim({ name: 'odd', size: 'much' }));
  assert.equal(status, 400);
  assert.match(json.message, /quantities must match the regular expression/);
});

test('a claim needs access modes and a request', async () => {
  const { status, json } = await post(claims(namespace), {
    metadata: { name: 'empty' },
    spec: { storageClassName: '' },
  });
  assert.equal(status, 422);
  assert.equal(
    json.message,
    'PersistentVolumeClaim "empty" is invalid: [spec.accessModes: Required value: at least 1 access mode is required, spec.resources[storage]: Required value]',
  );
});

test('an unknown access mode is refused with those that there are', async () => {
  const { json } = await post(claims(namespace), claim({ name: 'mode', spec: { accessModes: ['Sometimes'] } }));
  assert.equal(
    json.message,
    'PersistentVolumeClaim "mode" is invalid: spec.accessModes: Unsupported value: "Sometimes": supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"',
  );
});

test('a request of nothing is refused', async () => {
  const { status, json } = await post(claims(namespace), claim({ name: 'zero', size: '0' }));
  assert.equal(status, 422);
  assert.match(json.message, /spec\.resources\[storage\]: Invalid value: "0": must be greater than zero/);
});

test('the spec of a claim cannot be changed, but its volume can be named once', async () => {
  await post(claims(namespace), claim({ name: 'fixed' }));
  const { status, json } = await patch(claims(namespace, 'fixed'), { spec: { accessModes: ['ReadWriteOnce'] } });
  assert.equal(status, 422);
  assert.match(
    json.message,
    /spec: Forbidden: spec is immutable after creation except resources\.requests and volumeAttributesClassName for bound claims/,
  );
  assert.equal((await patch(claims(namespace, 'fixed'), { spec: { volumeName: 'one' } })).status, 200);
  assert.equal((await patch(claims(namespace, 'fixed'), { spec: { volumeName: 'two' } })).status, 422);
});

test('a bound claim grows when its class allows it', async () => {
  const name = await storageClass('grows', { allowVolumeExpansion: true });
  await boundClaim('grows', name);
  const { status, json } = await patch(claims(namespace, 'grows'), request('2Gi'));
  assert.equal(status, 200);
  assert.equal(json.spec.resources.requests.storage, '2Gi');
});

test('a bound claim does not grow when its class does not allow it', async () => {
  const name = await storageClass('fixed');
  await boundClaim('stays', name);
  const { status, json } = await patch(claims(namespace, 'stays'), request('2Gi'));
  assert.equal(status, 403);
  assert.equal(
    json.message,
    'persistentvolumeclaims "stays" is forbidden: only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize',
  );
});

test('a claim that is not bound does not grow', async () => {
  const name = await storageClass('pending', { allowVolumeExpansion: true });
  await post(claims(namespace), claim({ name: 'unbound', spec: { storageClassName: name } }));
  assert.equal((await patch(claims(namespace, 'unbound'), request('2Gi'))).status, 422);
});

test('a request falls back after an expansion that failed, but not to the capacity or below', async () => {
  const name = await storageClass('shrinks', { allowVolumeExpansion: true });
  await boundClaim('shrinks', name);
  await patch(claims(namespace, 'shrinks'), request('4Gi'));
  assert.equal((await patch(claims(namespace, 'shrinks'), request('2Gi'))).status, 200);
  const { status, json } = await patch(claims(namespace, 'shrinks'), request('1Gi'));
  assert.equal(status, 422);
  assert.match(
    json.message,
    /spec\.resources\.requests\.storage: Forbidden: field can not be less than status\.capacity/,
  );
});

test('a quota of claims is kept: by number and by size', async () => {
  const counted = await api.namespace();
  const hard = { persistentvolumeclaims: '2', 'requests.storage': '3Gi' };
  await post(`/api/v1/namespaces/${counted}/resourcequotas`, { metadata: { name: 'limits' }, spec: { hard } });
  await using watch = await api.watch(`/api/v1/namespaces/${counted}/resourcequotas?watch=true`);
  let event = await watch.next();
  while (event?.object.status?.hard === undefined) event = await watch.next();
  assert.equal((await post(claims(counted), claim({ name: 'a', size: '2Gi' }))).status, 201);
  const { status, json } = await post(claims(counted), claim({ name: 'b', size: '2Gi' }));
  assert.equal(status, 403);
  assert.equal(
    json.message,
    'persistentvolumeclaims "b" is forbidden: exceeded quota: limits, requested: requests.storage=2Gi, used: requests.storage=2Gi, limited: requests.storage=3Gi',
  );
  while (event?.object.status?.used?.persistentvolumeclaims !== '1') event = await watch.next();
  assert.equal(event.object.status.used['requests.storage'], '2Gi');
});

const volume = (name: string, spec: object = {}): object => ({
  metadata: { name: `${name}-${namespace}` },
  spec: {
    capacity: { storage: '1Gi' },
    accessModes: ['ReadWriteMany'],
    nfs: { server: '127.0.0.1', path: '/storage/v' },
    storageClassName: 'conformance',
    ...spec,
  },
});

test('a new volume is retained, protected and pending', async () => {
  const { status, json } = await post(volumes(), volume('new'));
  assert.equal(status, 201);
  assert.equal(json.spec.persistentVolumeReclaimPolicy, 'Retain');
  assert.equal(json.spec.volumeMode, 'Filesystem');
  assert.equal(json.status.phase, 'Pending');
  assert.deepEqual(json.metadata.finalizers, ['kubernetes.io/pv-protection']);
});

test('a volume needs exactly one source', async () => {
  const none = await post(volumes(), volume('none', { nfs: null }));
  assert.equal(none.status, 422);
  assert.match(none.json.message, /spec: Required value: must specify a volume type/);
  const two = await post(volumes(), volume('two', { hostPath: { path: '/x' } }));
  assert.match(two.json.message, /may not specify more than 1 volume type/);
});

test('the source of a volume is checked', async () => {
  const relative = await post(volumes(), volume('relative', { nfs: { server: 's', path: 'v' } }));
  assert.match(relative.json.message, /spec\.nfs\.path: Invalid value: "v": must be an absolute path/);
  const up = await post(volumes(), volume('up', { nfs: null, hostPath: { path: '/a/../b' } }));
  assert.match(up.json.message, /spec\.hostPath\.path: Invalid value: "\/a\/\.\.\/b": must not contain '\.\.'/);
  const local = await post(volumes(), volume('local', { nfs: null, local: { path: '/x' } }));
  assert.match(local.json.message, /spec\.nodeAffinity: Required value: Local volume requires node affinity/);
});

test('the source of a volume cannot be changed, but its capacity can', async () => {
  await post(volumes(), volume('changed'));
  const path = volumes(`changed-${namespace}`);
  const moved = await patch(path, { spec: { nfs: { path: '/other' } } });
  assert.equal(moved.status, 422);
  assert.match(
    moved.json.message,
    /spec\.persistentvolumesource: Forbidden: spec\.persistentvolumesource is immutable after creation/,
  );
  assert.equal((await patch(path, { spec: { capacity: { storage: '2Gi' } } })).json.spec.capacity.storage, '2Gi');
});

test('a volume can be reserved for a claim', async () => {
  const claimRef = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name: 'reserved' };
  const { status, json } = await post(volumes(), volume('reserved', { claimRef }));
  assert.equal(status, 201);
  assert.equal(json.spec.claimRef.name, 'reserved');
});

test('a class has a reclaim policy and a binding mode, and keeps them', async () => {
  const name = await storageClass('defaults');
  const { json } = await api.call(storageClasses(name));
  assert.equal(json.reclaimPolicy, 'Delete');
  assert.equal(json.volumeBindingMode, 'Immediate');
  const { status, json: refused } = await patch(storageClasses(name), { reclaimPolicy: 'Retain' });
  assert.equal(status, 422);
  assert.match(refused.message, /reclaimPolicy: Invalid value: "Retain": field is immutable/);
});

test('a class needs a provisioner', async () => {
  const { status, json } = await post(storageClasses(), { metadata: { name: `none-${namespace}` } });
  assert.equal(status, 422);
  assert.match(json.message, /provisioner: Required value/);
});

test('a lease is made, renewed against its version, and not without it', async () => {
  const path = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`;
  const renewTime = '2026-01-01T00:00:00.123456Z';
  const { status, json } = await post(path, { metadata: { name: 'l' }, spec: { holderIdentity: 'a', renewTime } });
  assert.equal(status, 201);
  assert.equal(json.spec.renewTime, renewTime);
  const spec = { ...json.spec, holderIdentity: 'b' };
  assert.equal((await api.call(`${path}/l`, { method: 'PUT', body: { ...json, spec } })).status, 200);
  assert.equal((await api.call(`${path}/l`, { method: 'PUT', body: { ...json, spec } })).status, 409);
  const blind = await api.call(`${path}/l`, { method: 'PUT', body: { metadata: { name: 'l' }, spec } });
  assert.equal(blind.status, 422);
});

test('an event is about an object of its own namespace', async () => {
  const path = `/api/v1/namespaces/${namespace}/events`;
  const involvedObject = { kind: 'Pod', name: 'p', namespace };
  assert.equal((await post(path, { metadata: { name: 'own' }, involvedObject, reason: 'R' })).status, 201);
  const foreign = { metadata: { name: 'foreign' }, involvedObject: { ...involvedObject, namespace: 'default' } };
  const { status, json } = await post(path, foreign);
  assert.equal(status, 422);
  assert.match(json.message, /involvedObject\.namespace: Invalid value: "default": does not match event\.namespace/);
});

test('a secret takes text and gives it back encoded', async () => {
  const path = `/api/v1/namespaces/${namespace}/secrets`;
  const { json } = await post(path, { metadata: { name: 's' }, stringData: { a: 'b' } });
  assert.deepEqual(json.data, { a: 'Yg==' });
  assert.equal(json.stringData, undefined);
  assert.equal(json.type, 'Opaque');
});

test('a config map that says it is immutable stays as it is', async () => {
  const path = `/api/v1/namespaces/${namespace}/configmaps`;
  await post(path, { metadata: { name: 'sealed' }, data: { a: 'b' }, immutable: true });
  const { status, json } = await patch(`${path}/sealed`, { data: { a: 'c' } });
  assert.equal(status, 422);
  assert.match(json.message, /data: Forbidden: field is immutable when `immutable` is set/);
});

test('a pod is bound to a node once, by its binding', async () => {
  const path = `/api/v1/namespaces/${namespace}/pods`;
  const { json } = await post(path, { metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'i' }] } });
  assert.equal(json.status.phase, 'Pending');
  assert.equal(json.spec.restartPolicy, 'Always');
  const binding = { metadata: { name: 'p' }, target: { kind: 'Node', name: 'n' } };
  assert.equal((await post(`${path}/p/binding`, binding)).status, 201);
  assert.equal((await api.call(`${path}/p`)).json.spec.nodeName, 'n');
  assert.equal((await post(`${path}/p/binding`, binding)).status, 409);
  const { json: leaving } = await api.call(`${path}/p`, { method: 'DELETE' });
  assert.equal(leaving.metadata.deletionGracePeriodSeconds, 30);
  await api.call(`${path}/p`, { method: 'DELETE', body: { gracePeriodSeconds: 0 } });
  assert.equal((await api.call(`${path}/p`)).status, 404);
});
