/** Holes that provisioners of this kind have had, each tried on the real room, its API and its export. */
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { kinds } from '../../src/kube/kinds.ts';
import { HEAD_NAME } from '../../src/ledger/head-name.ts';
import { clusterAccess, leaseAccess, rulesOf } from '../../src/operator/rbac.ts';
import {
  claimDraft,
  classDraft,
  namespaceDraft,
  PROVISIONER,
  startWorld,
  volumeOf,
  type World,
} from '../../src/provision/world.fixture.ts';

const TIMEOUT = { timeout: 60_000 };
const CLASS = 'attacked';

interface Asked {
  readonly namespace?: string;
  readonly annotations?: Record<string, string>;
}

async function worldWith(
  t: TestContext,
  parameters: Record<string, string>,
  more: Parameters<typeof classDraft>[2] = {},
): Promise<World> {
  const world = await startWorld(t);
  for (const name of ['default', 'other']) {
    await world.client.create(kinds.Namespace, namespaceDraft(name)).catch(() => undefined); // one is there
  }
  await world.client.create(kinds.StorageClass, classDraft(CLASS, parameters, more));
  return world;
}

const ask = (world: World, name: string, asked: Asked = {}) =>
  world.client.create(kinds.PersistentVolumeClaim, claimDraft(name, CLASS, asked));

/** The path of the volume that the claim got. */
async function given(world: World, name: string, namespace = 'default'): Promise<string> {
  const volume = await world.until(() => volumeOf(world, `${namespace}/${name}`));
  return volume.spec.nfs?.path ?? '';
}

/** The one message of a refusal. */
async function refused(world: World, name: string): Promise<string> {
  await world.settle();
  const failures = (await world.events(name)).filter((event) => event.startsWith('ProvisioningFailed: '));
  assert.equal(failures.length, 1, failures.join('\n'));
  assert.equal(volumeOf(world, `default/${name}`), undefined);
  return failures[0] ?? '';
}

const visible = ({ folder }: World): readonly string[] =>
  fs
    .readdirSync(folder)
    .filter((name) => name !== '.larder')
    .sort();

/** A volume as somebody who may write volumes would plant it: its claim is gone. */
async function plant(world: World, name: string, path: string, more: Record<string, string> = {}): Promise<void> {
  const annotations = { 'pv.kubernetes.io/provisioned-by': PROVISIONER, 'larder.dev/on-delete': 'delete', ...more };
  // It may be gone as soon as it is released, so it is watched for and not looked for.
  let released = false;
  const off = world.provision.caches.volumes.onChange(({ key, object }) => {
    released ||= key === name && object.status?.phase === 'Released';
  });
  await world.client.create(kinds.PersistentVolume, {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name, annotations },
    spec: {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteMany'],
      persistentVolumeReclaimPolicy: 'Delete',
      storageClassName: CLASS,
      claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace: 'default', name, uid: `gone-${name}` },
      nfs: { server: '127.0.0.1', path },
    },
  });
  await world.until(() => released);
  off();
  await world.settle();
}

test('CVE-2025-62878: a pathPattern that climbs gives no directory outside of the export', TIMEOUT, async (t) => {
  const world = await worldWith(t, {
    pathPattern: '${.PVC.namespace}/../../${.PVC.annotations.to}',
    allowSlashInValues: 'true',
  });
  const beside = fs.readdirSync(dirname(world.folder)).length;
  const values = ['escaped', '../escaped', '/etc/escaped', '..'];
  for (const [index, to] of values.entries()) {
    await ask(world, `climber-${index}`, { annotations: { to } });
    assert.match(await refused(world, `climber-${index}`), /a path segment must match|"\.\."/);
  }
  assert.deepEqual(visible(world), []);
  assert.ok(!fs.existsSync(join(dirname(world.folder), 'escaped')));
  assert.ok(fs.readdirSync(dirname(world.folder)).length >= beside - 1, 'nothing beside the export went');
});

test(
  'CVE-2026-3864, CVE-2026-3865: a volume whose path climbs, or is the root, removes nothing',
  TIMEOUT,
  async (t) => {
    const world = await worldWith(t, {});
    const outside = fs.mkdtempSync(`${world.folder}-outside-`);
    t.after(() => fs.rmSync(outside, { recursive: true }));
    fs.writeFileSync(join(outside, 'precious'), 'x');
    fs.mkdirSync(join(world.folder, 'kept'));
    const name = outside.slice(dirname(outside).length + 1);
    const paths = [`/storage/v/../${name}`, `/storage/v/x/../../${name}`, '/storage/v', '/storage/v/', '/storage/v/.'];
    for (const [index, path] of paths.entries()) {
      await plant(world, `planted-${index}`, path);
      const [event = ''] = await world.events(`planted-${index}`);
      assert.match(event, /^VolumeFailedDelete: .*nothing is removed/, path);
    }
    assert.deepEqual(visible(world), ['kept']);
    assert.deepEqual(fs.readdirSync(outside), ['precious']);
  },
);

