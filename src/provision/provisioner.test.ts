import assert from 'node:assert/strict';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { kinds, type PersistentVolume } from '../kube/kinds.ts';
import {
  answer,
  claimDraft,
  classDraft,
  namespaceDraft,
  podDraft,
  refusal,
  startWorld,
  volumeOf,
  type World,
} from './world.fixture.ts';

const TIMEOUT = { timeout: 30_000 };
const named = (name: string) => ({ annotations: { 'volume-name': name } });

/** A world with the class of the requirement, changed by `parameters`. */
async function worldWith(
  t: TestContext,
  parameters: Record<string, string> = {},
  options: Parameters<typeof startWorld>[1] = {},
): Promise<World> {
  const world = await startWorld(t, options);
  const pathPattern = 'glusterfs_${.PVC.annotations.volume-name}';
  await world.client.create(kinds.StorageClass, classDraft('glusterfs-nfs', { pathPattern, ...parameters }));
  return world;
}

const claim = (world: World, name: string, more: Parameters<typeof claimDraft>[2] = {}) =>
  world.client.create(kinds.PersistentVolumeClaim, claimDraft(name, 'glusterfs-nfs', more));

const bound = (world: World, key: string): Promise<PersistentVolume> => world.until(() => volumeOf(world, key));

const failures = async (world: World, name: string): Promise<readonly string[]> =>
  (await world.events(name)).filter((event) => event.startsWith('ProvisioningFailed'));

test(
  'a claim becomes a directory with mode 0777 and a bound volume, with one POST and one event',
  TIMEOUT,
  async (t) => {
    const world = await worldWith(t);
    const umask = process.umask(0o077);
    t.after(() => process.umask(umask));
    const made = await claim(world, 'myapp-data', named('myapp_data'));
    const volume = await bound(world, 'default/myapp-data');
    assert.deepEqual(volume.spec.nfs, {
      server: '127.0.0.1',
      path: '/storage/v/glusterfs_myapp_data',
    });
    const facts = statSync(join(world.folder, 'glusterfs_myapp_data'));
    assert.deepEqual([facts.mode & 0o7777, facts.uid], [0o777, process.getuid?.()]);
    assert.equal(volume.metadata.annotations?.['larder.dev/identity'], String(facts.ino));
    assert.deepEqual(await world.events('myapp-data'), [
      `ProvisioningSucceeded: Successfully provisioned volume pvc-${made.metadata.uid}`,
    ]);
    assert.deepEqual(world.writes, ['POST persistentvolumes', 'POST events']);
    assert.deepEqual(
      readdirSync(world.folder).filter((name) => name !== '.larder'),
      ['glusterfs_myapp_data'],
    );
  },
);

test('looking again changes nothing, and neither does a restart', TIMEOUT, async (t) => {
  const world = await worldWith(t);
  await claim(world, 'a', named('a'));
  await claim(world, 'broken');
  await bound(world, 'default/a');
  await world.settle();
  const before = world.writes.length;
  const controllers = world.provision.controllers;
  for (const controller of controllers) {
    for (const key of ['default/a', 'default/broken', volumeOf(world, 'default/a')?.metadata.name ?? '']) {
      controller.enqueue(key);
      controller.enqueue(key);
    }
  }
  await world.settle();
  assert.deepEqual(world.writes.slice(before), []);
  const second = await world.restart();
  await second.settle();
  assert.deepEqual(
    second.writes.filter((write) => !write.endsWith('events')),
    [],
  );
  assert.equal((await second.client.list(kinds.PersistentVolume)).items.length, 1);
});

test(
  'a claim that changes before the cache shows its saved volume is neither saved nor told twice; a volume that is gone again is made anew',
  TIMEOUT,
  async (t) => {
    const world = await worldWith(t);
    let unseen = true;
    world.intercept = ({ method, path, body }) => {
      if (method !== 'POST' || !path.includes('/persistentvolumes') || !unseen) return undefined;
      const draft = JSON.parse(String(body));
      return answer(201, { ...draft, metadata: { ...draft.metadata, uid: 'u', resourceVersion: '1' } });
    };
    await claim(world, 'a', named('a'));
    await world.until(() => world.writes.includes('POST events'));
    unseen = false; // saved as far as anybody here can tell, and never seen
    const note = { metadata: { annotations: { note: 'changed' } } };
    const where = { namespace: 'default', name: 'a' };
    await world.client.patch(kinds.PersistentVolumeClaim, where, { kind: 'merge', value: note });
    await world.until(() => world.provision.caches.claims.get('default/a')?.metadata.annotations?.['note']);
    await world.settle();
    assert.deepEqual(world.writes, ['POST persistentvolumes', 'POST events']);
    await world.clock.advance(1_000);
    await bound(world, 'default/a');
    await world.settle();
    assert.equal(world.writes.filter((write) => write === 'POST persistentvolumes').length, 2);
  },
);

