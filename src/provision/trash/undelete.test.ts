import assert from 'node:assert/strict';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { kinds, type PersistentVolume } from '../../kube/kinds.ts';
import { claimDraft, classDraft, refusal, startWorld, volumeOf, type World } from '../world.fixture.ts';

const TIMEOUT = { timeout: 15_000 };
const DATA = { namespace: 'default', name: 'data' };

/** A claim with a file in its directory, and the path of that. */
async function filled(t: TestContext): Promise<{ world: World; volume: PersistentVolume; file: string }> {
  const world = await startWorld(t);
  const parameters = { onDelete: 'delete' };
  await world.client.create(kinds.StorageClass, classDraft('larder', parameters, { reclaimPolicy: 'Delete' }));
  await world.client.create(kinds.PersistentVolumeClaim, claimDraft('data', 'larder'));
  const volume = await world.until(() => volumeOf(world, 'default/data'));
  const file = join(world.folder, volume.spec.nfs?.path.slice('/storage/v/'.length) ?? '', 'file');
  writeFileSync(file, 'precious');
  return { world, volume, file };
}

const isInTrash = ({ folder }: World): boolean => {
  const trash = join(folder, '.larder', 'trash');
  return existsSync(trash) && readdirSync(trash).length > 0;
};

for (const how of ['undelete', 'restore'] as const) {
  test(`${how} waits for the end of the volume that moved the directory away`, TIMEOUT, async (t) => {
    const { world, volume, file } = await filled(t);
    const takesFinalizerOff = `/api/v1/persistentvolumes/${volume.metadata.name}`;
    world.intercept = ({ method, path }) =>
      method === 'PATCH' && path.split('?', 1)[0] === takesFinalizerOff ? refusal(500, 'InternalError') : undefined;
    await world.client.delete(kinds.PersistentVolumeClaim, DATA);
    await world.until(() => isInTrash(world) && !existsSync(file));
    const [entry] = await world.provision.volumes.trash();
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
