import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { kinds, type PersistentVolume } from '../kube/kinds.ts';
import { systemClock, systemRandom } from '../telemetry/clock.ts';
import { silentLog } from '../telemetry/log.ts';
import { createExport } from './export/export.ts';
import type { ExportDescription, Storage, StorageProblem } from './storage.ts';
import {
  claimDraft,
  classDraft,
  namespaceDraft,
  PROVISIONER,
  refusal,
  startWorld,
  volumeOf,
  type World,
} from './world.fixture.ts';

const TIMEOUT = { timeout: 15_000 };
const UNAVAILABLE: StorageProblem = {
  kind: 'problem',
  problem: 'unavailable',
  detail: 'did not answer within 5s',
  errno: '',
  landed: 'maybe',
};

async function worldWith(
  t: TestContext,
  parameters: Record<string, string>,
  options: Parameters<typeof startWorld>[1] = {},
): Promise<World> {
  const world = await startWorld(t, options);
  const all = { pathPattern: '${.PVC.annotations.dir:-${.PVC.name}}', adopt: 'any', ...parameters };
  await world.client.create(kinds.StorageClass, classDraft('larder', all, { reclaimPolicy: 'Delete' }));
  return world;
}

/** A bound claim with one file in its directory. */
async function filled(
  world: World,
  name: string,
  more: Parameters<typeof claimDraft>[2] = {},
): Promise<PersistentVolume> {
  await world.client.create(kinds.PersistentVolumeClaim, claimDraft(name, 'larder', more));
  const volume = await world.until(() => volumeOf(world, `default/${name}`));
  writeFileSync(join(world.folder, volume.spec.nfs?.path.slice('/storage/v/'.length) ?? '', 'file'), name);
  return volume;
}

const dropClaim = (world: World, name: string): Promise<void> =>
  world.client.delete(kinds.PersistentVolumeClaim, { namespace: 'default', name });

const gone = (world: World, volume: PersistentVolume): Promise<unknown> =>
  world.until(() => !world.provision.caches.volumes.get(volume.metadata.name));

const released = (world: World, volume: PersistentVolume): Promise<unknown> =>
  world.until(() => world.provision.caches.volumes.get(volume.metadata.name)?.status?.phase === 'Released');

const visible = (world: World): readonly string[] =>
  readdirSync(world.folder)
    .filter((name) => name !== '.larder')
    .sort();

interface Fragile {
  ill: StorageProblem | undefined;
  heal: () => void;
}

