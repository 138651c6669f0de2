/** What becomes of a volume, decided from what this process knows: for the reclaimer, and for whoever asks before. */
import type { PersistentVolume } from '../kube/kinds.ts';
import { annotation } from './annotation.ts';
import type { Catalog } from './catalog.ts';
import type { RemovalAction } from './class.ts';
import { type Disposal, disposalOf } from './disposal.ts';
import { heldForGood } from './unmarked.ts';

/** What a person may have a volume say of its end. */
export type EndChoice = Exclude<RemovalAction, 'delete'>;

export function fateOf(catalog: Catalog, volume: PersistentVolume): Disposal {
  const disposal = disposalOf({
    volume,
    storageClass: catalog.classOf(volume),
    ...catalog.settings,
    holders: (description, path) => catalog.holders(description, path),
  });
  const unmarked = catalog.settings.finalizers === false && disposal.kind !== 'ignore';
  const held = unmarked ? heldForGood(volume) : undefined;
  return held === undefined ? disposal : { kind: 'refuse', reason: 'finalizer', message: held, untilVolume: '' };
}

/** The same as if its claim were gone now. `choice`: and as if the volume said that; absent: as it is. */
export function fateWithoutClaim(catalog: Catalog, volume: PersistentVolume, choice?: EndChoice): Disposal {
  const { metadata, status } = volume;
  const annotations =
    choice === undefined ? metadata.annotations : { ...metadata.annotations, [annotation.onDelete]: choice };
  return fateOf(catalog, {
    ...volume,
    metadata: { ...metadata, ...(annotations ? { annotations } : {}) },
    status: { ...status, phase: 'Released' },
  });
}
