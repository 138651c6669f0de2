import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { PersistentVolume, PersistentVolumeClaim } from '../../kube/kinds.ts';
import type { ExportDescription } from '../storage.ts';
import { type DataSourceInput, dataSourceOf, sourceClaimOf, sourceKeyOf } from './data-source.ts';

const nas: ExportDescription = { backend: 'nfs', server: 'nas', path: '/v', root: '/mnt/v' };
const local: ExportDescription = { backend: 'local', server: '', path: '/mnt/v', root: '/mnt/v' };
const other: ExportDescription = { backend: 'nfs', server: 'nas', path: '/w', root: '/mnt/w' };

function claimOf(
  name: string,
  change: {
    readonly spec?: Partial<PersistentVolumeClaim['spec']>;
    readonly metadata?: object;
    readonly phase?: 'Pending';
  } = {},
): PersistentVolumeClaim {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name, namespace: 'shop', uid: `uid-${name}`, resourceVersion: '1', ...change.metadata },
    spec: { accessModes: ['ReadWriteMany'], resources: { requests: { storage: '1Gi' } }, ...change.spec },
    status: { phase: change.phase ?? 'Bound' },
  };
}

const asking = (spec: Partial<PersistentVolumeClaim['spec']> = {}, metadata: object = {}): PersistentVolumeClaim =>
  claimOf('copy', { spec: { dataSource: { kind: 'PersistentVolumeClaim', name: 'original' }, ...spec }, metadata });

const original = claimOf('original', { spec: { volumeName: 'pv-1' } });

const volumeAt = (path: string, change: { readonly uid?: string; readonly by?: string } = {}): PersistentVolume => ({
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: {
    name: 'pv-1',
    uid: 'v',
    resourceVersion: '1',
    annotations: { 'pv.kubernetes.io/provisioned-by': change.by ?? 'larder.dev/directory' },
  },
  spec: {
    capacity: { storage: '1Gi' },
    nfs: { server: 'nas', path },
    claimRef: { namespace: 'shop', name: 'original', uid: change.uid ?? 'uid-original' },
  },
});

const inputOf = (change: Partial<DataSourceInput> = {}): DataSourceInput => ({
  claim: asking(),
  source: original,
  volume: volumeAt('/v/a/original'),
  settings: { provisionerNames: ['larder.dev/directory'], exports: [nas, local, other] },
  export: nas,
  path: ['copy'],
  ...change,
});

const ELSE = 'delete this claim and make it again with another data source';

test('a claim of Larder on the same export, bound and no larger than the new one, is what is copied', () => {
  const expected = { kind: 'source', source: { claim: 'shop/original', uid: 'uid-original', path: ['a', 'original'] } };
  assert.deepEqual(dataSourceOf(inputOf()), expected);
  assert.deepEqual(dataSourceOf(inputOf({ export: local })), expected, 'two exports of one folder');
  const reference = asking({ dataSourceRef: { kind: 'PersistentVolumeClaim', name: 'original', namespace: 'shop' } });
  assert.deepEqual(dataSourceOf(inputOf({ claim: reference })), expected);
  const larger = asking({ resources: { requests: { storage: '2Gi' } } });
  assert.deepEqual(dataSourceOf(inputOf({ claim: larger })), expected);
});

test('without a claim as data source there is none; other kinds are for somebody else to refuse', () => {
  assert.deepEqual(dataSourceOf(inputOf({ claim: claimOf('copy') })), { kind: 'none' });
  for (const source of [
    { kind: 'VolumeSnapshot', name: 's', apiGroup: 'snapshot.storage.k8s.io' },
    { kind: 'PersistentVolumeClaim', name: 'original', apiGroup: 'example.com' },
  ]) {
    assert.equal(sourceClaimOf(asking({ dataSource: source })), undefined);
    assert.equal(sourceKeyOf(asking({ dataSource: source })), '');
  }
});

