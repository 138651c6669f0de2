import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { kinds } from '../../kube/kinds.ts';
import { answer, claimDraft, refusal, volumeOf } from '../world.fixture.ts';
import { capacityOf, DATA, filled, isClaim, isCreation, isInTrash, isVolume, trashed } from './trashed.fixture.ts';

const TIMEOUT = { timeout: 15_000 };
for (const how of ['undelete', 'restore'] as const) {
  test(`${how} waits for the end of the volume that moved the directory away`, TIMEOUT, async (t) => {
    const { world, volume, file } = await filled(t);
    const takesFinalizerOff = `/api/v1/persistentvolumes/${volume.metadata.name}`;
    world.intercept = ({ method, path }) =>
      method === 'PATCH' && path.split('?', 1)[0] === takesFinalizerOff ? refusal(500, 'InternalError') : undefined;
    await world.client.delete(kinds.PersistentVolumeClaim, DATA);
    await world.until(() => isInTrash(world) && !existsSync(file));
    const [entry] = (await world.provision.volumes.trash()).entries;
    const back = () =>
      how === 'undelete'
        ? world.provision.volumes.undelete({ ...DATA, dryRun: false })
        : world.provision.volumes.restore({ entry: entry?.entry ?? '', to: 'elsewhere', dryRun: false });
    const message = new RegExp(`pv ${volume.metadata.name}, whose directory it was, is still being removed`);
    await assert.rejects(back(), { code: 'LARDER_RESTORE_REFUSED', message });
    assert.deepEqual([existsSync(file), isInTrash(world)], [false, true]);
    world.intercept = undefined;
    await world.clock.advance(60_000);
    await world.until(() => !world.provision.caches.volumes.get(volume.metadata.name));
    assert.equal((await back()).restored, true);
    assert.equal(existsSync(how === 'undelete' ? file : join(world.folder, 'elsewhere', 'file')), true);
  });
}

test('undelete goes on when the answer to its creation of the volume is lost', TIMEOUT, async (t) => {
  const before = await filled(t);
  const { world, volume, file } = before;
  const entry = await trashed(before);
  world.intercept = (request) => (isCreation(request) ? 'answer-lost' : undefined);
  const { restored, volume: name } = await world.provision.volumes.undelete({ ...DATA, dryRun: false });
  assert.deepEqual([restored, name, existsSync(file)], [true, volume.metadata.name, true]);
  const { metadata } = await world.client.get(kinds.PersistentVolume, { name });
  assert.equal(metadata.annotations?.['larder.dev/restored-from'], entry);
});

for (const how of ['undelete', 'restore'] as const) {
  test(`what ${how} left undone is done by itself, and the directory goes nowhere else`, TIMEOUT, async (t) => {
    const before = await filled(t);
    const { world, volume, file } = before;
    const { name } = volume.metadata;
    const entry = await trashed(before);
    const commands = {
      undelete: () => world.provision.volumes.undelete({ ...DATA, dryRun: false }),
      restore: () => world.provision.volumes.restore({ entry, to: 'elsewhere', claim: 'default/other', dryRun: false }),
    };
    let asked = false;
    world.intercept = (request) => {
      asked ||= isCreation(request);
      if (isCreation(request)) return 'answer-lost';
      return asked && isVolume(request) ? 'no-answer' : undefined;
    };
    const failure = commands[how]().then(String, (error: unknown) => error);
    let told: unknown;
    void failure.then((error) => {
      told = error;
    });
    await world.until(() => told !== undefined);
    world.intercept = undefined;
    assert.match(String(told), new RegExp(`it is not known whether pv ${name} was saved .*run it again$`));
    await world.until(() => world.provision.caches.volumes.get(name));
    const thief = commands[how === 'undelete' ? 'restore' : 'undelete']();
    await assert.rejects(thief, new RegExp(`is the directory of pv ${name}, |neither the trash|there is no archive`));
    const place = how === 'undelete' ? file : join(world.folder, 'elsewhere', 'file');
    await world.until(() => existsSync(place) && !isInTrash(world) && capacityOf(world, name) === '1Gi');
    assert.match((await world.events(name)).join(), /VolumeRestored: directory .* is back/);
  });
}