test('existing data is adopted where the class allows it, untouched, and the volume says so', TIMEOUT, async (t) => {
  const world = await worldWith(t, { adopt: 'any' });
  const folder = join(world.folder, 'glusterfs_old');
  mkdirSync(join(folder, 'sub'), { recursive: true });
  writeFileSync(join(folder, 'sub', 'file'), 'kept', { mode: 0o640 });
  chmodSync(folder, 0o755);
  utimesSync(join(folder, 'sub', 'file'), 1_000_000, 1_000_000);
  await claim(world, 'old', named('old'));
  const volume = await bound(world, 'default/old');
  assert.equal(volume.metadata.annotations?.['larder.dev/adopted'], 'true');
  const file = statSync(join(folder, 'sub', 'file'));
  assert.deepEqual([file.mode & 0o777, file.mtimeMs], [0o640, 1_000_000_000]);
  assert.equal(readFileSync(join(folder, 'sub', 'file'), 'utf8'), 'kept');
  const events = (await world.events('old')).join('\n');
  assert.match(events, /VolumeAdopted: directory glusterfs_old existed and is used, its data is untouched/);
  assert.match(events, /PermissionsCorrected: existing directory glusterfs_old now has mode 0777/);
});

test('claims that come to share existing data at the same moment all know that it was adopted', TIMEOUT, async (t) => {
  const world = await worldWith(t, { adopt: 'any' });
  mkdirSync(join(world.folder, 'glusterfs_old'));
  writeFileSync(join(world.folder, 'glusterfs_old', 'file'), 'kept');
  await Promise.all(['one', 'two', 'three'].map((name) => claim(world, name, named('old'))));
  for (const name of ['one', 'two', 'three']) {
    const volume = await bound(world, `default/${name}`);
    assert.equal(volume.metadata.annotations?.['larder.dev/adopted'], 'true', name);
  }
});

test('foreign data is not adopted by default; annotating the namespace cures it at once', TIMEOUT, async (t) => {
  const world = await worldWith(t);
  const namespace = await world.client.create(kinds.Namespace, namespaceDraft('shop'));
  mkdirSync(join(world.folder, 'glusterfs_old'));
  writeFileSync(join(world.folder, 'glusterfs_old', 'file'), 'secret');
  await claim(world, 'old', { namespace: 'shop', ...named('old') });
  assert.deepEqual(await failures(world, 'old'), [
    'ProvisioningFailed: directory glusterfs_old exists, is not empty and was never a volume of namespace shop: to adopt it, annotate the namespace with larder.dev/adopt=true or list it in the class parameter adoptable; else choose another name',
  ]);
  const value = { metadata: { annotations: { 'larder.dev/adopt': 'true' } } };
  await world.client.patch(kinds.Namespace, { name: namespace.metadata.name }, { kind: 'merge', value });
  const volume = await bound(world, 'shop/old');
  assert.equal(volume.metadata.annotations?.['larder.dev/adopted'], 'true');
});

test('an existing empty directory is simply used', TIMEOUT, async (t) => {
  const world = await worldWith(t);
  mkdirSync(join(world.folder, 'glusterfs_empty'), { mode: 0o777 });
  chmodSync(join(world.folder, 'glusterfs_empty'), 0o777);
  await claim(world, 'empty', named('empty'));
  const volume = await bound(world, 'default/empty');
  assert.equal(volume.metadata.annotations?.['larder.dev/adopted'], undefined);
});

test(
  'fifty claims with one name share one directory, the one of another namespace is refused, no volume is made twice',
  TIMEOUT,
  async (t) => {
    const world = await worldWith(t);
    await world.client.create(kinds.Namespace, namespaceDraft('other'));
    const names = Array.from({ length: 50 }, (_, index) => `c${index}`);
    await Promise.all(names.map((name) => claim(world, name, named('one'))));
    await claim(world, 'intruder', { namespace: 'other', ...named('one') });
    for (const name of names) await bound(world, `default/${name}`);
    const refused = await failures(world, 'intruder');
    assert.equal(refused.length, 1);
    assert.match(
      refused[0] ?? '',
      /directory glusterfs_one already belongs to default\/c\d+ \(pv pvc-[0-9a-f-]+\): choose another name/,
    );
    const { items } = await world.client.list(kinds.PersistentVolume);
    assert.equal(items.length, 50);
    assert.equal(new Set(items.map(({ spec }) => spec.claimRef?.uid)).size, 50);
    assert.deepEqual(
      readdirSync(world.folder).filter((name) => name !== '.larder'),
      ['glusterfs_one'],
    );
  },
);

