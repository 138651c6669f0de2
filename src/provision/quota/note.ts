/** What a volume says about the limit of its directory. */
import type { PersistentVolume } from '../../kube/kinds.ts';
import { annotation } from '../annotation.ts';

/** What the volume remembers of its limit. */
export interface Enforced {
  readonly kind: 'enforced';
  /** 0 where the filesystem counts by directory. */
  readonly project: number;
}

/** What is to be written on the volume. */
export const quotaNotes = (enforced: Enforced | undefined): Readonly<Record<string, string>> =>
  enforced
    ? {
        [annotation.quota]: 'enforce',
        ...(enforced.project === 0 ? {} : { [annotation.projectId]: `${enforced.project}` }),
      }
    : {};

export const isEnforced = (volume: PersistentVolume): boolean =>
  volume.metadata.annotations?.[annotation.quota] === 'enforce';

/** 0: none is written. */
export function projectOfVolume(volume: PersistentVolume): number {
  const text = volume.metadata.annotations?.[annotation.projectId] ?? '';
  return /^\d{1,10}$/.test(text) ? Number(text) : 0;
}