/** An export that a test can make ill; what lies below is the real one. */
function fragile(state: Fragile) {
  return (description: ExportDescription): Storage => {
    const real = createExport({
      description,
      allowLocal: true,
      clock: systemClock,
      random: systemRandom,
      log: silentLog,
    });
    const listeners = new Set<() => void>();
    state.heal = () => {
      state.ill = undefined;
      for (const listener of listeners) listener();
    };
    const unless =
      <Arguments extends readonly unknown[], Result>(work: (...given: Arguments) => Promise<Result>) =>
      async (...given: Arguments): Promise<Result | StorageProblem> =>
        state.ill ?? (await work(...given));
    return {
      ...real,
      health: () => (state.ill ? { kind: 'down', problem: state.ill, sinceMs: 0 } : { kind: 'up' }),
      onHealthy: (listener) => {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
      ensure: unless(real.ensure),
      trash: unless(real.trash),
      archive: unless(real.archive),
      entries: unless(real.entries),
      discard: unless(real.discard),
    };
  };
}

test(
  'a released volume goes with its directory, which waits in the trash; the claim’s user is told',
  TIMEOUT,
  async (t) => {
    const world = await worldWith(t, { onDelete: 'delete' });
    const volume = await filled(world, 'data');
    await dropClaim(world, 'data');
    await gone(world, volume);
    assert.deepEqual(visible(world), []);
    const [entry, ...others] = (await world.provision.volumes.trash()).entries;
    assert.deepEqual(
      [entry?.claim, entry?.path, entry?.kind, entry?.volumeUid, others.length],
      ['default/data', ['data'], 'trash', volume.metadata.uid, 0],
    );
    assert.equal((entry?.expiresAt ?? 0) - (entry?.trashedAt ?? 0), 7 * 86_400_000);
    assert.deepEqual(await world.events(volume.metadata.name), [
      'VolumeTrashed: directory 127.0.0.1:/storage/v/data is in the trash for 7d: `larder volumes undelete default/data` brings it back',
    ]);
  },
);

test('archive is the default, and a second archive of one name does not replace the first', TIMEOUT, async (t) => {
  const world = await worldWith(t, {});
  for (let round = 0; round < 2; round += 1) {
    const volume = await filled(world, 'data');
    await dropClaim(world, 'data');
    await gone(world, volume);
  }
  const names = visible(world);
  assert.equal(names.length, 2);
  assert.ok(names.every((name) => name.startsWith('archived-data') && existsSync(join(world.folder, name, 'file'))));
});

test('retain keeps the directory in place and says so', TIMEOUT, async (t) => {
  const world = await worldWith(t, { onDelete: 'retain' });
  const volume = await filled(world, 'data');
  await dropClaim(world, 'data');
  await gone(world, volume);
  assert.ok(existsSync(join(world.folder, 'data', 'file')));
  assert.match(
    (await world.events(volume.metadata.name)).join(),
    /^VolumeRetained: directory 127\.0\.0\.1:\/storage\/v\/data is kept \(onDelete is retain\)/,
  );
});

test(
  'a kept directory with the name of its volume comes back by the command that the event has',
  TIMEOUT,
  async (t) => {
    const world = await startWorld(t);
    const parameters = { pathPattern: '${.PVC.name}-${.PV.name}' };
    await world.client.create(kinds.StorageClass, classDraft('larder', parameters, { reclaimPolicy: 'Retain' }));
    const volume = await filled(world, 'data');
    const { name } = volume.metadata;
    await dropClaim(world, 'data');
    await released(world, volume);
    await world.until(async () => (await world.events(name)).some((event) => /VolumeRetained/.test(event)));
    const said = (await world.events(name)).join();
    const [, command, value] =
      /free the volume \((kubectl patch pv\/\S+ --type merge) -p '(\S+)'\) and create/.exec(said) ?? [];
    assert.equal(command, `kubectl patch pv/${name} --type merge`, said);
    await world.client.patch(kinds.PersistentVolume, { name }, { kind: 'merge', value: JSON.parse(value ?? '') });
    await world.client.create(kinds.PersistentVolumeClaim, claimDraft('data', 'larder'));
    const again = await world.until(() => volumeOf(world, 'default/data'));
    assert.equal(again.metadata.name, name);
    assert.deepEqual(visible(world), [`data-${name}`]);
    assert.equal(readFileSync(join(world.folder, `data-${name}`, 'file'), 'utf8'), 'data');
  },
);

test('an adopted directory is never deleted, unless the class says so', TIMEOUT, async (t) => {
  const world = await worldWith(t, { onDelete: 'delete' });
  mkdirSync(join(world.folder, 'old'));
  writeFileSync(join(world.folder, 'old', 'file'), 'x');
  const volume = await filled(world, 'old');
  await dropClaim(world, 'old');
  await gone(world, volume);
  assert.deepEqual(visible(world), ['old']);
  assert.match(
    (await world.events(volume.metadata.name)).join(),
    /VolumeRetained: .* held data before it was a volume/,
  );
});

test('a directory that others still use stays until the last of them is gone', TIMEOUT, async (t) => {
  const world = await worldWith(t, { onDelete: 'delete' });
  const first = await filled(world, 'a', { annotations: { dir: 'shared' } });
  const second = await filled(world, 'b', { annotations: { dir: 'shared' } });
  await dropClaim(world, 'a');
  await gone(world, first);
  assert.deepEqual(visible(world), ['shared']);
  await dropClaim(world, 'b');
  await gone(world, second);
  assert.deepEqual(visible(world), []);
});

test('forged volumes move nothing and are told', TIMEOUT, async (t) => {
  const world = await worldWith(t, { onDelete: 'delete' });
  writeFileSync(join(world.folder, 'file'), 'x');
  const forge = (name: string, path: string, server = '127.0.0.1') =>
    world.client.create(kinds.PersistentVolume, {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: {
        name,
        annotations: { 'pv.kubernetes.io/provisioned-by': PROVISIONER, 'larder.dev/on-delete': 'delete' },
      },
      spec: {
        capacity: { storage: '1Gi' },
        accessModes: ['ReadWriteMany'],
        persistentVolumeReclaimPolicy: 'Delete',
        storageClassName: 'larder',
        claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace: 'default', name, uid: `gone-${name}` },
        nfs: { server, path },
      },
    });
  await filled(world, 'victim');
  await forge('root', '/storage/v');
  await forge('climb', '/storage/v/x/../victim');
  await forge('own', '/storage/v/.larder');
  await forge('far', '/storage/v/victim', 'elsewhere');
  for (const name of ['root', 'climb', 'own', 'far']) {
    await world.until(() => world.provision.caches.volumes.get(name)?.status?.phase === 'Released');
    const [event = ''] = await world.events(name);
    assert.match(event, /^VolumeFailedDelete: /, name);
    assert.ok(world.provision.caches.volumes.get(name), 'the volume stays');
  }
  assert.deepEqual(visible(world), ['file', 'victim']);
});

