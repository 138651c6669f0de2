import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claim, claims, MERGE, storageClasses, volumes } from './objects.ts';
import { type Answer, connect, eventually } from './target.ts';

const api = await connect();
const namespace = await api.namespace();

type Json = Answer['json'];

const post = async (path: string, body: object): Promise<Json> => {
  const { status, json, text } = await api.call(path, { method: 'POST', body });
  assert.equal(status, 201, text);
  return json;
};
const get = async (path: string): Promise<Json> => (await api.call(path)).json;
const patch = (path: string, body: object) => api.call(path, { method: 'PATCH', headers: MERGE, body });

let made = 0;
/** A class of its own for each check, so that no volume is bound to the claim of another. */
const ownClass = (): string => {
  made += 1;
  return `class-${made}-${namespace}`;
};

interface Wanted {
  readonly size?: string;
  readonly spec?: object;
}

async function makeVolume(name: string, className: string, { size = '1Gi', spec = {} }: Wanted = {}): Promise<string> {
  const full = `${name}-${namespace}`;
  await post(volumes(), {
    metadata: { name: full, labels: { name } },
    spec: {
      capacity: { storage: size },
      accessModes: ['ReadWriteMany'],
      persistentVolumeReclaimPolicy: 'Retain',
      storageClassName: className,
      nfs: { server: '127.0.0.1', path: '/storage/v' },
      ...spec,
    },
  });
  return full;
}

const makeClaim = (name: string, className: string, { size = '1Gi', spec = {} }: Wanted = {}): Promise<Json> =>
  post(claims(namespace), claim({ name, size, spec: { storageClassName: className, ...spec } }));

async function phase(path: string, wanted: string): Promise<Json> {
  await eventually(async () => (await get(path)).status?.phase === wanted, `${path} did not become ${wanted}`);
  return get(path);
}

async function eventOf(name: string, reason: string): Promise<Json> {
  const path = `/api/v1/namespaces/${namespace}/events?fieldSelector=involvedObject.name%3D${name},reason%3D${reason}`;
  await eventually(async () => (await get(path)).items.length > 0, `${name} has no event ${reason}`);
  return (await get(path)).items[0];
}

/** The claim is as it was, although one that came after it was looked at. */
async function staysPending(name: string): Promise<void> {
  const className = ownClass();
  await makeVolume(`fits-${name}`, className);
  await makeClaim(`after-${name}`, className);
  await phase(claims(namespace, `after-${name}`), 'Bound');
  assert.equal((await get(claims(namespace, name))).status.phase, 'Pending');
}

test('a claim is bound to a volume that fits, and both say so', async () => {
  const className = ownClass();
  const volume = await makeVolume('fits', className);
  await makeClaim('fits', className);
  const bound = await phase(claims(namespace, 'fits'), 'Bound');
  assert.equal(bound.spec.volumeName, volume);
  assert.deepEqual(bound.status.capacity, { storage: '1Gi' });
  assert.deepEqual(bound.status.accessModes, ['ReadWriteMany']);
  assert.equal(bound.metadata.annotations['pv.kubernetes.io/bind-completed'], 'yes');
  assert.equal(bound.metadata.annotations['pv.kubernetes.io/bound-by-controller'], 'yes');
  const { spec, metadata } = await phase(volumes(volume), 'Bound');
  assert.equal(metadata.annotations['pv.kubernetes.io/bound-by-controller'], 'yes');
  const { resourceVersion: _, ...claimRef } = spec.claimRef;
  assert.deepEqual(claimRef, {
    kind: 'PersistentVolumeClaim',
    apiVersion: 'v1',
    namespace,
    name: 'fits',
    uid: bound.metadata.uid,
  });
});

test('of several volumes that fit the smallest is taken', async () => {
  const className = ownClass();
  await makeVolume('largest', className, { size: '5Gi' });
  const volume = await makeVolume('larger', className, { size: '3Gi' });
  await makeVolume('small', className, { size: '1Gi' });
  await makeClaim('smallest', className, { size: '2Gi' });
  const bound = await phase(claims(namespace, 'smallest'), 'Bound');
  assert.equal(bound.spec.volumeName, volume);
  assert.deepEqual(bound.status.capacity, { storage: '3Gi' });
});

test('a volume that nobody claims is available', async () => {
  const volume = await makeVolume('free', ownClass());
  const { spec } = await phase(volumes(volume), 'Available');
  assert.equal(spec.claimRef, undefined);
});

test('a volume that is too small is not bound', async () => {
  const className = ownClass();
  await makeVolume('too-small', className);
  await makeClaim('too-large', className, { size: '2Gi' });
  await staysPending('too-large');
});

