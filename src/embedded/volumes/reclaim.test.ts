import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PersistentVolume, PersistentVolumeClaim, ReclaimPolicy } from '../../kube/kinds.ts';
import { annotation } from './annotation.ts';
import { reclaim } from './reclaim.ts';

interface Parts {
  readonly uid?: string;
  readonly policy?: ReclaimPolicy;
  readonly phase?: 'Bound' | 'Released' | 'Failed';
  readonly annotations?: Record<string, string>;
}
function volumeOf({ uid, policy, phase, annotations = {} }: Parts): PersistentVolume {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: 'v', uid: 'uv', resourceVersion: '3', annotations },
    spec: {
      capacity: { storage: '1Gi' },
      claimRef: { namespace: 'shop', name: 'data', ...(uid === undefined ? {} : { uid }) },
      ...(policy === undefined ? {} : { persistentVolumeReclaimPolicy: policy }),
    },
    status: phase === undefined ? {} : { phase },
  };
}
function claimOf(uid: string, volumeName?: string): PersistentVolumeClaim {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data', namespace: 'shop', uid, resourceVersion: '7' },
    spec: { resources: { requests: {} }, ...(volumeName === undefined ? {} : { volumeName }) },
  };
}
const made = { [annotation.provisionedBy]: 'example.org/disk' };

test('a volume without a claim, or reserved by name only, is available', () => {
  const free = volumeOf({});
  assert.deepEqual(reclaim(free, claimOf('u1', 'v')), { kind: 'phase', phase: 'Available' });
  const { claimRef, ...spec } = free.spec;
  assert.deepEqual(reclaim({ ...free, spec }, undefined), { kind: 'phase', phase: 'Available' });
});

test('a volume of a claim waits for it to agree and is then bound', () => {
  assert.deepEqual(reclaim(volumeOf({ uid: 'u1' }), claimOf('u1')), { kind: 'wait' });
  assert.deepEqual(reclaim(volumeOf({ uid: 'u1' }), claimOf('u1', 'v')), { kind: 'phase', phase: 'Bound' });
});

test('a claim that is gone, or replaced by a namesake, releases its volume', () => {
  const volume = volumeOf({ uid: 'u1', policy: 'Retain', phase: 'Bound' });
  assert.deepEqual(reclaim(volume, undefined), { kind: 'phase', phase: 'Released' });
  assert.deepEqual(reclaim(volume, claimOf('u2', 'v')), { kind: 'phase', phase: 'Released' });
});

test('under Delete, whoever made the volume removes it, and nobody else is pretended to', () => {
  const released = { kind: 'phase', phase: 'Released' };
  assert.deepEqual(reclaim(volumeOf({ uid: 'u1', policy: 'Delete', annotations: made }), undefined), released);
  const csi = volumeOf({ uid: 'u1', policy: 'Delete' });
  const bySpec = { ...csi, spec: { ...csi.spec, csi: { driver: 'd', volumeHandle: 'h' } } };
  assert.deepEqual(reclaim(bySpec, undefined), released);
  assert.deepEqual(reclaim(csi, undefined), {
    kind: 'fail',
    notice: {
      reason: 'VolumeFailedDelete',
      message: 'error getting deleter volume plugin for volume "v": no deletable volume plugin matched',
    },
  });
});

test('Recycle is refused', () => {
  assert.deepEqual(reclaim(volumeOf({ uid: 'u1', policy: 'Recycle' }), undefined), {
    kind: 'fail',
    notice: { reason: 'VolumeFailedRecycle', message: 'No recycler plugin found for the volume!' },
  });
});

test('a removal that failed stays to be seen', () => {
  const failed = volumeOf({ uid: 'u1', policy: 'Delete', phase: 'Failed', annotations: made });
  assert.deepEqual(reclaim(failed, undefined), { kind: 'wait' });
});

test('a volume whose claim took another goes back, or to its provisioner', () => {
  const elsewhere = claimOf('u1', 'w');
  assert.deepEqual(reclaim(volumeOf({ uid: 'u1' }), elsewhere), { kind: 'unbind', reserved: true });
  const byController = { [annotation.boundByController]: 'yes' };
  assert.deepEqual(reclaim(volumeOf({ uid: 'u1', annotations: byController }), elsewhere), {
    kind: 'unbind',
    reserved: false,
  });
  const surplus = volumeOf({ uid: 'u1', policy: 'Delete', annotations: made });
  assert.deepEqual(reclaim(surplus, elsewhere), { kind: 'phase', phase: 'Released' });
  const kept = volumeOf({ uid: 'u1', policy: 'Retain', annotations: made });
  assert.deepEqual(reclaim(kept, elsewhere), { kind: 'unbind', reserved: true });
});