test('without the certainty to be the only one nothing is removed', TIMEOUT, async (t) => {
  const world = await worldWith(t, { onDelete: 'delete' });
  const volume = await filled(world, 'data');
  world.fence = false;
  await dropClaim(world, 'data');
  await released(world, volume);
  await world.settle();
  assert.ok(!world.writes.some((write) => write.startsWith('DELETE')));
  assert.deepEqual(visible(world), ['data']);
  world.fence = true;
  await world.clock.advance(10_000);
  await gone(world, volume);
});

test(
  'a volume that changed since the decision is decided upon again before its directory moves',
  TIMEOUT,
  async (t) => {
    const world = await worldWith(t, { onDelete: 'delete' });
    const volume = await filled(world, 'data');
    const { name } = volume.metadata;
    let rescued: Promise<unknown> | undefined;
    world.intercept = ({ method, path }) => {
      if (method !== 'DELETE' || !path.endsWith(name) || rescued) return undefined;
      const value = { spec: { persistentVolumeReclaimPolicy: 'Retain' } };
      rescued = world.client.patch(kinds.PersistentVolume, { name }, { kind: 'merge', value });
      return refusal(409, 'Conflict');
    };
    await dropClaim(world, 'data');
    await world.until(() => world.provision.caches.volumes.get(name)?.spec.persistentVolumeReclaimPolicy === 'Retain');
    await world.settle();
    assert.deepEqual(visible(world), ['data']);
    assert.equal(world.provision.caches.volumes.get(name)?.metadata.deletionTimestamp, undefined);
  },
);

test('who comes to share a directory while its volume is being removed keeps it', TIMEOUT, async (t) => {
  const world = await worldWith(t, { onDelete: 'delete' });
  const volume = await filled(world, 'data');
  const { name } = volume.metadata;
  const { volumes } = world.provision.caches;
  const byHand = {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: 'by-hand' },
    spec: {
      ...volume.spec,
      persistentVolumeReclaimPolicy: 'Retain',
      claimRef: { namespace: 'default', name: 'later' },
    },
  } as const;
  let made: Promise<unknown> | undefined;
  world.intercept = ({ method, path }) => {
    if (!path.endsWith(`/${name}`)) return undefined;
    if (method === 'DELETE') made ??= world.client.create(kinds.PersistentVolume, byHand);
    return method === 'GET' && made && !volumes.get('by-hand') ? refusal(500, 'InternalError') : undefined;
  };
  await dropClaim(world, 'data');
  await gone(world, volume);
  await made;
  assert.deepEqual(visible(world), ['data']);
  assert.match((await world.events(name)).join(), /is kept, because default\/later \(pv by-hand\) uses it too/);
});

test('DELETE carries uid and resourceVersion of the decision', TIMEOUT, async (t) => {
  const world = await worldWith(t, { onDelete: 'delete' });
  const volume = await filled(world, 'data');
  const seen: string[] = [];
  world.intercept = ({ method, path, body }) => {
    if (method === 'DELETE' && path.includes('persistentvolumes')) seen.push(String(body));
    return undefined;
  };
  await dropClaim(world, 'data');
  await released(world, volume);
  const { uid } = volume.metadata;
  await gone(world, volume);
  const sent: { preconditions?: { uid?: string; resourceVersion?: string } } = JSON.parse(seen[0] ?? '{}');
  assert.equal(sent.preconditions?.uid, uid);
  assert.match(sent.preconditions?.resourceVersion ?? '', /./);
});

