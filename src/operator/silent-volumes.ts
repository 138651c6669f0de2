/** Volumes of another provisioner say nothing of their end: only their class does, and it may be deleted. Pure. */
import type { PersistentVolume } from '../kube/kinds.ts';
import { annotation } from '../provision/annotation.ts';
import { parseClass } from '../provision/class.ts';
import { isReleased } from '../provision/volume.ts';
import { ours, type Surroundings } from './takeover.ts';

export interface Note {
  readonly volume: PersistentVolume;
  readonly annotations: Readonly<Record<string, string>>;
}

/** What the class says of the end of each volume that does not say it itself, as Larder writes it on its own. */
export function silentVolumes(at: Surroundings): readonly Note[] {
  const byName = new Map(at.classes.map((each) => [each.metadata.name, each]));
  return ours(at).flatMap((volume) => {
    const storageClass = byName.get(volume.spec.storageClassName ?? '');
    if (!storageClass || volume.metadata.annotations?.[annotation.onDelete] !== undefined) return [];
    if (isReleased(volume) || volume.metadata.deletionTimestamp !== undefined) return [];
    const parsed = parseClass(storageClass);
    if (parsed.kind === 'invalid') return [];
    const { onDelete, trashRetention, archiveRetention } = parsed.options;
    const annotations = {
      [annotation.onDelete]: onDelete,
      [annotation.trashRetention]: trashRetention.text,
      [annotation.archiveRetention]: archiveRetention.text,
    };
    return [{ volume, annotations }];
  });
}
