/** The operator with exactly the documented roles: it can do all its work, and uses all that it was given. */
import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { pvcGroups } from '../../src/expand/api/pvc-group.ts';
import { pvcPolicies } from '../../src/expand/api/pvc-policy.ts';
import { type Client, kinds } from '../../src/kube/index.ts';
import { localClasses } from '../../src/operator/classes.ts';
import { clusterAccess, leaseAccess } from '../../src/operator/rbac.ts';
import { ACCOUNT, accountFor, post } from './account.ts';
import { type AuditEntry, auditOf, isWrite } from './audit.ts';
import { applyClaim, bound, clientOf, eventsOf } from './claims.ts';
import { eventually, type Run, type RunningOperator, runLarder, startOperator, temporaryFolder } from './larder.ts';
import { pod } from './manifests.ts';
import { onReal } from './real.ts';
import { addressOf, type Journey, planeFor } from './site.ts';

const MIB = 1024 * 1024;
const CLAIMS = 100;

/** Granted for what did not happen here. */
const unused: Readonly<Record<string, string>> = {
  'get persistentvolumeclaims': 'to look again at a claim that somebody changed while it grew',
  'get configmaps': 'for operators with a ledger, whose console compares its head with the cluster',
  'list persistentvolumeclaims': 'for servers that do not stream lists',
  'list persistentvolumes': 'for servers that do not stream lists',
  'list storageclasses': 'for servers that do not stream lists',
  'list namespaces': 'for servers that do not stream lists',
  'list pods': 'for servers that do not stream lists',
  'list resourcequotas': 'for servers that do not stream lists',
  'list limitranges': 'for servers that do not stream lists',
  'list csistoragecapacities': 'for servers that do not stream lists',
  'list volumesnapshots': 'for clusters with snapshots',
  'watch volumesnapshots': 'for clusters with snapshots',
  'list backups': 'for clusters with Velero',
  'watch backups': 'for clusters with Velero',
  'list podvolumebackups': 'for clusters with Velero',
  'watch podvolumebackups': 'for clusters with Velero',
  'list pvcpolicies': 'for servers that do not stream lists',
  'get pvcpolicies': 'for the console, when somebody opens a policy',
  'create pvcpolicies': 'for the console, when somebody makes a policy',
  'patch pvcpolicies': 'for the console, when somebody changes a policy',
  'delete pvcpolicies': 'for the console, when somebody deletes a policy',
  'list pvcgroups': 'for servers that do not stream lists',
  'create tokenreviews': 'for whoever signs in to the console with an account of the cluster',
  'create subjectaccessreviews': 'for whoever signs in to the console with an account of the cluster',
  'list nodes': 'for the console, when somebody opens its cluster screen',
};

const journeys = (): readonly Journey[] => [
  {
    name: 'on a real control plane, the operator does all its work with the documented roles, is refused nothing, and needs all of them',
    run: works,
  },
  {
    name: 'on a real control plane, a claim costs two writes: its volume and the event',
    run: counts,
  },
];

for (const { name, run, skip } of await onReal(journeys)) {
  test(name, { skip }, run);
}

interface Stage {
  readonly client: Client;
  readonly export: string;
  audit(): Promise<readonly AuditEntry[]>;
  start(): Promise<RunningOperator>;
}

async function stage(t: TestContext): Promise<Stage> {
  const plane = await planeFor(t, { audit: true });
  const client = await clientOf(plane);
  for (const storageClass of localClasses) await client.create(kinds.StorageClass, storageClass);
  const kubeconfig = await accountFor(t, plane);
  const folder = temporaryFolder((remove) => t.after(remove));
  return {
    client,
    export: folder,
    audit: async () => (await auditOf(plane, client)).filter(({ user }) => user === ACCOUNT),
    async start() {
      const operator = await startOperator([
        ...['--kubeconfig', kubeconfig, '--allow-local', '--watch-interval', '3s'],
        ...['--export', `127.0.0.1:/storage/v=${folder}`, '--export', `local:${folder}`],
      ]);
      t.after(() => operator.kill('SIGKILL'));
      return operator;
    },
  };
}

async function works(t: TestContext): Promise<void> {
  const at = await stage(t);
  const { client } = at;
  const first = await at.start();
  await grow(at);
  await modify(at);
  await govern(at);
  await refuse(at);
  await comeBack(at, (args) => runLarder(args, addressOf(first)));
  first.kill('SIGKILL');
  await first.exited;
  const second = await at.start(); // goes on counting the event of the claim that is refused
  await eventually('the refusal to be told again', async () => {
    const [event] = (await eventsOf(client, 'default', 'nameless')).filter(isFailure);
    return (event?.count ?? 0) > 1 ? event : undefined;
  });
  const doctor = await runLarder(['doctor', '-o', 'json'], addressOf(second));
  assert.equal(doctor.code, 0, doctor.stdout);
  second.kill('SIGTERM');
  assert.equal(await second.exited, 0, second.stderr());

  const entries = await at.audit();
  assert.deepEqual(
    entries.filter(({ code }) => code === 401 || code === 403),
    [],
  );
  const used = new Set(entries.map(({ verb, resource }) => `${verb} ${resource}`));
  const granted = [...clusterAccess('off'), ...leaseAccess].flatMap(({ resource, verbs }) =>
    verbs.map((verb) => `${verb} ${resource}`),
  );
  const idle = [...new Set(granted)].filter((each) => !used.has(each));
  assert.deepEqual(
    idle.filter((each) => !(each in unused)),
    [],
    'granted and not used',
  );
}