test('deleting the volume object of a retained claim lets it go and keeps the directory', TIMEOUT, async (t) => {
  const world = await worldWith(t, { onDelete: 'delete' });
  await world.client.create(kinds.StorageClass, classDraft('keep', { pathPattern: '${.PVC.name}' }));
  await world.client.create(kinds.PersistentVolumeClaim, claimDraft('data', 'keep'));
  const volume = await world.until(() => volumeOf(world, 'default/data'));
  await dropClaim(world, 'data');
  await released(world, volume);
  await world.client.delete(kinds.PersistentVolume, { name: volume.metadata.name });
  await gone(world, volume);
  assert.deepEqual(visible(world), ['data']);
});

test('an ailing export keeps the volume, says why on it, and is drained as soon as it is well', TIMEOUT, async (t) => {
  const state: Fragile = { ill: undefined, heal: () => undefined };
  const world = await worldWith(t, { onDelete: 'delete' }, { storages: fragile(state) });
  const volume = await filled(world, 'data');
  state.ill = UNAVAILABLE;
  await world.client.create(kinds.PersistentVolumeClaim, claimDraft('new', 'larder'));
  await dropClaim(world, 'data');
  await released(world, volume);
  const trouble =
    'storage unavailable: export 127.0.0.1:/storage/v did not answer within 5s: check the server and the mount, it is retried by itself';
  assert.deepEqual(await world.events(volume.metadata.name), [`VolumeFailedDelete: ${trouble}`]);
  assert.deepEqual(await world.events('new'), [`ProvisioningFailed: ${trouble}`]);
  await world.clock.advance(15_000);
  assert.match(await world.metrics.expose(), /larder_export_up\{export="127\.0\.0\.1:\/storage\/v"\} 0/);
  state.heal();
  await gone(world, volume);
  await world.until(() => volumeOf(world, 'default/new'));
  assert.deepEqual(visible(world), ['new']);
});

test('a directory that is gone already is no failure', TIMEOUT, async (t) => {
  const world = await worldWith(t, { onDelete: 'delete' });
  const volume = await filled(world, 'data');
  renameSync(join(world.folder, 'data'), join(world.folder, 'elsewhere'));
  await dropClaim(world, 'data');
  await gone(world, volume);
  assert.deepEqual(visible(world), ['elsewhere']);
});

test('a directory that was replaced by another one is not the volume’s and stays', TIMEOUT, async (t) => {
  const world = await worldWith(t, { onDelete: 'delete' });
  const volume = await filled(world, 'data');
  renameSync(join(world.folder, 'data'), join(world.folder, 'saved'));
  mkdirSync(join(world.folder, 'data'));
  await dropClaim(world, 'data');
  await gone(world, volume);
  assert.deepEqual(visible(world), ['data', 'saved']);
});

test('a claim made again while its old directory is being removed starts afresh', TIMEOUT, async (t) => {
  const world = await worldWith(t, { onDelete: 'delete' });
  const first = await filled(world, 'data');
  world.fence = false;
  await dropClaim(world, 'data');
  await released(world, first);
  await world.client.create(kinds.PersistentVolumeClaim, claimDraft('data', 'larder'));
  await world.settle();
  assert.equal(volumeOf(world, 'default/data'), undefined);
  await world.clock.advance(12_000);
  await world.settle();
  assert.match(
    (await world.events('data')).join(),
    /ProvisioningFailed: directory data still belongs to the deleted default\/data/,
  );
  world.fence = true;
  await world.clock.advance(6_000);
  await world.until(() => volumeOf(world, 'default/data'));
  assert.deepEqual(readdirSync(join(world.folder, 'data')), []);
});

test('a volume of another provisioner without annotations or class is kept and told', TIMEOUT, async (t) => {
  const world = await worldWith(t, {});
  const volume = await filled(world, 'data');
  const annotations = { 'larder.dev/on-delete': null };
  const { name } = volume.metadata;
  await world.client.patch(kinds.PersistentVolume, { name }, { kind: 'merge', value: { metadata: { annotations } } });
  await world.client.delete(kinds.StorageClass, { name: 'larder' });
  await world.until(() => world.provision.caches.classes.size === 0);
  await dropClaim(world, 'data');
  await released(world, volume);
  assert.match((await world.events(name)).join(), /VolumeFailedDelete: directory is kept: class missing: larder/);
  assert.deepEqual(visible(world), ['data']);
  await world.client.create(kinds.StorageClass, classDraft('larder', { archiveOnDelete: 'true' }));
  await gone(world, volume);
  assert.deepEqual(visible(world), ['archived-data']);
});

