import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { kinds, type PersistentVolume } from '../../kube/kinds.ts';
import type { Draft } from '../../kube/object.ts';
import type { Storage } from '../storage.ts';
import { answer, claimDraft, refusal, volumeOf, type World } from '../world.fixture.ts';
import {
  capacityOf,
  DATA,
  type Filled,
  filled,
  isClaim,
  isCreation,
  isInTrash,
  isVolume,
  trashed,
} from './trashed.fixture.ts';

const TIMEOUT = { timeout: 30_000 };
const uid = '00000000-0000-4000-8000-000000000001';
const fresh = { ...claimDraft('data', 'larder'), metadata: { ...DATA, uid, resourceVersion: '1' } };

/** Directories come back from it only when `open` was called. */
function held(t: TestContext, storage: Storage | undefined) {
  assert.ok(storage);
  let moves = false;
  const move = storage.restore.bind(storage);
  const notYet = { kind: 'problem', problem: 'missing', detail: 'is not there', errno: '', landed: 'no' } as const;
  const restore = t.mock.method(storage, 'restore', (...asked: Parameters<typeof move>) =>
    moves ? move(...asked) : Promise.resolve(notYet),
  );
  return {
    isAsked: () => restore.mock.callCount() > 0,
    open: () => {
      moves = true;
    },
  };
}

const phaseOf = ({ provision }: World, name: string) => provision.caches.volumes.get(name)?.status?.phase;

test('a command that hears late of its volume does not take back what was redeemed meanwhile', TIMEOUT, async (t) => {
  const before = await filled(t);
  const { world, volume, file } = before;
  const { name } = volume.metadata;
  await trashed(before);
  let made = false;
  world.intercept = (request) => {
    if (made && isClaim(request)) return answer(200, fresh); // made when the volume was open, and not bound yet
    if (made || !isCreation(request)) return undefined;
    made = true;
    return (async () => {
      await world.client.create(kinds.PersistentVolume, JSON.parse(String(request.body)));
      await world.until(() => capacityOf(world, name) === '1Gi');
      return 'no-answer' as const;
    })();
  };
  const back = await world.provision.volumes.undelete({ ...DATA, dryRun: false });
  assert.deepEqual([back.restored, back.volume, existsSync(file)], [true, name, true]);
  assert.equal((await world.client.get(kinds.PersistentVolume, { name })).metadata.deletionTimestamp, undefined);
});

test('where volumes may not be patched, a volume whose directory is back already stays', TIMEOUT, async (t) => {
  const before = await filled(t, { finalizers: false });
  const { world, volume, file } = before;
  const { name } = volume.metadata;
  const entry = await trashed(before);
  let made = false;
  world.intercept = (request) => {
    made ||= isCreation(request);
    if (!made || !isClaim(request)) return undefined;
    return (async () => {
      await world.storages[0]?.restore({ entry }); // as who leads does for a volume that it sees
      return answer(200, fresh);
    })();
  };
  const back = await world.provision.volumes.undelete({ ...DATA, dryRun: false });
  world.intercept = undefined;
  assert.deepEqual([back.volume, existsSync(file), isInTrash(world)], [name, true, false]);
  assert.ok(await world.client.get(kinds.PersistentVolume, { name }));
});

test(
  'where volumes may not be patched, one that is taken back while its directory comes is saved again',
  TIMEOUT,
  async (t) => {
    const before = await filled(t, { finalizers: false });
    const { world, volume, file } = before;
    const { name } = volume.metadata;
    const entry = await trashed(before);
    let made = '';
    world.intercept = (request) => {
      if (isCreation(request)) made ||= 'once';
      if (made !== '' && isClaim(request)) return answer(200, fresh);
      if (!isVolume(request) || request.method !== 'DELETE') return undefined;
      return (async () => {
        made = (await world.client.get(kinds.PersistentVolume, { name })).metadata.uid;
        await world.storages[0]?.restore({ entry });
        return undefined;
      })();
    };
    assert.equal((await world.provision.volumes.undelete({ ...DATA, dryRun: false })).volume, name);
    const there = await world.client.get(kinds.PersistentVolume, { name });
    assert.notEqual(there.metadata.uid, made);
    assert.deepEqual([there.metadata.annotations?.['larder.dev/restored-from'], existsSync(file)], [entry, true]);
  },
);

test(
  'where volumes may not be patched, a claim that is made at the last moment may be given an empty volume, and nothing is lost',
  TIMEOUT,
  async (t) => {
    const before = await filled(t, { finalizers: false });
    const { world, volume, file } = before;
    const { name } = volume.metadata;
    await trashed(before);
    const [storage] = world.storages;
    assert.ok(storage);
    const move = storage.restore.bind(storage);
    t.mock.method(storage, 'restore', async (...asked: Parameters<typeof move>) => {
      await giveEmpty(world, volume);
      return move(...asked);
    });
    const back = await world.provision.volumes.undelete({ ...DATA, dryRun: false });
    assert.deepEqual([back.restored, back.volume], [true, name]);
    await world.until(() => volumeOf(world, 'default/data'));
    assert.equal(volumeOf(world, 'default/data')?.metadata.name, 'empty');
    await world.until(() => phaseOf(world, name) === 'Available');
    assert.equal(existsSync(file), true);
    await world.client.delete(kinds.PersistentVolumeClaim, DATA);
    await world.until(() => !world.provision.caches.claims.get('default/data'));
    assert.equal(existsSync(file), true);
    await world.client.create(kinds.PersistentVolumeClaim, claimDraft('data', 'larder'));
    await world.until(() => volumeOf(world, 'default/data')?.metadata.name === name);
    assert.equal(existsSync(file), true);
  },
);

