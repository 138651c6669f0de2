/** How an archive is called. Pure. */
import { isComponent } from '../fields.ts';

export const ARCHIVE_PREFIX = 'archived-';

/** `archived-<basename>`, in later rounds with a UTC suffix; cut where it would pass the limit of a name. */
export function archiveName(basename: string, at: number, round: number): string {
  const suffix = round === 0 ? '' : `-${compactTime(at, false)}${round === 1 ? '' : `-${round}`}`;
  let kept = basename;
  while (!isComponent(`${ARCHIVE_PREFIX}${kept}${suffix}`) && kept !== '') kept = [...kept].slice(0, -1).join('');
  return `${ARCHIVE_PREFIX}${kept}${suffix}`;
}

export function compactTime(at: number, milliseconds: boolean): string {
  const text = new Date(at).toISOString().replace(/[-:]/g, '');
  return milliseconds ? text : text.replace(/\.\d+/, '');
}