test('who finds the directory in its place already has brought it back', TIMEOUT, async (t) => {
  const before = await filled(t);
  const { world, file } = before;
  const entry = await trashed(before);
  const [storage] = world.storages;
  let other: Promise<unknown> | undefined;
  world.intercept = (request) => {
    if (isCreation(request)) other = storage?.restore({ entry });
    return undefined;
  };
  const { restored, volume } = await world.provision.volumes.undelete({ ...DATA, dryRun: false });
  await other;
  assert.deepEqual([restored, existsSync(file)], [true, true]);
  assert.ok(await world.client.get(kinds.PersistentVolume, { name: volume }));
});

test(
  'nothing is brought back for a claim that is there and may be given a volume at any moment',
  TIMEOUT,
  async (t) => {
    const before = await filled(t);
    const { world, file } = before;
    await trashed(before);
    world.intercept = (request) => (isCreation(request) ? refusal(500, 'InternalError') : undefined);
    await world.client.create(kinds.PersistentVolumeClaim, claimDraft('data', 'larder'));
    const message =
      /claim default\/data is there and waits for a volume, .* delete it, run this again, and then create it/;
    for (const dryRun of [true, false]) {
      const back = world.provision.volumes.undelete({ ...DATA, dryRun });
      await assert.rejects(back, { code: 'LARDER_RESTORE_REFUSED', message });
    }
    assert.deepEqual([existsSync(file), isInTrash(world)], [false, true]);
  },
);

test(
  'while what came back waits for its claim, no other directory is brought back for that one',
  TIMEOUT,
  async (t) => {
    const before = await filled(t);
    const { world } = before;
    await trashed(before);
    await world.client.create(kinds.PersistentVolumeClaim, claimDraft('data', 'larder'));
    const volume = await world.until(() => volumeOf(world, 'default/data'));
    await trashed({ ...before, volume });
    const undelete = (dryRun: boolean) => world.provision.volumes.undelete({ ...DATA, dryRun });
    const first = await undelete(false);
    await world.until(() => world.provision.caches.volumes.get(first.volume)?.status?.phase === 'Available');
    for (const dryRun of [true, false]) {
      const message = new RegExp(
        `pv ${first.volume} with directory .* waits for claim default/data already: create that claim`,
      );
      await assert.rejects(undelete(dryRun), { code: 'LARDER_RESTORE_REFUSED', message });
    }
    assert.equal((await world.provision.volumes.trash()).entries.length, 1, 'the other one stays where it is');
    await world.client.create(kinds.PersistentVolumeClaim, claimDraft('data', 'larder'));
    assert.equal((await world.until(() => volumeOf(world, 'default/data'))).metadata.name, first.volume);
  },
);

for (const bound of [false, true]) {
  const what = bound ? 'stays, because the claim is being bound to it' : 'goes again';
  test(`where volumes may not be patched, that of a claim made meanwhile ${what}`, TIMEOUT, async (t) => {
    const before = await filled(t, { finalizers: false });
    const { world, volume, file } = before;
    const { name } = volume.metadata;
    await trashed(before);
    const uid = '00000000-0000-4000-8000-000000000001';
    const claim = { ...claimDraft('data', 'larder'), metadata: { ...DATA, uid, resourceVersion: '1' } };
    const claimRef = { ...DATA, uid };
    let [made, removed] = [false, false];
    world.intercept = (request) => {
      made ||= isCreation(request);
      removed ||= isVolume(request) && request.method === 'DELETE';
      if (made && isClaim(request)) return answer(200, claim);
      const read = bound && made && request.method === 'GET' && request.path.endsWith(`/persistentvolumes/${name}`);
      return read ? answer(200, { ...volume, spec: { ...volume.spec, claimRef }, status: {} }) : undefined;
    };
    const back = world.provision.volumes.undelete({ ...DATA, dryRun: false });
    if (bound) assert.equal((await back).volume, name);
    else
      await assert.rejects(back, { code: 'LARDER_RESTORE_REFUSED', message: /claim default\/data is there and waits/ });
    world.intercept = undefined;
    if (!bound) await world.until(() => !world.provision.caches.volumes.get(name));
    assert.deepEqual([removed, existsSync(file), isInTrash(world)], [!bound, bound, !bound]);
  });
}

