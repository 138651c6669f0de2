import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { PersistentVolume, StorageClass } from '../kube/kinds.ts';
import type { Holder } from './conflict.ts';
import { type Disposal, disposalOf } from './disposal.ts';
import { sourceOf } from './draft.ts';
import { isSegment } from './pattern.ts';
import { resizingOf } from './resize.ts';
import type { ExportDescription } from './storage.ts';
import { ancestorsOf, isLeaving, locate, occupied } from './volume.ts';

const NFS: ExportDescription = { backend: 'nfs', server: 'nas', path: '/storage/v', root: '/mnt/v' };
const LOCAL: ExportDescription = { backend: 'local', server: '', path: '/srv', root: '/srv' };
const NAMES = ['larder.dev/directory'];

interface Facts {
  readonly name?: string;
  readonly claim?: string;
  readonly namespace?: string;
  readonly phase?: 'Bound' | 'Released' | 'Available' | 'Failed';
  readonly policy?: 'Retain' | 'Delete';
  readonly notes?: Record<string, string>;
  readonly path?: string;
  readonly server?: string;
  readonly deleting?: boolean;
  /** On a disk of that node instead of the server. */
  readonly node?: string;
}

function volumeOf(facts: Facts = {}): PersistentVolume {
  const name = facts.name ?? 'pvc-1';
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: {
      name,
      uid: `uid-${name}`,
      resourceVersion: '1',
      annotations: {
        'pv.kubernetes.io/provisioned-by': 'larder.dev/directory',
        'larder.dev/on-delete': 'delete',
        ...facts.notes,
      },
      finalizers: ['external-provisioner.volume.kubernetes.io/finalizer'],
      ...(facts.deleting ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}),
    },
    spec: {
      capacity: { storage: '1Gi' },
      persistentVolumeReclaimPolicy: facts.policy ?? 'Delete',
      storageClassName: 'c',
      claimRef: { namespace: facts.namespace ?? 'shop', name: facts.claim ?? 'data', uid: 'u1' },
      ...(facts.node === undefined
        ? { nfs: { server: facts.server ?? 'nas', path: facts.path ?? '/storage/v/a' } }
        : sourceOf(LOCAL, ['a'], facts.node)),
    },
    status: { phase: facts.phase ?? 'Released' },
  };
}

function dispose(
  facts: Facts,
  others: readonly (Facts & { relation?: Holder['relation']; directory?: string })[] = [],
  storageClass?: StorageClass,
): Disposal {
  const volume = volumeOf(facts);
  const holders = [
    { volume, leaving: true, relation: 'same', directory: 'a' } as const,
    ...others.map((other) => {
      const held = volumeOf(other);
      const leaving = isLeaving(held, undefined);
      return {
        volume: held,
        leaving,
        relation: other.relation ?? ('same' as const),
        directory: other.directory ?? 'a',
      };
    }),
  ];
  const settings = { provisionerNames: NAMES, exports: [NFS, LOCAL], nodeName: 'node-1' };
  return disposalOf({ volume, storageClass, ...settings, holders: () => holders });
}

const summary = (disposal: Disposal): string =>
  'reason' in disposal
    ? `${disposal.kind} ${disposal.reason}`
    : 'to' in disposal
      ? `move to ${disposal.to}`
      : disposal.kind;

test('forged paths are never located below the export', () => {
  for (const path of [
    '/storage/v',
    '/storage/v/',
    '/storage/vx/y',
    '/storage/v/../etc',
    '/storage/v/a/../b',
    '/storage/v//a',
    '/etc',
    '/storage/v/a/',
    '/storage/v/./a',
    '/storage/v/.larder',
    '/storage/v/a/.trash',
    '/storage/v/archived-x',
    '/storage/v/a\0b',
    '/storage/v/-a',
    '',
    'storage/v/a',
  ]) {
    assert.equal(locate(volumeOf({ path }), [NFS]).kind, 'unsafe', path);
  }
  assert.equal(locate(volumeOf({ server: 'other' }), [NFS]).kind, 'elsewhere');
  assert.deepEqual(locate(volumeOf({ path: '/storage/v/a/b' }), [NFS]), { kind: 'at', export: NFS, path: ['a', 'b'] });
});

