/** A volume whose claim was deleted, for tests of what brings its directory back. */
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { kinds, type PersistentVolume } from '../../kube/kinds.ts';
import type { TransportRequest } from '../../kube/transport.ts';
import { claimDraft, classDraft, startWorld, volumeOf, type World } from '../world.fixture.ts';

export const DATA = { namespace: 'default', name: 'data' };

export interface Filled {
  readonly world: World;
  readonly volume: PersistentVolume;
  /** Its path. */
  readonly file: string;
}

/** A claim with a file in its directory. */
export async function filled(t: TestContext, options: Parameters<typeof startWorld>[1] = {}): Promise<Filled> {
  const world = await startWorld(t, options);
  const parameters = { onDelete: 'delete' };
  await world.client.create(kinds.StorageClass, classDraft('larder', parameters, { reclaimPolicy: 'Delete' }));
  await world.client.create(kinds.PersistentVolumeClaim, claimDraft('data', 'larder'));
  const volume = await world.until(() => volumeOf(world, 'default/data'));
  const file = join(world.folder, volume.spec.nfs?.path.slice('/storage/v/'.length) ?? '', 'file');
  writeFileSync(file, 'precious');
  return { world, volume, file };
}

export const isInTrash = ({ folder }: World): boolean => {
  const trash = join(folder, '.larder', 'trash');
  return existsSync(trash) && readdirSync(trash).length > 0;
};

export const capacityOf = ({ provision }: World, name: string): string | undefined =>
  provision.caches.volumes.get(name)?.spec.capacity['storage'];

export const isCreation = ({ method, path }: TransportRequest): boolean =>
  method === 'POST' && path.startsWith('/api/v1/persistentvolumes');
export const isVolume = ({ path }: TransportRequest): boolean => path.startsWith('/api/v1/persistentvolumes/');
export const isClaim = ({ method, path }: TransportRequest): boolean =>
  method === 'GET' && path.startsWith('/api/v1/namespaces/default/persistentvolumeclaims/data');

/** The claim and its volume are gone, the directory is in the trash. */
export async function trashed({ world, volume }: Pick<Filled, 'world' | 'volume'>): Promise<string> {
  await world.client.delete(kinds.PersistentVolumeClaim, DATA);
  await world.until(() => isInTrash(world) && !world.provision.caches.volumes.get(volume.metadata.name));
  const entries = (await world.provision.volumes.trash()).entries;
  return entries.find(({ volumeName }) => volumeName === volume.metadata.name)?.entry ?? '';
}
