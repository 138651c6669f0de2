/** What is brought back, for whom; and the steps that are the same wherever volumes may be patched or not. */
import type { Client } from '../../kube/client.ts';
import { ifThere } from '../../kube/if-there.ts';
import { kinds, type PersistentVolumeClaim } from '../../kube/kinds.ts';
import { nameOf } from '../../kube/object.ts';
import { ProvisionError } from '../registry.ts';
import type { ExportDescription, Storage, TrashEntry } from '../storage.ts';

export const refused = (message: string): ProvisionError => new ProvisionError('LARDER_RESTORE_REFUSED', message);

/** A volume was saved for the directory, or it may have moved: somebody tried, and all need not be as it was. */
export const begun = (message: string, cause?: unknown): ProvisionError =>
  Object.assign(new ProvisionError('LARDER_RESTORE_REFUSED', message, cause === undefined ? {} : { cause }), {
    mayHaveChanged: true,
  });

/** As it is now: this process may follow the leader, and have heard nothing for a while. */
export function claimNow(
  client: Client,
  key: string,
  signal: AbortSignal | undefined,
): Promise<PersistentVolumeClaim | undefined> {
  return ifThere(client.get(kinds.PersistentVolumeClaim, nameOf(key), signal ? { signal } : {}));
}

/** Where from, for whom. */
export interface BringingBack {
  readonly storage: Storage;
  readonly description: ExportDescription;
  /** Its path is where the directory goes. */
  readonly entry: TrashEntry;
  /** `namespace/name` of the claim that gets it. */
  readonly claimKey: string;
  /** Where that claim has another volume: whether the directory is moved for somebody to copy from it, or not at all. */
  readonly beside: boolean;
}

export const bound = (claimKey: string, volume: string): ProvisionError =>
  refused(`claim ${claimKey} has volume ${volume} already: name another claim, or delete that one first`);

/** Where a volume has the directory already, or none is made for it: one step, which happens or does not. */
export async function moveBack({ storage, entry }: BringingBack, signal: AbortSignal | undefined): Promise<void> {
  const result = await storage.restore({ entry: entry.entry, path: entry.path }, signal);
  if (result.kind !== 'problem' || (await isInPlace(storage, entry, signal))) return;
  const directory = entry.path.join('/');
  if (result.landed === 'maybe' || result.problem === 'unavailable') {
    const message = `${directory} is not known to be back, it ${result.detail}: when the export answers again, look there and in the trash (\`larder volumes undelete\`)`;
    throw begun(message);
  }
  throw refused(`${directory} cannot be moved back, it ${result.detail}: look at what is in its place`);
}

export const claimedAlready = (claimKey: string, said: typeof refused = refused): ProvisionError =>
  said(
    `claim ${claimKey} is there and waits for a volume, and may be given an empty one at any moment: delete it, run this again, and then create it`,
  );

/** Retention, or the same command elsewhere, was faster. */
export async function isInPlace(
  storage: Storage,
  { path, identity }: TrashEntry,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const there = await storage.inspect(path, signal);
  return there.kind !== 'problem' && there.identity === identity;
}
