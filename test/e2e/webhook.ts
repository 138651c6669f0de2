/** The admission webhook of `larder operator`, asked by the API server of a place. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { pvcPolicies } from '../../src/expand/api/pvc-policy.ts';
import { type Client, isKubeError, kinds, type PersistentVolumeClaim } from '../../src/kube/index.ts';
import { applyDefinitions } from '../../src/operator/definitions.ts';
import type { Manifest } from '../../src/operator/rbac.ts';
import { configurations, webhookManifests } from '../../src/operator/webhook/manifests.ts';
import { post } from './account.ts';
import { eventually, type RunningOperator, startOperator, temporaryFolder } from './larder.ts';
import type { Cluster, Journey, Place } from './site.ts';

const NAMESPACE = 'larder-system';
const PROVISIONER = 'example.com/dirs';
/** So that nobody waits for the lease of one that was killed. */
const ALONE = ['--leader-election', 'false'];
/** As the policy of these tests has it. */
export const FLOOR = '100Gi';

export const webhook = (place: Place): readonly Journey[] => [
  {
    name: `on ${place.name}, the webhook gives a new claim the size that a policy wants, touches no other, and refuses what nobody could follow; without it claims are made as they are`,
    run: (t) => whole(t, place),
  },
];

async function whole(t: TestContext, place: Place): Promise<void> {
  const stage = await prepare(t, await place.cluster(t));
  const operator = await stage.start('one', ...ALONE);
  await applyPolicy(stage.client, { initialSize: FLOOR, maxSize: '1Ti' });
  await eventually('the webhook to be asked', async () => ((await stage.sizeOf({})) === FLOOR ? true : undefined));
  await sizes(stage);
  await refusals(stage);
  operator.kill('SIGKILL');
  await operator.exited;
  assert.equal(await stage.sizeOf({}), '1Gi');
  await corrected(stage);
}

/** A claim that is made while nobody serves the webhook gets its first size when somebody is there again. */
async function corrected(stage: Stage): Promise<void> {
  const annotations = { 'pvc-chonker.io/initial-size': '3Mi' };
  const { claim } = await stage.create({ size: '1Mi', annotations, storageClass: 'ours' });
  assert.equal(claim.spec.resources.requests['storage'], '1Mi');
  await stage.start('two', ...ALONE);
  const { name, namespace = '' } = claim.metadata;
  const grown = await eventually('the claim to be raised to its first size', async () => {
    const found = await stage.client.get(kinds.PersistentVolumeClaim, { namespace, name });
    return found.status?.capacity?.['storage'] === '3Mi' ? found : undefined;
  });
  assert.match(grown.metadata.annotations?.['pvc-chonker.io/history'] ?? '', /"by":"initial"/);
}

async function sizes(stage: Stage): Promise<void> {
  const cases = [
    ['asks for more', { size: '200Gi' }, '200Gi'],
    ['is not selected', { labels: {} }, '1Gi'],
    ['opted out', { annotations: { 'pvc-chonker.io/enabled': 'false' } }, '1Gi'],
    ['names its own floor', { annotations: { 'pvc-chonker.io/initial-size': '50Gi' } }, '50Gi'],
    ['is capped', { annotations: { 'pvc-chonker.io/max-size': '60Gi' } }, '60Gi'],
    ['is for a volume that is there', { volumeName: 'there' }, '1Gi'],
    ['is limited', { limit: '30Gi' }, '30Gi'],
    ['cannot be read', { annotations: { 'pvc-chonker.io/threshold': 'much' } }, '1Gi'],
  ] as const;
  for (const [what, claim, expected] of cases) assert.equal(await stage.sizeOf(claim), expected, what);
  const { warnings } = await stage.create({});
  assert.match(warnings, /Larder: raised from 1Gi to 100Gi: initialSize of policy databases/);
}

async function refusals({ client }: Stage): Promise<void> {
  await assert.rejects(applyPolicy(client, { provider: 'amazon' }), (failure) => {
    assert.ok(isKubeError(failure, 'KUBE_INVALID'), String(failure));
    assert.match(failure.message, /spec\.template\.provider: "amazon" must be one of nfs, local, aws/);
    return true;
  });
}

export interface NewClaim {
  readonly size?: string;
  readonly limit?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly volumeName?: string;
  /** Default: one whose volumes nobody makes. */
  readonly storageClass?: string;
}

export interface Stage {
  readonly client: Client;
  /** An operator on a node of that name, behind the address that the API server asks. */
  start(node: string, ...more: readonly string[]): Promise<RunningOperator>;
  /** What the API server made of a claim that asks for 1Gi. */
  create(claim: NewClaim): Promise<{ readonly claim: PersistentVolumeClaim; readonly warnings: string }>;
  sizeOf(claim: NewClaim): Promise<string | undefined>;
  /** Ends all connections to webhooks, so that the next one shows its certificate. */
  drop(): Promise<void>;
}

