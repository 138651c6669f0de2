/** `larder operator` as on a cluster: over TLS with a kubeconfig, its own provisioner name, elected by a Lease. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Client, type Draft, isKubeError, kinds, type Lease, type ObjectName } from '../../src/kube/index.ts';
import { applyClaim, bound } from './claims.ts';
import { eventually, type RunningOperator, startOperator, temporaryFolder } from './larder.ts';
import { type Cluster, figuresOf, type Journey, type Place } from './site.ts';

const PROVISIONER = 'example.com/dirs';
const LEASE = { namespace: 'larder-system', name: 'larder-operator' };
/** Tries to get the lease that must have failed before silence counts as proof. */
const TRIES_SEEN = 3;

export const operator = (place: Place): readonly Journey[] => [
  {
    name: `on ${place.name}, larder operator provisions for its own provisioner name, holds its lease, and gives it back when it stops`,
    run: (t) => alone(t, place),
  },
  {
    name: `on ${place.name}, of two operators the second takes over when the one that leads is killed, and no claim gets two volumes`,
    run: (t) => two(t, place),
  },
  {
    name: `on ${place.name}, an operator whose lease is taken away writes nothing more, lives on, and comes back`,
    run: (t) => robbed(t, place),
  },
  {
    name: `on ${place.name}, of two operators none removes a directory while the lease is taken from both, and whoever gets it next finishes, once`,
    run: (t) => bothRobbed(t, place),
  },
];

async function alone(t: TestContext, place: Place): Promise<void> {
  const cluster = await place.cluster(t);
  const { client } = cluster;
  const { folder, start } = await prepare(t, cluster);
  const running = await start('here');
  assert.deepEqual(running.lines.map((line) => line.replace(/^(Kubernetes API|Console) .*/, '$1')).slice(0, 3), [
    'Kubernetes API',
    'Console',
    `Serves  ${PROVISIONER} on nas:/v`,
  ]);
  assert.match(running.lines[3] ?? '', /^ready in \d+\.\d s$/);
  await applyClaim(client, { name: 'far', storageClass: 'other', size: '1Mi' });
  const { volume } = await bound(client, 'default', 'far');
  assert.equal(volume.spec.nfs?.path, '/v/x-far');
  assert.equal(statSync(join(folder, 'x-far')).mode & 0o777, 0o777);

  assert.match((await leaseOf(client))?.spec.holderIdentity ?? '', /^here_/);
  running.kill('SIGTERM');
  assert.equal(await running.exited, 0);
  assert.equal((await leaseOf(client))?.spec.holderIdentity ?? '', '');
}

async function two(t: TestContext, place: Place): Promise<void> {
  const cluster = await place.cluster(t);
  const { client } = cluster;
  const { start } = await prepare(t, cluster);
  const operators = new Map([
    ['one', await start('one')],
    ['two', await start('two')],
  ]);
  await applyClaim(client, { name: 'first', storageClass: 'other', size: '1Mi' });
  await bound(client, 'default', 'first');
  const [leader = ''] = ((await leaseOf(client))?.spec.holderIdentity ?? '').split('_');
  const leading = operators.get(leader);
  assert.ok(leading, leader);
  leading.kill('SIGKILL');
  await leading.exited;
  const names = Array.from({ length: 20 }, (_, index) => `later-${index}`);
  await Promise.all(names.map((name) => applyClaim(client, { name, storageClass: 'other', size: '1Mi' })));
  for (const name of names) await bound(client, 'default', name);
  const { items } = await client.list(kinds.PersistentVolume);
  assert.equal(items.length, 1 + names.length);
  const lease = await leaseOf(client);
  assert.match(lease?.spec.holderIdentity ?? '', leader === 'one' ? /^two_/ : /^one_/);
  assert.equal(lease?.spec.leaseTransitions, 1);
}

async function robbed(t: TestContext, place: Place): Promise<void> {
  const cluster = await place.cluster(t);
  const { client } = cluster;
  const { start } = await prepare(t, cluster);
  const running = await start('victim');
  await applyClaim(client, { name: 'before', storageClass: 'other', size: '1Mi' });
  await bound(client, 'default', 'before');
  const figure = figuresOf(running);
  await takeLease(client, 'thief');
  await eventually('the operator to step down', async () =>
    (await figure(/^larder_leader (\d)$/m)) === 0 ? true : undefined,
  );
  const writes = /^rest_client_requests_total\{method="(?:POST|PUT|PATCH|DELETE)",[^}]*\} (\d+)$/gm;
  const reads = /^rest_client_requests_total\{method="GET",code="200"\} (\d+)$/gm;
  const written = await figure(writes);
  const read = await figure(reads);
  await applyClaim(client, { name: 'meanwhile', storageClass: 'other', size: '1Mi' });
  await eventually('the operator to have asked for its lease again and again', async () => {
    await takeLease(client, 'thief'); // held, not forgotten
    return (await figure(reads)) >= read + TRIES_SEEN ? true : undefined;
  });
  assert.equal(await figure(writes), written, 'an operator without its lease wrote something');
  const { items } = await client.list(kinds.PersistentVolume);
  assert.equal(items.length, 1);

  await takeLease(client, '');
  await bound(client, 'default', 'meanwhile');
  assert.equal(await figure(/^larder_leader (\d)$/m), 1);
  assert.match((await leaseOf(client))?.spec.holderIdentity ?? '', /^victim_/);
}

/** Claims that leave and come in each round. */
const EACH = 10;
/** The leader may look at its lease between the theft and the first claim that leaves; then there was nothing to refuse. */
const ROUNDS_AT_MOST = 8;

