/** What holds a volume until its directory is dealt with, put on and taken off. */
import type { Client } from '../kube/client.ts';
import type { Outcome } from '../kube/controller.ts';
import { isKubeError } from '../kube/error.ts';
import { kinds, type PersistentVolume } from '../kube/kinds.ts';
import { FINALIZER } from './annotation.ts';

/** A volume of another provisioner may have none: without it the directory could outlive a crash between the two steps. */
export async function holdByFinalizer(
  client: Client,
  volume: PersistentVolume,
  signal: AbortSignal,
): Promise<PersistentVolume> {
  const { name, resourceVersion, finalizers = [] } = volume.metadata;
  if (finalizers.includes(FINALIZER)) return volume;
  const metadata = { resourceVersion, finalizers: [...finalizers, FINALIZER] };
  return client.patch(kinds.PersistentVolume, { name }, { kind: 'merge', value: { metadata } }, { signal });
}

/** Level-triggered: what another writer did in between is kept, and a volume that is gone is as wanted. */
export async function dropFinalizer(client: Client, volume: PersistentVolume, signal: AbortSignal): Promise<Outcome> {
  const { name, resourceVersion, finalizers = [] } = volume.metadata;
  if (!finalizers.includes(FINALIZER)) return { kind: 'done' };
  const metadata = { resourceVersion, finalizers: finalizers.filter((finalizer) => finalizer !== FINALIZER) };
  try {
    await client.patch(kinds.PersistentVolume, { name }, { kind: 'merge', value: { metadata } }, { signal });
  } catch (error) {
    if (isKubeError(error, 'KUBE_NOT_FOUND')) return { kind: 'done' };
    if (!isKubeError(error, 'KUBE_CONFLICT')) throw error;
    const fresh = await client.get(kinds.PersistentVolume, { name }, { signal });
    if (fresh.metadata.uid === volume.metadata.uid) return dropFinalizer(client, fresh, signal);
  }
  return { kind: 'done' };
}
