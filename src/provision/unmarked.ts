/**
 * Removing volumes where this account may not patch them, so that no finalizer can hold the object while its directory
 * moves. The directory moves first, right after a look that the volume is still the one decided upon; when the object
 * turns out to have changed in that moment, the directory goes back.
 */

import type { Client } from '../kube/client.ts';
import { isKubeError } from '../kube/error.ts';
import { ifThere } from '../kube/if-there.ts';
import { kinds, type PersistentVolume } from '../kube/kinds.ts';
import type { Log } from '../telemetry/log.ts';
import { FINALIZER } from './annotation.ts';
import type { Storage } from './storage.ts';

export interface Unmarked {
  /** Undefined: the volume is not the one that was decided upon. */
  look(volume: PersistentVolume, signal: AbortSignal): Promise<PersistentVolume | undefined>;
  /** DELETE with preconditions. False: it had changed, and `storage` has its directory back. */
  remove(volume: PersistentVolume, storage: Storage | undefined, signal: AbortSignal): Promise<boolean>;
}

/** Why such a volume cannot be removed at all; undefined when it can. */
export const heldForGood = ({ metadata }: PersistentVolume): string | undefined =>
  metadata.finalizers?.includes(FINALIZER)
    ? `the volume has the finalizer ${FINALIZER}, which this account may not take off: grant "patch" on persistentvolumes (docs/reference/rbac.yaml) and restart the operator`
    : undefined;

export function unmarked({ client, log }: { readonly client: Client; readonly log: Log }): Unmarked {
  return {
    async look({ metadata: { name, uid, resourceVersion } }, signal) {
      const now = await ifThere(client.get(kinds.PersistentVolume, { name }, { signal }));
      return now?.metadata.uid === uid && now.metadata.resourceVersion === resourceVersion ? now : undefined;
    },
    async remove({ metadata: { name, uid, resourceVersion } }, storage, signal) {
      try {
        await client.delete(kinds.PersistentVolume, { name }, { preconditions: { uid, resourceVersion }, signal });
        return true;
      } catch (error) {
        if (isKubeError(error, 'KUBE_NOT_FOUND')) return true; // somebody wanted the same
        if (!isKubeError(error, 'KUBE_CONFLICT')) throw error;
      }
      if (storage) await bringBack(storage, uid, log);
      return false;
    },
  };
}

async function bringBack(storage: Storage, uid: string, log: Log): Promise<void> {
  const listed = await storage.entries();
  const entry = listed.kind === 'entries' ? listed.entries.findLast(({ volumeUid }) => volumeUid === uid) : undefined;
  if (!entry) return; // it was not moved
  const result = await storage.restore({ entry: entry.entry });
  if (result.kind === 'problem') log.error({ entry: entry.entry, detail: result.detail }, 'directory not moved back');
}
