import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '../../kube/kinds.ts';
import { annotation } from './annotation.ts';
import { bind, type ClaimView } from './bind.ts';

const claim: PersistentVolumeClaim = {
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'data', namespace: 'shop', uid: 'u1', resourceVersion: '7' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
};
const volume: PersistentVolume = {
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name: 'v', uid: 'uv', resourceVersion: '3' },
  spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'] },
  status: { phase: 'Available' },
};
const external: StorageClass = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: 'fast', uid: 'uc', resourceVersion: '1' },
  provisioner: 'example.org/disk',
  volumeBindingMode: 'Immediate',
};
const delayed: StorageClass = { ...external, volumeBindingMode: 'WaitForFirstConsumer' };
const node = { name: 'here', labels: { 'kubernetes.io/hostname': 'here' } };

const inClass = (name: string): PersistentVolumeClaim => ({
  ...claim,
  spec: { ...claim.spec, storageClassName: name },
});
const naming = (name: string): PersistentVolumeClaim => ({ ...claim, spec: { ...claim.spec, volumeName: name } });
const annotated = (object: PersistentVolumeClaim, annotations: Record<string, string>): PersistentVolumeClaim => ({
  ...object,
  metadata: { ...object.metadata, annotations },
});
const claimedBy = (uid: string | undefined, name = 'data'): PersistentVolume => ({
  ...volume,
  spec: { ...volume.spec, claimRef: { namespace: 'shop', name, ...(uid === undefined ? {} : { uid }) } },
});

function view(parts: Partial<ClaimView> = {}): ClaimView {
  return {
    claim,
    named: undefined,
    volumes: [],
    storageClass: undefined,
    fallback: undefined,
    consumers: [],
    node,
    ...parts,
  };
}

test('a claim takes a free volume', () => {
  assert.deepEqual(bind(view({ volumes: [volume] })), { kind: 'bind', volume });
});

test('a claim without class and volume says so', () => {
  assert.deepEqual(bind(view()), {
    kind: 'wait',
    notice: {
      reason: 'FailedBinding',
      message: 'no persistent volumes available for this claim and no storage class is set',
    },
  });
});

test('the default class comes in only when the claim names none and no volume without class fits', () => {
  const fallback = external;
  assert.deepEqual(bind(view({ fallback })), { kind: 'assign-class', className: 'fast' });
  assert.equal(bind(view({ fallback, volumes: [volume] })).kind, 'bind');
  assert.equal(bind(view({ fallback, claim: inClass('') })).kind, 'wait');
});

test('a class with an external provisioner asks it for a volume', () => {
  const decision = bind(view({ claim: inClass('fast'), storageClass: external }));
  assert.deepEqual(decision, {
    kind: 'provision',
    provisioner: 'example.org/disk',
    notice: {
      reason: 'ExternalProvisioning',
      message:
        "Waiting for a volume to be created either by the external provisioner 'example.org/disk' or manually by the " +
        'system administrator. If volume creation is delayed, please verify that the provisioner is running and ' +
        'correctly registered.',
    },
  });
});

test('a class that is missing, or that nobody can provision, is named', () => {
  const none = { ...external, provisioner: 'kubernetes.io/no-provisioner' };
  const message = (parts: Partial<ClaimView>): string | undefined => {
    const decision = bind(view({ claim: inClass('fast'), ...parts }));
    return decision.kind === 'wait' ? `${decision.notice?.reason}: ${decision.notice?.message}` : decision.kind;
  };
  assert.equal(message({}), 'ProvisioningFailed: storageclass.storage.k8s.io "fast" not found');
  assert.equal(
    message({ storageClass: none }),
    'ProvisioningFailed: no volume plugin matched name: kubernetes.io/no-provisioner',
  );
});

test('a class that waits goes from waiting to a node to the provisioner', () => {
  const waiting = view({ claim: inClass('fast'), storageClass: delayed });
  assert.deepEqual(bind(waiting), {
    kind: 'wait',
    notice: { reason: 'WaitForFirstConsumer', message: 'waiting for first consumer to be created before binding' },
  });
  assert.deepEqual(bind({ ...waiting, consumers: ['web'] }), { kind: 'select-node', node: 'here' });
  const selected = annotated(inClass('fast'), { [annotation.selectedNode]: 'here' });
  assert.equal(bind({ ...waiting, claim: selected }).kind, 'provision');
});

