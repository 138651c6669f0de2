import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { HttpError } from '../http/registry.ts';
import { kinds } from '../kube/kinds.ts';
import { claimDraft, classDraft, startWorld, volumeOf, type World } from '../provision/world.fixture.ts';
import { systemClock } from '../telemetry/clock.ts';
import { type VolumeEnding, volumeEnding } from './volume-end.ts';

const TIMEOUT = { timeout: 15_000 };
const DATA = { namespace: 'default', name: 'data' };
const SIGHT = { mayNameOthers: true, maySeePods: true };
const signal = new AbortController().signal;

/** One claim with its directory `data`, which would go to the trash. */
async function site(t: TestContext, finalizers = true): Promise<{ world: World; ending: VolumeEnding }> {
  const world = await startWorld(t, { finalizers });
  const parameters = { pathPattern: '${.PVC.name}', onDelete: 'delete' };
  await world.client.create(kinds.StorageClass, classDraft('larder', parameters, { reclaimPolicy: 'Delete' }));
  await world.client.create(kinds.PersistentVolumeClaim, claimDraft('data', 'larder'));
  await world.until(() => volumeOf(world, 'default/data'));
  const { client } = world;
  return {
    world,
    ending: volumeEnding({ client, catalog: world.provision.catalog, early: 'none', clock: systemClock }),
  };
}

const read = (ending: VolumeEnding) => {
  const answer = ending.end(DATA, SIGHT);
  if (answer.kind === 'none') throw new Error('the claim has no volume');
  return answer;
};
const refused =
  (message: RegExp) =>
  (failure: unknown): boolean =>
    failure instanceof HttpError && failure.status === 409 && message.test(failure.message);

test('what was said before is what happens; a dry run writes nothing', TIMEOUT, async (t) => {
  const { world, ending } = await site(t);
  const before = read(ending);
  assert.deepEqual(
    [before.words.kind, before.choices.map(({ onDelete }) => onDelete)],
    ['trash', ['archive', 'retain']],
  );
  const written = () => world.client.get(kinds.PersistentVolume, { name: before.volume });
  const planned = await ending.setEnd({ ...DATA, onDelete: 'archive', dryRun: true }, signal);
  assert.match(planned.message, /^would write .* renamed to archived-data,/);
  assert.equal((await written()).metadata.annotations?.['larder.dev/on-delete'], 'delete');
  assert.equal((await ending.setEnd({ ...DATA, onDelete: 'archive', dryRun: false }, signal)).changes, true);
  const after = await world.until(() => {
    const now = read(ending);
    return now.words.kind === 'archive' ? now : undefined;
  });
  assert.deepEqual(
    after.choices.map(({ onDelete }) => onDelete),
    ['retain'],
  );
  assert.equal((await ending.setEnd({ ...DATA, onDelete: 'archive', dryRun: false }, signal)).changes, false);
  await world.client.delete(kinds.PersistentVolumeClaim, DATA);
  await world.until(() => world.provision.caches.volumes.get(before.volume) === undefined);
  assert.deepEqual(
    (await world.provision.volumes.trash()).entries.map(({ kind, entry }) => [kind, entry]),
    [['archive', 'archived-data']],
  );
  assert.throws(() => ending.end(DATA, SIGHT), /there is no claim default\/data/);
});

test('a volume that was changed since it was looked at is not written', TIMEOUT, async (t) => {
  const { world, ending } = await site(t);
  const { volume } = read(ending);
  const another = ending.setEnd({ ...DATA, volume: 'pvc-before', onDelete: 'archive', dryRun: false }, signal);
  await assert.rejects(another, refused(/has another volume now, .*: nothing was written/));
  await world.stop();
  const patch = { kind: 'merge', value: { metadata: { labels: { by: 'another' } } } } as const;
  await world.client.patch(kinds.PersistentVolume, { name: volume }, patch);
  for (const dryRun of [true, false]) {
    const setting = ending.setEnd({ ...DATA, onDelete: 'archive', dryRun }, signal);
    await assert.rejects(setting, refused(/was changed at this moment: nothing was written/));
  }
  const { metadata } = await world.client.get(kinds.PersistentVolume, { name: volume });
  assert.equal(metadata.annotations?.['larder.dev/on-delete'], 'delete');
});