test('a volume that cannot be mounted as wanted is not bound', async () => {
  const className = ownClass();
  await makeVolume('once', className, { spec: { accessModes: ['ReadWriteOnce'] } });
  await makeClaim('many', className);
  await staysPending('many');
});

test('a volume of another mode is not bound', async () => {
  const className = ownClass();
  await makeVolume('block', className, { spec: { volumeMode: 'Block' } });
  await makeClaim('files', className);
  await staysPending('files');
});

test('a claim that selects is bound to the volume that it selects, whatever its size', async () => {
  const className = ownClass();
  await makeVolume('unselected', className);
  const volume = await makeVolume('selected', className, { size: '9Gi' });
  await makeClaim('selects', className, { spec: { selector: { matchLabels: { name: 'selected' } } } });
  assert.equal((await phase(claims(namespace, 'selects'), 'Bound')).spec.volumeName, volume);
});

test('a claim that names its volume gets it, and is not marked as bound by somebody else', async () => {
  const className = ownClass();
  await makeVolume('nearer', className);
  const volume = await makeVolume('named', className, { size: '9Gi' });
  await makeClaim('names', className, { spec: { volumeName: volume } });
  const bound = await phase(claims(namespace, 'names'), 'Bound');
  assert.equal(bound.metadata.annotations['pv.kubernetes.io/bound-by-controller'], undefined);
  assert.equal((await phase(volumes(volume), 'Bound')).spec.claimRef.name, 'names');
});

test('a claim that names a volume that is not there waits for it', async () => {
  const className = ownClass();
  await makeClaim('early', className, { spec: { volumeName: `late-${namespace}` } });
  await staysPending('early');
  await makeVolume('late', className);
  await phase(claims(namespace, 'early'), 'Bound');
});

test('a volume that names a claim waits for it', async () => {
  const className = ownClass();
  const claimRef = { namespace, name: 'awaited' };
  const volume = await makeVolume('waits', className, { size: '9Gi', spec: { claimRef } });
  await makeClaim('somebody', className);
  await makeVolume('nearest', className);
  await phase(claims(namespace, 'somebody'), 'Bound');
  await makeClaim('awaited', className);
  assert.equal((await phase(claims(namespace, 'awaited'), 'Bound')).spec.volumeName, volume);
  assert.match((await get(volumes(volume))).spec.claimRef.uid, /^[0-9a-f-]{36}$/);
});

test('a volume without a class fits a claim without one', async () => {
  const spec = { accessModes: ['ReadOnlyMany'] };
  const volume = await makeVolume('classless', '', { spec });
  const selector = { matchLabels: { name: 'classless' } };
  await makeClaim('classless', '', { spec: { ...spec, selector, volumeName: volume } });
  await phase(claims(namespace, 'classless'), 'Bound');
});

test('a claim without a class that nothing fits says so in an event', async () => {
  await makeClaim('hopeless', '', { size: '900Pi' });
  const { type, message, source, involvedObject } = await eventOf('hopeless', 'FailedBinding');
  assert.equal(type, 'Normal');
  assert.equal(message, 'no persistent volumes available for this claim and no storage class is set');
  assert.equal(source.component, 'persistentvolume-controller');
  assert.deepEqual([involvedObject.kind, involvedObject.namespace], ['PersistentVolumeClaim', namespace]);
});

test('a claim of a class that is not there says so in an event', async () => {
  const className = ownClass();
  await makeClaim('classes', className);
  const { type, message } = await eventOf('classes', 'ProvisioningFailed');
  assert.equal(type, 'Warning');
  assert.equal(message, `storageclass.storage.k8s.io "${className}" not found`);
});

async function makeClass(className: string, members: object): Promise<void> {
  await post(storageClasses(), { metadata: { name: className }, provisioner: 'example.com/none', ...members });
}

test('a claim whose class has a provisioner is annotated for it', async () => {
  const className = ownClass();
  await makeClass(className, {});
  await makeClaim('external', className);
  const { message } = await eventOf('external', 'ExternalProvisioning');
  assert.match(
    message,
    /^Waiting for a volume to be created either by the external provisioner 'example\.com\/none' or manually/,
  );
  const { annotations } = (await get(claims(namespace, 'external'))).metadata;
  assert.equal(annotations['volume.kubernetes.io/storage-provisioner'], 'example.com/none');
  assert.equal(annotations['volume.beta.kubernetes.io/storage-provisioner'], 'example.com/none');
});

test('a class may wait for the first consumer, and a volume that fits waits with it', async () => {
  const className = ownClass();
  await makeClass(className, { volumeBindingMode: 'WaitForFirstConsumer' });
  const volume = await makeVolume('consumed', className);
  await makeClaim('lonely', className);
  const { type, message } = await eventOf('lonely', 'WaitForFirstConsumer');
  assert.deepEqual([type, message], ['Normal', 'waiting for first consumer to be created before binding']);
  assert.equal((await phase(volumes(volume), 'Available')).spec.claimRef, undefined);
});

