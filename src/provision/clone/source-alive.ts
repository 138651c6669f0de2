/** Whether what is copied is still whose it was when the copy was begun. */
import type { Client } from '../../kube/client.ts';
import { isKubeError } from '../../kube/error.ts';
import { kinds } from '../../kube/kinds.ts';
import type { StorageProblem } from '../storage.ts';
import type { CloneSource } from './data-source.ts';

/**
 * Asked of the API server, because the caches may be behind it. As long as the claim is there, also while it is being
 * deleted, its directory is not moved away, and so nobody else's is in its place.
 */
export async function isAlive(client: Client, { claim, uid }: CloneSource, signal: AbortSignal): Promise<boolean> {
  const [namespace = '', name = ''] = claim.split('/');
  try {
    const { metadata } = await client.get(kinds.PersistentVolumeClaim, { namespace, name }, { signal });
    return metadata.uid === uid;
  } catch (cause) {
    if (isKubeError(cause, 'KUBE_NOT_FOUND')) return false;
    throw cause;
  }
}

export const wentMeanwhile: StorageProblem = {
  kind: 'problem',
  problem: 'missing',
  detail: 'it was deleted when the copy began, and the directory of that name may be that of another claim now',
  errno: '',
  landed: 'no',
};
