import { isSegment } from '../pattern.ts';
import type { Storage, StorageProblem, TrashEntry } from '../storage.ts';

const ARCHIVED = 'archived-';

export type Unnoted =
  | { readonly kind: 'entry'; readonly entry: TrashEntry }
  | { readonly kind: 'none' }
  | { readonly kind: 'problem'; readonly problem: StorageProblem };

/**
 * An archive that nfs-subdir-external-provisioner made: nothing is known of it but where it lies, which is also its name.
 * `none`: the name is that of no such archive, or nothing is there.
 */
export async function unnoted(storage: Storage, name: string, signal: AbortSignal | undefined): Promise<Unnoted> {
  const path = name.split('/');
  const last = path.at(-1) ?? '';
  if (!last.startsWith(ARCHIVED) || !path.every(isSegment)) return { kind: 'none' };
  const seen = await storage.inspect(path, signal);
  if (seen.kind === 'problem')
    return seen.problem === 'missing' ? { kind: 'none' } : { kind: 'problem', problem: seen };
  const entry: TrashEntry = {
    entry: name,
    path: [...path.slice(0, -1), last.slice(ARCHIVED.length)],
    identity: seen.identity,
    volumeUid: '',
    volumeName: `restored-${seen.identity}`,
    claim: '',
    trashedAt: 0,
    kind: 'archive',
  };
  return { kind: 'entry', entry };
}
