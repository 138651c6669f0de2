/** nfs-subdir-external-provisioner works, Larder takes its place under its name, and gives it back. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Client, kinds, type PersistentVolume, type ReclaimPolicy } from '../../src/kube/index.ts';
import { FINALIZER } from '../../src/provision/annotation.ts';
import { post } from './account.ts';
import { applyClaim, bound, clientOf, eventsOf } from './claims.ts';
import { eventually, type Run, runLarder, startOperator, temporaryFolder } from './larder.ts';
import { byItsShape, byTheProgram, PEER, type PeerSite, type PeerWork } from './peer-volumes.ts';
import { onReal } from './real.ts';
import { planeFor } from './site.ts';

const works: readonly PeerWork[] = [byItsShape, byTheProgram];
const journeys = () =>
  works.map((work) => ({
    name: `on a real control plane Larder takes over ${work.name}, ends them as their class says, and gives them back`,
    run: (t: TestContext) => takesOver(t, work),
  }));

for (const [index, { name, run, skip }] of (await onReal(journeys)).entries()) {
  test(name, { skip: skip || (works[index]?.skip ?? false) }, run);
}

/** Claims by name, with the directories that their classes give them. */
const claims = {
  photos: { storageClass: 'nfs-client', directory: 'team/photos' },
  mail: { storageClass: 'nfs-client', directory: 'team/mail' },
  cache: { storageClass: 'nfs-scratch', directory: 'scratch-cache' },
  stranded: { storageClass: 'nfs-gone', directory: 'gone-stranded' },
  keeper: { storageClass: 'nfs-keep', directory: 'keep-keeper' },
} as const;

interface Stage extends PeerSite {
  larder(args: readonly string[]): Promise<Run>;
}

async function takesOver(t: TestContext, work: PeerWork): Promise<void> {
  const at = await stage(t);
  const { client, export: root } = at;
  const directories = Object.fromEntries(Object.entries(claims).map(([name, { directory }]) => [name, directory]));
  for (const [name, { storageClass }] of Object.entries(claims))
    await applyClaim(client, { name, storageClass, size: '1Mi' });
  const peer = await work.start(t, at, directories);
  for (const directory of Object.values(directories)) writeFileSync(join(root, directory, 'letter'), directory);
  const strangers = seedStrangers(root);
  await client.delete(kinds.StorageClass, { name: 'nfs-gone' });

  const before = await bound(client, 'default', 'photos');
  await looks(at);
  await scale(client, 0);
  await peer.stop();
  const operator = await startOperator(
    ['--kubeconfig', at.kubeconfig, '--allow-local', '--export', `127.0.0.1:/storage/v=${root}`],
    { PROVISIONER_NAME: PEER },
  );
  t.after(() => operator.kill('SIGKILL'));

  await ends(client, root);
  await claimsAgain(client, root);
  await applyClaim(client, { name: 'fresh', storageClass: 'nfs-client', size: '1Mi' });
  const { volume: fresh } = await bound(client, 'default', 'fresh');
  assert.ok(fresh.metadata.finalizers?.includes(FINALIZER));
  const after = await bound(client, 'default', 'photos');
  assert.deepEqual(after.volume.spec, before.volume.spec);
  assert.equal(readFileSync(join(root, 'team/photos/letter'), 'utf8'), 'team/photos');
  strangers();

  operator.kill('SIGTERM');
  assert.equal(await operator.exited, 0, operator.stderr());
  await backAgain(at, fresh);
  strangers();
}

async function stage(t: TestContext): Promise<Stage> {
  const plane = await planeFor(t);
  const client = await clientOf(plane);
  const makeClass = (name: string, parameters: Record<string, string>, reclaimPolicy: ReclaimPolicy = 'Delete') =>
    client.create(kinds.StorageClass, {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name },
      provisioner: PEER,
      parameters,
      reclaimPolicy,
    });
  await makeClass('nfs-client', { pathPattern: 'team/${.PVC.name}' });
  await makeClass('nfs-scratch', { pathPattern: 'scratch-${.PVC.name}', archiveOnDelete: 'false' });
  await makeClass('nfs-gone', { pathPattern: 'gone-${.PVC.name}', onDelete: 'delete' });
  await makeClass('nfs-keep', { pathPattern: 'keep-${.PVC.name}' }, 'Retain');
  await post(client, '/apis/apps/v1/namespaces/default/deployments', deployment('nfs-client-provisioner', IMAGE));
  const root = temporaryFolder((remove) => t.after(remove));
  const env = { KUBECONFIG: plane.kubeconfig };
  return { client, kubeconfig: plane.kubeconfig, export: root, larder: (args) => runLarder(args, env) };
}

