/** The clauses of the requirement that speak of Terraform, and the four test cases of its plan (PLAN-1 to PLAN-4). */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Client, kinds } from '../../src/kube/index.ts';
import { ask } from '../tools/control-plane/ask.ts';
import type { ControlPlane } from '../tools/control-plane.ts';
import { bound, clientOf, eventsOf } from './claims.ts';
import { type Clause, nameOf } from './clause.ts';
import { eventually, startOperator, temporaryFolder } from './larder.ts';
import { planeFor } from './site.ts';
import { clusterWithNode, read, type Workspace, workspaceFor } from './terraform.ts';
import { hasScript } from './test-service.ts';
import { treeOf } from './tree.ts';

interface Terraformed {
  readonly plane: ControlPlane;
  readonly client: Client;
  /** `/storage/v` of the nodes. */
  readonly storage: string;
  readonly workspace: Workspace;
  readonly byHand: ByHand;
}

/** A service with a hostPath on a directory that somebody has made, from before all else. */
interface ByHand {
  /** Its uid. */
  readonly pod: string;
  readonly directory: string;
  readonly tree: Readonly<Record<string, string>>;
}

const IMAGE = '-var=provisioner_image=registry.example.org/larder';
const PROTECTED = 'module.myapp_data.kubernetes_persistent_volume_claim.protected["/storage/v/glusterfs_myapp_data"]';
const GROWING =
  'module.growing.kubernetes_persistent_volume_claim.protected_growing["/storage/v/glusterfs_growing_data"]';
const UNPROTECTED = PROTECTED.replace('.protected', '.unprotected');
const NOBODY = 65_534;

export const clauses: readonly Clause<Terraformed>[] = [
  {
    ids: ['SC-001', 'US1-1', 'PLAN-1'],
    title: 'one apply of kubernetes.tf makes provisioner, class, directories and claims, and the pods start',
    run: applies,
  },
  {
    ids: ['PLAN-2', 'FR-004'],
    title: 'the directories of a module have the names of the convention, below /storage/v/, and no others are made',
    async run({ client, storage }) {
      const { volume } = await bound(client, 'default', 'myapp-data');
      assert.deepEqual(volume.spec.nfs, { server: '127.0.0.1', path: '/storage/v/glusterfs_myapp_data' });
      assert.deepEqual(readdirSync(storage).sort(), [
        '.larder',
        'glusterfs_byhand_data',
        'glusterfs_myapp_data',
        'glusterfs_provisioner-test_config',
        'glusterfs_provisioner-test_data',
      ]);
    },
  },
  {
    ids: ['PLAN-3'],
    title: 'a service reads and writes its directory, as root and as an ordinary user',
    run: readsAndWrites,
  },
  {
    ids: ['PLAN-4', 'SC-003'],
    title: 'the service with a hostPath runs on as the same pod, its directory is as it was, and a second one reads it',
    run: runsOn,
  },
  {
    ids: ['SC-001'],
    title: 'apply has not waited for a claim whose class waits for a pod',
    async run({ client }) {
      const claim = await client.get(kinds.PersistentVolumeClaim, { namespace: 'default', name: 'later-data' });
      assert.equal(claim.status?.phase, 'Pending');
      await eventually('the event WaitForFirstConsumer', async () =>
        (await eventsOf(client, 'default', 'later-data')).find(({ reason }) => reason === 'WaitForFirstConsumer'),
      );
    },
  },
  {
    ids: ['US2-1'],
    title:
      'volumes are seen in the state of Terraform with their paths, and a second plan has nothing to do, also when one has grown',
    async run({ client, storage, workspace: { tofu } }) {
      await bound(client, 'default', 'growing-data');
      writeFileSync(join(storage, 'glusterfs_growing_data', 'filler'), Buffer.alloc(9 * 1024 * 1024, 1));
      await eventually('the claim to grow', async () => {
        const { claim } = await bound(client, 'default', 'growing-data');
        return claim.status?.capacity?.['storage'] === '10Mi' ? undefined : claim;
      });
      assert.match(await tofu(0, 'plan', '-detailed-exitcode', '-input=false', IMAGE), /No changes\./);
      const resources = (await tofu(0, 'state', 'list')).split('\n');
      for (const address of [PROTECTED, 'module.nfs_provisioner.kubernetes_storage_class.this[0]']) {
        assert.ok(resources.includes(address), `${address} is not one of\n${resources.join('\n')}`);
      }
      assert.deepEqual(JSON.parse(await tofu(0, 'output', '-json', 'myapp_data')), {
        claim: 'myapp-data',
        path: '/storage/v/glusterfs_myapp_data',
      });
    },
  },
  {
    ids: ['US2-2'],
    title: 'destroy stops with an error that names the path of the volume, before anything is destroyed',
    run: stops,
  },
  {
    ids: ['US2-2', 'FR-003'],
    title:
      'a module that is taken out of the configuration takes its claim along, and the directory stays and is named',
    run: takenOut,
  },
  {
    ids: ['US2-2'],
    title:
      'a volume that is given up in the documented way is destroyed with all the rest, and its data is still there',
    run: givenUp,
  },
];

