import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { isKubeError } from '../kube/error.ts';
import { kinds } from '../kube/kinds.ts';
import { nodePods } from './nodes/pod.ts';
import { createWorld, type World } from './volumes/world.fixture.ts';

async function world(t: TestContext, ...options: Parameters<typeof createWorld>): Promise<World> {
  const created = await createWorld(...options);
  t.after(() => created.stop());
  return created;
}
const phaseOf = async ({ client }: World, name: string): Promise<string | undefined> =>
  (await client.get(nodePods, { namespace: 'shop', name })).status?.phase;

test('the node registers itself as ready, on loopback, under its name', async (t) => {
  const { client } = await world(t, { port: 10_250 });
  const { metadata, status } = await client.get(kinds.Node, { name: 'here' });
  assert.equal(metadata.labels?.['kubernetes.io/hostname'], 'here');
  assert.deepEqual(status?.addresses?.[0], { type: 'InternalIP', address: '127.0.0.1' });
  assert.equal(status?.daemonEndpoints?.kubeletEndpoint?.Port, 10_250);
  assert.equal(status?.conditions?.find(({ type }) => type === 'Ready')?.status, 'True');
});

test('a node that somebody deletes is back at the next heartbeat', async (t) => {
  const { client, clock, remove } = await world(t, { heartbeatMs: 10_000 });
  await remove(kinds.Node, 'here');
  await clock.advance(10_000);
  assert.equal((await client.get(kinds.Node, { name: 'here' })).metadata.name, 'here');
});

test('a pod waits for its claim, then gets the node and runs', async (t) => {
  const here = await world(t);
  const { addPod, addClaim, addVolume, settle, told, client } = here;
  await addPod('web', 'data');
  await settle();
  assert.equal(await phaseOf(here, 'web'), 'Pending');
  await addClaim('data');
  await settle();
  await addVolume('v');
  await settle();
  assert.equal(await phaseOf(here, 'web'), 'Running');
  const pod = await client.get(nodePods, { namespace: 'shop', name: 'web' });
  assert.equal(pod.spec.nodeName, 'here');
  const said = await told('web');
  assert.ok(said.includes('FailedScheduling: 0/1 nodes are available: persistentvolumeclaim "data" not found.'));
  assert.ok(
    said.includes('FailedScheduling: 0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims.'),
  );
  assert.ok(said.includes('Scheduled: Successfully assigned shop/web to here'));
});

test('a class that waits gets its node from the first pod', async (t) => {
  const { addClass, addClaim, addPod, addVolume, settle, claim, told, client } = await world(t);
  await addClass('late', { volumeBindingMode: 'WaitForFirstConsumer' });
  const { metadata } = await addClaim('data', { storageClassName: 'late' });
  await settle();
  assert.deepEqual(await told('data'), [
    'WaitForFirstConsumer: waiting for first consumer to be created before binding',
  ]);
  await addPod('web', 'data');
  await settle();
  assert.equal((await claim('data')).metadata.annotations?.['volume.kubernetes.io/selected-node'], 'here');
  const { uid, name } = metadata;
  await addVolume('made', { storageClassName: 'late', claimRef: { namespace: 'shop', name, uid } });
  await settle();
  assert.equal((await client.get(nodePods, { namespace: 'shop', name: 'web' })).spec.nodeName, 'here');
});

test('a class that waits takes a free volume of this node rather than asking for one', async (t) => {
  const { addClass, addClaim, addPod, addVolume, settle, claim } = await world(t);
  await addClass('late', { volumeBindingMode: 'WaitForFirstConsumer', provisioner: 'kubernetes.io/no-provisioner' });
  await addVolume('free', { storageClassName: 'late' });
  await addClaim('data', { storageClassName: 'late' });
  await settle();
  assert.equal((await claim('data')).status?.phase, 'Pending');
  await addPod('web', 'data');
  await settle();
  assert.equal((await claim('data')).spec.volumeName, 'free');
});

