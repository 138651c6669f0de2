import assert from 'node:assert/strict';
import { test } from 'node:test';
import { situationInput } from '../expand/decide.fixture.ts';
import { decide } from '../expand/decide.ts';
import { steady } from '../expand/forecast/trend.fixture.ts';
import { outlineOf } from '../expand/outline.ts';
import type { PersistentVolumeClaim } from '../kube/kinds.ts';
import type { StorageProblem, Usage } from '../provision/storage.ts';
import type { VolumeView } from '../provision/volumes.ts';
import { exportRow, volumeRow } from './api.ts';
import { elsewhereRowOf, exportRowOf, volumeRowOf } from './status.ts';

const view: VolumeView = {
  namespace: 'a',
  claim: 'b',
  volume: 'pvc-1',
  class: 'larder',
  phase: 'Bound',
  path: '/storage/v/x',
  directory: '/mnt/x',
  requestBytes: 200n,
  capacityBytes: 100n,
  adopted: false,
};
const usage: Usage = {
  kind: 'usage',
  usedBytes: 150n,
  inodes: 3n,
  at: 5,
  readAt: 5,
  complete: true,
  operations: 3,
  cpuMs: 0,
};

test('a row carries bytes as decimal strings and passes its own schema', () => {
  const row = volumeRowOf(view, usage, undefined);
  assert.deepEqual(volumeRow.parse(row), row);
  assert.equal(row.used, '150');
  assert.equal(row.request, '200');
});

test('the used share is of the capacity, not of a request that is not granted yet, and may exceed one', () => {
  assert.equal(volumeRowOf(view, usage, undefined).usedRatio, 1.5);
  assert.equal(volumeRowOf({ ...view, capacityBytes: undefined }, usage, undefined).usedRatio, 0.75);
});

test('the time to full is there when it is known', () => {
  const outline = outlineOf(decide(situationInput({ usedRatio: 0.5, over: { trend: steady(2 ** 30) } })));
  assert.equal(volumeRowOf(view, usage, outline).fullInMs, 5 * 3_600_000);
  assert.equal('fullInMs' in volumeRowOf(view, usage, outlineOf(decide(situationInput()))), false);
});

test('what was not measured is absent, never zero', () => {
  const row = volumeRowOf(view, undefined, undefined);
  assert.equal('usedRatio' in row, false);
  assert.equal(row.used, '');
  assert.equal(row.state, 'unknown');
});

test('a claim without a volume is told where the cause stands, and a volume without a claim that it has none', () => {
  const summaryIn = (phase: string) => volumeRowOf({ ...view, phase }, undefined, undefined).summary;
  assert.equal(summaryIn('Pending'), 'has no volume yet: kubectl describe pvc b -n a says why');
  assert.equal(summaryIn('Released'), 'its claim was deleted');
  assert.equal(summaryIn('Available'), 'waits for a claim');
  assert.equal(summaryIn('Bound'), '');
});

test('a claim that was refused a volume needs somebody, and says what is wrong; one that has a volume does not', () => {
  const problem = 'pathPattern needs annotation "volume-name" on the claim: add it to the claim';
  const rowIn = (phase: string) => volumeRowOf({ ...view, phase }, undefined, undefined, problem);
  assert.deepEqual([rowIn('Pending').state, rowIn('Pending').summary], ['needs you', `has no volume: ${problem}`]);
  assert.deepEqual([rowIn('Bound').state, rowIn('Bound').summary], ['unknown', '']);
});

test('an export that is down says why, and its last free space is not shown', () => {
  const description = { backend: 'nfs', server: 'nas', path: '/v', root: '/mnt' } as const;
  const problem: StorageProblem = {
    kind: 'problem',
    problem: 'unavailable',
    detail: 'did not answer within 5s',
    errno: '',
    landed: 'maybe',
  };
  const down = exportRowOf({
    ...{ description, health: { kind: 'down', problem, sinceMs: 0 }, space: undefined, requestedBytes: 7n },
    lastLook: { at: 1, tookMs: 5_000, problem: 'did not answer within 5s' },
  });
  assert.deepEqual(exportRow.parse(down), {
    name: 'nas:/v',
    backend: 'nfs',
    root: '/mnt',
    up: false,
    detail: 'did not answer within 5s',
    freeBytes: '',
    totalBytes: '',
    freeInodes: '',
    totalInodes: '',
    requestedBytes: '7',
  });
});

test('how long an export took to answer is told in whole milliseconds, and never as none', () => {
  const description = { backend: 'nfs', server: 'nas', path: '/v', root: '/mnt' } as const;
  const row = exportRowOf({
    ...{ description, health: { kind: 'up' }, space: undefined, requestedBytes: 0n },
    lastLook: { at: 1, tookMs: 0.2, problem: '' },
  });
  assert.equal(row.answeredInMs, 1);
});

test('a claim of another driver is told by what growth knows of it', () => {
  const claim: PersistentVolumeClaim = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { namespace: 'shop', name: 'db', uid: 'u', resourceVersion: '1' },
    spec: { storageClassName: 'gp3', volumeName: 'pv-1', resources: { requests: { storage: '10Gi' } } },
    status: { phase: 'Bound', capacity: { storage: '10Gi' } },
  };
  const unknown = elsewhereRowOf(claim, undefined);
  assert.deepEqual(volumeRow.parse(unknown), unknown);
  assert.deepEqual(
    [unknown.namespace, unknown.claim, unknown.volume, unknown.class, unknown.capacity, unknown.used, unknown.state],
    ['shop', 'db', 'pv-1', 'gp3', '10737418240', '', 'unknown'],
  );
  assert.ok(!('usedRatio' in unknown));
  const measured = elsewhereRowOf(claim, outlineOf(decide(situationInput({ usedRatio: 0.5 }))));
  assert.deepEqual([measured.usedRatio, measured.state, measured.verdict], [0.5, 'ok', 'Hold']);
  assert.equal(measured.used, (5n * 2n ** 30n).toString());
  assert.ok(measured.measuredAt);
});
