/** Claims, volumes, classes and pods through a pinned real kubectl, with the embedded API's own controllers at work. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { parse } from 'yaml';
import { findKubectl } from '../tools/kubectl.ts';
import { claim, namespace, pod, storageClass, volume } from './manifests.ts';
import { rowsOf, type Session, startSession } from './session.ts';

const found = await findKubectl();
const skip = found.kind === 'unavailable' ? found.reason : false;

describe('kubectl with claims, volumes and pods', { skip }, () => {
  let session: Session;
  const run: Session['run'] = (...inputs) => session.run(...inputs);
  const refused: Session['refused'] = (...inputs) => session.refused(...inputs);
  const apply: Session['apply'] = (...inputs) => session.apply(...inputs);
  const waitFor: Session['waitFor'] = (...inputs) => session.waitFor(...inputs);

  before(async () => {
    if (found.kind === 'ready') session = await startSession(found.path);
  });
  after(() => session?.close());

  test('a claim is bound to a volume that fits, and every view of it agrees', async () => {
    assert.equal(await apply(namespace('shop')), 'namespace/shop created\n');
    const labels = { app: 'db' };
    assert.equal(
      await apply([volume('static', { capacity: { storage: '2Gi' } }), claim('shop', 'data', {}, labels)]),
      'persistentvolume/static created\npersistentvolumeclaim/data created\n',
    );
    assert.equal(
      await run("wait --for=jsonpath='{.status.phase}'=Bound pvc/data -n shop --timeout=20s"),
      'persistentvolumeclaim/data condition met\n',
    );
    const [head, row] = rowsOf(await run('get pvc data -n shop -o wide'));
    assert.equal(
      head?.join(' '),
      'NAME STATUS VOLUME CAPACITY ACCESS MODES STORAGECLASS VOLUMEATTRIBUTESCLASS AGE VOLUMEMODE',
    );
    assert.deepEqual(row?.slice(0, 5), ['data', 'Bound', 'static', '2Gi', 'RWO']);
    const [, volumeRow] = rowsOf(await run('get pv static'));
    assert.deepEqual(volumeRow?.slice(0, 6), ['static', '2Gi', 'RWO', 'Retain', 'Bound', 'shop/data']);
    assert.equal(await run('get pvc -n shop -l app=db -o name'), 'persistentvolumeclaim/data\n');
    assert.equal(await run('get pvc -n shop -l app!=db -o name'), '');
    assert.equal(
      await run(
        "get pvc -n shop --field-selector metadata.name=data -o custom-columns='N:.metadata.name,V:.spec.volumeName'",
      ),
      'N      V\ndata   static\n',
    );
    const read = parse(await run('get pvc data -n shop -o yaml'));
    assert.deepEqual(read.status, { accessModes: ['ReadWriteOnce'], capacity: { storage: '2Gi' }, phase: 'Bound' });
    assert.equal(read.metadata.annotations['pv.kubernetes.io/bind-completed'], 'yes');
    assert.equal(read.metadata.annotations['pv.kubernetes.io/bound-by-controller'], 'yes');
    assert.deepEqual(read.metadata.finalizers, ['kubernetes.io/pvc-protection']);
    const json = JSON.parse(await run('get pv static -o json'));
    assert.equal(json.spec.claimRef.uid, read.metadata.uid);
    assert.deepEqual(json.metadata.finalizers, ['kubernetes.io/pv-protection']);
    assert.equal(await run('get pvc,pv -n shop -o name'), 'persistentvolumeclaim/data\npersistentvolume/static\n');
  });

  test('describe tells the story of claims, volumes and classes', async () => {
    const told = await run('describe pvc data -n shop');
    assert.match(
      told,
      /^Name: +data\nNamespace: +shop\nStorageClass: +\nStatus: +Bound\nVolume: +static\nLabels: +app=db\n/,
    );
    assert.match(
      told,
      /^Finalizers: +\[kubernetes\.io\/pvc-protection\]\nCapacity: +2Gi\nAccess Modes: +RWO\nVolumeMode: +Filesystem\nUsed By: +<none>\n/m,
    );
    const volumeTold = await run('describe pv static');
    assert.match(volumeTold, /^Status: +Bound\nClaim: +shop\/data\nReclaim Policy: +Retain\nAccess Modes: +RWO\n/m);
    assert.match(
      volumeTold,
      /Type: +NFS [^\n]*\n +Server: +127\.0\.0\.1\n +Path: +\/storage\/static\n +ReadOnly: +false/,
    );
    assert.equal(await apply(storageClass('disk')), 'storageclass.storage.k8s.io/disk created\n');
    assert.match(
      await run('describe sc disk'),
      /^Provisioner: +example\.org\/disk\nParameters: +<none>\nAllowVolumeExpansion: +True\nMountOptions: +<none>\nReclaimPolicy: +Retain\nVolumeBindingMode: +Immediate\nEvents: +<none>$/m,
    );
    const [, row] = rowsOf(await run('get sc disk'));
    assert.deepEqual(row?.slice(0, 5), ['disk', 'example.org/disk', 'Retain', 'Immediate', 'true']);
  });

  test('a class with a provisioner is asked for a volume, and the volume it makes is bound', async () => {
    assert.equal(
      await apply(claim('shop', 'made', { storageClassName: 'disk' })),
      'persistentvolumeclaim/made created\n',
    );
    const asked =
      "wait --for=jsonpath='{.metadata.annotations.volume\\.kubernetes\\.io/storage-provisioner}'=example.org/disk";
    assert.match(await run(`${asked} pvc/made -n shop --timeout=20s`), /condition met/);
    const events = await waitFor('events --for pvc/made -n shop', /ExternalProvisioning/);
    assert.match(
      events,
      /Normal +ExternalProvisioning +PersistentVolumeClaim\/made +Waiting for a volume to be created either by the external provisioner 'example\.org\/disk'/,
    );
    assert.match(await run('describe pvc made -n shop'), /Status: +Pending[\s\S]*Events:[\s\S]*ExternalProvisioning/);
    const uid = await run("get pvc made -n shop -o jsonpath='{.metadata.uid}'");
    const claimRef = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace: 'shop', name: 'made', uid };
    const annotated = { ...volume(`pvc-${uid}`, { claimRef, storageClassName: 'disk' }) };
    assert.equal(await apply(annotated, 'create -f -'), `persistentvolume/pvc-${uid} created\n`);
    assert.match(
      await run("wait --for=jsonpath='{.status.phase}'=Bound pvc/made -n shop --timeout=20s"),
      /condition met/,
    );
    assert.equal(await run("get pvc made -n shop -o jsonpath='{.spec.volumeName}'"), `pvc-${uid}`);
    const grown = 'patch pvc made -n shop --type merge -p \'{"spec":{"resources":{"requests":{"storage":"3Gi"}}}}\'';
    assert.equal(await run(grown), 'persistentvolumeclaim/made patched\n');
    assert.match(await refused(grown.replace('3Gi', '1Mi')), /field can not be less than/);
  });

  test('without a class and a volume the claim says why it waits', async () => {
    await apply(claim('shop', 'alone', { resources: { requests: { storage: '9Gi' } } }));
    const events = await waitFor('events --for pvc/alone -n shop', /FailedBinding/);
    assert.match(
      events,
      /FailedBinding +PersistentVolumeClaim\/alone +no persistent volumes available for this claim and no storage class is set/,
    );
    assert.match(
      await run('get events -n shop --field-selector reason=FailedBinding,involvedObject.name=alone -o name'),
      /^event\/alone\.[0-9a-f]+\n$/,
    );
    assert.deepEqual(rowsOf(await run('get pvc alone -n shop'))[1]?.slice(0, 2), ['alone', 'Pending']);
  });

  test('a pod gets its node and its claim, which is held until the pod is gone', async () => {
    await apply([
      volume('for-pod', { nfs: undefined, ...session.cluster.localVolume }),
      claim('shop', 'for-pod', { volumeName: 'for-pod' }),
      pod('shop', 'web', 'for-pod'),
    ]);
    assert.equal(await run('wait --for=condition=Ready pod/web -n shop --timeout=20s'), 'pod/web condition met\n');
    const [, row] = rowsOf(await run('get pod web -n shop -o wide'));
    assert.deepEqual(row?.slice(0, 4), ['web', '1/1', 'Running', '0']);
    assert.equal(row?.[6], session.cluster.node);
    assert.match(await run('describe pod web -n shop'), /Node: +[^\n]+\n[\s\S]*ClaimName: +for-pod\n[\s\S]*Scheduled/);
    assert.match(await run('describe pvc for-pod -n shop'), /^Used By: +web$/m);
    assert.deepEqual(rowsOf(await run(`get node ${session.cluster.node}`))[1]?.slice(0, 2), [
      session.cluster.node,
      'Ready',
    ]);
    assert.match(await run('get pods -A'), /^shop +web +1\/1 +Running/m);
    assert.equal(
      await run('delete pvc for-pod -n shop --wait=false'),
      'persistentvolumeclaim "for-pod" deleted from shop namespace\n',
    );
    assert.match(await run('describe pvc for-pod -n shop'), /^Status: +Terminating \(lasts /m);
    assert.equal(await run('delete pod web -n shop'), 'pod "web" deleted from shop namespace\n');
    await run('wait --for=delete pvc/for-pod -n shop --timeout=20s');
    assert.match(await refused('get pvc for-pod -n shop'), /persistentvolumeclaims "for-pod" not found/);
    assert.match(await run("wait --for=jsonpath='{.status.phase}'=Released pv/for-pod --timeout=20s"), /condition met/);
    assert.equal(await run('delete pv for-pod'), 'persistentvolume "for-pod" deleted\n');
    assert.match(await refused('get pv for-pod'), /persistentvolumes "for-pod" not found/);
  });

  test('a class that waits binds when a pod comes', async () => {
    await apply([storageClass('late', 'WaitForFirstConsumer'), claim('shop', 'late', { storageClassName: 'late' })]);
    await waitFor('events --for pvc/late -n shop', /waiting for first consumer to be created before binding/);
    await apply(pod('shop', 'first', 'late'));
    const selected = "wait --for=jsonpath='{.metadata.annotations.volume\\.kubernetes\\.io/selected-node}'";
    assert.match(await run(`${selected}=${session.cluster.node} pvc/late -n shop --timeout=20s`), /condition met/);
    await run('delete pod first -n shop --now');
  });

  test('the default class is given to claims that name none', async () => {
    const isDefault = { 'storageclass.kubernetes.io/is-default-class': 'true' };
    await apply(storageClass('usual', 'Immediate', isDefault));
    assert.match(await run('get sc'), /^usual \(default\) /m);
    await apply(
      claim('shop', 'defaulted', { storageClassName: undefined, resources: { requests: { storage: '7Gi' } } }),
    );
    assert.match(
      await run("wait --for=jsonpath='{.spec.storageClassName}'=usual pvc/defaulted -n shop --timeout=20s"),
      /condition met/,
    );
    assert.equal(await run('delete sc usual'), 'storageclass.storage.k8s.io "usual" deleted\n');
  });
});