const IMAGE = 'registry.k8s.io/sig-storage/nfs-subdir-external-provisioner:v4.0.2';

function deployment(name: string, image: string): object {
  const env = { PROVISIONER_NAME: PEER, NFS_SERVER: '127.0.0.1', NFS_PATH: '/storage/v' };
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          containers: [
            {
              name: 'provisioner',
              image,
              env: Object.entries(env).map(([key, value]) => ({ name: key, value })),
              volumeMounts: [{ name: 'root', mountPath: '/persistentvolumes' }],
            },
          ],
          volumes: [{ name: 'root', nfs: { server: '127.0.0.1', path: '/storage/v' } }],
        },
      },
    },
  };
}

/** What no claim names; the result asserts that it is as it was. */
function seedStrangers(root: string): () => void {
  mkdirSync(join(root, 'glusterfs_manual'), { mode: 0o700 });
  writeFileSync(join(root, 'glusterfs_manual', 'ledger'), 'mine', { mode: 0o600 });
  mkdirSync(join(root, 'photos')); // the last name of team/photos, at the top
  writeFileSync(join(root, 'photos', 'other'), 'not that one');
  const names = ['glusterfs_manual', 'glusterfs_manual/ledger', 'photos', 'photos/other'];
  for (const name of [...names].reverse()) utimesSync(join(root, name), 1_000_000, 1_000_000);
  const stateOf = (name: string) => {
    const { mode, mtimeMs, ino, uid, gid } = statSync(join(root, name));
    return { name, mode, mtimeMs, ino, uid, gid };
  };
  const before = names.map(stateOf);
  return () => assert.deepEqual(names.map(stateOf), before);
}

/** The command finds what is there, says what is to be done, and with --yes does its own part of it. */
async function looks({ client, larder }: Stage): Promise<void> {
  const dry = await larder(['takeover', '-o', 'json']);
  assert.equal(dry.code, 0, dry.stderr);
  const report = JSON.parse(dry.stdout);
  assert.equal(report.installation.provisioner, PEER);
  assert.equal(report.written, 0);
  const said = (check: string) => report.findings.find((each: { check: string }) => each.check === check);
  assert.match(said('volumes').message, /^5 of 5 volumes/);
  assert.match(said('class nfs-gone').message, /missing/);
  assert.match(said('nested directories').message, /goes by the whole path/);
  assert.match(said('roles').message, /account default\/default Larder would do without: .*finalizers/);

  await post(client, '/apis/apps/v1/namespaces/default/deployments', deployment('larder', 'example.org/larder:1'));
  const twice = await larder(['takeover', '--yes']);
  assert.equal(twice.code, 1);
  assert.match(twice.stdout, /Larder \(deployment default\/larder\) works for\s+\S+ too/);
  assert.match(twice.stdout, /Blocked/);
  await remove(client, '/apis/apps/v1/namespaces/default/deployments/larder');

  const done = await larder(['takeover', '--yes', '-o', 'json']);
  assert.equal(done.code, 0, done.stderr);
  const { steps, written } = JSON.parse(done.stdout);
  assert.equal(written, 4, 'all but the one whose class is gone');
  assert.ok(!steps.some(({ by }: { by: string }) => by === 'larder'), 'what was done is not asked for again');
  const { volume } = await bound(client, 'default', 'cache');
  assert.equal(volume.metadata.annotations?.['larder.dev/on-delete'], 'delete');
  const again = await larder(['takeover', '--yes', '-o', 'json']);
  assert.equal(JSON.parse(again.stdout).written, 0);
}

async function remove(client: Client, path: string): Promise<void> {
  const response = await client.request({ method: 'DELETE', path, headers: {} });
  assert.equal(response.status, 200, await response.text());
}

