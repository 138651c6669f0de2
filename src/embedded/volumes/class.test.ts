import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PersistentVolumeClaim, StorageClass } from '../../kube/kinds.ts';
import { classOf, defaultClass } from './class.ts';

function classNamed(name: string, creationTimestamp: string, annotations: Record<string, string>): StorageClass {
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name, uid: name, resourceVersion: '1', creationTimestamp, annotations },
    provisioner: 'example.org/disk',
  };
}
const marked = { 'storageclass.kubernetes.io/is-default-class': 'true' };
const claim: PersistentVolumeClaim = {
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'data', namespace: 'shop', uid: 'u1', resourceVersion: '7' },
  spec: { resources: { requests: {} } },
};

test('the newest default is taken, then the first by name', () => {
  const old = classNamed('a', '2025-01-01T00:00:00Z', marked);
  const recent = [classNamed('c', '2026-01-01T00:00:00Z', marked), classNamed('b', '2026-01-01T00:00:00Z', marked)];
  assert.equal(defaultClass(claim, [old, ...recent])?.metadata.name, 'b');
  assert.equal(defaultClass(claim, [old])?.metadata.name, 'a');
});

test('only "true" marks a default, under either annotation', () => {
  const beta = { 'storageclass.beta.kubernetes.io/is-default-class': 'true' };
  const no = { 'storageclass.kubernetes.io/is-default-class': 'yes' };
  assert.equal(defaultClass(claim, [classNamed('a', '2025-01-01T00:00:00Z', beta)])?.metadata.name, 'a');
  assert.equal(defaultClass(claim, [classNamed('a', '2025-01-01T00:00:00Z', no)]), undefined);
});

test('a claim with a class, be it the empty one or in the old annotation, keeps it', () => {
  const classes = [classNamed('a', '2025-01-01T00:00:00Z', marked)];
  const empty = { ...claim, spec: { ...claim.spec, storageClassName: '' } };
  const old = {
    ...claim,
    metadata: { ...claim.metadata, annotations: { 'volume.beta.kubernetes.io/storage-class': 'slow' } },
  };
  assert.equal(defaultClass(empty, classes), undefined);
  assert.equal(defaultClass(old, classes), undefined);
  assert.equal(classOf(old), 'slow');
});