test('an export of the root of a server has its directories at its top, and knows them again', () => {
  const root: ExportDescription = { backend: 'nfs', server: 'nas', path: '/', root: '/mnt/v' };
  assert.deepEqual(sourceOf(root, ['a', 'b'], 'node'), { nfs: { server: 'nas', path: '/a/b' } });
  assert.deepEqual(locate(volumeOf({ path: '/a/b' }), [root]), { kind: 'at', export: root, path: ['a', 'b'] });
  assert.deepEqual(occupied(volumeOf({ path: '/a/b' }), [root]), ['/mnt/v/a/b']);
  for (const path of ['/', '//a', '/a/../b', '/.larder/x']) {
    assert.equal(locate(volumeOf({ path }), [root]).kind, 'unsafe', path);
  }
  // The nearest export has it.
  assert.deepEqual(locate(volumeOf({ path: '/storage/v/a' }), [root, NFS]), { kind: 'at', export: NFS, path: ['a'] });
});

test('a volume on the disk of another node is nowhere here, and one whose node or whose own is not known is', () => {
  const here: ExportDescription = { ...LOCAL, node: 'node-1' };
  const kindOn = (entry: ExportDescription, node: string): string => locate(volumeOf({ node }), [entry]).kind;
  assert.deepEqual([kindOn(here, 'node-1'), kindOn(LOCAL, 'node-2')], ['at', 'at']);
  assert.deepEqual(locate(volumeOf({ node: 'node-2' }), [here]), { kind: 'other-node', node: 'node-2' });
  const free = volumeOf({ node: 'node-2' });
  const { nodeAffinity: _, ...spec } = free.spec;
  assert.equal(locate({ ...free, spec }, [here]).kind, 'at');
  assert.deepEqual(locate(volumeOf({ path: '/storage/v/a' }), [NFS, here]).kind, 'at');
  // What a node is called may have changed: its directories are not given to others.
  assert.deepEqual(occupied(free, [here]), ['/srv/a']);
});

test('every path that is located consists of clean segments that spell it', () => {
  const part = fc.oneof(
    fc.constantFrom('..', '.', '', 'a', 'b', '.larder'),
    fc.string({ unit: 'binary', maxLength: 8 }),
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 5 }), (parts) => {
      const path = `/storage/v/${parts.join('/')}`;
      const location = locate(volumeOf({ path }), [NFS]);
      if (location.kind !== 'at') return;
      assert.equal(`/storage/v/${location.path.join('/')}`, path);
      assert.ok(location.path.length > 0 && location.path.every(isSegment));
    }),
    { numRuns: 1_000 },
  );
});

test('a volume occupies the directory that its path means, however it is written, and the root occupies nothing', () => {
  const rows: readonly [string, readonly string[]][] = [
    ['/storage/v/a', ['/mnt/v/a']],
    ['/storage/v//a/./b/', ['/mnt/v/a/b']],
    ['/storage/v/x/../a', ['/mnt/v/a']],
    ['/storage/v', []],
    ['/storage/v/a/..', []],
    ['/storage/vx', []],
    ['/storage/v/../w', []],
  ];
  for (const [path, expected] of rows) assert.deepEqual(occupied(volumeOf({ path }), [NFS, LOCAL]), expected, path);
  assert.deepEqual(ancestorsOf('/mnt/v/a/b'), ['/mnt/v/a', '/mnt/v', '/mnt']);
});

test('a path is read the same whether it or the export has to be cleaned first', () => {
  const part = fc.constantFrom('..', '.', '', 'a', 'storage', 'v', '...', '.a', 'vx');
  const twin: ExportDescription = { ...NFS, root: '/mnt/other' };
  const spelled = [NFS, twin, LOCAL].map((entry) => ({ ...entry, path: `/.${entry.path}/` }));
  const seen = new Set<boolean>();
  fc.assert(
    fc.property(
      fc.array(part, { maxLength: 5 }),
      fc.constantFrom('/storage/v/', '/storage/', '/', ''),
      (parts, start) => {
        const volume = volumeOf({ path: start + parts.join('/') });
        const found = occupied(volume, [NFS, twin, LOCAL]);
        assert.deepEqual(found, occupied(volume, spelled));
        seen.add(found.length > 0);
      },
    ),
    { numRuns: 1_000 },
  );
  assert.equal(seen.size, 2);
});