test('no claim is bound to what is on its way back, and none gets an empty volume beside it', TIMEOUT, async (t) => {
  const before = await filled(t);
  const { world, volume, file } = before;
  const { name } = volume.metadata;
  await trashed(before);
  const [storage] = world.storages;
  assert.ok(storage);
  let moves = false;
  const move = storage.restore.bind(storage);
  const notYet = { kind: 'problem', problem: 'missing', detail: 'is not there', errno: '', landed: 'no' } as const;
  const restore = t.mock.method(storage, 'restore', (...asked: Parameters<typeof move>) =>
    moves ? move(...asked) : Promise.resolve(notYet),
  );
  const back = world.provision.volumes.undelete({ ...DATA, dryRun: false });
  await world.until(() => restore.mock.callCount() > 0);
  assert.equal(capacityOf(world, name), '1');
  const shown = world.provision.volumes.list().find((view) => view.volume === name);
  assert.deepEqual([shown?.phase, shown?.capacityBytes], ['Returning', 1n << 30n]);
  const [found] = await world.provision.volumes.audit();
  assert.deepEqual([found?.kind, found?.volume], ['returning', name]);
  await world.client.create(kinds.PersistentVolumeClaim, claimDraft('data', 'larder'));
  const claim = await world.until(() => world.provision.caches.claims.get('default/data'));
  await world.settle();
  await world.clock.advance(11_000);
  const told = await world.events('data');
  assert.match(
    told.join(),
    new RegExp(`ProvisioningFailed: PersistentVolume ${name} is kept for this claim and is opened`),
  );
  assert.deepEqual(
    [...world.provision.caches.volumes.list()].map(({ metadata }) => metadata.name),
    [name],
  );
  moves = true;
  await world.clock.advance(2_000);
  const own = `pvc-${claim.metadata.uid}`;
  assert.deepEqual(await back.then(({ restored, volume: given, next }) => [restored, given, next]), [
    true,
    own,
    `it binds by itself: pv ${own} waits for it`,
  ]);
  await world.until(
    () => volumeOf(world, 'default/data')?.metadata.name === own && !world.provision.caches.volumes.get(name),
  );
  assert.equal(existsSync(file), true);
  const given = world.provision.caches.volumes.get(own);
  assert.deepEqual(
    [given?.spec.nfs?.path, given?.spec.persistentVolumeReclaimPolicy, given?.spec.capacity['storage']],
    [volume.spec.nfs?.path, 'Retain', '1Gi'],
  );
  assert.match((await world.events('data')).join(), /VolumeRestored: directory .* is the one of pv pvc-/);
});

test(
  'a claim that is given another volume meanwhile keeps it, and what was asked for stays in the trash',
  TIMEOUT,
  async (t) => {
    const before = await filled(t);
    const { world, volume, file } = before;
    const { name } = volume.metadata;
    const entry = await trashed(before);
    world.intercept = (request) => {
      if (!isCreation(request) || !String(request.body).includes('restored-size')) return undefined;
      world.intercept = undefined;
      return 'no-answer'; // and nothing was saved
    };
    await assert.rejects(world.provision.volumes.undelete({ ...DATA, dryRun: false }), /it is not known whether pv/);
    await world.client.create(kinds.PersistentVolumeClaim, claimDraft('data', 'larder'));
    const empty = await world.until(() => volumeOf(world, 'default/data'));
    const late = { ...volume.spec, capacity: { storage: '1' }, claimRef: { ...DATA, kind: 'PersistentVolumeClaim' } };
    const notes = {
      ...volume.metadata.annotations,
      'larder.dev/restored-size': '1Gi',
      'larder.dev/restored-from': entry,
    };
    await world.client.create(kinds.PersistentVolume, {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name, annotations: notes },
      spec: late,
    });
    await world.until(() => world.provision.caches.volumes.get(name));
    await world.until(() => !world.provision.caches.volumes.get(name));
    const told = (await world.events(name)).join();
    assert.match(
      told,
      new RegExp(`VolumeNotRestored: directory .* stays where it is, as ${entry}: claim default/data was given`),
    );
    assert.deepEqual([existsSync(file), isInTrash(world)], [false, true]);
    assert.equal(volumeOf(world, 'default/data')?.metadata.name, empty.metadata.name);
  },
);