export async function prepare(t: TestContext, { client, kubeconfig }: Cluster): Promise<Stage> {
  await applyDefinitions(client);
  const front = await frontFor(t);
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } };
  await client.create(kinds.Namespace, namespace).catch((failure: unknown) => {
    if (!isKubeError(failure, 'KUBE_ALREADY_EXISTS')) throw failure;
  });
  // As documented, but for how it is reached: no network of services is here.
  const documented = webhookManifests(NAMESPACE).filter(({ kind }) => !kind.endsWith('WebhookConfiguration'));
  for (const each of [...documented, ...configurations({ kind: 'url', url: front.url }, NAMESPACE)]) {
    await post(client, collectionOf(each), each);
  }
  for (const [name, provisioner] of Object.entries({ ours: PROVISIONER, other: 'example.org/disk' })) {
    await client.create(kinds.StorageClass, {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name },
      provisioner,
      allowVolumeExpansion: true,
    });
  }
  const operators: RunningOperator[] = [];
  // Hooks run in this order: what still writes ends before its folder goes.
  t.after(async () => {
    for (const running of operators) running.kill('SIGKILL');
    await Promise.all(operators.map(({ exited }) => exited));
  });
  const folder = temporaryFolder((remove) => t.after(remove));
  let made = 0;
  const stage: Stage = {
    client,
    drop: front.drop,
    async start(node, ...more) {
      const running = await startOperator([
        ...['--kubeconfig', kubeconfig, '--export', `nas:/v=${folder}`, '--allow-local', '--enable-webhook'],
        ...['--provisioner-name', PROVISIONER, '--node-name', node, '--webhook-port', '0', ...more],
      ]);
      operators.push(running);
      const url =
        running.lines
          .find((line) => line.startsWith('Webhook'))
          ?.replace('Webhook', '')
          .trim() ?? '';
      await eventually(`${node} to be ready`, async () =>
        (await fetch(new URL('/readyz', running.console))).ok ? true : undefined,
      );
      const remove = front.add(Number(new URL(url).port));
      void running.exited.then(remove);
      return running;
    },
    async create({
      size = '1Gi',
      limit,
      labels = { workload: 'database' },
      annotations = {},
      volumeName,
      storageClass = 'other',
    }) {
      made += 1;
      const path = '/api/v1/namespaces/default/persistentvolumeclaims';
      const limits = limit === undefined ? {} : { limits: { storage: limit } };
      const body = JSON.stringify({
        metadata: { name: `claim-${made}`, labels, annotations },
        spec: {
          accessModes: ['ReadWriteOnce'],
          storageClassName: storageClass,
          resources: { requests: { storage: size }, ...limits },
          ...(volumeName === undefined ? {} : { volumeName }),
        },
      });
      const headers = { 'content-type': 'application/json' };
      const response = await client.request({ method: 'POST', path, headers, body });
      const text = await response.text();
      assert.equal(response.status, 201, text);
      return {
        claim: kinds.PersistentVolumeClaim.project(JSON.parse(text)),
        warnings: response.headers['warning'] ?? '',
      };
    },
    async sizeOf(wanted) {
      const { claim } = await stage.create(wanted);
      return claim.spec.resources.requests['storage'];
    },
  };
  return stage;
}

function collectionOf({ apiVersion, kind, metadata: { namespace } }: Manifest): string {
  const root = apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`;
  return `${root}${namespace === undefined ? '' : `/namespaces/${namespace}`}/${kind.toLowerCase()}s`;
}

/** Of the namespace `default`, for claims with the label `workload: database`. */
export async function applyPolicy(client: Client, template: object): Promise<void> {
  const name = { namespace: 'default', name: 'databases' };
  const value = {
    apiVersion: 'pvc-chonker.io/v1alpha1',
    kind: 'PVCPolicy',
    metadata: name,
    spec: { selector: { matchLabels: { workload: 'database' } }, template },
  };
  await client.patch(pvcPolicies, name, { kind: 'apply', value }, { force: true });
}

/** How often the API server went on without an answer, by its own count. */
export async function failures(client: Client): Promise<number> {
  const response = await client.request({ method: 'GET', path: '/metrics' });
  const text = await response.text();
  const counts = text.matchAll(
    /^apiserver_admission_webhook_fail_open_count\{[^}]*webhook\.larder\.dev[^}]*\} (\d+)$/gm,
  );
  return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
}

interface Front {
  readonly url: string;
  add(port: number): () => void;
  drop(): Promise<void>;
}

/** In place of the Service in front of the replicas: one address, each connection to the next of them. */
async function frontFor(t: TestContext): Promise<Front> {
  const ports: number[] = [];
  const clients = new Set<Socket>();
  let next = 0;
  const server = createServer((client) => {
    const port = ports[next % ports.length];
    next += 1;
    if (port === undefined) return void client.destroy();
    const replica = connect(port, '127.0.0.1');
    clients.add(client);
    client.pipe(replica).on('error', () => client.destroy());
    replica.pipe(client).on('error', () => replica.destroy());
    client.on('close', () => {
      clients.delete(client);
      replica.destroy();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    for (const client of clients) client.destroy();
  });
  const bound = server.address();
  return {
    url: `https://127.0.0.1:${typeof bound === 'object' && bound !== null ? bound.port : 0}`,
    async drop() {
      // Over only when the API server has closed its side: before it might send the next question there.
      await Promise.all([...clients].map((client) => once(client.end(), 'close')));
    },
    add(port) {
      ports.push(port);
      return () => void ports.splice(ports.indexOf(port), 1);
    },
  };
}
