/** A real API server that dies, forgets, and refuses, while the operator works. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { request } from 'undici';
import { type Client, connect, kinds } from '../../src/kube/index.ts';
import { localClasses } from '../../src/operator/classes.ts';
import { systemClock } from '../../src/telemetry/clock.ts';
import type { ControlPlane } from '../tools/control-plane.ts';
import { ACCOUNT, accountFor, post } from './account.ts';
import { auditOf } from './audit.ts';
import { assertOneToOne, type Burst, boundCount, writer } from './burst.ts';
import { applyClaim, bound, clientOf } from './claims.ts';
import { eventually, type RunningOperator, startOperator, temporaryFolder } from './larder.ts';
import { onReal } from './real.ts';
import { figuresOf, type Journey, planeFor } from './site.ts';

const WRITERS = 16;
const CROWD = 1;
/** So that the smallest share of them is one. */
const FEW_SEATS = ['--max-requests-inflight=40', '--max-mutating-requests-inflight=20'];

const journeys = (): readonly Journey[] => [
  {
    name: 'on a real control plane, a burst of 1,000 claims survives the kill of the API server in its middle',
    run: killed,
  },
  {
    name: 'on a real control plane, an operator that slept while the server forgot what happened catches up',
    run: forgotten,
  },
  {
    name: 'on a real control plane, an operator that is refused with 429 by the hundred loses and doubles nothing',
    run: throttled,
  },
];

for (const { name, run, skip } of await onReal(journeys)) {
  test(name, { skip }, run);
}

interface Stage {
  readonly plane: ControlPlane;
  readonly client: Client;
  readonly export: string;
  readonly operator: RunningOperator;
  /** Of the operator. */
  readonly kubeconfig: string;
}

/** `account`: as its ServiceAccount, because the server never refuses an administrator for being busy. */
async function stage(t: TestContext, account = false): Promise<Stage> {
  const plane = await planeFor(t, { audit: account, ...(account ? { flags: { 'kube-apiserver': FEW_SEATS } } : {}) });
  const client = await clientOf(plane);
  for (const storageClass of localClasses) await client.create(kinds.StorageClass, storageClass);
  const kubeconfig = account ? await accountFor(t, plane) : plane.kubeconfig;
  const folder = temporaryFolder((remove) => t.after(remove));
  const operator = await startOperator([
    ...['--kubeconfig', kubeconfig, '--allow-local', '--leader-election', 'false'],
    ...['--export', `127.0.0.1:/storage/v=${folder}`, '--export', `local:${folder}`],
  ]);
  t.after(() => operator.kill('SIGKILL'));
  return { plane, client, export: folder, operator, kubeconfig };
}

async function killed(t: TestContext): Promise<void> {
  const at = await stage(t);
  const { client, plane } = at;
  const burst: Burst = { waiting: namesOf(1_000), acknowledged: [] };
  const writers = startWriters(client, burst);
  await eventually('some claims to be accepted', async () => (burst.acknowledged.length >= 400 ? true : undefined));
  await plane.stop('kube-apiserver', 'SIGKILL');
  await Promise.all(writers); // each gave up at its first error
  assert.ok(burst.acknowledged.length < 1_000, 'the server was killed in the middle');
  await plane.start('kube-apiserver');
  while (burst.waiting.length > 0) await Promise.all(startWriters(client, burst));
  await assertWhole(at, 1_000);
}

async function forgotten(t: TestContext): Promise<void> {
  const at = await stage(t);
  const { client, operator, plane } = at;
  for (const name of ['kept', 'leaving']) await applyClaim(client, { name, size: '1Mi' });
  for (const name of ['kept', 'leaving']) await bound(client, 'default', name);
  const figure = figuresOf(operator);
  const expired = /^informer_interruptions_total\{[^}]*reason="expired"\} (\d+)$/gm;
  assert.equal(await figure(expired), 0);

  operator.kill('SIGSTOP');
  await client.delete(kinds.PersistentVolumeClaim, { namespace: 'default', name: 'leaving' });
  for (const name of ['one', 'two', 'three']) await applyClaim(client, { name, size: '1Mi' });
  await compact(plane, client);
  await plane.stop('kube-apiserver', 'SIGKILL');
  await plane.start('kube-apiserver');
  operator.kill('SIGCONT');
  for (const name of ['kept', 'one', 'two', 'three']) await bound(client, 'default', name);
  await eventually('the volume of the deleted claim to go', async () =>
    (await client.list(kinds.PersistentVolume)).items.length === 4 ? true : undefined,
  );
  assert.ok((await figure(expired)) >= 1, 'no watch was told 410');
  await assertWhole(at, 4);
}