test('a volume whose directory is missing keeps its pod waiting, with the reason, until it is there', async (t) => {
  let there = false;
  const here = await world(t, { isDirectory: async () => there });
  const { addPod, addClaim, addVolume, settle, told, clock } = here;
  await addVolume('v');
  await addClaim('data');
  await addPod('web', 'data');
  await settle();
  assert.equal(await phaseOf(here, 'web'), 'Pending');
  const message = 'MountVolume.SetUp failed for volume "v" : directory /data/v does not exist';
  assert.ok((await told('web')).includes(`FailedMount: ${message}`));
  there = true;
  await clock.advance(5_000);
  assert.equal(await phaseOf(here, 'web'), 'Running');
});

test('a disk that hangs and a volume without a directory are told as such', async (t) => {
  const here = await world(t, { isDirectory: () => new Promise(() => undefined) });
  const { addPod, addClaim, addVolume, told, clock } = here;
  const { local, nodeAffinity, ...nowhere } = {
    local: undefined,
    nodeAffinity: undefined,
    nfs: { server: '192.0.2.1', path: '/x' },
  };
  await addVolume('hung');
  await addClaim('hung', { volumeName: 'hung' });
  await here.client.create(kinds.PersistentVolume, {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: 'far' },
    spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], ...nowhere },
  });
  await addClaim('far', { volumeName: 'far' });
  await addPod('one', 'hung');
  await addPod('two', 'far');
  await clock.advance(10_000);
  const prefix = 'FailedMount: MountVolume.SetUp failed for volume';
  assert.ok((await told('one')).includes(`${prefix} "hung" : looking at /data/hung did not finish within 5000 ms`));
  assert.ok((await told('two')).includes(`${prefix} "far" : a volume of this kind has no directory on this machine`));
});

test('a deleted pod is let go at once, and its volumes are no longer measured', async (t) => {
  const here = await world(t);
  const { addPod, addClaim, addVolume, settle, remove, node } = here;
  await addVolume('v');
  await addClaim('data');
  await addPod('web', 'data');
  await settle();
  assert.equal(JSON.parse(node.handle('/stats/summary').body).pods.length, 1);
  await remove(kinds.Pod, 'web');
  await settle();
  await assert.rejects(phaseOf(here, 'web'), (error) => isKubeError(error, 'KUBE_NOT_FOUND'));
  assert.equal(JSON.parse(node.handle('/stats/summary').body).pods.length, 0);
});

test('the size that is reported follows that of the volume, and the usage its directory', async (t) => {
  let usedBytes = 1_000n;
  const here = await world(t, {
    refreshMs: 5_000,
    measure: async () => ({ kind: 'measured', usedBytes, inodesUsed: 2n, inodes: 100n, inodesFree: 90n }),
  });
  const { client, addPod, addClaim, addVolume, settle, clock, node } = here;
  await addVolume('v');
  await addClaim('data');
  await addPod('web', 'data');
  await settle();
  const reported = (): unknown[] => {
    const [volume] = JSON.parse(node.handle('/stats/summary').body).pods[0].volume;
    return [volume.capacityBytes, volume.usedBytes];
  };
  assert.deepEqual(reported(), [1_073_741_824, 1_000]);
  usedBytes = 2_000n;
  const grown = { kind: 'merge', value: { spec: { capacity: { storage: '2Gi' } } } } as const;
  await client.patch(kinds.PersistentVolume, { name: 'v' }, grown);
  await clock.advance(5_000);
  assert.deepEqual(reported(), [2_147_483_648, 2_000]);
  assert.match(node.handle('/metrics').body, /^kubelet_volume_stats_used_bytes\{namespace="shop",.*\} 2000$/m);
});

test('other paths of the node answer as a kubelet would', async (t) => {
  const { node } = await world(t);
  assert.deepEqual([node.handle('/healthz').status, node.handle('/healthz').body], [200, 'ok']);
  assert.equal(node.handle('/stats/summary?only_cpu_and_memory=true').status, 200);
  assert.equal(node.handle('/exec/shop/web/main').status, 404);
});
