import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PersistentVolumeClaim, StorageClass } from '../kube/kinds.ts';
import { parseClass } from './class.ts';
import { type Reservation, Reservations } from './reservation.ts';
import { moveRequestOf, parseManifest } from './trash/manifest.ts';
import { Waiting } from './waiting.ts';

const storageClass: StorageClass = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: 'c', uid: 'c', resourceVersion: '1' },
  provisioner: 'larder.dev/directory',
};

const EXPORT = { backend: 'nfs', server: 'nas', path: '/v', root: '/mnt' } as const;

function reservationOf(claimKey: string, directory: string): Reservation {
  const parsed = parseClass(storageClass);
  if (parsed.kind !== 'options') assert.fail('the class is valid');
  const claim: PersistentVolumeClaim = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: claimKey, namespace: 'n', uid: claimKey, resourceVersion: '1' },
    spec: { resources: { requests: {} } },
  };
  return {
    claimKey,
    claimUid: claimKey,
    volume: {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: {
        name: `pvc-${claimKey}`,
        uid: 'v1',
        resourceVersion: '',
        annotations: { 'larder.dev/identity': '12', 'pv.kubernetes.io/provisioned-by': 'larder.dev/directory' },
      },
      spec: {
        capacity: { storage: '1Gi' },
        accessModes: ['ReadWriteMany'],
        storageClassName: 'c',
        claimRef: { namespace: 'n', name: claimKey },
      },
    },
    design: {
      claim,
      storageClass,
      options: parsed.options,
      export: { backend: 'nfs', server: 's', path: '/p', root: '/mnt' },
      path: ['a'],
      nodeName: 'node',
      adopted: false,
      identity: '',
    },
    directory,
    sinceMs: 0,
    ensured: undefined,
    savingSinceMs: undefined,
    saved: 'no',
    savedAtMs: undefined,
    withdrawing: false,
  };
}

const keys = (found: Iterable<Reservation>): readonly string[] => [...found].map(({ claimKey }) => claimKey);

test('a reservation is found at its directory and from every directory above it, until it is dropped', () => {
  const reservations = new Reservations();
  const dropped: string[] = [];
  reservations.onDrop(({ claimKey }) => dropped.push(claimKey));
  reservations.put(reservationOf('one', '/mnt/a/b'));
  reservations.put(reservationOf('two', '/mnt/a/b'));
  assert.deepEqual(keys(reservations.at('/mnt/a/b')), ['one', 'two']);
  assert.deepEqual(keys(reservations.below('/mnt/a')), ['one', 'two']);
  assert.deepEqual(keys(reservations.below('/mnt/a/b')), []);
  reservations.put(reservationOf('one', '/mnt/c'));
  assert.deepEqual(keys(reservations.at('/mnt/a/b')), ['two']);
  assert.deepEqual(dropped, [], 'moving a reservation is not dropping it');
  reservations.drop('two');
  reservations.drop('two');
  assert.deepEqual(keys(reservations.below('/mnt/a')), []);
  assert.deepEqual([dropped, reservations.size], [['two'], 1]);
});

test('who waits is woken once, for that cause only', () => {
  const waiting = new Waiting();
  waiting.add('volume/a', 'k1');
  waiting.add('volume/a', 'k1');
  waiting.add('class/a', 'k2');
  assert.deepEqual([...waiting.take('volume/a')], ['k1']);
  assert.deepEqual([...waiting.take('volume/a')], []);
  assert.deepEqual([...waiting.take('class/a')], ['k2']);
});

test('what goes into the trash says whose it was, when it may go, and how to make the volume again', () => {
  const { volume } = reservationOf('one', '/mnt/a');
  const request = moveRequestOf(
    volume,
    { export: EXPORT, path: ['a'], retention: { text: '1h', ms: 3_600_000 } },
    1_000,
  );
  assert.deepEqual(parseManifest(request.manifest), {
    capacity: '1Gi',
    accessModes: ['ReadWriteMany'],
    storageClassName: 'c',
    provisioner: 'larder.dev/directory',
    export: 'nas:/v',
  });
  assert.deepEqual(
    { ...request, manifest: '' },
    {
      path: ['a'],
      volumeUid: 'v1',
      volumeName: 'pvc-one',
      claim: 'n/one',
      at: 1_000,
      identity: '12',
      expiresAt: 3_601_000,
      manifest: '',
    },
  );
  const forever = moveRequestOf(
    volume,
    { export: EXPORT, path: ['a'], retention: { text: 'never', ms: undefined } },
    1_000,
  );
  assert.equal('expiresAt' in forever, false);
});

test('a damaged manifest is none, and one of odd types loses only what is odd', () => {
  for (const text of [undefined, '', '{', '7', 'null', '"x"']) assert.equal(parseManifest(text), undefined);
  assert.deepEqual(parseManifest('{"capacity":5,"accessModes":["ReadWriteMany","Odd",3],"storageClassName":"c"}'), {
    capacity: '',
    accessModes: ['ReadWriteMany'],
    storageClassName: 'c',
    provisioner: '',
    export: '',
  });
});