test('without a node, a claim that pods wait for says which', () => {
  const waiting = view({ claim: inClass('fast'), storageClass: delayed, node: undefined });
  const notice = (consumers: string[]): unknown => {
    const decision = bind({ ...waiting, consumers });
    return decision.kind === 'wait' ? decision.notice : decision.kind;
  };
  assert.deepEqual(notice(['web']), { reason: 'WaitForPodScheduled', message: 'waiting for pod web to be scheduled' });
  assert.deepEqual(notice(['a', 'b']), {
    reason: 'WaitForPodScheduled',
    message: 'waiting for pods a,b to be scheduled',
  });
});

test('a class that waits leaves free volumes alone until a pod comes', () => {
  const free = { ...volume, spec: { ...volume.spec, storageClassName: 'fast' } };
  const waiting = view({ claim: inClass('fast'), storageClass: delayed, volumes: [free] });
  assert.equal(bind(waiting).kind, 'wait');
  assert.deepEqual(bind({ ...waiting, consumers: ['web'] }), { kind: 'bind', volume: free });
});

test('a claim that names a volume gets that one or waits for it', async (t) => {
  const rows: readonly [string, PersistentVolume | undefined, string][] = [
    ['absent', undefined, 'wait'],
    ['free and fitting', volume, 'bind'],
    ['reserved by name', claimedBy(undefined), 'bind'],
    ['already its own', claimedBy('u1'), 'bind'],
    [
      'of another claim',
      claimedBy('u2', 'other'),
      'FailedBinding Warning volume "v" already bound to a different claim.',
    ],
    ['of an earlier namesake', claimedBy('u0'), 'FailedBinding Warning volume "v" already bound to a different claim.'],
    [
      'too small',
      { ...volume, spec: { ...volume.spec, capacity: { storage: '1Mi' } } },
      'VolumeMismatch undefined Cannot bind to requested volume "v": requested PV is too small',
    ],
  ];
  for (const [name, named, expected] of rows) {
    await t.test(name, () => {
      const decision = bind(view({ claim: naming('v'), named }));
      const notice = decision.kind === 'wait' ? decision.notice : undefined;
      assert.equal(notice ? `${notice.reason} ${notice.type} ${notice.message}` : decision.kind, expected);
    });
  }
});

test('a claim that was bound is lost when its volume is gone, unnamed or taken, and otherwise kept', async (t) => {
  const bound = annotated(naming('v'), { [annotation.bindCompleted]: 'yes' });
  const rows: readonly [string, PersistentVolumeClaim, PersistentVolume | undefined, string][] = [
    ['its own', bound, claimedBy('u1'), 'bind'],
    ['its half was removed', bound, volume, 'bind'],
    ['gone', bound, undefined, 'ClaimLost Bound claim has lost its PersistentVolume. Data on the volume is lost!'],
    [
      'unnamed',
      annotated(claim, { [annotation.bindCompleted]: 'yes' }),
      undefined,
      'ClaimLost Bound claim has lost reference to PersistentVolume. Data on the volume is lost!',
    ],
    [
      'taken',
      bound,
      claimedBy('u2', 'other'),
      'ClaimMisbound Two claims are bound to the same volume, this one is bound incorrectly',
    ],
  ];
  for (const [name, lost, named, expected] of rows) {
    await t.test(name, () => {
      const decision = bind(view({ claim: lost, named }));
      const notice = decision.kind === 'lose' ? decision.notice : undefined;
      assert.equal(notice ? `${notice.reason} ${notice.message}` : decision.kind, expected);
    });
  }
});

test('a claim that is being deleted takes nothing new, but keeps what it has', () => {
  const deleting = (object: PersistentVolumeClaim): PersistentVolumeClaim => ({
    ...object,
    metadata: { ...object.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' },
  });
  assert.deepEqual(bind(view({ claim: deleting(claim), volumes: [volume] })), { kind: 'leave' });
  const bound = deleting(annotated(naming('v'), { [annotation.bindCompleted]: 'yes' }));
  assert.equal(bind(view({ claim: bound, named: claimedBy('u1') })).kind, 'bind');
});
