import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '../../kube/kinds.ts';
import { type PlacementView, place } from './place.ts';

const bound: PersistentVolumeClaim = {
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: {
    name: 'data',
    namespace: 'shop',
    uid: 'u1',
    resourceVersion: '7',
    annotations: { 'pv.kubernetes.io/bind-completed': 'yes' },
  },
  spec: { resources: { requests: {} }, volumeName: 'v', storageClassName: 'fast' },
  status: { phase: 'Bound' },
};
const { annotations, ...unmarked } = bound.metadata;
const pending: PersistentVolumeClaim = { ...bound, metadata: unmarked, status: { phase: 'Pending' } };
const volume: PersistentVolume = {
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name: 'v', uid: 'uv', resourceVersion: '3' },
  spec: { capacity: {} },
};
const elsewhere: PersistentVolume = {
  ...volume,
  spec: {
    capacity: {},
    nodeAffinity: {
      required: {
        nodeSelectorTerms: [
          { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['there'] }] },
        ],
      },
    },
  },
};
const immediate: StorageClass = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: 'fast', uid: 'uc', resourceVersion: '1' },
  provisioner: 'example.org/disk',
};

function view(claim: PersistentVolumeClaim | undefined, parts: Partial<PlacementView> = {}): PlacementView {
  return {
    claims: [{ name: 'data', claim }],
    volumeOf: () => volume,
    classNamed: () => immediate,
    nodeLabels: { 'kubernetes.io/hostname': 'here' },
    ...parts,
  };
}
const told = (reason: string): object => ({ kind: 'refuse', message: `0/1 nodes are available: ${reason}.` });

test('a pod without claims, or whose claims are bound, is placed', () => {
  assert.deepEqual(place(view(bound, { claims: [] })), { kind: 'place' });
  assert.deepEqual(place(view(bound)), { kind: 'place' });
});

test('a pod is refused with what is wrong with its claim', async (t) => {
  const deleting = { ...bound, metadata: { ...bound.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } };
  const rows: readonly [string, PlacementView, string][] = [
    ['missing', view(undefined), 'persistentvolumeclaim "data" not found'],
    ['deleting', view(deleting), 'persistentvolumeclaim "data" is being deleted'],
    ['unbound', view(pending), 'pod has unbound immediate PersistentVolumeClaims'],
    [
      'unbound without class',
      view(pending, { classNamed: () => undefined }),
      'pod has unbound immediate PersistentVolumeClaims',
    ],
    [
      'lost',
      view({ ...bound, status: { phase: 'Lost' } }),
      'persistentvolumeclaim "data" bound to non-existent persistentvolume "v"',
    ],
    [
      'on another node',
      view(bound, { volumeOf: () => elsewhere }),
      "1 node(s) didn't match PersistentVolume's node affinity",
    ],
  ];
  for (const [name, input, reason] of rows) await t.test(name, () => assert.deepEqual(place(input), told(reason)));
});

test('a claim whose class waited for this pod is waited for in silence', () => {
  const delayed: StorageClass = { ...immediate, volumeBindingMode: 'WaitForFirstConsumer' };
  assert.deepEqual(place(view(pending, { classNamed: () => delayed })), { kind: 'wait' });
  assert.deepEqual(place(view(bound, { volumeOf: () => undefined })), { kind: 'wait' });
});

test('a claim in the way is told even when another one only needs time', () => {
  const delayed: StorageClass = { ...immediate, volumeBindingMode: 'WaitForFirstConsumer' };
  const claims = [
    { name: 'data', claim: pending },
    { name: 'logs', claim: undefined },
  ];
  assert.deepEqual(
    place(view(pending, { claims, classNamed: () => delayed })),
    told('persistentvolumeclaim "logs" not found'),
  );
});