test(
  'claims of two namespaces that race for one directory: one gets it, the other waits until its volume goes',
  TIMEOUT,
  async (t) => {
    const world = await worldWith(t);
    for (const name of ['n1', 'n2']) await world.client.create(kinds.Namespace, namespaceDraft(name));
    await Promise.all(['n1', 'n2'].map((namespace) => claim(world, 'c', { namespace, ...named('x') })));
    await world.settle();
    const winner = ['n1', 'n2'].find((namespace) => volumeOf(world, `${namespace}/c`)) ?? '';
    const loser = winner === 'n1' ? 'n2' : 'n1';
    const volume = await bound(world, `${winner}/c`);
    assert.equal(volumeOf(world, `${loser}/c`), undefined);
    await world.client.delete(kinds.PersistentVolumeClaim, { namespace: winner, name: 'c' });
    await world.until(() => world.provision.caches.volumes.get(volume.metadata.name)?.status?.phase === 'Released');
    await world.client.delete(kinds.PersistentVolume, { name: volume.metadata.name });
    await bound(world, `${loser}/c`);
  },
);

test('a claim that many others are in the way of hears of one of them, until that one goes', TIMEOUT, async (t) => {
  const world = await worldWith(t);
  await world.client.create(kinds.Namespace, namespaceDraft('other'));
  await claim(world, 'first', named('one'));
  await bound(world, 'default/first');
  await claim(world, 'refused', { namespace: 'other', ...named('one') });
  assert.match((await failures(world, 'refused')).join(), /already belongs to default\/first/);
  for (const name of ['second', 'third']) {
    await claim(world, name, named('one'));
    const volume = await bound(world, `default/${name}`);
    const value = { metadata: { annotations: { touched: name } } };
    await world.client.patch(kinds.PersistentVolume, { name: volume.metadata.name }, { kind: 'merge', value });
    await world.client.patch(
      kinds.PersistentVolumeClaim,
      { namespace: 'other', name: 'refused' },
      { kind: 'merge', value },
    );
  }
  await world.settle();
  assert.equal((await failures(world, 'refused')).length, 1);
  const first = await bound(world, 'default/first');
  await world.client.delete(kinds.PersistentVolumeClaim, { namespace: 'default', name: 'first' });
  await world.until(() => world.provision.caches.volumes.get(first.metadata.name)?.status?.phase === 'Released');
  await world.client.delete(kinds.PersistentVolume, { name: first.metadata.name });
  await world.until(() => !world.provision.caches.volumes.get(first.metadata.name));
  await world.settle();
  assert.equal((await failures(world, 'refused')).length, 2);
  assert.match((await failures(world, 'refused')).join(), /already belongs to default\/(second|third)/);
});

test('two exports on one folder do not give one directory away twice, nor one inside the other', TIMEOUT, async (t) => {
  const world = await worldWith(
    t,
    {},
    {
      exports: (folder) => [
        { backend: 'nfs', server: '127.0.0.1', path: '/storage/v', root: folder },
        { backend: 'local', server: '', path: folder, root: folder },
      ],
    },
  );
  const local = { export: 'local', pathPattern: '${.PVC.annotations.p}', allowSlashInValues: 'true' };
  await world.client.create(kinds.StorageClass, classDraft('larder', local, { reclaimPolicy: 'Delete' }));
  await world.client.create(kinds.Namespace, namespaceDraft('other'));
  await claim(world, 'a', named('a'));
  await bound(world, 'default/a');
  const ask = (name: string, p: string) =>
    world.client.create(
      kinds.PersistentVolumeClaim,
      claimDraft(name, 'larder', { namespace: 'other', annotations: { p } }),
    );
  await ask('same', 'glusterfs_a');
  await ask('inside', 'glusterfs_a/b');
  await ask('free', 'b');
  assert.match((await failures(world, 'same')).join(), /already belongs to default\/a/);
  assert.match(
    (await failures(world, 'inside')).join(),
    /directory glusterfs_a\/b overlaps glusterfs_a, which belongs to default\/a/,
  );
  const volume = await bound(world, 'other/free');
  assert.equal(volume.spec.local?.path, join(world.folder, 'b'));
});

