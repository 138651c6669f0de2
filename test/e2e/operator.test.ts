/** `larder operator` as on a cluster: over TLS with a kubeconfig, its own provisioner name, elected by a Lease. */
import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { kinds } from '../../src/kube/index.ts';
import { applyClaim, bound, clientOf } from './claims.ts';
import { eventually, spawnLarder, startLarder, temporaryFolder } from './larder.ts';

test('larder operator provisions for its own provisioner name, holds its lease, and gives it back when it stops', async (t) => {
  const larder = await startLarder(temporaryFolder((remove) => t.after(remove)));
  t.after(() => larder.kill('SIGKILL'));
  const client = await clientOf(larder);
  const folder = temporaryFolder((remove) => t.after(remove));
  const operator = spawnLarder([
    ...['operator', '--kubeconfig', larder.kubeconfig, '--export', `nas:/v=${folder}`, '--allow-local'],
    ...['--provisioner-name', 'example.com/dirs', '--port', '0', '--lease-namespace', 'larder-system'],
  ]);
  t.after(() => operator.kill('SIGKILL'));
  const exited = new Promise<number | null>((resolve) => operator.on('close', resolve));
  await client.create(kinds.StorageClass, {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'other' },
    provisioner: 'example.com/dirs',
    parameters: { pathPattern: 'x-${.PVC.name}' },
  });
  await applyClaim(client, { name: 'far', storageClass: 'other', size: '1Mi' });
  const { volume } = await bound(client, 'default', 'far');
  assert.deepEqual(volume.spec.nfs, { server: 'nas', path: '/v/x-far', readOnly: false });
  assert.equal(statSync(join(folder, 'x-far')).mode & 0o777, 0o777);

  const lease = { namespace: 'larder-system', name: 'larder-operator' };
  assert.notEqual((await client.get(kinds.Lease, lease)).spec.holderIdentity ?? '', '');
  operator.kill('SIGTERM');
  assert.equal(await exited, 0);
  await eventually('the lease to be free', async () =>
    ((await client.get(kinds.Lease, lease)).spec.holderIdentity ?? '') === '' ? true : undefined,
  );
});

test('two operators on one cluster make one volume per claim, and the second takes over when the first is killed', async (t) => {
  const larder = await startLarder(temporaryFolder((remove) => t.after(remove)));
  t.after(() => larder.kill('SIGKILL'));
  const client = await clientOf(larder);
  const folder = temporaryFolder((remove) => t.after(remove));
  const args = [
    ...['operator', '--kubeconfig', larder.kubeconfig, '--export', `nas:/v=${folder}`, '--allow-local'],
    ...['--provisioner-name', 'example.com/dirs', '--port', '0'],
  ];
  const operators = [spawnLarder(args), spawnLarder(args)];
  t.after(() => operators.forEach((operator) => void operator.kill('SIGKILL')));
  await client.create(kinds.StorageClass, {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'other' },
    provisioner: 'example.com/dirs',
  });
  await applyClaim(client, { name: 'first', storageClass: 'other', size: '1Mi' });
  await bound(client, 'default', 'first');
  operators[0]?.kill('SIGKILL'); // the leader or the one that stands by: either way the other one must do
  await applyClaim(client, { name: 'second', storageClass: 'other', size: '1Mi' });
  await bound(client, 'default', 'second');
  const { items } = await client.list(kinds.PersistentVolume);
  assert.equal(items.length, 2);
});
