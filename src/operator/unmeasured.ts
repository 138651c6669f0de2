import type { Expander } from '../expand/controller.ts';
import { sharesFilesystem } from '../expand/usage/shares-filesystem.ts';
import { keyOf } from '../kube/object.ts';
import { isOurs } from '../provision/volume.ts';
import type { Caches } from './caches.ts';

interface Parts {
  readonly caches: Pick<Caches, 'claims' | 'volumes'>;
  readonly expander: Pick<Expander, 'decision'>;
  readonly provisionerNames: readonly string[];
}

/**
 * Claims (`namespace/name`) that are to grow and have no measurement, where a kubelet or a Prometheus could have one:
 * neither directories of Larder, which it measures itself, nor directories on a share, which nobody does.
 */
export function unmeasuredClaims({ caches, expander, provisionerNames }: Parts): readonly string[] {
  return [...caches.claims.list()].flatMap(({ metadata, spec }) => {
    const key = keyOf(metadata);
    if (expander.decision(key)?.verdict.kind !== 'NoSample') return [];
    const volume = caches.volumes.get(spec.volumeName ?? '');
    return !volume || isOurs(volume, provisionerNames) || sharesFilesystem(volume) ? [] : [key];
  });
}