test(
  'what only the claim or the class can cure waits for that change; it is said again before its event expires',
  TIMEOUT,
  async (t) => {
    const world = await worldWith(t);
    await claim(world, 'data');
    const expected = 'ProvisioningFailed: pathPattern needs annotation "volume-name" on the claim: add it to the claim';
    assert.deepEqual(await failures(world, 'data'), [expected]);
    const before = world.writes.length;
    await world.clock.advance(25 * 60_000);
    await world.settle();
    assert.deepEqual(world.writes.slice(before), []);
    await world.clock.advance(10 * 60_000);
    await world.settle();
    assert.deepEqual(world.writes.splice(before), ['PATCH events']);
    const value = { metadata: { annotations: { 'volume-name': '../../etc' } } };
    await world.client.patch(
      kinds.PersistentVolumeClaim,
      { namespace: 'default', name: 'data' },
      { kind: 'merge', value },
    );
    await world.until(() => world.writes.length > before);
    assert.match(
      (await failures(world, 'data')).join('\n'),
      /"\.\.\/\.\.\/etc": a path segment must match \S+: annotation "volume-name" holds a "\/"/,
    );
    const cured = { metadata: { annotations: { 'volume-name': 'data' } } };
    await world.client.patch(
      kinds.PersistentVolumeClaim,
      { namespace: 'default', name: 'data' },
      { kind: 'merge', value: cured },
    );
    await bound(world, 'default/data');
  },
);

test('a symbolic link and a file in the way are refused and left alone', TIMEOUT, async (t) => {
  const world = await worldWith(t, { adopt: 'any' });
  symlinkSync('/etc', join(world.folder, 'glusterfs_link'));
  writeFileSync(join(world.folder, 'glusterfs_file'), 'x');
  await claim(world, 'link', named('link'));
  await claim(world, 'file', named('file'));
  assert.match((await failures(world, 'link')).join(), /glusterfs_link is a symbolic link \(refused\)/);
  assert.match((await failures(world, 'file')).join(), /glusterfs_file exists and is not a directory/);
  assert.ok(lstatSync(join(world.folder, 'glusterfs_link')).isSymbolicLink());
  assert.equal(readFileSync(join(world.folder, 'glusterfs_file'), 'utf8'), 'x');
});

test(
  'the directory stays when its volume cannot be saved; after a minute that is told; then it is saved',
  TIMEOUT,
  async (t) => {
    const world = await worldWith(t);
    let down = true;
    world.intercept = ({ method, path }) =>
      down && method === 'POST' && path.startsWith('/api/v1/persistentvolumes')
        ? refusal(500, 'InternalError')
        : undefined;
    await claim(world, 'data', named('data'));
    await world.until(() => readdirSync(world.folder).includes('glusterfs_data'));
    await world.settle();
    assert.deepEqual(await failures(world, 'data'), []);
    await world.clock.advance(130_000);
    await world.settle();
    assert.deepEqual(await failures(world, 'data'), [
      'ProvisioningFailed: directory is ready, saving the PersistentVolume is delayed: the API server answers 500: it is retried by itself',
    ]);
    writeFileSync(join(world.folder, 'glusterfs_data', 'precious'), 'x');
    down = false;
    await world.clock.advance(60_000);
    await bound(world, 'default/data');
    assert.deepEqual(readdirSync(join(world.folder, 'glusterfs_data')), ['precious']);
  },
);

for (const lost of ['no-answer', 'AlreadyExists'] as const) {
  test(`a save that was applied and answered with ${lost} is recognised as done`, TIMEOUT, async (t) => {
    const world = await worldWith(t);
    let posts = 0;
    world.intercept = ({ method, path, body }) => {
      if (method !== 'POST' || !path.startsWith('/api/v1/persistentvolumes')) return undefined;
      posts += 1;
      if (posts > 1) return undefined;
      const draft: Parameters<typeof world.client.create<PersistentVolume>>[1] = JSON.parse(String(body));
      void world.client.create(kinds.PersistentVolume, draft);
      return lost === 'no-answer' ? lost : refusal(409, lost);
    };
    const { metadata } = await claim(world, 'data', named('data'));
    await bound(world, 'default/data');
    await world.clock.advance(60_000);
    assert.deepEqual(await world.events('data'), [
      `ProvisioningSucceeded: Successfully provisioned volume pvc-${metadata.uid}`,
    ]);
    assert.equal((await world.client.list(kinds.PersistentVolume)).items.length, 1);
    assert.equal(world.provision.catalog.reservations.size, 0);
  });
}

