/** Directories that are there already, archives and mount options: the commands for them, as a user runs them. */
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { type Client, kinds } from '../../src/kube/index.ts';
import { post } from './account.ts';
import { applyClaim, bound } from './claims.ts';
import { eventually } from './larder.ts';
import type { Journey, Place, Site } from './site.ts';

export const directories = (place: Place): readonly Journey[] => [
  {
    name: `on ${place.name} the commands for existing directories, archives and mount options do what they say`,
    async run(t) {
      const site = await place.site(t);
      for (const [name, part] of parts) await t.test(name, () => part(site));
    },
  },
];

const parts: readonly (readonly [string, (site: Site) => Promise<void>])[] = [
  ['existing directories are adopted by what the command writes, with every byte, mode and time as it was', adopts],
  ['a directory that a workload mounts by hostPath is adopted for the namespace of the workload', adoptsMounted],
  ['an archive comes back to its name, to another and to a new claim, and never onto something', restores],
  ['volumes get the mount options of their class when they are told to', syncs],
];

/** A tree whose looks are remembered; the result asserts that they are as they were. */
function seed(root: string, directory: string): () => void {
  mkdirSync(join(root, directory, 'sub'), { recursive: true });
  writeFileSync(join(root, directory, 'sub', 'file'), directory, { mode: 0o600 });
  chmodSync(join(root, directory), 0o700);
  const names = ['', 'sub', 'sub/file'].map((name) => join(root, directory, name));
  for (const name of [...names].reverse()) utimesSync(name, 1_000_000, 1_000_000);
  const looks = () =>
    names.map((name) => {
      const { mode, mtimeMs, ino, uid, gid } = statSync(name);
      return { name, mode, mtimeMs, ino, uid, gid };
    });
  const before = looks();
  return () => {
    assert.deepEqual(looks(), before);
    assert.equal(readFileSync(join(root, directory, 'sub', 'file'), 'utf8'), directory);
  };
}

const PATHS: Readonly<Record<string, string>> = {
  PersistentVolume: '/api/v1/persistentvolumes',
  PersistentVolumeClaim: '/api/v1/namespaces/default/persistentvolumeclaims',
};

/** As `kubectl apply -f` does, object by object. */
async function applyAll(client: Client, text: string): Promise<void> {
  for (const document of parseAllDocuments(text)) {
    const manifest: { kind: string } = document.toJS();
    await post(client, PATHS[manifest.kind] ?? '', manifest);
  }
}

async function adopts(site: Site): Promise<void> {
  const { client, export: root, run } = site;
  const unchanged = ['glusterfs_myapp_data', 'glusterfs_MyApp_Config', 'other'].map((name) => seed(root, name));
  await applyClaim(client, {
    name: 'held',
    storageClass: 'glusterfs-nfs',
    size: '1Mi',
    annotations: { 'volume-name': 'held' },
  });
  await bound(client, 'default', 'held');

  const dry = await run(['volumes', 'adopt', '--dry-run', '-n', 'default']);
  assert.equal(dry.code, 0, dry.stderr);
  assert.match(dry.stdout, /glusterfs_myapp_data +\S+ +default\/myapp-data/);
  assert.doesNotMatch(dry.stdout, /held|other/);
  for (const line of dry.stdout.split('\n')) assert.ok(line.length <= 80, line);

  const written = await run(['volumes', 'adopt', '-n', 'default', '--size', '2Gi']);
  assert.equal(written.code, 0, written.stderr);
  await applyAll(client, written.stdout);
  const { volume, claim } = await bound(client, 'default', 'myapp-data');
  assert.equal(volume.metadata.name, 'adopted-default-myapp-data');
  assert.equal(volume.spec.persistentVolumeReclaimPolicy, 'Retain');
  assert.equal(volume.spec.nfs?.path ?? volume.spec.local?.path, pathOf(site, volume.spec.nfs, 'glusterfs_myapp_data'));
  assert.equal(claim.spec.resources.requests['storage'], '2Gi');
  await bound(client, 'default', 'myapp-config');
  for (const check of unchanged) check();

  const again = await run(['volumes', 'adopt', '-n', 'default', '-o', 'json']);
  assert.deepEqual(JSON.parse(again.stdout), [], 'what has a volume is not adopted twice');
  await client.delete(kinds.PersistentVolumeClaim, { namespace: 'default', name: 'myapp-data' });
  await eventually('the volume to be released', async () => {
    const { status } = await client.get(kinds.PersistentVolume, { name: volume.metadata.name });
    return status?.phase === 'Released' ? true : undefined;
  });
  for (const check of unchanged) check();
}

async function adoptsMounted({ client, run, export: root }: Site): Promise<void> {
  const unchanged = ['glusterfs_wiki_pages', 'glusterfs_shop_data'].map((name) => seed(root, name));
  await post(client, '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
  await post(client, '/apis/apps/v1/namespaces/shop/deployments', workload('wiki', '/storage/v/glusterfs_wiki_pages'));
  await post(client, '/apis/apps/v1/namespaces/shop/deployments', workload('log', '/var/log'));
  const args = ['volumes', 'adopt', '--from-hostpath', '--size', '1Gi'];
  const written = await run([...args]);
  assert.equal(written.code, 0, written.stderr);
  assert.match(written.stdout, /# deployment\/wiki -n shop: in volume "data" write .*claimName: wiki-pages/);
  assert.doesNotMatch(written.stdout, /glusterfs_shop_data|var\/log/);
  const names = parseAllDocuments(written.stdout).map((document) => document.toJS().metadata);
  assert.deepEqual(
    names.map(({ name, namespace }) => [name, namespace]),
    [
      ['adopted-shop-wiki-pages', undefined],
      ['wiki-pages', 'shop'],
    ],
  );
  for (const check of unchanged) check();
}

function workload(name: string, path: string): object {
  const labels = { app: name };
  const containers = [{ name: 'main', image: 'example.org/image:1' }];
  const volumes = [{ name: 'data', hostPath: { path } }];
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers, volumes } } },
  };
}

