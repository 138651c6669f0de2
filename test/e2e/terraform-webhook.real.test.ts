/** The module nfs-provisioner with its webhook, applied: a real API server asks the operator through the Service of the module. */
import assert from 'node:assert/strict';
import { chmodSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { bundle } from '../../deploy/docker/bundle.ts';
import { type Client, isKubeError, kinds } from '../../src/kube/index.ts';
import { applyDefinitions } from '../../src/operator/definitions.ts';
import { programs } from '../tools/control-plane/flags.ts';
import type { ControlPlane } from '../tools/control-plane.ts';
import { lacking } from '../tools/run-tool.ts';
import { ACCOUNT, post } from './account.ts';
import { auditOf } from './audit.ts';
import { noPods, planOf, startPod } from './chart/pod.ts';
import { bound, clientOf } from './claims.ts';
import { eventually, type Started, temporaryFolder } from './larder.ts';
import { namespace, storageClass } from './manifests.ts';
import { serviceNetworkFor } from './service-network.ts';
import { planeFor } from './site.ts';
import { clusterWithNode, read, type Workspace, workspaceFor } from './terraform.ts';
import { applyPolicy, FLOOR, failures } from './webhook.ts';

const skip = (await lacking('tofu', 'terraform-provider-kubernetes', 'kwok', ...programs)) || noPods();

const NAMESPACE = 'larder-system';
/** A class whose volumes nobody makes. */
const NOBODYS = 'disk';
/** Read by the operator: the last that is given counts. */
const HERE = ['--host', '127.0.0.1', '--port', '0', '--webhook-port', '0', '--watch-interval', '3s'];

const root = `
terraform {
  required_providers {
    kubernetes = {
      source = "hashicorp/kubernetes"
    }
  }
}
variable "kubeconfig" {
  type = string
}
provider "kubernetes" {
  config_path = var.kubeconfig
}
module "larder" {
  source                      = "./modules-k8s/nfs-provisioner"
  provisioner_image           = "registry.example.org/larder"
  webhook_enabled             = true
  webhook_excluded_namespaces = ["ci"]
}
`;

/** Asks for less than a new claim of its labels gets. */
const volume = (service: string, growing: boolean): string => `
module "${service}" {
  source             = "./modules-k8s/volume"
  service            = "${service}"
  type               = "data"
  size               = "1Gi"
  storage_class_name = module.larder.storage_class_name
  labels             = { workload = "database" }
  protected          = false
  growing            = ${growing}
}
`;

interface World {
  readonly plane: ControlPlane;
  readonly client: Client;
  readonly workspace: Workspace;
}

test('the webhook of the Terraform module is applied, asked through its Service, no difference for a later plan, and goes without a trace', {
  skip,
}, async (t) => {
  const services = await serviceNetworkFor(t);
  const flags = { 'kube-apiserver': services.flags };
  const plane = await planeFor(t, { scheduler: true, audit: true, flags });
  await clusterWithNode(t, plane);
  const client = await clientOf(plane);
  await applyDefinitions(client);
  await post(client, '/apis/storage.k8s.io/v1/storageclasses', storageClass(NOBODYS));
  const world: World = { plane, client, workspace: await workspaceFor(t, plane.kubeconfig, root) };
  const { tofu, write } = world.workspace;

  await tofu(0, 'apply', '-auto-approve', '-input=false');
  assert.deepEqual(await configurations(plane), ['larder', 'larder']);
  const pod = await runningPod(t, world);
  const address = `${await addressOf(plane)}:443`;
  services.lead(address, portOf(pod));
  await applyPolicy(client, { initialSize: FLOOR, maxSize: '1Ti' });
  await eventually('the webhook to be asked', async () => ((await sizeOf(client, {})) === FLOOR ? true : undefined));
  const passedOver = await failures(client);
  await asks(client);
  assert.match(await tofu(0, 'plan', '-detailed-exitcode', '-input=false'), /No changes\./);

  write(`${root}${volume('database', true)}`);
  await tofu(0, 'init', '-input=false');
  await tofu(0, 'apply', '-auto-approve', '-input=false');
  const { claim } = await bound(client, 'default', 'database-data');
  assert.equal(claim.spec.resources.requests['storage'], FLOOR);
  assert.match(await tofu(0, 'plan', '-detailed-exitcode', '-input=false'), /No changes\./);
  // As the guide says: where size counts for ever, the next plan wants it back, which Kubernetes refuses.
  write(`${root}${volume('mail', false)}`);
  await tofu(0, 'init', '-input=false');
  await tofu(0, 'apply', '-auto-approve', '-input=false');
  const wanted = await tofu(2, 'plan', '-detailed-exitcode', '-input=false');
  assert.match(wanted, /"storage" = "100Gi" -> "1Gi"/);
  assert.equal(await failures(client), passedOver, 'the API server passed over the webhook');
  assert.ok((services.asked.get(address) ?? 0) > 0);

  pod.kill('SIGTERM');
  assert.equal(await pod.exited, 0, pod.stderr());
  await tofu(0, 'destroy', '-auto-approve', '-input=false');
  assert.deepEqual(await configurations(plane), []);
  assert.equal(await sizeOf(client, {}), '1Gi');
  const own = (await auditOf(plane, client)).filter(({ user }) => user === ACCOUNT);
  assert.ok(own.some(({ verb, resource }) => verb === 'patch' && resource === 'mutatingwebhookconfigurations'));
  assert.deepEqual(
    own.filter(({ code }) => code === 401 || code === 403),
    [],
  );
});

/** The pod of the Deployment as a process of this machine, with the account, arguments and environment of the module. */
async function runningPod(t: TestContext, { plane, client }: World): Promise<Started> {
  const files = temporaryFolder((remove) => t.after(remove), 'larder-bundle-');
  await bundle(files);
  const exported = temporaryFolder((remove) => t.after(remove), 'larder-exported-');
  for (const folder of [files, exported]) chmodSync(folder, 0o755);
  const plan = planOf(await read(plane, `/apis/apps/v1/namespaces/${NAMESPACE}/deployments/larder`));
  plan.spec.template.spec.containers[0].args.push(...HERE);
  return startPod(t, plan, { plane, client, bundle: files, node: 'hestia', volumes: { export: exported } });
}

async function addressOf(plane: ControlPlane): Promise<string> {
  const { spec } = await read(plane, `/api/v1/namespaces/${NAMESPACE}/services/larder-webhook`);
  return String(Reflect.get(Object(spec), 'clusterIP'));
}

function portOf({ lines }: Started): number {
  const line = lines.find((each) => each.startsWith('Webhook')) ?? '';
  return Number(new URL(line.replace('Webhook', '').trim()).port);
}

async function asks(client: Client): Promise<void> {
  await post(client, '/api/v1/namespaces', namespace('ci'));
  const cases = [
    ['is not selected', { labels: {} }, '1Gi'],
    ['opted out', { annotations: { 'pvc-chonker.io/enabled': 'false' } }, '1Gi'],
    ['names its own floor', { annotations: { 'pvc-chonker.io/initial-size': '50Gi' } }, '50Gi'],
    [
      'is in a namespace that is left out',
      { namespace: 'ci', annotations: { 'pvc-chonker.io/initial-size': '9Gi' } },
      '1Gi',
    ],
  ] as const;
  for (const [what, claim, expected] of cases) assert.equal(await sizeOf(client, claim), expected, what);
  await assert.rejects(applyPolicy(client, { provider: 'amazon' }), (failure) => isKubeError(failure, 'KUBE_INVALID'));
}

interface NewClaim {
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

let made = 0;

/** What the API server makes of a claim that asks for 1Gi. */
async function sizeOf(client: Client, wanted: NewClaim): Promise<string | undefined> {
  const { namespace = 'default', labels = { workload: 'database' }, annotations = {} } = wanted;
  made += 1;
  const claim = await client.create(kinds.PersistentVolumeClaim, {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: `claim-${made}`, namespace, labels, annotations },
    spec: {
      accessModes: ['ReadWriteOnce'],
      storageClassName: NOBODYS,
      resources: { requests: { storage: '1Gi' } },
    },
  });
  return claim.spec.resources.requests['storage'];
}

async function configurations(plane: ControlPlane): Promise<readonly string[]> {
  const group = '/apis/admissionregistration.k8s.io/v1';
  const lists = ['mutatingwebhookconfigurations', 'validatingwebhookconfigurations'].map((kind) =>
    read(plane, `${group}/${kind}`),
  );
  return (await Promise.all(lists)).flatMap(({ items }) =>
    Array.isArray(items) ? items.map(({ metadata }) => String(metadata.name)) : [],
  );
}