async function grow({ client, export: root }: Stage): Promise<void> {
  await applyClaim(client, {
    name: 'data',
    storageClass: 'glusterfs-nfs',
    size: '20Mi',
    annotations: { 'volume-name': 'data', 'pvc-chonker.io/enabled': 'true', 'pvc-chonker.io/min-scale-up': '1Mi' },
  });
  await bound(client, 'default', 'data');
  writeFileSync(join(root, 'glusterfs_data', 'filler'), Buffer.alloc(18 * MIB, 1));
  await eventually('the claim to grow', async () => {
    const { claim } = await bound(client, 'default', 'data');
    return claim.status?.capacity?.['storage'] === '20Mi' ? undefined : claim;
  });
}

/** The class of the attributes that a claim is modified to is read, because it may name a type with other limits. */
async function modify({ client, audit }: Stage): Promise<void> {
  await client.create(kinds.VolumeAttributesClass, {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'VolumeAttributesClass',
    metadata: { name: 'silver' },
    driverName: 'larder.dev/directory',
    parameters: { type: 'silver' },
  });
  const value = { spec: { volumeAttributesClassName: 'silver' } };
  await client.patch(kinds.PersistentVolumeClaim, { namespace: 'default', name: 'data' }, { kind: 'merge', value });
  await eventually('the class to be read', async () => {
    const read = (await audit()).find(({ verb, resource }) => verb === 'get' && resource === 'volumeattributesclasses');
    return read;
  });
}

/** A policy and a group, which say what they are for. */
async function govern({ client }: Stage): Promise<void> {
  const apiVersion = 'pvc-chonker.io/v1alpha1';
  const path = `/apis/${apiVersion}/namespaces/default`;
  const metadata = { name: 'all' };
  await post(client, `${path}/pvcpolicies`, { apiVersion, kind: 'PVCPolicy', metadata, spec: { selector: {} } });
  await post(client, `${path}/pvcgroups`, { apiVersion, kind: 'PVCGroup', metadata, spec: { selector: {} } });
  await eventually('the status of the policy', async () => {
    const { status } = await client.get(pvcPolicies, { namespace: 'default', name: 'all' });
    return status?.matchedPVCs === 1 ? status : undefined;
  });
  await eventually('the status of the group', async () => {
    const { status } = await client.get(pvcGroups, { namespace: 'default', name: 'all' });
    return status?.memberCount === 1 ? status : undefined;
  });
}

/** A claim that is refused, and a pod that waits for it. */
async function refuse({ client }: Stage): Promise<void> {
  await applyClaim(client, { name: 'nameless', storageClass: 'glusterfs-nfs', size: '1Mi' });
  await eventually('the refusal', async () => (await eventsOf(client, 'default', 'nameless')).find(isFailure));
  await eventually('a pod to be accepted', () =>
    post(client, '/api/v1/namespaces/default/pods', pod('default', 'waiting', 'nameless')).then(
      () => true,
      () => undefined, // until the namespace has its account
    ),
  );
  await eventually('the refusal on the pod', async () =>
    (await eventsOf(client, 'default', 'waiting')).find(isFailure),
  );
}

/** Deleted through the trash, brought back, and claimed again. */
async function comeBack({ client }: Stage, run: (args: readonly string[]) => Promise<Run>): Promise<void> {
  await applyClaim(client, { name: 'notes', size: '1Mi' });
  const { volume } = await bound(client, 'default', 'notes');
  const directory = volume.spec.local?.path ?? '';
  writeFileSync(join(directory, 'letter'), 'dear');
  await client.delete(kinds.PersistentVolumeClaim, { namespace: 'default', name: 'notes' });
  await eventually('the directory to leave', async () => (existsSync(directory) ? undefined : true));
  const restored = await run(['volumes', 'undelete', 'default/notes']);
  assert.equal(restored.code, 0, restored.stderr);
  await applyClaim(client, { name: 'notes', size: '1Mi' });
  await bound(client, 'default', 'notes');
  assert.ok(existsSync(join(directory, 'letter')));
}

const isFailure = ({ reason }: { readonly reason?: string }): boolean => reason === 'ProvisioningFailed';

async function counts(t: TestContext): Promise<void> {
  const { audit, client, start } = await stage(t);
  await start();
  const before = (await audit()).length;
  const names = Array.from({ length: CLAIMS }, (_, index) => `claim-${index}`);
  await Promise.all(names.map((name) => applyClaim(client, { name, size: '1Mi' })));
  for (const name of names) await bound(client, 'default', name);
  await eventually('all events to be written', async () => {
    const { items } = await client.list(kinds.Event);
    return items.filter(({ reason }) => reason === 'ProvisioningSucceeded').length === CLAIMS ? true : undefined;
  });
  // Neither the lease nor what is asked once at the start has to do with claims.
  const others = ['leases', 'selfsubjectaccessreviews'];
  const asked = (await audit()).slice(before);
  const writes = asked.filter((entry) => isWrite(entry) && !others.includes(entry.resource));
  const by = Map.groupBy(writes, ({ verb, resource, code }) => `${verb} ${resource} ${code}`);
  assert.deepEqual(Object.fromEntries([...by].map(([what, { length }]) => [what, length])), {
    'create persistentvolumes 201': CLAIMS,
    'create events 201': CLAIMS,
  });
  // Watches were begun before; the lease is read to be kept.
  const reads = asked.filter(({ verb, resource }) => ['get', 'list'].includes(verb) && !others.includes(resource));
  assert.deepEqual(
    reads.map(({ verb, resource, name }) => `${verb} ${resource} ${name}`),
    [],
  );
}
