import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PersistentVolume } from '../../kube/kinds.ts';
import { sharesFilesystem } from './shares-filesystem.ts';

const volume = (spec: Partial<PersistentVolume['spec']>): PersistentVolume => ({
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name: 'v', uid: 'u', resourceVersion: '1' },
  spec: { capacity: { storage: '1Gi' }, ...spec },
});
const csi = (driver: string) => volume({ csi: { driver, volumeHandle: 'v' } });

test('a directory on a share is known as that, whoever mounts it; a disk of its own is none', () => {
  assert.equal(sharesFilesystem(volume({ nfs: { server: 'nas', path: '/v/a' } })), true);
  assert.equal(sharesFilesystem(csi('nfs.csi.k8s.io')), true);
  assert.equal(sharesFilesystem(csi('smb.csi.k8s.io')), true);
  assert.equal(sharesFilesystem(csi('ebs.csi.aws.com')), false);
  assert.equal(sharesFilesystem(volume({ local: { path: '/mnt/disk' } })), false);
  assert.equal(sharesFilesystem(undefined), false);
});