const pathOf = ({ export: root }: Site, nfs: object | undefined, name: string): string =>
  nfs ? `/storage/v/${name}` : join(root, name);

async function restores(site: Site): Promise<void> {
  const { client, export: root, run } = site;
  await client.create(kinds.StorageClass, {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'archiving' },
    provisioner: 'larder.dev/directory',
    parameters: { pathPattern: '${.PVC.name}', export: 'nfs' },
    reclaimPolicy: 'Delete',
  });
  await applyClaim(client, { name: 'notes', storageClass: 'archiving', size: '1Mi' });
  await bound(client, 'default', 'notes');
  writeFileSync(join(root, 'notes', 'letter'), 'dear');
  await client.delete(kinds.PersistentVolumeClaim, { namespace: 'default', name: 'notes' });
  await eventually('the archive', async () => (existsSync(join(root, 'archived-notes')) ? true : undefined));

  const dry = await run(['volumes', 'restore', 'archived-notes', '--to', 'kept/notes', '--dry-run']);
  assert.equal(dry.code, 0, dry.stderr);
  assert.match(dry.stdout, /would restore \/storage\/v\/kept\/notes/);
  assert.ok(existsSync(join(root, 'archived-notes')));
  const taken = seed(root, 'notes');
  const refused = await run(['volumes', 'restore', 'archived-notes']);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /notes exists and is not empty: choose another name with --to/);
  for (const bad of ['../out', '.larder']) {
    const run1 = await run(['volumes', 'restore', 'archived-notes', '--to', bad]);
    assert.equal(run1.code, 1, bad);
    assert.match(run1.stderr, /cannot be a volume's directory/);
  }
  taken();
  const back = await run(['volumes', 'restore', 'archived-notes', '--to', 'kept/notes', '--claim', 'default/letters']);
  assert.equal(back.code, 0, back.stderr);
  assert.equal(readFileSync(join(root, 'kept/notes/letter'), 'utf8'), 'dear');
  await applyClaim(client, { name: 'letters', storageClass: 'archiving', size: '1Mi' });
  const { volume } = await bound(client, 'default', 'letters');
  assert.equal(volume.spec.nfs?.path, '/storage/v/kept/notes');

  await strangers({ client, export: root, run });
  taken();
}

/** What the peer archived has no note, so that size and class must be said. */
async function strangers({ client, export: root, run }: Pick<Site, 'client' | 'export' | 'run'>): Promise<void> {
  const unchanged = seed(root, 'archived-default-photos');
  const missing = await run(['volumes', 'restore', 'archived-nothing']);
  assert.equal(missing.code, 1);
  assert.match(missing.stderr, /there is no archive "archived-nothing"/);
  const args = ['volumes', 'restore', 'archived-default-photos', '--to', 'photos', '--claim', 'default/photos'];
  const vague = await run(args);
  assert.match(vague.stderr, /give --size and --class/);
  unchanged();
  const back = await run([...args, '--size', '5Gi', '--class', 'archiving']);
  assert.equal(back.code, 0, back.stderr);
  assert.equal(readFileSync(join(root, 'photos/sub/file'), 'utf8'), 'archived-default-photos');
  await applyClaim(client, { name: 'photos', storageClass: 'archiving', size: '5Gi' });
  const { volume } = await bound(client, 'default', 'photos');
  assert.equal(volume.spec.persistentVolumeReclaimPolicy, 'Retain');
}

async function syncs(site: Site): Promise<void> {
  const { client, run } = site;
  const makeClass = (mountOptions: readonly string[]) =>
    client.create(kinds.StorageClass, {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name: 'mounted' },
      provisioner: 'larder.dev/directory',
      parameters: { export: 'nfs' },
      reclaimPolicy: 'Retain',
      mountOptions,
    });
  await makeClass(['vers=4.1']);
  await applyClaim(client, { name: 'data', storageClass: 'mounted', size: '1Mi' });
  await bound(client, 'default', 'data');
  const none = await run(['volumes', 'sync-mount-options', '--dry-run']);
  assert.equal(none.code, 0, none.stderr);
  await client.delete(kinds.StorageClass, { name: 'mounted' });
  const wanted = ['vers=4.1', 'nosharecache', 'softerr'];
  await makeClass(wanted);
  const dry = await eventually('the operator to see the class', async () => {
    const seen = await run(['volumes', 'sync-mount-options', '--dry-run']);
    return seen.code === 1 ? seen : undefined;
  });
  assert.match(dry.stdout, /default\/data +mounted +vers=4.1 +vers=4.1/);
  const asked = await run(['volumes', 'sync-mount-options']);
  assert.equal(asked.code, 3);
  assert.match(asked.stderr, /say --yes/);
  assert.deepEqual((await bound(client, 'default', 'data')).volume.spec.mountOptions, ['vers=4.1']);
  const done = await run(['volumes', 'sync-mount-options', '--yes', '-o', 'json']);
  assert.equal(done.code, 0, done.stderr);
  assert.equal(JSON.parse(done.stdout).length, 1);
  assert.deepEqual((await bound(client, 'default', 'data')).volume.spec.mountOptions, wanted);
}
