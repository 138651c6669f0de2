/** `npm run test:cloud` as a user starts it; the driver, the node and its kubelet are stand-ins, the rest is real. */
import assert from 'node:assert/strict';
import { join, resolve } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Client, createCache, isKubeError, kinds, type PersistentVolumeClaim } from '../../src/kube/index.ts';
import { systemClock, systemRandom } from '../../src/telemetry/clock.ts';
import { silentLog } from '../../src/telemetry/log.ts';
import { post } from '../e2e/account.ts';
import { clientOf } from '../e2e/claims.ts';
import { planeFor } from '../e2e/site.ts';
import { type FakeKubelets, type FakeNode, startKubelets } from '../kubelet/kubelet.ts';
import { type ChildResult, runChild } from '../tools/child.ts';
import { missingControlPlane } from '../tools/control-plane.ts';
import { startResizer } from '../tools/resizer.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const DRIVER = 'ebs.csi.aws.com';
const GIB = 2n ** 30n;
const skip = (await missingControlPlane()) ?? false;

const start = (...args: readonly string[]): Promise<ChildResult> =>
  runChild({
    command: process.execPath,
    args: ['--disable-warning=ExperimentalWarning', join(ROOT, 'test/cluster/cloud.ts'), ...args],
    cwd: ROOT,
    env: process.env,
    limitMs: 3 * 60_000,
  });

test('without a cluster, and on one without a disk of a cloud, it says that it did not run', { skip }, async (t) => {
  const none = await start();
  assert.equal(none.code, 0);
  assert.match(none.output, /^test:cloud was not run: no cluster was named[\s\S]*0 passed, 0 failed, 1 skipped\n$/);
  const plane = await planeFor(t);
  const bare = await start('--kubeconfig', plane.kubeconfig, '--yes');
  assert.match(bare.output, /not run: no StorageClass is of ebs\.csi\.aws\.com or pd\.csi.*; there are: none/);
});

test('a disk that a pod fills grows by the driver of the cloud, and is removed', { skip }, async (t) => {
  const plane = await planeFor(t);
  const client = await clientOf(plane);
  const kubelets = await startKubelets();
  t.after(() => kubelets.close());
  await cloudOf(t, client, kubelets);
  const asked = await start('--kubeconfig', plane.kubeconfig);
  assert.equal(asked.code, 2);
  assert.match(asked.output, /makes one EBS volume of 1Gi[\s\S]*Say --yes/);
  const flags = ['--kubelet-ca', kubelets.authorityFile, '--kubelet-token-file', kubelets.tokenFile];
  const { code, output } = await start('--kubeconfig', plane.kubeconfig, '--yes', ...flags);
  assert.equal(code, 0, output);
  assert.match(output, /✓ the disk behind larder-test-\w+-cloud\/disk grew from 1Gi to 2Gi/);
  assert.deepEqual((await client.list(kinds.PersistentVolume)).items, []);
  const { items } = await client.list(kinds.Namespace);
  assert.ok(items.every(({ metadata }) => !metadata.name.startsWith('larder-test-')));
});

/** A class of EBS, a node, and what provisions, mounts, grows and deletes there. */
async function cloudOf(t: TestContext, client: Client, kubelets: FakeKubelets): Promise<void> {
  const tools = { client, clock: systemClock, random: systemRandom, log: silentLog };
  await client.create(kinds.StorageClass, {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'gp3' },
    provisioner: DRIVER,
    parameters: { type: 'gp3' },
    allowVolumeExpansion: true,
    reclaimPolicy: 'Delete',
  });
  const node = await kubelets.add('node-0');
  await client.create(kinds.Node, { apiVersion: 'v1', kind: 'Node', metadata: { name: node.name } });
  const status = {
    conditions: [{ type: 'Ready', status: 'True' }],
    addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
    daemonEndpoints: { kubeletEndpoint: { Port: node.port } },
  };
  await client.patch(kinds.Node, { name: node.name }, { kind: 'merge', value: { status } }, { subresource: 'status' });
  const sizes = { bytes: GIB };
  const claims = createCache({ ...tools, resource: kinds.PersistentVolumeClaim });
  const stop = new AbortController();
  claims.onChange(({ kind, object }) => {
    const work = kind === 'deleted' ? remove(client, object) : provision(client, object);
    work.catch((failure: unknown) => t.diagnostic(`the stand-in: ${failure}`));
  });
  const running = claims.run(stop.signal);
  const pods = createCache({ ...tools, resource: kinds.Pod });
  pods.onChange(({ object }) => {
    const { namespace = '', name } = object.metadata;
    if (name === 'filler' && !object.spec.nodeName) void runPod(client, node, { namespace, sizes });
  });
  const seeing = pods.run(stop.signal);
  const resizer = await startResizer({
    client,
    provisioner: DRIVER,
    expand: () => ({ kind: 'grown', node: true }),
    grown: (_key, toBytes) => {
      sizes.bytes = toBytes;
    },
  });
  t.after(async () => {
    await resizer.close();
    stop.abort();
    await Promise.all([running, seeing]);
  });
}

async function provision(client: Client, { metadata, spec }: PersistentVolumeClaim): Promise<void> {
  if (spec.volumeName || spec.storageClassName !== 'gp3') return;
  const { namespace = '', name, uid } = metadata;
  const made = client.create(kinds.PersistentVolume, {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: `pvc-${uid}` },
    spec: {
      accessModes: ['ReadWriteOnce'],
      storageClassName: 'gp3',
      capacity: { storage: '1Gi' },
      persistentVolumeReclaimPolicy: 'Delete',
      claimRef: { kind: 'PersistentVolumeClaim', namespace, name, uid },
      csi: { driver: DRIVER, volumeHandle: 'vol-1' },
    },
  });
  await made.catch((failure: unknown) => {
    if (!isKubeError(failure, 'KUBE_ALREADY_EXISTS')) throw failure; // the claim changed meanwhile
  });
}

async function remove(client: Client, { spec }: PersistentVolumeClaim): Promise<void> {
  if (spec.volumeName) await client.delete(kinds.PersistentVolume, { name: spec.volumeName });
}

interface Filled {
  readonly namespace: string;
  readonly sizes: { bytes: bigint };
}

async function runPod(client: Client, node: FakeNode, { namespace, sizes }: Filled): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/pods/filler/binding`;
  const target = { apiVersion: 'v1', kind: 'Node', name: node.name };
  await post(client, path, { apiVersion: 'v1', kind: 'Binding', metadata: { name: 'filler' }, target });
  const value = { status: { phase: 'Running' } };
  await client.patch(kinds.Pod, { namespace, name: 'filler' }, { kind: 'merge', value }, { subresource: 'status' });
  const usedBytes = (GIB * 9n) / 10n;
  node.volumes = () => [{ namespace, claim: 'disk', capacityBytes: sizes.bytes, usedBytes }];
}