test('what an abandoned operation moved away late is moved back when the export is well', TIMEOUT, async (t) => {
  const state: Fragile = { ill: undefined, heal: () => undefined };
  const world = await worldWith(t, { onDelete: 'delete' }, { storages: fragile(state) });
  const volume = await filled(world, 'data');
  const [storage] = world.storages;
  const late = {
    path: ['data'],
    volumeUid: 'of-an-older-volume',
    volumeName: 'pvc-older',
    claim: 'default/data',
    at: 1,
  };
  assert.equal((await storage?.trash({ ...late, expiresAt: 1 }))?.kind, 'moved');
  assert.deepEqual(visible(world), []);
  state.heal();
  await world.until(() => existsSync(join(world.folder, 'data', 'file')));
  assert.match(
    (await world.events(volume.metadata.name)).join(),
    /VolumeRestored: directory 127\.0\.0\.1:\/storage\/v\/data had been moved away/,
  );
});

test('a directory that was moved by mistake goes back when a live volume lies in it', TIMEOUT, async (t) => {
  const state: Fragile = { ill: undefined, heal: () => undefined };
  const pathPattern = '${.PVC.namespace}/${.PVC.name}'; // a directory above that no volume has
  const world = await worldWith(t, { onDelete: 'delete', pathPattern }, { storages: fragile(state) });
  const volume = await filled(world, 'data');
  const [storage] = world.storages;
  const late = { path: ['default'], volumeUid: 'older', volumeName: 'pvc-older', claim: 'default/other', at: 1 };
  const moved = await storage?.trash(late);
  assert.ok(moved?.kind === 'moved');
  state.heal();
  await world.settle();
  assert.deepEqual(visible(world), [], 'somebody meant to move it');
  // The note of a rename that landed late speaks of the directory that was there before.
  const note = join(world.folder, '.larder', 'trash', `${moved.entry}.json`);
  writeFileSync(note, readFileSync(note, 'utf8').replace(/"identity":"\d+"/, '"identity":"1"'));
  state.heal();
  await world.until(() => existsSync(join(world.folder, 'default', 'data', 'file')));
  assert.match((await world.events(volume.metadata.name)).join(), /VolumeRestored/);
});

test('the trash is emptied when its time has come, and not before', TIMEOUT, async (t) => {
  const world = await worldWith(t, { onDelete: 'delete', trashRetention: '1h' });
  const volume = await filled(world, 'data');
  await dropClaim(world, 'data');
  await gone(world, volume);
  await world.clock.advance(50 * 60_000);
  await world.settle();
  assert.equal((await world.provision.volumes.trash()).entries.length, 1);
  await world.clock.advance(15 * 60_000);
  await world.until(() => readdirSync(join(world.folder, '.larder', 'trash')).length === 0);
  assert.equal((await world.provision.volumes.trash()).entries.length, 0);
});

test('undelete brings the directory back with a volume for a claim of the same name', TIMEOUT, async (t) => {
  const world = await worldWith(t, { onDelete: 'delete', pathPattern: '' });
  const volume = await filled(world, 'data');
  await dropClaim(world, 'data');
  await gone(world, volume);
  const request = { namespace: 'default', name: 'data', dryRun: true };
  const dry = await world.provision.volumes.undelete(request);
  assert.deepEqual([dry.restored, dry.path, visible(world)], [false, volume.spec.nfs?.path, []]);
  const done = await world.provision.volumes.undelete({ ...request, dryRun: false });
  assert.deepEqual([done.restored, done.volume], [true, volume.metadata.name]);
  await world.client.create(kinds.PersistentVolumeClaim, claimDraft('data', 'larder'));
  const again = await world.until(() => volumeOf(world, 'default/data'));
  assert.equal(again.spec.nfs?.path, volume.spec.nfs?.path);
  assert.ok(existsSync(join(world.folder, again.spec.nfs?.path.slice('/storage/v/'.length) ?? '', 'file')));
  await assert.rejects(world.provision.volumes.undelete(request), { code: 'LARDER_TRASH_ENTRY_MISSING' });
});

