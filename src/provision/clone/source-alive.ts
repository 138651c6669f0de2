/** Whether what is copied is still whose it was when the copy was begun. */
import type { Client } from '../../kube/client.ts';
import { ifThere } from '../../kube/if-there.ts';
import { kinds } from '../../kube/kinds.ts';
import { nameOf } from '../../kube/object.ts';
import type { StorageProblem } from '../storage.ts';
import type { CloneSource } from './data-source.ts';

/**
 * Asked of the API server, because the caches may be behind it. As long as the claim is there, also while it is being
 * deleted, its directory is not moved away, and so nobody else's is in its place.
 */
export async function isAlive(client: Client, { claim, uid }: CloneSource, signal: AbortSignal): Promise<boolean> {
  const there = await ifThere(client.get(kinds.PersistentVolumeClaim, nameOf(claim), { signal }));
  return there?.metadata.uid === uid;
}

export const wentMeanwhile: StorageProblem = {
  kind: 'problem',
  problem: 'missing',
  detail: 'it was deleted when the copy began, and the directory of that name may be that of another claim now',
  errno: '',
  landed: 'no',
};
