/** What the objects of the cluster mean to a claim: LimitRange, CSIStorageCapacity, PersistentVolume, VolumeSnapshot, Velero. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kinds, type PersistentVolume } from '../../kube/kinds.ts';
import { GIB, NOW, situationInput } from '../decide.fixture.ts';
import { backupUnderway, includes, isCopying, isReading } from './backup.ts';
import { freeCapacity } from './capacity.ts';
import { guardKinds, type StorageCapacity } from './guard-kinds.ts';
import { limitsOf } from './limit.ts';
import { snapshotsOf } from './snapshot.ts';
import { volumeState } from './volume.ts';
import { otherWriters } from './writers.ts';

const meta = (name: string, over: object = {}) => ({
  name,
  namespace: 'default',
  uid: name,
  resourceVersion: '1',
  ...over,
});

test('LimitRange: the largest min and the smallest max of claims count, and nothing of pods', () => {
  const range = (name: string, limits: readonly object[]) =>
    guardKinds.LimitRange.project({ metadata: meta(name), spec: { limits } });
  const found = limitsOf([
    range('a', [
      { type: 'Container', max: { storage: '1Gi' } },
      { type: 'PersistentVolumeClaim', min: { storage: '1Gi' }, max: { storage: '50Gi' } },
    ]),
    range('b', [{ type: 'PersistentVolumeClaim', min: { storage: '2Gi' }, max: { storage: '20Gi' } }]),
    range('c', [{ type: 'PersistentVolumeClaim', max: { storage: 'nonsense', memory: '1' } }]),
  ]);
  assert.deepEqual(found, {
    least: { bytes: 2n * GIB, source: 'LimitRange b, min' },
    most: { bytes: 20n * GIB, source: 'LimitRange b, max' },
  });
  assert.deepEqual(limitsOf([]), { least: undefined, most: undefined });
});

const volumeOn = (node: string | undefined, over: object = {}): PersistentVolume =>
  kinds.PersistentVolume.project({
    metadata: { name: 'pv-0', uid: 'v', resourceVersion: '1', ...over },
    spec: {
      capacity: { storage: '10Gi' },
      claimRef: { uid: 'uid-0' },
      ...(node === undefined
        ? {}
        : {
            nodeAffinity: {
              required: {
                nodeSelectorTerms: [
                  { matchExpressions: [{ key: 'topology.topolvm.io/node', operator: 'In', values: [node] }] },
                ],
              },
            },
          }),
    },
    status: { phase: 'Bound' },
  });

test('CSIStorageCapacity: the figure of the place where the volume is, and none where nobody can tell', () => {
  const published = (name: string, fields: object): StorageCapacity =>
    guardKinds.CSIStorageCapacity.project({ metadata: meta(name), storageClassName: 'fast', ...fields });
  const onNode = (node: string, capacity?: string): StorageCapacity =>
    published(node, { nodeTopology: { matchLabels: { 'topology.topolvm.io/node': node } }, capacity });
  const two = [onNode('a', '5Gi'), onNode('b', '7Gi')];
  assert.deepEqual(freeCapacity(two, volumeOn('b'), 'fast'), {
    kind: 'headroom',
    bytes: 7n * GIB,
    source: 'CSIStorageCapacity default/b',
  });
  const reasonOf = (...given: Parameters<typeof freeCapacity>): string => {
    const free = freeCapacity(...given);
    return free.kind === 'unknown' ? free.reason : 'known';
  };
  assert.equal(reasonOf(two, volumeOn('b'), 'slow'), 'the driver publishes no capacity for the class');
  assert.equal(reasonOf(two, volumeOn('c'), 'fast'), 'no published capacity is of the place where the volume is');
  assert.equal(
    reasonOf(two, volumeOn(undefined), 'fast'),
    '2 published capacities could be of the place of the volume',
  );
  assert.match(reasonOf([onNode('a')], volumeOn('a'), 'fast'), /names no figure at present$/);
  assert.equal(
    reasonOf([published('everywhere', { nodeTopology: {}, capacity: '3Gi' })], volumeOn(undefined), 'fast'),
    'known',
  );
  assert.equal(
    reasonOf([published('nowhere', { capacity: '3Gi' })], volumeOn(undefined), 'fast'),
    'no published capacity is of the place where the volume is',
  );
});

test('PersistentVolume: one that failed, was released, goes away or belongs to another claim is unsound', () => {
  const { claim } = situationInput();
  assert.deepEqual(volumeState(claim, volumeOn(undefined)), { kind: 'sound', name: 'pv-0' });
  assert.equal(volumeState(claim, undefined).kind, 'unknown');
  assert.equal(volumeState({ ...claim, volumeName: '' }, undefined).kind, 'unknown');
  const reasonOf = (volume: PersistentVolume): string => {
    const state = volumeState(claim, volume);
    return state.kind === 'unsound' ? state.reason : state.kind;
  };
  const failed = { ...volumeOn(undefined), status: { phase: 'Failed', message: 'the disk is gone' } } as const;
  assert.equal(reasonOf(failed), 'PersistentVolume pv-0 is Failed: the disk is gone');
  assert.match(reasonOf(volumeOn(undefined, { deletionTimestamp: '2026-01-01T00:00:00Z' })), /is being deleted$/);
  const other = volumeOn(undefined);
  assert.match(reasonOf({ ...other, spec: { ...other.spec, claimRef: { uid: 'x' } } }), /belongs to another claim$/);
});

test('VolumeSnapshot: the newest that is ready, and those that are being made', () => {
  const snapshot = (name: string, status: object | undefined, over: object = {}) =>
    guardKinds.VolumeSnapshot.project({
      metadata: meta(name, { creationTimestamp: '2026-01-31T10:00:00Z', ...over }),
      spec: { source: { persistentVolumeClaimName: 'data-0' } },
      status,
    });
  const found = snapshotsOf([
    snapshot('old', { readyToUse: true, creationTime: '2026-01-01T00:00:00Z' }),
    snapshot('new', { readyToUse: true, creationTime: '2026-01-30T00:00:00Z' }),
    snapshot('cutting', undefined),
    snapshot('uploading', { readyToUse: false, creationTime: '2026-01-31T10:00:01Z' }),
    snapshot('broken', { readyToUse: false, error: { message: 'no such class' } }),
    snapshot('leaving', undefined, { deletionTimestamp: '2026-01-31T11:00:00Z' }),
  ]);
  assert.deepEqual(found.newest, { name: 'new', at: Date.parse('2026-01-30T00:00:00Z') });
  assert.deepEqual(
    found.underway,
    ['cutting', 'uploading'].map((name) => ({ what: `VolumeSnapshot ${name}`, since: NOW - 7_200_000 })),
  );
});

test('Velero: what reads volumes now, and in which namespaces', () => {
  const backup = (phase: string | undefined, spec: object = {}) =>
    guardKinds.Backup.project({
      metadata: { ...meta('daily'), namespace: 'velero' },
      spec: { includedNamespaces: null, ...spec },
      status: { phase, startTimestamp: '2026-01-31T11:00:00Z' },
    });
  const reads = (phase: string | undefined): boolean => isReading(backup(phase));
  assert.deepEqual(['InProgress', 'WaitingForPluginOperations'].map(reads), [true, true]);
  assert.deepEqual(
    [undefined, 'New', 'Queued', 'Finalizing', 'Completed', 'Failed', 'Deleting'].map(reads),
    Array(7).fill(false),
  );
  assert.deepEqual(backupUnderway(backup('InProgress')), {
    what: 'Velero Backup velero/daily',
    since: NOW - 3_600_000,
  });
  assert.equal(includes(backup('InProgress'), 'shop'), true);
  assert.equal(includes(backup('InProgress', { includedNamespaces: ['*'] }), 'shop'), true);
  assert.equal(includes(backup('InProgress', { includedNamespaces: ['blog', 'sh*p'] }), 'shop'), true);
  assert.equal(includes(backup('InProgress', { includedNamespaces: ['sho'] }), 'shop'), false);
  assert.equal(includes(backup('InProgress', { excludedNamespaces: ['shop'] }), 'shop'), false);
  const copy = (phase: string) =>
    isCopying(guardKinds.PodVolumeBackup.project({ metadata: meta('copy'), status: { phase } }));
  assert.deepEqual(['Prepared', 'InProgress', 'Completed', 'Canceled'].map(copy), [true, true, false, false]);
});

test('managedFields: who has a say in the request', () => {
  const fieldsV1 = { 'f:spec': { 'f:resources': { 'f:requests': { 'f:storage': {} } } } };
  const object = (...managers: readonly object[]) => ({ metadata: { resourceVersion: '7', managedFields: managers } });
  const read = (body: unknown) => otherWriters(body, { resourceVersion: '7', own: 'larder-expander' });
  const own = { manager: 'larder-expander', fieldsV1 };
  assert.deepEqual(read(object(own, { manager: 'kubectl', fieldsV1: { 'f:metadata': {} } })), []);
  assert.deepEqual(read(object(own, { manager: 'argocd-controller', fieldsV1 })), ['argocd-controller']);
  assert.deepEqual(read(object({ manager: 'kubectl-edit', fieldsV1 })), ['kubectl-edit']);
  assert.deepEqual(read(object(own, { manager: 'csi-resizer', subresource: 'status', fieldsV1 })), []);
  assert.deepEqual(read(object()), ['somebody unknown']);
  assert.equal(otherWriters(object(own), { resourceVersion: '8', own: 'larder-expander' }), 'changed');
  assert.equal(read(undefined), 'changed');
});