async function throttled(t: TestContext): Promise<void> {
  const at = await stage(t, true);
  const { client, plane } = at;
  await starve(client, ACCOUNT);
  const neighbour = await crowd(at.kubeconfig);
  t.after(() => neighbour.stop());
  const figure = figuresOf(at.operator);
  const burst: Burst = { waiting: namesOf(300), acknowledged: [] };
  await Promise.all(startWriters(client, burst));
  await eventually('the operator to be refused a hundred times', async () =>
    (await figure(/^rest_client_requests_total\{[^}]*code="429"\} (\d+)$/gm)) >= 100 ? true : undefined,
  );
  await neighbour.stop();
  await assertWhole(at, 300);
  const entries = (await auditOf(plane, client)).filter(({ agent }) => agent.startsWith('larder/'));
  const refused = entries.filter(({ code }) => code === 429).length;
  t.diagnostic(`${refused} of ${entries.length} requests of the operator were answered with 429`);
  assert.ok(refused >= 100, `only ${refused} answers with 429`);
  const saved = entries.filter((entry) => entry.resource === 'persistentvolumes' && entry.verb === 'create');
  assert.equal(saved.filter(({ code }) => code === 201).length, 300);
}

/** Others of the same account who never leave its seat free for long. */
async function crowd(kubeconfig: string): Promise<{ stop(): Promise<void> }> {
  const { transport } = await connect({ kubeconfig, clock: systemClock });
  const path = '/api/v1/persistentvolumes';
  const get = async (): Promise<string> => (await transport.send({ method: 'GET', path })).text();
  let stopped = false;
  const loops = Array.from({ length: CROWD }, async () => {
    while (!stopped) await get().catch(() => undefined); // refused or not, it asks again
  });
  return {
    async stop() {
      stopped = true;
      await Promise.all(loops);
      await transport.close();
    },
  };
}

const namesOf = (count: number): string[] => Array.from({ length: count }, (_, index) => `claim-${index}`);

const startWriters = (client: Client, burst: Burst): readonly Promise<void>[] =>
  Array.from({ length: WRITERS }, () => writer(client, burst));

/** All Bound, one volume for each, and one directory for each volume. */
async function assertWhole({ client, export: root }: Stage, count: number): Promise<void> {
  await eventually('all to be Bound', async () => ((await boundCount(client)) === count ? true : undefined), 180);
  const { items: claims } = await client.list(kinds.PersistentVolumeClaim);
  const { items: volumes } = await client.list(kinds.PersistentVolume);
  assertOneToOne(claims, volumes);
  const paths = volumes.map(
    ({ spec }) => spec.nfs?.path.slice('/storage/v/'.length) ?? spec.local?.path.slice(root.length + 1),
  );
  const directories = readdirSync(root).filter((name) => name !== '.larder' && !name.startsWith('archived-'));
  assert.deepEqual(directories.sort(), paths.sort(), 'each directory has its volume, each volume its directory');
}

/** Makes etcd forget everything before now. */
async function compact(plane: ControlPlane, client: Client): Promise<void> {
  const { resourceVersion } = await client.list(kinds.PersistentVolumeClaim);
  const body = JSON.stringify({ revision: resourceVersion, physical: true });
  const answer = await request(`${plane.etcdUrl}/v3/kv/compaction`, { method: 'POST', body });
  assert.equal(answer.statusCode, 200, await answer.body.text());
}

/** A single seat for the requests of a user; the next one is refused, not queued. */
async function starve(client: Client, user: string): Promise<void> {
  const flow = '/apis/flowcontrol.apiserver.k8s.io/v1';
  const apiVersion = 'flowcontrol.apiserver.k8s.io/v1';
  const limited = { nominalConcurrencyShares: 1, lendablePercent: 0, borrowingLimitPercent: 0 };
  await post(client, `${flow}/prioritylevelconfigurations`, {
    apiVersion,
    kind: 'PriorityLevelConfiguration',
    metadata: { name: 'starved' },
    spec: { type: 'Limited', limited: { ...limited, limitResponse: { type: 'Reject' } } },
  });
  const [, , namespace, name] = user.split(':');
  await post(client, `${flow}/flowschemas`, {
    apiVersion,
    kind: 'FlowSchema',
    metadata: { name: 'starved' },
    spec: {
      matchingPrecedence: 100,
      priorityLevelConfiguration: { name: 'starved' },
      rules: [
        {
          subjects: [{ kind: 'ServiceAccount', serviceAccount: { namespace, name } }],
          resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'], clusterScope: true, namespaces: ['*'] }],
        },
      ],
    },
  });
}
