/** Volumes whose mount options are no longer those of their class, and bringing them in line. */
import type { Client } from '../kube/client.ts';
import { isKubeError } from '../kube/error.ts';
import { kinds } from '../kube/kinds.ts';
import type { Catalog } from './catalog.ts';
import { ProvisionError } from './registry.ts';
import { claimKeyOf, isOurs } from './volume.ts';

export interface MountOptions {
  readonly volume: string;
  readonly resourceVersion: string;
  /** `namespace/name`, or empty. */
  readonly claim: string;
  readonly className: string;
  readonly has: readonly string[];
  readonly wants: readonly string[];
}

/** Volumes of ours, not leaving, whose class is there and says something else, in the order of their names. */
export function mountOptions({ caches, settings }: Pick<Catalog, 'caches' | 'settings'>): readonly MountOptions[] {
  const found: MountOptions[] = [];
  for (const volume of caches.volumes.list()) {
    const { metadata, spec } = volume;
    const storageClass = caches.classes.get(spec.storageClassName ?? '');
    if (!storageClass || !isOurs(volume, settings.provisionerNames)) continue;
    if (metadata.deletionTimestamp !== undefined) continue;
    const has = spec.mountOptions ?? [];
    const wants = storageClass.mountOptions ?? [];
    if (has.join(',') === wants.join(',')) continue; // order counts: a later option wins
    const { name, resourceVersion } = metadata;
    const className = storageClass.metadata.name;
    found.push({ volume: name, resourceVersion, claim: claimKeyOf(volume), className, has, wants });
  }
  return found.sort((a, b) => (a.volume < b.volume ? -1 : 1));
}

/** Returns those that were written; one that changed meanwhile is left for the next time. */
export async function syncMountOptions(
  { client, catalog }: { readonly client: Client; readonly catalog: Catalog },
  className: string | undefined,
  signal: AbortSignal | undefined,
): Promise<readonly MountOptions[]> {
  if (catalog.settings.finalizers === false) {
    throw new ProvisionError(
      'LARDER_NOT_PERMITTED',
      'this account may not patch persistentvolumes: grant it (docs/reference/rbac.yaml) and restart the operator',
    );
  }
  const written: MountOptions[] = [];
  for (const each of mountOptions(catalog)) {
    if (className !== undefined && each.className !== className) continue;
    const value = { metadata: { resourceVersion: each.resourceVersion }, spec: { mountOptions: each.wants } };
    try {
      await client.patch(
        kinds.PersistentVolume,
        { name: each.volume },
        { kind: 'merge', value },
        signal ? { signal } : {},
      );
      written.push(each);
    } catch (failure) {
      if (!isKubeError(failure, 'KUBE_CONFLICT', 'KUBE_NOT_FOUND')) throw failure;
    }
  }
  return written;
}
