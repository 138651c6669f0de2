import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PersistentVolume, PersistentVolumeClaim } from '../../kube/kinds.ts';
import type { NodePod } from '../nodes/pod.ts';
import { finalizer } from './annotation.ts';
import { protectClaim, protectVolume, withFinalizer } from './protect.ts';

const deletionTimestamp = '2026-01-01T00:00:00Z';
const held = { finalizers: [finalizer.claimProtection, finalizer.volumeProtection] };
function claimOf(metadata: object): PersistentVolumeClaim {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data', namespace: 'shop', uid: 'u1', resourceVersion: '7', ...metadata },
    spec: { resources: { requests: {} } },
  };
}
function podOf(nodeName: string | undefined, claimName: string): NodePod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'shop', uid: 'up', resourceVersion: '1' },
    spec: {
      containers: [],
      volumes: [{ name: 'plain' }, { name: 'data', persistentVolumeClaim: { claimName } }],
      ...(nodeName === undefined ? {} : { nodeName }),
    },
  };
}
function volumeOf(metadata: object, phase: 'Bound' | 'Released'): PersistentVolume {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: 'v', uid: 'uv', resourceVersion: '3', ...metadata },
    spec: { capacity: {} },
    status: { phase },
  };
}

test('a claim is held by a pod on a node and by nothing else', () => {
  const deleting = claimOf({ ...held, deletionTimestamp });
  assert.equal(protectClaim(deleting, [podOf('here', 'data')]), 'keep');
  assert.equal(protectClaim(deleting, [podOf(undefined, 'data')]), 'remove');
  assert.equal(protectClaim(deleting, [podOf('here', 'other')]), 'remove');
  assert.equal(protectClaim(deleting, []), 'remove');
});

test('the finalizer goes on a living claim once and never on a dying one', () => {
  assert.equal(protectClaim(claimOf({}), []), 'add');
  assert.equal(protectClaim(claimOf(held), []), 'keep');
  assert.equal(protectClaim(claimOf({ deletionTimestamp, finalizers: ['other'] }), []), 'keep');
});

test('a volume is held while it is bound', () => {
  assert.equal(protectVolume(volumeOf({ ...held, deletionTimestamp }, 'Bound')), 'keep');
  assert.equal(protectVolume(volumeOf({ ...held, deletionTimestamp }, 'Released')), 'remove');
  assert.equal(protectVolume(volumeOf({}, 'Bound')), 'add');
  assert.equal(protectVolume(volumeOf({ deletionTimestamp }, 'Released')), 'keep');
});

test('the finalizers of others keep their order', () => {
  assert.deepEqual(withFinalizer(['a', 'x', 'b'], 'x', 'remove'), ['a', 'b']);
  assert.deepEqual(withFinalizer(['a', 'b'], 'x', 'add'), ['a', 'b', 'x']);
  assert.deepEqual(withFinalizer([], 'x', 'remove'), []);
});
