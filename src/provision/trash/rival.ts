/** Another directory that waits for the claim of the same name: of the two nobody could say which one the claim gets. */
import type { PersistentVolume } from '../../kube/kinds.ts';
import { annotation } from '../annotation.ts';
import type { Catalog } from '../catalog.ts';
import { addressOfVolume } from '../disposal.ts';
import { isReleased } from '../volume.ts';

/** Volumes that were made for other entries, and that no claim has. */
export function rivalsOf({ caches }: Catalog, claimKey: string, entry: string): readonly PersistentVolume[] {
  return caches.volumes.byIndex('larder/claim', claimKey).filter((volume) => {
    const { metadata, spec } = volume;
    const from = metadata.annotations?.[annotation.restoredFrom];
    const waits = spec.claimRef?.uid === undefined && !isReleased(volume) && !metadata.deletionTimestamp;
    return waits && from !== undefined && from !== entry;
  });
}

export const rivalWords = (rival: PersistentVolume, claimKey: string, entry: string): string =>
  `pv ${rival.metadata.name} with directory ${addressOfVolume(rival)} waits for claim ${claimKey} already: create that claim first, or bring this back for a claim of another name (\`larder volumes restore ${entry} --claim NAMESPACE/NAME\`)`;
