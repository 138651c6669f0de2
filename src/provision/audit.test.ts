import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PersistentVolume } from '../kube/kinds.ts';
import { type AuditInput, auditOf, type Listing } from './audit.ts';
import { sourceOf } from './draft.ts';
import type { ExportDescription } from './storage.ts';

const NFS: ExportDescription = { backend: 'nfs', server: 'nas', path: '/storage/v', root: '/mnt/v' };

const volumeOf = (name: string, path: string, phase: 'Bound' | 'Released' = 'Bound'): PersistentVolume => ({
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: {
    name,
    uid: name,
    resourceVersion: '1',
    annotations: { 'pv.kubernetes.io/provisioned-by': 'larder.dev/directory' },
  },
  spec: {
    capacity: { storage: '1Gi' },
    claimRef: { namespace: 'shop', name: `claim-${name}`, uid: name },
    nfs: { server: 'nas', path: `/storage/v/${path}` },
  },
  status: { phase },
});

const directories = (...names: readonly string[]): Listing => ({
  names: names.map((name) => ({ name, type: 'directory' })),
});

function found(
  volumes: readonly PersistentVolume[],
  listings: Record<string, Listing>,
  more: Partial<AuditInput> = {},
) {
  return auditOf({
    volumes,
    classes: [],
    provisionerNames: ['larder.dev/directory'],
    exports: [NFS],
    listings: new Map(Object.entries(listings)),
    unread: [],
    addresses: new Map([['/mnt/v', 'nas:/storage/v']]),
    ...more,
  }).map(({ kind, path, volume }) => `${kind} ${path} ${volume}`.trim());
}

test('volumes and directories that agree give no finding', () => {
  const listings = { '/mnt/v': directories('a', 'deep'), '/mnt/v/deep': directories('b') };
  assert.deepEqual(found([volumeOf('pv1', 'a'), volumeOf('pv2', 'deep/b')], listings), []);
});

test('a directory without a volume and a volume without a directory are found', () => {
  assert.deepEqual(found([volumeOf('pv1', 'a')], { '/mnt/v': directories('stray', 'archived-x', 'lost+found') }), [
    'missing-directory /storage/v/a pv1',
    'orphaned-directory stray',
  ]);
});

test('a volume of another node neither misses its directory here nor shares one, and leaves none for useless', () => {
  const here: ExportDescription = { backend: 'local', server: '', path: '/srv', root: '/srv', node: 'one' };
  const on = (name: string, path: string, node: string): PersistentVolume => {
    const { nfs: _, ...spec } = volumeOf(name, '').spec;
    return { ...volumeOf(name, ''), spec: { ...spec, ...sourceOf(here, [path], node) } };
  };
  const listings = { '/srv': directories('a', 'c') };
  const volumes = [on('pv1', 'a', 'one'), on('pv2', 'a', 'two'), on('pv3', 'b', 'two'), on('pv4', 'c', 'two')];
  const more = { exports: [here], addresses: new Map([['/srv', '/srv']]) };
  assert.deepEqual(found(volumes, listings, more), []);
  assert.deepEqual(found([on('pv3', 'b', 'one')], listings, more), [
    'missing-directory /srv/b pv3',
    'orphaned-directory a',
    'orphaned-directory c',
  ]);
});

test('a level that holds volumes deeper down is looked into, and a file in place of a directory is told', () => {
  const listings = {
    '/mnt/v': directories('team'),
    '/mnt/v/team': {
      names: [
        { name: 'a', type: 'other' },
        { name: 'old', type: 'directory' },
      ],
    } as const,
  };
  assert.deepEqual(found([volumeOf('pv1', 'team/a')], listings), [
    'not-a-directory /storage/v/team/a pv1',
    'leaked team/old',
  ]);
});

test('shared and overlapping volumes are found; a released one shares with nobody', () => {
  const volumes = [volumeOf('pv1', 'a'), volumeOf('pv2', 'a'), volumeOf('pv3', 'a/b'), volumeOf('pv4', 'c')];
  assert.deepEqual(found([...volumes, volumeOf('pv5', 'c', 'Released')], {}), [
    'shared /storage/v/a pv1',
    'overlapping /storage/v/a/b pv3',
  ]);
});

test('a path that Larder would never touch is found', () => {
  assert.deepEqual(found([volumeOf('pv1', '../etc'), volumeOf('pv2', 'a//b')], {}), [
    'unsafe /storage/v/../etc pv1',
    'unsafe /storage/v/a//b pv2',
  ]);
});

test('a class that adopts anything is told, and only those of Larder', () => {
  const classOf = (name: string, provisioner: string) => ({
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name, uid: name, resourceVersion: '1' },
    provisioner,
    parameters: { adopt: 'any' },
  });
  const classes = [classOf('mine', 'larder.dev/directory'), classOf('theirs', 'example.com/x')];
  assert.deepEqual(found([], {}, { classes }), ['adopts-anything']);
});

test('a directory that carries the name of a volume that is gone was left behind; one beside nested volumes most likely too', () => {
  const uid = '0b9d7a52-6c1e-4f3a-9d55-aa51c2f0e7d1';
  const listings = {
    '/mnt/v': directories('team', `default-mail-pvc-${uid}`, 'default-mail-pvc-notes'),
    '/mnt/v/team': directories('a', 'b'),
  };
  assert.deepEqual(found([volumeOf('pv1', 'team/a')], listings), [
    `leaked default-mail-pvc-${uid}`,
    'orphaned-directory default-mail-pvc-notes',
    'leaked team/b',
  ]);
});

test('what could not be listed is a finding of its own, and its volumes are not called lost', () => {
  const unread = [
    { export: 'nas:/storage/v', code: 'LARDER_EXPORT_UNAVAILABLE', message: 'm', path: '/storage/v' },
  ] as const;
  assert.deepEqual(found([volumeOf('pv1', 'a')], {}, { unread }), ['not-looked-at /storage/v']);
});
