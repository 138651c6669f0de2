import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PersistentVolume, PersistentVolumeClaim } from '../kube/kinds.ts';
import { misfitOf, shortfallOf } from './misfit.ts';
import type { VolumeLookup } from './plan.ts';

type Spec<T extends { readonly spec: unknown }> = Partial<T['spec']>;

const claimOf = (spec: Spec<PersistentVolumeClaim> = {}): PersistentVolumeClaim => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'data', namespace: 'shop', uid: 'u1', resourceVersion: '7' },
  spec: { accessModes: ['ReadWriteMany'], resources: { requests: { storage: '1Gi' } }, ...spec },
});

const keptOf = (
  spec: Spec<PersistentVolume> = {},
  metadata: Partial<PersistentVolume['metadata']> = {},
): PersistentVolume => ({
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name: 'pvc-old', uid: 'v1', resourceVersion: '3', ...metadata },
  spec: {
    capacity: { storage: '1Gi' },
    accessModes: ['ReadWriteMany'],
    claimRef: { namespace: 'shop', name: 'data' },
    ...spec,
  },
});

test('a volume that is kept for a claim of that name binds or says what it lacks', () => {
  const rows: readonly [Spec<PersistentVolumeClaim>, PersistentVolume, string][] = [
    [{}, keptOf(), ''],
    [{ resources: { requests: { storage: '512Mi' } } }, keptOf(), ''],
    [{ storageClassName: 'other' }, keptOf({ storageClassName: 'one' }), ''],
    [{ resources: { requests: { storage: '2Gi' } } }, keptOf(), 'has 1Gi, and the claim requests 2Gi'],
    [
      { accessModes: ['ReadWriteMany', 'ReadWriteOnce'] },
      keptOf(),
      'has no access mode ReadWriteOnce, which the claim asks for',
    ],
    [{ volumeMode: 'Block' }, keptOf(), 'has volume mode Filesystem, and the claim another'],
    [{}, keptOf({}, { deletionTimestamp: '2026-01-01T00:00:00Z' }), 'is being deleted'],
    // Bound by uid: the binder has decided.
    [
      { resources: { requests: { storage: '2Gi' } } },
      keptOf({ claimRef: { namespace: 'shop', name: 'data', uid: 'u1' } }),
      '',
    ],
  ];
  for (const [spec, volume, lacking] of rows) assert.equal(shortfallOf(claimOf(spec), volume), lacking);
});

test('nothing new is made beside what is kept: the claim is refused until that volume goes', () => {
  const lookup = (volumes: readonly PersistentVolume[]): VolumeLookup => ({
    named: () => undefined,
    meantFor: () => volumes,
    hasAvailable: () => false,
    holders: () => [],
    requestedBy: () => 0n,
  });
  const large = claimOf({ resources: { requests: { storage: '2Gi' } } });
  assert.deepEqual(misfitOf(large, lookup([keptOf()])), {
    kind: 'refuse',
    reason: 'kept-volume-misfits',
    message:
      'PersistentVolume pvc-old is kept for this claim and cannot be bound to it: it has 1Gi, and the claim requests 2Gi: make the claim again so that it fits, or delete that volume',
    until: { volumeGoes: 'pvc-old' },
  });
  const leaving = keptOf({}, { deletionTimestamp: '2026-01-01T00:00:00Z' });
  assert.equal(misfitOf(claimOf(), lookup([leaving]))?.kind, 'wait');
  assert.equal(misfitOf(claimOf(), lookup([])), undefined);
});