async function scale(client: Client, replicas: number): Promise<void> {
  const response = await client.request({
    method: 'PATCH',
    path: '/apis/apps/v1/namespaces/default/deployments/nfs-client-provisioner',
    headers: { 'content-type': 'application/merge-patch+json' },
    body: JSON.stringify({ spec: { replicas } }),
  });
  assert.equal(response.status, 200, await response.text());
}

/** Each claim of the peer goes as its class said: archived, removed (through the trash), or kept where nothing says. */
async function ends(client: Client, root: string): Promise<void> {
  const drop = (name: string) => client.delete(kinds.PersistentVolumeClaim, { namespace: 'default', name });
  const { volume: stranded } = await bound(client, 'default', 'stranded');
  for (const name of ['mail', 'cache', 'stranded']) await drop(name);
  await eventually('mail to be archived', async () =>
    existsSync(join(root, 'team/archived-mail')) ? true : undefined,
  );
  await eventually('cache to leave', async () => (existsSync(join(root, 'scratch-cache')) ? undefined : true));
  const event = await eventually('the volume without a class to say so', async () =>
    (await eventsOf(client, 'default', stranded.metadata.name)).find(({ reason }) => reason === 'VolumeFailedDelete'),
  );
  assert.match(event.message ?? '', /class missing: nfs-gone/);
  await eventually('the others to go', async () => {
    const { items } = await client.list(kinds.PersistentVolume);
    return items.length === 3 ? true : undefined;
  });
  assert.equal(readFileSync(join(root, 'team/archived-mail/letter'), 'utf8'), 'team/mail');
  assert.equal(readFileSync(join(root, 'gone-stranded/letter'), 'utf8'), 'gone-stranded');
  assert.deepEqual(readdirSync(join(root, 'team')).sort(), ['archived-mail', 'photos']);
}

/** A claim of the same name gets the directory that the peer made for the one before, whose volume object goes. */
async function claimsAgain(client: Client, root: string): Promise<void> {
  const { volume: old } = await bound(client, 'default', 'keeper');
  await client.delete(kinds.PersistentVolumeClaim, { namespace: 'default', name: 'keeper' });
  await eventually('the volume to be released', async () => {
    const { status } = await client.get(kinds.PersistentVolume, { name: old.metadata.name });
    return status?.phase === 'Released' ? true : undefined;
  });
  await applyClaim(client, { name: 'keeper', storageClass: claims.keeper.storageClass, size: '1Mi' });
  const { volume } = await bound(client, 'default', 'keeper');
  assert.notEqual(volume.metadata.name, old.metadata.name);
  assert.equal(volume.spec.nfs?.path, old.spec.nfs?.path);
  await eventually('the old volume object to go', async () => {
    const { items } = await client.list(kinds.PersistentVolume);
    return items.some(({ metadata }) => metadata.name === old.metadata.name) ? undefined : true;
  });
  assert.equal(readFileSync(join(root, 'keep-keeper/letter'), 'utf8'), 'keep-keeper');
}

/** A volume of Larder is one that the peer can delete, once the command has been there. */
async function backAgain({ client, larder }: Stage, fresh: PersistentVolume): Promise<void> {
  const dry = await larder(['takeover', '--undo']);
  assert.equal(dry.code, 0, dry.stderr);
  assert.match(dry.stdout, /has a finalizer of Larder/);
  assert.match(dry.stdout, /Take the finalizer off 2 volume/);
  const done = await larder(['takeover', '--undo', '--yes', '-o', 'json']);
  assert.equal(JSON.parse(done.stdout).written, 2, done.stderr);
  await scale(client, 1);
  const { name } = fresh.metadata;
  await client.delete(kinds.PersistentVolumeClaim, { namespace: 'default', name: 'fresh' });
  await eventually('the claim to go', async () => {
    const volume = await client.get(kinds.PersistentVolume, { name });
    return volume.status?.phase === 'Released' ? true : undefined;
  });
  await client.delete(kinds.PersistentVolume, { name }); // as the peer does when its directory is archived
  await eventually('the volume to go', async () => {
    const { items } = await client.list(kinds.PersistentVolume);
    return items.some(({ metadata }) => metadata.name === name) ? undefined : true;
  });
}