test('CVE-2026-44543: no role makes a pod, and none reads a ConfigMap that could tell it how', () => {
  const rules = rulesOf([...clusterAccess('direct'), ...leaseAccess]);
  assert.ok(rules.length > 5, 'the roles were read');
  // The head of a ledger is a hash with a signature: it tells nobody how to make anything, and is read by its name alone.
  const head = [{ apiGroups: [''], resources: ['configmaps'], resourceNames: [HEAD_NAME], verbs: ['get'] }];
  assert.deepEqual(
    rules.filter(({ resources }) => resources.includes('configmaps')),
    head,
  );
  for (const { resources, verbs } of rules) {
    assert.ok(!resources.includes('secrets'), resources.join());
    const reading: readonly string[] = ['get', 'list', 'watch'];
    if (resources.includes('pods'))
      assert.ok(
        verbs.every((verb) => reading.includes(verb)),
        verbs.join(),
      );
    assert.ok(![...resources, ...verbs].includes('*'));
  }
});

test(
  'an archive is given to nobody: not by its name, and not to the next who has the name it came from',
  TIMEOUT,
  async (t) => {
    const world = await worldWith(
      t,
      {
        pathPattern: '${.PVC.annotations.dir}',
        onDelete: 'archive-by-default',
        adopt: 'any',
        allowSlashInValues: 'true',
      },
      { reclaimPolicy: 'Delete' },
    );
    await ask(world, 'first', { annotations: { dir: 'shared' } });
    await given(world, 'first');
    fs.writeFileSync(join(world.folder, 'shared', 'secret'), 'of the first');
    await world.client.delete(kinds.PersistentVolumeClaim, { namespace: 'default', name: 'first' });
    await world.until(() => fs.existsSync(join(world.folder, 'archived-shared')));
    await ask(world, 'thief', { annotations: { dir: 'archived-shared' } });
    assert.match(await refused(world, 'thief'), /the name "archived-shared" is reserved/);
    await ask(world, 'next', { namespace: 'other', annotations: { dir: 'shared' } });
    await given(world, 'next', 'other');
    assert.deepEqual(fs.readdirSync(join(world.folder, 'shared')), []);
    await world.client.delete(kinds.PersistentVolumeClaim, { namespace: 'other', name: 'next' });
    await world.until(() => visible(world).length === 2);
    assert.equal(fs.readFileSync(join(world.folder, 'archived-shared', 'secret'), 'utf8'), 'of the first');
  },
);

test('a pattern that renders to nothing is refused, and never the root of the export', TIMEOUT, async (t) => {
  const world = await worldWith(t, { pathPattern: '${.PVC.annotations.nothing}', onMissing: 'empty' });
  fs.writeFileSync(join(world.folder, 'of-everybody'), '');
  const mode = fs.statSync(world.folder).mode;
  await ask(world, 'root');
  await refused(world, 'root');
  assert.deepEqual(visible(world), ['of-everybody']);
  assert.equal(fs.statSync(world.folder).mode, mode);
});

test('the path of an export is a prefix of whole names, also where it occurs twice', TIMEOUT, async (t) => {
  const world = await worldWith(t, {});
  const places = ['x', 'y', 'storage/x', 'storage/storage/v/x'];
  for (const place of places) fs.mkdirSync(join(world.folder, place), { recursive: true });
  await plant(world, 'longer', '/storage/vx/y');
  assert.match((await world.events('longer'))[0] ?? '', /is not below the export/);
  await plant(world, 'twice', '/storage/v/storage/storage/v/x');
  assert.match((await world.events('twice')).join(), /^VolumeTrashed: /);
  const left = places.filter((place) => fs.existsSync(join(world.folder, place)));
  assert.deepEqual(left, ['x', 'y', 'storage/x']);
});

test('annotations of Larder on a claim decide nothing', TIMEOUT, async (t) => {
  const world = await worldWith(t, { pathPattern: '${.PVC.annotations.dir}' });
  fs.mkdirSync(join(world.folder, 'foreign'));
  fs.writeFileSync(join(world.folder, 'foreign', 'secret'), 'x');
  const forged = {
    'larder.dev/adopt': 'true',
    'larder.dev/adopted': 'false',
    'larder.dev/on-delete': 'delete',
    'larder.dev/trash-retention': '0s',
    'pv.kubernetes.io/provisioned-by': PROVISIONER,
  };
  await ask(world, 'thief', { annotations: { ...forged, dir: 'foreign' } });
  assert.match(await refused(world, 'thief'), /is not empty and was never a volume of/);
  await ask(world, 'own', { annotations: { ...forged, dir: 'own' } });
  await given(world, 'own');
  const volume = volumeOf(world, 'default/own');
  assert.notEqual(volume?.metadata.annotations?.['larder.dev/on-delete'], 'delete');
  assert.notEqual(volume?.metadata.annotations?.['larder.dev/trash-retention'], '0s');
  assert.equal(volume?.spec.persistentVolumeReclaimPolicy, 'Retain');
});

test(
  'a volume with the identity of another directory, or of another provisioner, moves nothing',
  TIMEOUT,
  async (t) => {
    const world = await worldWith(t, { pathPattern: '${.PVC.name}' });
    for (const name of ['mine', 'aimed', 'theirs']) fs.mkdirSync(join(world.folder, name));
    const identity = fs.statSync(join(world.folder, 'mine')).ino.toString();
    await plant(world, 'forged', '/storage/v/aimed', { 'larder.dev/identity': identity });
    await plant(world, 'foreign', '/storage/v/theirs', { 'pv.kubernetes.io/provisioned-by': 'somebody.else/nfs' });
    assert.deepEqual(visible(world), ['aimed', 'mine', 'theirs']);
    assert.deepEqual(await world.events('foreign'), []);
  },
);