test('what happens to a released volume follows from policy, annotations and who else knows the directory', () => {
  const rows: readonly [string, Disposal][] = [
    ['move to trash', dispose({})],
    ['move to archive', dispose({ notes: { 'larder.dev/on-delete': 'archive' } })],
    ['forget on-delete', dispose({ notes: { 'larder.dev/on-delete': 'retain' } })],
    ['forget adopted', dispose({ notes: { 'larder.dev/adopted': 'true' } })],
    ['move to archive', dispose({ notes: { 'larder.dev/adopted': 'true', 'larder.dev/on-delete': 'archive' } })],
    ['move to trash', dispose({ notes: { 'larder.dev/adopted': 'true', 'larder.dev/delete-adopted': 'true' } })],
    ['ignore not-ours', dispose({ notes: { 'pv.kubernetes.io/provisioned-by': 'x' } })],
    ['ignore in-use', dispose({ phase: 'Bound' })],
    ['ignore in-use', dispose({ phase: 'Bound', deleting: true })],
    ['ignore kept', dispose({ policy: 'Retain' })],
    ['let-go', dispose({ policy: 'Retain', deleting: true })],
    ['let-go', dispose({ phase: 'Available', deleting: true })],
    ['ignore in-use', dispose({ phase: 'Available' })],
    ['refuse unsafe-path', dispose({ path: '/storage/v' })],
    ['refuse unsafe-path', dispose({ path: '/storage/v/../../etc' })],
    ['refuse export-unknown', dispose({ server: 'gone' })],
    ['move to trash', dispose({ node: 'node-1' })],
    ['refuse other-node', dispose({ node: 'node-2' })],
    ['forget shared', dispose({}, [{ name: 'pvc-2', phase: 'Bound' }])],
    ['forget shared', dispose({}, [{ name: 'pvc-2', phase: 'Available' }])],
    ['forget shared', dispose({}, [{ name: 'pvc-2', policy: 'Retain' }])],
    ['move to trash', dispose({}, [{ name: 'pvc-2' }])],
    ['refuse overlap', dispose({}, [{ name: 'pvc-2', relation: 'overlap', directory: 'a/b' }])],
    ['refuse overlap', dispose({ path: '/storage/v/a/b' }, [{ name: 'pvc-2', relation: 'overlap', phase: 'Bound' }])],
    ['refuse overlap', dispose({ path: '/storage/v/ab' }, [{ name: 'pvc-2', relation: 'overlap' }])],
    ['move to trash', dispose({ path: '/storage/v/a/b' }, [{ name: 'pvc-2', relation: 'overlap' }])],
    ['forget superseded', dispose({ policy: 'Retain' }, [{ name: 'pvc-2', phase: 'Bound' }])],
    ['ignore kept', dispose({ policy: 'Retain' }, [{ name: 'pvc-2', phase: 'Bound', claim: 'another' }])],
    ['ignore kept', dispose({ policy: 'Retain' }, [{ name: 'pvc-2', policy: 'Retain' }])],
  ];
  for (const [index, [expected, disposal]] of rows.entries()) assert.equal(summary(disposal), expected, `row ${index}`);
});

test('a volume of another provisioner asks its class, and without one it is kept', () => {
  const notes = { 'larder.dev/on-delete': '' };
  const classOf = (parameters: Record<string, string>): StorageClass => ({
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'c', uid: 'c', resourceVersion: '1' },
    provisioner: 'larder.dev/directory',
    parameters,
  });
  assert.equal(summary(dispose({ notes }, [], classOf({ archiveOnDelete: 'false' }))), 'move to trash');
  assert.equal(summary(dispose({ notes }, [], classOf({}))), 'move to archive');
  assert.equal(summary(dispose({ notes }, [], classOf({ onDelete: 'retain' }))), 'forget on-delete');
  assert.equal(summary(dispose({ notes })), 'refuse class-missing');
  assert.equal(summary(dispose({ notes }, [], classOf({ dirMode: 'bad' }))), 'refuse class-missing');
});

test('capacities only grow, and the claim follows the volume', () => {
  const volume = volumeOf({ phase: 'Bound' });
  const resized = (request: string, capacity: string, shown: string, conditions: readonly string[] = []) =>
    resizingOf(
      {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { name: 'data', namespace: 'shop', uid: 'u1', resourceVersion: '1' },
        spec: { resources: { requests: { storage: request } } },
        status: {
          phase: 'Bound',
          capacity: { storage: shown },
          conditions: conditions.map((type) => ({ type, status: 'True' })),
        },
      },
      { ...volume, spec: { ...volume.spec, capacity: { storage: capacity } } },
    );
  const nothing = { volume: undefined, claim: undefined, clearConditions: false };
  assert.deepEqual(resized('1Gi', '1Gi', '1Gi'), nothing);
  assert.deepEqual(resized('1024Mi', '1Gi', '1Gi'), nothing);
  assert.deepEqual(resized('2Gi', '1Gi', '1Gi'), { ...nothing, volume: '2Gi', claim: '2Gi' });
  assert.deepEqual(resized('2Gi', '2Gi', '1Gi'), { ...nothing, claim: '2Gi' });
  assert.deepEqual(resized('1Gi', '2Gi', '2Gi'), nothing);
  assert.deepEqual(resized('1Gi', '1Gi', '2Gi'), nothing);
  assert.deepEqual(resized('1Gi', '1Gi', '1Gi', ['Resizing', 'Mine']), { ...nothing, clearConditions: true });
});