test('what is back beside another volume of its claim waits until that claim is gone', TIMEOUT, async (t) => {
  const before = await filled(t);
  const { world, volume, file } = before;
  const { name } = volume.metadata;
  await trashed(before);
  let refusing = true;
  world.intercept = (request) =>
    refusing && isVolume(request) && request.method === 'PATCH' ? refusal(500, 'InternalError') : undefined;
  const back = world.provision.volumes.undelete({ ...DATA, dryRun: false });
  const message = /is back, and claim default\/data was given pv pvc-.* look into both; delete the claim/;
  const failed = assert.rejects(back, { code: 'LARDER_RESTORE_REFUSED', message, mayHaveChanged: true });
  await world.until(() => existsSync(file));
  const claim = await world.client.create(kinds.PersistentVolumeClaim, claimDraft('data', 'larder'));
  const { uid } = claim.metadata;
  await world.client.create(kinds.PersistentVolume, {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: `pvc-${uid}` },
    spec: {
      ...volume.spec,
      nfs: { server: '127.0.0.1', path: '/storage/v/other' },
      claimRef: { ...DATA, kind: 'PersistentVolumeClaim', uid },
    },
  });
  await world.until(() => volumeOf(world, 'default/data'));
  refusing = false;
  let ended = false;
  void failed.then(() => {
    ended = true;
  });
  await world.until(() => ended);
  await failed;
  assert.equal(capacityOf(world, name), '1');
  await world.client.delete(kinds.PersistentVolumeClaim, DATA);
  await world.until(() => capacityOf(world, name) === '1Gi');
  await world.client.create(kinds.PersistentVolumeClaim, claimDraft('data', 'larder'));
  await world.until(() => volumeOf(world, 'default/data')?.metadata.name === name);
});

test('an entry whose size nobody knows is not moved, and it is said how to name the size', TIMEOUT, async (t) => {
  const before = await filled(t);
  const { world, file } = before;
  const entry = await trashed(before);
  const note = join(world.folder, '.larder', 'trash', `${entry}.json`);
  const { entry: noted, ...rest } = JSON.parse(readFileSync(note, 'utf8'));
  const { manifest: _manifest, ...unsized } = noted;
  writeFileSync(note, JSON.stringify({ ...rest, entry: unsized }));
  for (const dryRun of [true, false]) {
    const message = new RegExp(`${entry} has no note of its size and class: .*restore ${entry} --claim default/data`);
    const back = world.provision.volumes.undelete({ ...DATA, dryRun });
    await assert.rejects(back, { code: 'LARDER_RESTORE_REFUSED', message, mayHaveChanged: false });
  }
  assert.deepEqual([existsSync(file), isInTrash(world)], [false, true]);
  const named = { entry, claim: 'default/data', size: '1Gi', className: 'larder', dryRun: false };
  const { restored } = await world.provision.volumes.restore(named);
  assert.deepEqual([restored, existsSync(file)], [true, true]);
});

test('what a follower finds no answer to in time is kept, and done by whoever leads', TIMEOUT, async (t) => {
  const before = await filled(t);
  const { world, volume, file } = before;
  const { name } = volume.metadata;
  await trashed(before);
  let led = false;
  world.intercept = (request) =>
    !led && isVolume(request) && request.method === 'PATCH' ? refusal(500, 'InternalError') : undefined;
  let told: unknown;
  world.provision.volumes.undelete({ ...DATA, dryRun: false }).catch((error: unknown) => {
    told = error;
  });
  await world.until(() => existsSync(file));
  await world.clock.advance(31_000);
  await world.until(() => told !== undefined);
  assert.match(String(told), new RegExp(`is not known to be back: pv ${name} keeps it`));
  led = true;
  await world.until(() => capacityOf(world, name) === '1Gi');
});