test('where nothing that the volume says would count, it is refused with the reason', TIMEOUT, async (t) => {
  const { world, ending } = await site(t);
  const { volume } = read(ending);
  const patch = { kind: 'merge', value: { spec: { persistentVolumeReclaimPolicy: 'Retain' } } } as const;
  await world.client.patch(kinds.PersistentVolume, { name: volume }, patch);
  const retained = await world.until(() => {
    const now = read(ending);
    return now.words.kind === 'stay' ? now : undefined;
  });
  assert.deepEqual(retained.choices, []);
  assert.match(retained.fixedCommand, /on-delete=archive --overwrite && kubectl patch pv/, 'first what keeps the data');
  const archive = () => ending.setEnd({ ...DATA, onDelete: 'archive', dryRun: false }, signal);
  await assert.rejects(archive(), refused(/Retain decides first/));
  await world.client.delete(kinds.PersistentVolumeClaim, DATA);
  const gone = await world.until(() => {
    const now = read(ending);
    return now.state === 'gone' ? now : undefined;
  });
  assert.match(gone.fixed, /gone already/);
  await assert.rejects(archive(), refused(/gone already/));
});

test('an account that may not patch volumes says so; a claim without a volume has no end', TIMEOUT, async (t) => {
  const { world, ending } = await site(t, false);
  assert.match(read(ending).fixed, /may not patch persistentvolumes/);
  const archive = (name: string) => ending.setEnd({ ...DATA, name, onDelete: 'archive', dryRun: true }, signal);
  await assert.rejects(archive('data'), refused(/may not patch persistentvolumes/));
  await world.client.create(kinds.PersistentVolumeClaim, claimDraft('other', 'nobodys-class'));
  const other = { namespace: 'default', name: 'other' };
  await world.until(() => world.provision.caches.claims.get('default/other'));
  assert.deepEqual(ending.end(other, SIGHT), { kind: 'none' });
  await assert.rejects(archive('other'), refused(/has no volume yet/));
});

test(
  'of a volume that another driver made it says what that one does with it, and writes nothing',
  TIMEOUT,
  async (t) => {
    const { world, ending } = await site(t);
    const said = async (policy: 'Delete' | 'Retain') => {
      const name = `disk-${policy.toLowerCase()}`;
      const claim = { namespace: 'default', name };
      const accessModes = ['ReadWriteOnce'] as const;
      const size = { storage: '1Gi' };
      const { metadata } = await world.client.create(kinds.PersistentVolumeClaim, {
        ...{ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: claim },
        spec: { accessModes, storageClassName: 'disks', volumeName: name, resources: { requests: size } },
      });
      await world.client.create(kinds.PersistentVolume, {
        ...{ apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name } },
        spec: {
          ...{ capacity: size, accessModes, storageClassName: 'disks', persistentVolumeReclaimPolicy: policy },
          claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', ...claim, uid: metadata.uid },
          csi: { driver: 'disks.csi.example.com', volumeHandle: name },
        },
      });
      await world.until(
        () => world.provision.caches.volumes.get(name) && world.provision.caches.claims.get(`default/${name}`),
      );
      const answer = ending.end(claim, SIGHT);
      assert.ok(answer.kind === 'end');
      assert.deepEqual([answer.choices, answer.words.back], [[], '']);
      const setting = ending.setEnd({ ...claim, onDelete: 'archive', dryRun: false }, signal);
      await assert.rejects(setting, refused(/^Larder did not make this volume/));
      return answer.words.says;
    };
    assert.match(
      await said('Delete'),
      /^Its driver removes the volume with all data, because its reclaim policy is Delete/,
    );
    assert.match(
      await said('Retain'),
      /^The volume stays, because its reclaim policy is Retain: another driver made it/,
    );
  },
);
