import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { claimNameOf, sizeFor } from './adoption.ts';

test('the convention of directories becomes the names of claims', () => {
  const names = ['glusterfs_myapp_data', 'glusterfs_MyApp_Data', 'team/photos', 'archive.2024', '___', 'glusterfs_'];
  assert.deepEqual(names.map(claimNameOf), [
    'myapp-data',
    'myapp-data',
    'team-photos',
    'archive-2024',
    'volume',
    'volume',
  ]);
});

test('whatever the directory is called, its claim has a name that Kubernetes takes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 250 }), (directory) => {
      assert.match(claimNameOf(directory), /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
    }),
  );
});

test('a size has room for half as much again and is never below 1Gi', () => {
  assert.equal(sizeFor(undefined), '1Gi');
  assert.equal(sizeFor(1n), '1Gi');
  assert.equal(sizeFor(2n * 1024n ** 3n), '3Gi');
  assert.equal(sizeFor(2n * 1024n ** 3n + 1n), '4Gi');
});
