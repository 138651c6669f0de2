/** Dashboards and alerts of provisioners on sig-storage-lib-external-provisioner go on working: its names, its labels. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kinds } from '../kube/kinds.ts';
import { claimDraft, classDraft, refusal, startWorld, volumeOf, type World } from './world.fixture.ts';

const TIMEOUT = { timeout: 30_000 };

/** The value of one series; undefined: there is none. */
async function value({ metrics }: World, series: string): Promise<number | undefined> {
  const line = (await metrics.expose()).split('\n').find((each) => each.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
}

const PROVISION = 'controller_persistentvolumeclaim_provision';
const DELETE = 'controller_persistentvolume_delete';

test('volumes that are made and removed, and those that cannot be, are counted by class', TIMEOUT, async (t) => {
  const world = await startWorld(t);
  const parameters = { pathPattern: '${.PVC.annotations.volume-name}', onDelete: 'delete' };
  await world.client.create(kinds.StorageClass, classDraft('larder', parameters, { reclaimPolicy: 'Delete' }));
  const annotations = { 'volume-name': 'data' };
  await world.client.create(kinds.PersistentVolumeClaim, claimDraft('data', 'larder', { annotations }));
  const { name } = (await world.until(() => volumeOf(world, 'default/data'))).metadata;
  await world.settle();
  assert.equal(await value(world, `${PROVISION}_total{class="larder",source=""}`), 1);
  assert.equal(await value(world, `${PROVISION}_duration_seconds_count{class="larder",source=""}`), 1);
  assert.equal((await value(world, `${PROVISION}_failed_total{class="larder",source=""}`)) ?? 0, 0);

  await world.client.create(kinds.PersistentVolumeClaim, claimDraft('nameless', 'larder'));
  await world.settle();
  const failed = await value(world, `${PROVISION}_failed_total{class="larder",source=""}`);
  assert.ok(failed !== undefined && failed >= 1, `${failed}: attempts, and it is looked at again when it changes`);
  assert.equal(await value(world, `${PROVISION}_total{class="larder",source=""}`), 1);

  world.intercept = ({ method, path }) =>
    method === 'DELETE' && path.startsWith(`/api/v1/persistentvolumes/${name}`)
      ? refusal(500, 'InternalError')
      : undefined;
  await world.client.delete(kinds.PersistentVolumeClaim, { namespace: 'default', name: 'data' });
  await world.until(() => world.provision.caches.volumes.get(name)?.status?.phase === 'Released');
  await world.settle();
  assert.equal((await value(world, `${DELETE}_total{class="larder"}`)) ?? 0, 0, 'it is not gone yet');
  world.intercept = undefined;
  await world.clock.advance(60_000);
  await world.until(() => world.provision.caches.volumes.get(name) === undefined);
  await world.settle();
  assert.equal(await value(world, `${DELETE}_total{class="larder"}`), 1);
  assert.equal(await value(world, `${DELETE}_duration_seconds_count{class="larder"}`), 1);
});

test('a removal that is refused is counted as failed', TIMEOUT, async (t) => {
  const world = await startWorld(t);
  await world.client.create(kinds.StorageClass, classDraft('larder', {}, { reclaimPolicy: 'Delete' }));
  await world.client.create(kinds.PersistentVolume, {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: 'forged', annotations: { 'pv.kubernetes.io/provisioned-by': 'larder.dev/directory' } },
    spec: {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteMany'],
      persistentVolumeReclaimPolicy: 'Delete',
      storageClassName: 'larder',
      claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace: 'default', name: 'x', uid: 'gone' },
      nfs: { server: '127.0.0.1', path: '/storage/v/../etc' },
    },
  });
  await world.until(() => world.provision.caches.volumes.get('forged')?.status?.phase === 'Released');
  await world.settle();
  assert.equal(await value(world, `${DELETE}_failed_total{class="larder"}`), 1);
  assert.equal((await value(world, `${DELETE}_total{class="larder"}`)) ?? 0, 0);
});