/** Tells all clauses on one control plane, on which nothing has run before. */
export async function tell(t: TestContext): Promise<void> {
  const plane = await planeFor(t, { scheduler: true });
  await clusterWithNode(t, plane);
  const storage = temporaryFolder((remove) => t.after(remove), 'larder-storage-');
  chmodSync(storage, 0o755);
  const byHand = await serviceByHand(plane, storage);
  // Pods of this cluster run nothing: this process does what the pod of the module would do.
  const operator = await startOperator([
    ...['--kubeconfig', plane.kubeconfig, '--leader-election', 'false', '--allow-local', '--watch-interval', '3s'],
    ...['--export', `127.0.0.1:/storage/v=${storage}`],
  ]);
  t.after(() => operator.kill('SIGKILL'));
  const workspace = await workspaceFor(t, plane.kubeconfig);
  const world: Terraformed = { plane, client: await clientOf(plane), storage, workspace, byHand };
  for (const clause of clauses) await t.test(nameOf(clause), (each) => clause.run(world, each));
}

const HAND_MADE = '/apis/apps/v1/namespaces/default/deployments';

async function serviceByHand(plane: ControlPlane, storage: string): Promise<ByHand> {
  const directory = join(storage, 'glusterfs_byhand_data');
  mkdirSync(directory, { mode: 0o700 });
  writeFileSync(join(directory, 'precious'), 'do not lose', { mode: 0o600 });
  const labels = { app: 'byhand' };
  const body = {
    metadata: { name: 'byhand' },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          containers: [
            { name: 'main', image: 'example.org/byhand', volumeMounts: [{ name: 'data', mountPath: '/data' }] },
          ],
          volumes: [{ name: 'data', hostPath: { path: '/storage/v/glusterfs_byhand_data', type: 'Directory' } }],
        },
      },
    },
  };
  const { status, text } = await ask(plane, HAND_MADE, { method: 'POST', body });
  assert.equal(status, 201, text);
  return { pod: await runningPod(plane, 'app%3Dbyhand'), directory, tree: treeOf(directory) };
}

async function applies({ plane, client, storage, workspace }: Terraformed): Promise<void> {
  const said = await workspace.tofu(0, 'apply', '-auto-approve', '-input=false', IMAGE);
  assert.match(said, /Apply complete! Resources: 12 added, 0 changed, 0 destroyed\./);
  for (const [claim, directory] of [
    ['myapp-data', 'glusterfs_myapp_data'],
    ['provisioner-test-config', 'glusterfs_provisioner-test_config'],
    ['provisioner-test-data', 'glusterfs_provisioner-test_data'],
  ] as const) {
    await bound(client, 'default', claim);
    assert.equal(lstatSync(join(storage, directory)).mode & 0o7777, 0o777);
  }
  await runningPod(plane, 'case%3Dclaims');
  await runningPod(plane, 'app.kubernetes.io/name%3Dlarder', 'larder-system');
}

async function readsAndWrites({ plane, storage }: Terraformed, t: TestContext): Promise<void> {
  await hasScript(plane, 'provisioner-test', {
    'module.config.path': '/storage/v/glusterfs_provisioner-test_config',
    'module.data.path': '/storage/v/glusterfs_provisioner-test_data',
  });
  if (process.getuid?.() !== 0) return t.skip('only root can become another user');
  const directory = join(storage, 'glusterfs_provisioner-test_data');
  for (const uid of [0, NOBODY]) {
    const file = join(directory, `by-${uid}`);
    const script = 'echo "$0" > "$1.new" && mv "$1.new" "$1" && cat "$1"';
    const read = execFileSync('sh', ['-c', script, `written by ${uid}`, file], { uid, gid: uid, encoding: 'utf8' });
    assert.equal(read, `written by ${uid}\n`);
    assert.equal(lstatSync(file).uid, uid);
  }
}

