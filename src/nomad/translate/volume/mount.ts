import type { ContainerDraft, MountDraft } from '../draft.ts';
import { fold } from '../fold.ts';
import { bare } from '../sourced.ts';

/**
 * Adds a mount so that a path stands before what is nested below it. Two mounts at one path are a mistake of
 * Kubernetes' own: the first is kept, and the caller tells.
 */
export function addMount({ mounts }: Pick<ContainerDraft, 'mounts'>, draft: MountDraft): 'added' | 'taken' {
  const path = normal(bare(draft.mountPath));
  if (mounts.some((each) => normal(bare(each.mountPath)) === path)) return 'taken';
  const nested = mounts.findIndex((each) => isBelow(normal(bare(each.mountPath)), path));
  mounts.splice(nested < 0 ? mounts.length : nested, 0, draft);
  return 'added';
}

/** Whether a path is below a directory. */
export function isBelow(path: string, directory: string): boolean {
  return path.startsWith(directory === '/' ? '/' : `${directory}/`) && path !== directory;
}

export function normal(path: string): string {
  const trimmed = path.replaceAll(/\/{2,}/g, '/').replace(/(?<=.)\/$/, '');
  return trimmed === '' ? '/' : trimmed;
}

/**
 * A name of a volume of a pod that is not one of those behind `/alloc`, `/local` and `/secrets`: a volume of the job's
 * own must never be taken for them.
 */
export function volumeName(wanted: string): string {
  const name = fold(wanted);
  return name === 'alloc' || /-(?:local|secrets|task)$/.test(name) ? fold(`volume-${name}`) : name;
}