async function bothRobbed(t: TestContext, place: Place): Promise<void> {
  const cluster = await place.cluster(t);
  const { client } = cluster;
  const { folder, start } = await prepare(t, cluster);
  const operators = [await start('one', '--log-level', 'debug'), await start('two', '--log-level', 'debug')];
  const refused = (): boolean => operators.some((each) => each.stderr().split('\n').some(isRefusal));
  for (let round = 0; round < ROUNDS_AT_MOST && !refused(); round += 1) {
    await takenFromBoth({ client, folder, operators }, round);
  }
  assert.ok(refused(), 'the operator that had lost the lease was never asked to remove anything');

  await make(client, 'deleted');
  await client.delete(kinds.Lease, LEASE); // both see that there is none, and one of them makes it
  await leave(client, 'deleted');
  await make(client, 'after');
  await eventually('the directories to be moved', async () => isMoved(folder, 'deleted') || undefined);
  await eachOnce(client, folder);
  for (const running of operators) assert.equal((await fetch(new URL('/healthz', running.console))).status, 200);
}

interface Both extends Pick<Prepared, 'folder'> {
  readonly client: Client;
  readonly operators: readonly RunningOperator[];
}

async function takenFromBoth({ client, folder, operators }: Both, round: number): Promise<void> {
  const [leaving, coming] = [`leaving-${round}`, `coming-${round}`];
  await make(client, leaving);
  await takeLease(client, 'thief');
  await Promise.all([leave(client, leaving), ask(client, coming)]);
  await eventually('both to know that they do not lead', async () => {
    await takeLease(client, 'thief'); // held, not forgotten
    const leads = await Promise.all(operators.map((each) => figuresOf(each)(/^larder_leader (\d)$/m)));
    return leads.every((figure) => figure === 0) ? true : undefined;
  });
  for (const name of names(leaving)) {
    assert.ok(existsSync(join(folder, `x-${name}`)), `${name} was moved by an operator that had lost its lease`);
  }
  await takeLease(client, '');
  await eventually('the directories to be moved', async () => isMoved(folder, leaving) || undefined);
  for (const name of names(coming)) await bound(client, 'default', name);
  await eachOnce(client, folder);
}

const names = (prefix: string): readonly string[] => Array.from({ length: EACH }, (_, index) => `${prefix}-${index}`);

const ask = (client: Client, prefix: string): Promise<unknown> =>
  Promise.all(names(prefix).map((name) => applyClaim(client, { name, storageClass: 'other', size: '1Mi' })));

async function make(client: Client, prefix: string): Promise<void> {
  await ask(client, prefix);
  for (const name of names(prefix)) await bound(client, 'default', name);
}

const leave = (client: Client, prefix: string): Promise<unknown> =>
  Promise.all(names(prefix).map((name) => client.delete(kinds.PersistentVolumeClaim, { namespace: 'default', name })));

const isMoved = (folder: string, prefix: string): boolean =>
  names(prefix).every(
    (name) => existsSync(join(folder, `archived-x-${name}`)) && !existsSync(join(folder, `x-${name}`)),
  );

/** Each claim has one volume, and each directory was moved once: a second move would have a name with a time. */
async function eachOnce(client: Client, folder: string): Promise<void> {
  const { items } = await client.list(kinds.PersistentVolume);
  const owners = items.map(({ spec }) => spec.claimRef?.uid);
  assert.equal(new Set(owners).size, owners.length);
  const again = readdirSync(folder).filter((name) => /^archived-x-.*-\d{8}T/.test(name));
  assert.deepEqual(again, []);
}

/** A line of the log that says why a volume was left as it is. */
const isRefusal = (line: string): boolean =>
  line.includes('"controller":"reclaimer"') && line.includes('"reason":"not-the-leader"');

interface Prepared {
  readonly folder: string;
  /** Starts an operator on a node of that name. */
  start(node: string, ...more: readonly string[]): Promise<RunningOperator>;
}

/** A class and a folder for operators with a provisioner name of their own. */
async function prepare(t: TestContext, { client, kubeconfig }: Cluster): Promise<Prepared> {
  const folder = temporaryFolder((remove) => t.after(remove));
  await client.create(kinds.StorageClass, {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'other' },
    provisioner: PROVISIONER,
    parameters: { pathPattern: 'x-${.PVC.name}' },
  });
  return {
    folder,
    async start(node, ...more) {
      const running = await startOperator([
        ...['--kubeconfig', kubeconfig, '--export', `nas:/v=${folder}`, '--allow-local'],
        ...['--provisioner-name', PROVISIONER, '--lease-namespace', LEASE.namespace, '--node-name', node],
        ...more,
      ]);
      t.after(() => running.kill('SIGKILL'));
      return running;
    },
  };
}

const leaseOf = (client: Client): Promise<Lease | undefined> =>
  client.get(kinds.Lease, LEASE satisfies ObjectName).catch((failure: unknown) => {
    if (isKubeError(failure, 'KUBE_NOT_FOUND')) return undefined;
    throw failure;
  });

/** Writes the lease in the name of `holder`, as an administrator with an editor does; empty: it is free. */
async function takeLease(client: Client, holder: string): Promise<void> {
  await eventually('the lease to be written', async () => {
    const lease = await client.get(kinds.Lease, LEASE);
    const renewTime = new Date().toISOString().replace('Z', '000Z');
    const taken: Draft<Lease> = { ...lease, spec: { ...lease.spec, holderIdentity: holder, renewTime } };
    return client.update(kinds.Lease, taken).catch((failure: unknown) => {
      if (isKubeError(failure, 'KUBE_CONFLICT')) return undefined; // its holder was faster: again
      throw failure;
    });
  });
}