async function runsOn({ plane, workspace, byHand }: Terraformed): Promise<void> {
  writeFileSync(
    join(workspace.folder, 'second.tf'),
    `module "second" {
  source             = "./modules-k8s/test-service"
  service            = "second"
  storage_class_name = module.nfs_provisioner.storage_class_name
  existing_path      = "/storage/v/glusterfs_byhand_data"
}
module "growing" {
  source             = "./modules-k8s/volume"
  service            = "growing"
  type               = "data"
  size               = "10Mi"
  storage_class_name = module.nfs_provisioner.storage_class_name
  growing            = true
  annotations        = { "pvc-chonker.io/enabled" = "true", "pvc-chonker.io/max-size" = "2Gi" }
}
resource "kubernetes_storage_class" "later" {
  metadata {
    name = "later"
  }
  storage_provisioner = module.nfs_provisioner.provisioner_name
  volume_binding_mode = "WaitForFirstConsumer"
}
module "later" {
  source             = "./modules-k8s/volume"
  service            = "later"
  type               = "data"
  size               = "10Mi"
  storage_class_name = kubernetes_storage_class.later.metadata[0].name
}
`,
  );
  await workspace.tofu(0, 'init', '-input=false');
  await workspace.tofu(0, 'apply', '-auto-approve', '-input=false', IMAGE);
  await runningPod(plane, 'case%3Dhost-path');
  await hasScript(plane, 'second-host-path', { 'var.existing_path': '/storage/v/glusterfs_byhand_data' });
  assert.equal(await runningPod(plane, 'app%3Dbyhand'), byHand.pod);
  assert.deepEqual(treeOf(byHand.directory), byHand.tree);
}

async function stops({ client, storage, workspace: { tofu } }: Terraformed): Promise<void> {
  const before = await tofu(0, 'state', 'list');
  const said = await tofu(1, 'destroy', '-auto-approve', '-input=false', IMAGE);
  const errors = said.slice(said.indexOf('Error: ')).replaceAll(/\s+/g, ' ');
  assert.match(errors, /^Error: Resource instance cannot be destroyed /);
  for (const address of [PROTECTED, GROWING]) {
    assert.ok(
      errors.includes(`${address} has prevent_destroy set, but the plan calls for it to be destroyed.`),
      errors,
    );
  }
  assert.equal(await tofu(0, 'state', 'list'), before);
  await bound(client, 'default', 'myapp-data');
  await client.get(kinds.StorageClass, { name: 'glusterfs-nfs' });
  assert.ok(existsSync(join(storage, 'glusterfs_myapp_data')));
}

async function takenOut({ client, storage, workspace }: Terraformed): Promise<void> {
  const { volume } = await bound(client, 'default', 'second-data');
  writeFileSync(join(storage, 'glusterfs_second_data', 'letter'), 'dear');
  writeFileSync(join(workspace.folder, 'second.tf'), '');
  const said = await workspace.tofu(0, 'apply', '-auto-approve', '-input=false', IMAGE);
  assert.match(said, /Apply complete! Resources: 0 added, 0 changed, 7 destroyed\./);
  await retained(client, volume.metadata.name, '/storage/v/glusterfs_second_data');
  assert.equal(readFileSync(join(storage, 'glusterfs_second_data', 'letter'), 'utf8'), 'dear');
}

async function givenUp({ client, storage, workspace: { folder, tofu }, byHand }: Terraformed): Promise<void> {
  const { volume } = await bound(client, 'default', 'myapp-data');
  writeFileSync(join(storage, 'glusterfs_myapp_data', 'letter'), 'dear');
  const root = join(folder, 'kubernetes.tf');
  const text = readFileSync(root, 'utf8');
  const changed = text.replace('service            = "myapp"', '$&\n  protected          = false');
  assert.notEqual(changed, text);
  writeFileSync(root, changed);
  await tofu(0, 'state', 'mv', PROTECTED, UNPROTECTED);
  const said = await tofu(0, 'destroy', '-auto-approve', '-input=false', IMAGE);
  assert.match(said, /Destroy complete! Resources: 12 destroyed\./);
  await retained(client, volume.metadata.name, '/storage/v/glusterfs_myapp_data');
  assert.equal(readFileSync(join(storage, 'glusterfs_myapp_data', 'letter'), 'utf8'), 'dear');
  assert.deepEqual(treeOf(byHand.directory), byHand.tree);
}

async function retained(client: Client, volume: string, path: string): Promise<void> {
  const said = await eventually(`the event of ${volume}`, async () =>
    (await eventsOf(client, 'default', volume)).find(({ reason }) => reason === 'VolumeRetained'),
  );
  assert.ok(said.message?.startsWith(`directory 127.0.0.1:${path} is kept with its data: `), said.message);
}

/** The uid of the one pod with that label, when it runs. */
async function runningPod(plane: ControlPlane, selector: string, namespace = 'default'): Promise<string> {
  return eventually(`the pod with ${selector} to run`, async () => {
    const { items } = await read(plane, `/api/v1/namespaces/${namespace}/pods?labelSelector=${selector}`);
    const [pod] = Array.isArray(items) && items.length === 1 ? items : [];
    return pod?.status?.phase === 'Running' ? String(pod.metadata.uid) : undefined;
  });
}