/** The claim, bound to another volume. */
async function giveEmpty(world: World, { spec }: PersistentVolume): Promise<void> {
  const bound = claimDraft('data', 'larder', { spec: { volumeName: 'empty' } });
  const claim = await world.client.create(kinds.PersistentVolumeClaim, bound);
  const claimRef = { kind: 'PersistentVolumeClaim', ...DATA, uid: claim.metadata.uid };
  await world.client.create(kinds.PersistentVolume, {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: 'empty' },
    spec: { ...spec, nfs: { server: '127.0.0.1', path: '/storage/v/empty' }, claimRef },
  });
}

test(
  'of two directories for one claim that were asked for at one moment the second stays where it is',
  TIMEOUT,
  async (t) => {
    const before = await filled(t);
    const { world, volume, file } = before;
    await trashed(before);
    await world.client.create(kinds.PersistentVolumeClaim, claimDraft('data', 'larder'));
    const second = await world.until(() => volumeOf(world, 'default/data'));
    const place = join(world.folder, second.spec.nfs?.path.slice('/storage/v/'.length) ?? '');
    writeFileSync(join(place, 'file'), 'newer');
    const newer = await trashed({ world, volume: second });
    const restoring = held(t, world.storages[0]);
    const { entries } = await world.provision.volumes.trash();
    const older = entries.find(({ entry }) => entry !== newer)?.entry ?? '';
    const first = world.provision.volumes.undelete({ ...DATA, entry: older, dryRun: false });
    await world.until(restoring.isAsked);
    // A command in another process, which has not heard of the first one.
    const note = entries.find(({ entry }) => entry === newer);
    await world.client.create(kinds.PersistentVolume, pledged(second, newer, note?.identity ?? ''));
    await world.until(() => world.provision.caches.volumes.get(second.metadata.name));
    restoring.open();
    await world.clock.advance(2_000);
    const winner = await first.then(
      (made) => made.volume,
      () => second.metadata.name,
    );
    const loser = winner === volume.metadata.name ? second.metadata.name : volume.metadata.name;
    await world.until(() => !world.provision.caches.volumes.get(loser));
    await world.until(() => phaseOf(world, winner) === 'Available' && capacityOf(world, winner) === '1Gi');
    const told = (await world.events(loser)).join();
    assert.match(told, /VolumeNotRestored: .* stays where it is, as .*: pv .* waits for claim default\/data already/);
    assert.equal((await world.provision.volumes.trash()).entries.length, 1);
    assert.equal(existsSync(file) !== existsSync(join(place, 'file')), true, 'one of them is back');
  },
);

function pledged({ metadata, spec }: PersistentVolume, entry: string, identity: string): Draft<PersistentVolume> {
  const notes = {
    ...{ 'larder.dev/restored-size': '1Gi', 'larder.dev/restored-from': entry, 'larder.dev/identity': identity },
    'pv.kubernetes.io/provisioned-by': metadata.annotations?.['pv.kubernetes.io/provisioned-by'] ?? '',
  };
  const { claimRef: _claimRef, ...rest } = spec;
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: metadata.name, annotations: notes },
    spec: {
      ...rest,
      persistentVolumeReclaimPolicy: 'Retain',
      capacity: { storage: '1' },
      claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', ...DATA },
    },
  };
}

for (const gone of [false, true]) {
  const what = gone ? 'is opened when that claim is gone' : 'goes when whoever leads looks again';
  test(`a pledge whose directory was given to a claim, and that was not removed, ${what}`, TIMEOUT, async (t) => {
    const before = await filled(t);
    const { world, volume } = before;
    await trashed(before);
    const restoring = held(t, world.storages[0]);
    world.intercept = (request) =>
      isVolume(request) && request.method === 'DELETE' ? refusal(500, 'InternalError') : undefined;
    const back = world.provision.volumes.undelete({ ...DATA, dryRun: false });
    await world.until(restoring.isAsked);
    const claim = await world.client.create(kinds.PersistentVolumeClaim, claimDraft('data', 'larder'));
    restoring.open();
    const own = `pvc-${claim.metadata.uid}`;
    await world.until(() => world.provision.caches.claims.get('default/data'));
    await world.clock.advance(2_000);
    await world.until(() => volumeOf(world, 'default/data')?.metadata.name === own);
    assert.equal((await back).volume, own);
    await resolved({ before, own, name: volume.metadata.name }, gone);
  });
}

async function resolved(
  { before: { world, file }, own, name }: { readonly before: Filled; readonly own: string; readonly name: string },
  gone: boolean,
): Promise<void> {
  assert.equal(capacityOf(world, name), '1', 'the pledge is still there');
  if (gone) await world.client.delete(kinds.PersistentVolumeClaim, DATA);
  const next = gone ? world : await world.restart();
  if (gone) {
    await next.until(() => capacityOf(next, name) === '1Gi');
    await next.client.create(kinds.PersistentVolumeClaim, claimDraft('data', 'larder'));
  }
  const expected = gone ? name : own;
  await next.until(() => volumeOf(next, 'default/data')?.metadata.name === expected);
  if (!gone) await next.until(() => !next.provision.caches.volumes.get(name));
  assert.equal(existsSync(file), true);
}