test('undelete that cannot save its volume, or finds its place taken, moves and leaves nothing', TIMEOUT, async (t) => {
  const world = await worldWith(t, { onDelete: 'delete', pathPattern: '' });
  const volume = await filled(world, 'data');
  await dropClaim(world, 'data');
  await gone(world, volume);
  const undelete = () => world.provision.volumes.undelete({ namespace: 'default', name: 'data', dryRun: false });
  world.intercept = ({ method, path }) =>
    method === 'POST' && path.includes('/persistentvolumes') ? refusal(403, 'Forbidden') : undefined;
  await assert.rejects(undelete(), /Forbidden/);
  world.intercept = undefined;
  const taken = join(world.folder, volume.spec.nfs?.path.slice('/storage/v/'.length) ?? '');
  assert.deepEqual([visible(world), (await world.provision.volumes.trash()).entries.length], [[], 1]);
  mkdirSync(taken);
  writeFileSync(join(taken, 'stranger'), '');
  await assert.rejects(undelete(), { code: 'LARDER_RESTORE_REFUSED', message: /look at what is in its place/ });
  await gone(world, volume);
  assert.deepEqual([readdirSync(taken), (await world.provision.volumes.trash()).entries.length], [['stranger'], 1]);
  rmSync(taken, { recursive: true });
  assert.equal((await undelete()).volume, volume.metadata.name);
  assert.deepEqual(readdirSync(taken), ['file']);
});

test(
  'undelete of a volume on the second of two exports of one folder makes it on that export again',
  TIMEOUT,
  async (t) => {
    const exports = (folder: string): readonly ExportDescription[] => [
      { backend: 'nfs', server: '127.0.0.1', path: '/storage/v', root: folder },
      { backend: 'local', server: '', path: folder, root: folder },
    ];
    const world = await worldWith(t, { onDelete: 'delete', export: 'local', pathPattern: '' }, { exports });
    const claim = await world.client.create(kinds.PersistentVolumeClaim, claimDraft('data', 'larder'));
    const volume = await world.until(() => volumeOf(world, 'default/data'));
    await dropClaim(world, claim.metadata.name);
    await gone(world, volume);
    const done = await world.provision.volumes.undelete({ namespace: 'default', name: 'data', dryRun: false });
    assert.equal(done.path, volume.spec.local?.path);
    const made = await world.client.get(kinds.PersistentVolume, { name: done.volume });
    assert.deepEqual([made.spec.local, made.spec.nfs], [volume.spec.local, undefined]);
    assert.deepEqual(made.spec.nodeAffinity, volume.spec.nodeAffinity);
  },
);

test(
  'a raised request raises the volume and the claim with two writes, and a lowered one changes nothing',
  TIMEOUT,
  async (t) => {
    const world = await worldWith(t, {});
    const volume = await filled(world, 'data');
    await world.settle();
    const before = world.writes.length;
    const ask = (storage: string) =>
      world.client.patch(
        kinds.PersistentVolumeClaim,
        { namespace: 'default', name: 'data' },
        { kind: 'merge', value: { spec: { resources: { requests: { storage } } } } },
      );
    await ask('3Gi');
    const capacity = () => world.provision.caches.claims.get('default/data')?.status?.capacity?.['storage'];
    await world.until(() => capacity() === '3Gi');
    assert.equal(world.provision.caches.volumes.get(volume.metadata.name)?.spec.capacity['storage'], '3Gi');
    await world.settle();
    const writes = world.writes.slice(before);
    assert.deepEqual(writes, ['PATCH persistentvolumes', 'PATCH persistentvolumeclaims', 'POST events']);
    for (const controller of world.provision.controllers) controller.enqueue('default/data');
    await world.settle();
    assert.equal(world.writes.length, before + 3, 'a second look changes nothing');
  },
);

test(
  'the read model lists claims with their directories, and the audit compares them with the disk',
  TIMEOUT,
  async (t) => {
    const world = await worldWith(t, { adopt: 'none' });
    await world.client.create(kinds.Namespace, namespaceDraft('other'));
    await filled(world, 'data');
    mkdirSync(join(world.folder, 'stray'));
    const [view, ...others] = world.provision.volumes.list();
    assert.deepEqual(
      [view?.claim, view?.phase, view?.path, view?.directory, view?.capacityBytes, others.length],
      ['data', 'Bound', '/storage/v/data', join(world.folder, 'data'), 1n << 30n, 0],
    );
    assert.deepEqual(
      [...world.provision.volumes.measured()].map(({ key, path }) => [key, path]),
      [['default/data', ['data']]],
    );
    const findings = await world.provision.volumes.audit();
    assert.deepEqual(
      findings.map(({ kind, path }) => `${kind} ${path}`),
      ['orphaned-directory stray'],
    );
  },
);