test('a volume whose claim goes is released, and remembers it', async () => {
  const className = ownClass();
  const volume = await makeVolume('retained', className);
  await makeClaim('retained', className);
  await phase(claims(namespace, 'retained'), 'Bound');
  await api.call(claims(namespace, 'retained'), { method: 'DELETE' });
  const { spec } = await phase(volumes(volume), 'Released');
  assert.equal(spec.claimRef.name, 'retained');
});

test('a released volume is not bound again, but when its claim is taken off it', async () => {
  const className = ownClass();
  const volume = await makeVolume('reused', className);
  await makeClaim('first', className);
  await phase(claims(namespace, 'first'), 'Bound');
  await api.call(claims(namespace, 'first'), { method: 'DELETE' });
  await phase(volumes(volume), 'Released');
  await makeClaim('second', className);
  await staysPending('second');
  await patch(volumes(volume), { spec: { claimRef: null } });
  assert.equal((await phase(claims(namespace, 'second'), 'Bound')).spec.volumeName, volume);
});

test('a volume that is to be deleted and that nobody can delete fails', async () => {
  const className = ownClass();
  const volume = await makeVolume('undeletable', className, { spec: { persistentVolumeReclaimPolicy: 'Delete' } });
  await makeClaim('undeletable', className);
  await phase(claims(namespace, 'undeletable'), 'Bound');
  await api.call(claims(namespace, 'undeletable'), { method: 'DELETE' });
  const { status } = await phase(volumes(volume), 'Failed');
  assert.match(status.message, /no deletable volume plugin matched/);
});

test('a claim whose volume went is lost', async () => {
  const className = ownClass();
  const volume = await makeVolume('lost', className);
  await makeClaim('lost', className);
  await phase(claims(namespace, 'lost'), 'Bound');
  await api.call(volumes(volume), { method: 'DELETE' });
  await patch(volumes(volume), { metadata: { finalizers: null } });
  await phase(claims(namespace, 'lost'), 'Lost');
  const { type, message } = await eventOf('lost', 'ClaimLost');
  assert.deepEqual(
    [type, message],
    ['Warning', 'Bound claim has lost its PersistentVolume. Data on the volume is lost!'],
  );
});

test('a bound volume that is deleted waits for its claim', async () => {
  const className = ownClass();
  const volume = await makeVolume('held', className);
  await makeClaim('holder', className);
  await phase(claims(namespace, 'holder'), 'Bound');
  const { json } = await api.call(volumes(volume), { method: 'DELETE' });
  assert.match(json.metadata.deletionTimestamp, /^\d{4}-/);
  assert.deepEqual((await get(volumes(volume))).metadata.finalizers, ['kubernetes.io/pv-protection']);
  await api.call(claims(namespace, 'holder'), { method: 'DELETE' });
  await eventually(async () => (await api.call(volumes(volume))).status === 404, 'the volume stays');
});

test('a volume that nobody claims goes at once', async () => {
  const volume = await makeVolume('unclaimed', ownClass());
  await phase(volumes(volume), 'Available');
  await api.call(volumes(volume), { method: 'DELETE' });
  await eventually(async () => (await api.call(volumes(volume))).status === 404, 'the volume stays');
});

test('a claim that a pod uses waits for the pod', async () => {
  const className = ownClass();
  await makeVolume('used', className);
  await makeClaim('used', className);
  await phase(claims(namespace, 'used'), 'Bound');
  const pods = `/api/v1/namespaces/${namespace}/pods`;
  await post(pods, {
    metadata: { name: 'user' },
    spec: {
      nodeName: 'nowhere',
      containers: [{ name: 'c', image: 'i', volumeMounts: [{ name: 'v', mountPath: '/v' }] }],
      volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'used' } }],
    },
  });
  const { json } = await api.call(claims(namespace, 'used'), { method: 'DELETE' });
  assert.match(json.metadata.deletionTimestamp, /^\d{4}-/);
  await makeClaim('unused', className);
  await api.call(claims(namespace, 'unused'), { method: 'DELETE' });
  await eventually(async () => (await api.call(claims(namespace, 'unused'))).status === 404, 'an unused claim stays');
  assert.equal((await api.call(claims(namespace, 'used'))).status, 200);
  await api.call(`${pods}/user`, { method: 'DELETE', body: { gracePeriodSeconds: 0 } });
  await eventually(
    async () => (await api.call(claims(namespace, 'used'))).status === 404,
    'a claim that is used no more stays',
  );
});