test('a claim deleted midway leaves nothing of its attempt, but what was there before stays', TIMEOUT, async (t) => {
  const world = await worldWith(t);
  world.intercept = ({ method, path }) =>
    method === 'POST' && path.startsWith('/api/v1/persistentvolumes') ? refusal(503, 'ServiceUnavailable') : undefined;
  mkdirSync(join(world.folder, 'glusterfs_before'));
  for (const name of ['new', 'before', 'used']) await claim(world, name, named(name));
  await world.until(() => ['new', 'used'].every((name) => readdirSync(world.folder).includes(`glusterfs_${name}`)));
  await world.settle();
  writeFileSync(join(world.folder, 'glusterfs_used', 'file'), 'x');
  for (const name of ['new', 'before', 'used']) {
    await world.client.delete(kinds.PersistentVolumeClaim, { namespace: 'default', name });
  }
  await world.until(() => world.provision.catalog.reservations.size === 0);
  assert.deepEqual(
    readdirSync(world.folder)
      .filter((name) => name !== '.larder')
      .sort(),
    ['glusterfs_before', 'glusterfs_used'],
  );
});

test('a claim made again gets its directory back, and the old volume object goes', TIMEOUT, async (t) => {
  const world = await worldWith(t);
  await claim(world, 'db', named('db'));
  const first = await bound(world, 'default/db');
  const folder = join(world.folder, 'glusterfs_db');
  writeFileSync(join(folder, 'row'), '1');
  chmodSync(folder, 0o700);
  await world.client.delete(kinds.PersistentVolumeClaim, { namespace: 'default', name: 'db' });
  await world.until(() => world.provision.caches.volumes.get(first.metadata.name)?.status?.phase === 'Released');
  await claim(world, 'db', named('db'));
  const second = await bound(world, 'default/db');
  await world.until(() => !world.provision.caches.volumes.get(first.metadata.name));
  assert.notEqual(second.metadata.name, first.metadata.name);
  assert.equal(second.metadata.annotations?.['larder.dev/adopted'], undefined);
  assert.deepEqual(readdirSync(folder), ['row']);
  assert.equal(statSync(folder).mode & 0o777, 0o700, 'the mode is the application’s own');
  assert.match((await world.events('db')).join(), /PermissionsKept: existing directory glusterfs_db keeps mode 0700/);
  assert.match(
    (await world.events(first.metadata.name)).join(),
    /VolumeRetained: directory 127\.0\.0\.1:\/storage\/v\/glusterfs_db is kept/,
  );
});

test(
  'the message of a failure is also on the pods that wait for the claim, also on those that come later',
  TIMEOUT,
  async (t) => {
    const world = await worldWith(t);
    await world.client.create(kinds.Pod, podDraft('early', 'data'));
    await claim(world, 'data');
    await world.settle();
    await world.client.create(kinds.Pod, podDraft('late', 'data'));
    await world.until(() => world.provision.caches.pods?.get('default/late'));
    for (const pod of ['early', 'late']) {
      assert.deepEqual(await failures(world, pod), [
        'ProvisioningFailed: pathPattern needs annotation "volume-name" on the claim: add it to the claim',
      ]);
    }
  },
);

test('a class that contradicts itself is warned about once', TIMEOUT, async (t) => {
  const world = await worldWith(t, { onDelete: 'delete' });
  for (const name of ['a', 'b']) await claim(world, name, named(name));
  for (const name of ['a', 'b']) await bound(world, `default/${name}`);
  assert.deepEqual(await world.events('glusterfs-nfs'), [
    'ParameterIgnored: class glusterfs-nfs: reclaimPolicy Retain keeps every volume, so parameter onDelete has no effect: remove one of the two',
  ]);
});

test('a refusal of the API server to save is told with its words', TIMEOUT, async (t) => {
  const world = await worldWith(t);
  world.intercept = ({ method, path }) =>
    method === 'POST' && path.startsWith('/api/v1/persistentvolumes')
      ? answer(403, { kind: 'Status', status: 'Failure', code: 403, reason: 'Forbidden', message: 'not allowed' })
      : undefined;
  await claim(world, 'data', named('data'));
  await world.until(() => world.writes.includes('POST events'));
  assert.match(
    (await failures(world, 'data')).join(),
    /directory is ready, saving the PersistentVolume is refused: .*not allowed/,
  );
});