test('each obstacle has its message, and says whether it may be over in a moment', () => {
  const elsewhere = { dataSourceRef: { kind: 'PersistentVolumeClaim', name: 'original', namespace: 'bank' } };
  const rows: readonly [Partial<DataSourceInput>, 'waiting' | 'refused', string][] = [
    [
      { claim: asking(elsewhere), source: undefined },
      'refused',
      `data source PersistentVolumeClaim "original" is in namespace "bank": a claim is cloned within its namespace only, ${ELSE}`,
    ],
    [
      { claim: asking({ dataSource: { kind: 'PersistentVolumeClaim', name: 'copy' } }) },
      'refused',
      `the claim is its own data source: ${ELSE}`,
    ],
    [
      { claim: asking({}, { annotations: { 'larder.dev/mode': '0700' } }) },
      'refused',
      'annotation larder.dev/mode does not go with a clone, which has mode and owner of its source: remove it',
    ],
    [
      { source: undefined, volume: undefined },
      'waiting',
      `claim shop/original, the data source, does not exist: create it, or ${ELSE}`,
    ],
    [
      { source: claimOf('original', { spec: { volumeName: 'pv-1' }, metadata: { deletionTimestamp: 'now' } }) },
      'waiting',
      `claim shop/original, the data source, is being deleted: ${ELSE}`,
    ],
    [
      { source: claimOf('original', { phase: 'Pending' }) },
      'waiting',
      'claim shop/original, the data source, is not bound: it is cloned when it is, see its events',
    ],
    [
      { volume: undefined },
      'waiting',
      'volume pv-1 of claim shop/original, the data source, does not exist: see the events of that claim',
    ],
    [
      { volume: volumeAt('/v/secret', { uid: 'uid-of-another' }) },
      'waiting',
      `volume pv-1 is not that of claim shop/original, the data source: ${ELSE}`,
    ],
    [
      { volume: volumeAt('/v/a', { by: 'ebs.csi.aws.com' }) },
      'refused',
      'claim shop/original, the data source, has a volume of another provisioner: only directories of Larder are cloned, copy its data with a pod',
    ],
    [
      { claim: asking({ resources: { requests: { storage: '1023Mi' } } }) },
      'refused',
      'error, new PVC request must be greater than or equal in size to the specified PVC data source, requested 1072693248 but source is 1073741824: raise the request of this claim',
    ],
    [
      { volume: volumeAt('/w/a') },
      'refused',
      'claim shop/original, the data source, is on export nas:/w and the clone would be on export nas:/v: use a class of the same export',
    ],
    [
      { volume: volumeAt('/v/../etc') },
      'refused',
      `volume pv-1 of claim shop/original, the data source, cannot be read: path "/v/../etc" is not a clean path: ${ELSE}`,
    ],
    [
      { path: ['a', 'original', 'below'] },
      'refused',
      'directory a/original/below of the clone and a/original of claim shop/original, its data source, lie in each other: choose a name outside it',
    ],
  ];
  for (const [change, kind, message] of rows) assert.deepEqual(dataSourceOf(inputOf(change)), { kind, message });
});

test('a copy that is complete needs its source no more', () => {
  const copied = { claim: 'shop/original', uid: 'uid-original', path: ['a', 'original'] };
  assert.deepEqual(dataSourceOf(inputOf({ source: undefined, volume: undefined, copied })), {
    kind: 'source',
    source: copied,
  });
});

test('what is copied is a directory of the claim that is named, in its namespace, and apart from the copy', () => {
  const segment = fc.constantFrom('a', 'b', 'ab', 'original', 'copy');
  const path = fc.array(segment, { minLength: 1, maxLength: 3 });
  const place = fc.constantFrom('/v', '/w', '/v/..', '/x', '/v/a/../b');
  const uid = fc.constantFrom('uid-original', 'uid-of-another');
  const namespace = fc.constantFrom('shop', 'bank');
  fc.assert(
    fc.property(path, path, place, uid, namespace, (from, to, base, owner, where) => {
      const dataSourceRef = { kind: 'PersistentVolumeClaim', name: 'original', namespace: where };
      const input = inputOf({
        claim: asking({ dataSourceRef }),
        volume: volumeAt(`${base}/${from.join('/')}`, { uid: owner }),
        path: to,
      });
      const found = dataSourceOf(input);
      assert.notEqual(found.kind, 'none');
      if (found.kind !== 'source') return;
      assert.deepEqual([base, owner, where], ['/v', 'uid-original', 'shop']);
      assert.deepEqual(found.source.path, from);
      const [one, two] = [`${from.join('/')}/`, `${to.join('/')}/`];
      assert.ok(!one.startsWith(two) && !two.startsWith(one), `${one} ${two}`);
    }),
    { numRuns: 2_000 },
  );
});
