/**
 * The requirement, clause by clause, in its own numbers: FR functional requirements, US acceptance scenarios, SC success
 * criteria, EC edge cases in their order. Told on one installation from beginning to end; what a clause leaves behind is
 * there for the next, as on a cluster. docs/requirements.md is made from the names; what needs Terraform is in
 * specification-terraform.ts.
 */
import assert from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  existsSync,
  globSync,
  lstatSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { kinds, type PersistentVolume, type PersistentVolumeClaim } from '../../src/kube/index.ts';
import { post } from './account.ts';
import { applyClaim, bound, eventsOf } from './claims.ts';
import { type Clause, nameOf } from './clause.ts';
import { eventually } from './larder.ts';
import { pod } from './manifests.ts';
import type { Place, Site } from './site.ts';
import { contentOf, fillTree, treeOf } from './tree.ts';

interface Cluster {
  readonly site: Site;
  /** A directory that no claim names, as services with a hostPath have it. */
  readonly existing: string;
  /** Its tree from before. */
  readonly before: Readonly<Record<string, string>>;
}

const CLASS = 'glusterfs-nfs';
const UMASK = 0o077;
const AT_ONCE = 10;
const CREATION_LIMIT_S = 30;

export const clauses: readonly Clause<Cluster>[] = [
  {
    ids: ['FR-001', 'US1-1'],
    title: 'a claim whose directory does not exist gets it, and is Bound without anybody logging in to a node',
    async run({ site }) {
      assert.equal(existsSync(join(site.export, 'glusterfs_newservice_data')), false);
      const { claim } = await volumeOf(site, 'newservice', 'data');
      assert.ok(lstatSync(join(site.export, 'glusterfs_newservice_data')).isDirectory());
      assert.equal(claim.status?.phase, 'Bound');
    },
  },
  {
    ids: ['FR-002', 'US1-2'],
    title: 'a new directory has mode 0777 and belongs to root:root, although the provisioner runs with umask 0077',
    async run({ site }) {
      await volumeOf(site, 'umask', 'data');
      const { mode, uid, gid } = lstatSync(join(site.export, 'glusterfs_umask_data'));
      assert.equal((mode & 0o7777).toString(8), '777');
      assert.deepEqual([uid, gid], [process.getuid?.(), process.getgid?.()], 'root, or the user that Larder runs as');
    },
  },
  {
    ids: ['FR-003', 'US1-3'],
    title: 'a directory that exists keeps its data: content, modes, owners and times of all that is in it',
    run: keepsData,
  },
  {
    ids: ['FR-004', 'US3-1'],
    title: 'service myapp with config and data gets glusterfs_myapp_config and glusterfs_myapp_data',
    async run({ site }) {
      for (const type of ['config', 'data']) {
        const { volume } = await volumeOf(site, 'myapp', type);
        assert.equal(volume.spec.nfs?.path, `/storage/v/glusterfs_myapp_${type}`);
        assert.ok(lstatSync(join(site.export, `glusterfs_myapp_${type}`)).isDirectory());
      }
    },
  },
  {
    ids: ['FR-005', 'FR-007'],
    title: 'a volume is below /storage/v/ of the same server for every node, and no node is left out',
    async run({ site }) {
      const { volume } = await volumeOf(site, 'anywhere', 'data');
      assert.deepEqual(volume.spec.nfs, { server: '127.0.0.1', path: '/storage/v/glusterfs_anywhere_data' });
      assert.equal(volume.spec.nodeAffinity, undefined);
      assert.deepEqual(volume.spec.accessModes, ['ReadWriteMany']);
    },
  },
  {
    ids: ['FR-006'],
    title:
      'asking again gives the same directory with its data, and a provisioner that is killed midway makes none twice',
    run: asksAgain,
  },
  {
    ids: ['SC-002'],
    title: 'the volume of a claim is made within 30 seconds, by the times that the API server has written',
    async run({ site }) {
      const { claim, volume } = await volumeOf(site, 'soon', 'data');
      const [asked = Number.NaN, made = Number.NaN] = [claim, volume].map(({ metadata }) =>
        Date.parse(metadata.creationTimestamp ?? ''),
      );
      assert.ok(made - asked <= CREATION_LIMIT_S * 1000, `${(made - asked) / 1000} s`);
    },
  },
  {
    ids: ['EC-1'],
    title: 'while the storage is away claim and pod wait and say so; when it is back they get their volume',
    run: away,
  },
  {
    ids: ['EC-2'],
    title: 'of several claims at once for one directory one makes it and the others use it',
    run: atOnce,
  },
  {
    ids: ['EC-3'],
    title: 'wrong permissions are corrected, those of an application are kept, and either is said',
    run: permissions,
  },
  { ids: ['EC-4'], title: 'a full disk is said as what it is, and no directory is made', run: full },
  {
    ids: ['SC-003'],
    title: 'the directory of a service with a hostPath is as it was: nothing touches what no claim names',
    async run({ existing, before }) {
      assert.deepEqual(treeOf(existing), before);
    },
  },
  {
    ids: ['SC-004', 'US3-2'],
    title: 'a backup of glusterfs_* finds every volume and nothing else, and nothing is beside them but .larder',
    async run({ site, existing }) {
      const { items } = await site.client.list(kinds.PersistentVolume);
      const paths = items.map(({ spec }) => spec.nfs?.path.replace('/storage/v/', '') ?? '');
      const found = globSync('glusterfs_*', { cwd: site.export });
      assert.ok(paths.length >= AT_ONCE, `only ${paths.length} volumes`);
      assert.deepEqual(found.sort(), [...new Set([...paths, existing.slice(site.export.length + 1)])].sort());
      const others = readdirSync(site.export).filter((name) => !found.includes(name));
      assert.deepEqual(others, ['.larder']);
    },
  },
];

