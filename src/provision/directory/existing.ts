/** Directories that exist before their volume does: whether a claim may have them, and what is changed about them. */
import type { Namespace } from '../../kube/kinds.ts';
import { annotation } from '../annotation.ts';
import type { ClassOptions } from '../class.ts';
import { globMatches } from '../glob.ts';
import type { EnsureRequest } from '../storage.ts';

/** What happens to mode and owner of a directory that is there. */
export function existingOf(options: ClassOptions, known: boolean): EnsureRequest['existing'] {
  if (options.existingMode !== 'auto') return options.existingMode;
  return known ? 'keep' : 'correct-if-root-owned';
}

/** Whether a directory that holds data may become the volume. */
export function isAdoptable(
  options: ClassOptions,
  namespace: string,
  directory: string,
  object: Namespace | undefined,
): boolean {
  if (options.adopt !== 'listed') return options.adopt === 'any';
  if (object?.metadata.annotations?.[annotation.adopt] === 'true') return true;
  return options.adoptable.some((glob) => globMatches(glob.replaceAll('<namespace>', namespace), directory));
}