/** Tells all clauses on one installation. */
export async function tell(t: TestContext, place: Place): Promise<void> {
  const umask = process.umask(UMASK);
  const site = await place.site(t).finally(() => process.umask(umask));
  const existing = join(site.export, 'glusterfs_legacy_data');
  fillTree(existing);
  const world: Cluster = { site, existing, before: treeOf(existing) };
  for (const clause of clauses) await t.test(nameOf(clause), (each) => clause.run(world, each));
}

interface Provisioned {
  readonly claim: PersistentVolumeClaim;
  readonly volume: PersistentVolume;
}

/** Of another name or class than the service has by the convention. */
interface Unusual {
  readonly name?: string;
  readonly storageClass?: string;
}

const claimFor = ({ client }: Site, service: string, type: string, unusual: Unusual = {}) =>
  applyClaim(client, {
    ...{ name: `${service}-${type}`, size: '1Mi', storageClass: CLASS, ...unusual },
    annotations: { 'volume-name': `${service}_${type}` },
  });

async function volumeOf(site: Site, service: string, type: string): Promise<Provisioned> {
  await claimFor(site, service, type);
  return bound(site.client, 'default', `${service}-${type}`);
}

async function keepsData({ site }: Cluster): Promise<void> {
  const directory = join(site.export, 'glusterfs_kept_data');
  fillTree(directory);
  const before = contentOf(directory);
  await volumeOf(site, 'kept', 'data');
  assert.deepEqual(contentOf(directory), before);
  const untouched = 'directory glusterfs_kept_data existed and is used, its data is untouched: nothing to do';
  assert.equal(await said(site, 'kept-data', 'VolumeAdopted'), untouched);
}

async function asksAgain({ site }: Cluster): Promise<void> {
  const { client } = site;
  const first = await volumeOf(site, 'again', 'data');
  const file = join(site.export, 'glusterfs_again_data', 'letter');
  writeFileSync(file, 'dear');
  await client.delete(kinds.PersistentVolumeClaim, { namespace: 'default', name: 'again-data' });
  const kept =
    'directory 127.0.0.1:/storage/v/glusterfs_again_data is kept with its data: create claim again-data in namespace default again to use it, or remove it by hand';
  assert.equal(await said(site, first.volume.metadata.name, 'VolumeRetained'), kept);
  const second = await volumeOf(site, 'again', 'data');
  assert.notEqual(second.volume.metadata.name, first.volume.metadata.name);
  assert.equal(second.volume.spec.nfs?.path, '/storage/v/glusterfs_again_data');
  assert.equal(readFileSync(file, 'utf8'), 'dear');

  const services = Array.from({ length: AT_ONCE }, (_, index) => `killed${index}`);
  await Promise.all(services.map((service) => claimFor(site, service, 'data')));
  await site.crash();
  for (const service of services) await bound(site.client, 'default', `${service}-data`);
  const { items } = await site.client.list(kinds.PersistentVolume);
  for (const service of services) {
    const path = `/storage/v/glusterfs_${service}_data`;
    assert.equal(items.filter(({ spec }) => spec.nfs?.path === path).length, 1, path);
  }
}

async function away({ site }: Cluster): Promise<void> {
  renameSync(site.export, `${site.export}.away`);
  await claimFor(site, 'waiting', 'data');
  await eventually('a pod to be accepted', () =>
    post(site.client, '/api/v1/namespaces/default/pods', pod('default', 'waiting', 'waiting-data')).catch(
      () => undefined, // until the namespace has its account
    ),
  );
  const unavailable = /^storage unavailable: \S+ is not a mounted export: mount 127\.0\.0\.1:\/storage\/v /;
  await said(site, 'waiting-data', 'ProvisioningFailed', unavailable);
  await said(site, 'waiting', 'ProvisioningFailed', unavailable);
  const claim = await site.client.get(kinds.PersistentVolumeClaim, { namespace: 'default', name: 'waiting-data' });
  assert.equal(claim.status?.phase, 'Pending');
  assert.equal(existsSync(site.export), false, 'nothing was made in its place');
  renameSync(`${site.export}.away`, site.export);
  await bound(site.client, 'default', 'waiting-data');
  assert.ok(lstatSync(join(site.export, 'glusterfs_waiting_data')).isDirectory());
}

async function atOnce({ site }: Cluster): Promise<void> {
  const names = Array.from({ length: AT_ONCE }, (_, index) => `shared-${index}`);
  await Promise.all(names.map((name) => claimFor(site, 'shared', 'data', { name })));
  for (const name of names) {
    const { volume } = await bound(site.client, 'default', name);
    assert.equal(volume.spec.nfs?.path, '/storage/v/glusterfs_shared_data');
  }
  await post(site.client, '/api/v1/namespaces', { metadata: { name: 'other' } });
  await applyClaim(site.client, {
    ...{ name: 'thief', namespace: 'other', size: '1Mi', storageClass: CLASS },
    annotations: { 'volume-name': 'shared_data' },
  });
  const belongs =
    /^directory glusterfs_shared_data already belongs to default\/shared-\d \(pv pvc-[0-9a-f-]+\): choose another name, or delete that volume$/;
  await said(site, 'other/thief', 'ProvisioningFailed', belongs);
}

async function permissions({ site }: Cluster, t: TestContext): Promise<void> {
  if (process.getuid?.() !== 0) return t.skip('directories of other users are made by root only');
  for (const [service, owner] of [
    ['wrong', 0],
    ['database', 999],
  ] as const) {
    const directory = join(site.export, `glusterfs_${service}_data`);
    fillTree(directory);
    chmodSync(directory, 0o700);
    chownSync(directory, owner, owner);
    const before = contentOf(directory);
    await volumeOf(site, service, 'data');
    assert.deepEqual(contentOf(directory), before);
    const { mode, uid } = lstatSync(directory);
    assert.deepEqual([(mode & 0o7777).toString(8), uid], owner === 0 ? ['777', 0] : ['700', 999]);
  }
  await said(site, 'wrong-data', 'PermissionsCorrected', /^existing directory glusterfs_wrong_data now has mode 0777/);
  await said(site, 'database-data', 'PermissionsKept', /^existing directory glusterfs_database_data keeps mode 0700/);
}

/** More than any disk has must be free, so that every disk is full. */
async function full({ site }: Cluster): Promise<void> {
  await site.client.create(kinds.StorageClass, {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'full' },
    provisioner: 'larder.dev/directory',
    parameters: { pathPattern: 'glusterfs_${.PVC.annotations.volume-name}', export: 'nfs', minFree: '1000Pi' },
    reclaimPolicy: 'Retain',
  });
  await claimFor(site, 'full', 'data', { storageClass: 'full' });
  const text =
    /^no space left on export 127\.0\.0\.1:\/storage\/v: \d+ bytes .*: free some space, it is retried every 30s$/;
  await said(site, 'full-data', 'ProvisioningFailed', text);
  assert.equal(existsSync(join(site.export, 'glusterfs_full_data')), false);
}

/** Waits for an event of that object, in the namespace default or written NAMESPACE/NAME, and returns its text. */
async function said(site: Site, object: string, reason: string, text = /./): Promise<string> {
  const [name = '', namespace = 'default'] = object.split('/').reverse();
  let heard: readonly string[] = [];
  return eventually(`${reason} of ${object} like ${text}`, async () => {
    heard = (await eventsOf(site.client, namespace, name))
      .filter((event) => event.reason === reason)
      .map(({ message = '' }) => message);
    return heard.find((message) => text.test(message));
  }).catch((failure: unknown) => assert.fail(`${String(failure)}; heard: ${heard.join(' | ')}`));
}
