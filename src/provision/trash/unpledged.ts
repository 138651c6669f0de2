/**
 * Bringing a directory back where volumes may not be patched: a volume that is closed could never be opened, so it is
 * saved as it will be, and claims can bind to it before its directory is back. A claim that is made in that moment may
 * be given an empty volume as well, by a process that has not heard of this one.
 */
import type { Client } from '../../kube/client.ts';
import { isKubeError } from '../../kube/error.ts';
import { kinds, type PersistentVolume } from '../../kube/kinds.ts';
import { ProvisionError } from '../registry.ts';
import { type BringingBack, claimedAlready, claimNow, isInPlace, refused } from './bringing-back.ts';

export async function moveUnpledged(
  client: Client,
  made: PersistentVolume,
  { storage, entry, claimKey }: BringingBack,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { name } = made.metadata;
  const claim = await claimLater(client, claimKey, name);
  if (claim && claim.spec.volumeName !== name && (await takeBack(client, made))) throw claimedAlready(claimKey);
  const result = await storage.restore({ entry: entry.entry, path: entry.path }, signal);
  if (result.kind !== 'problem' || (await isInPlace(storage, entry, signal))) return;
  const directory = entry.path.join('/');
  const mayBeBack = result.landed === 'maybe' || result.problem === 'unavailable';
  if (!mayBeBack && (await takeBack(client, made))) {
    throw refused(`${directory} cannot be moved back, it ${result.detail}: look at what is in its place`);
  }
  throw refused(
    `${directory} is not known to be back, it ${result.detail}: pv ${name} is kept, and the directory is moved back by itself when that can be done`,
  );
}

async function claimLater(client: Client, claimKey: string, volume: string): ReturnType<typeof claimNow> {
  try {
    return await claimNow(client, claimKey, undefined);
  } catch (cause) {
    if (!isKubeError(cause)) throw cause;
    const message = `it is not known whether claim ${claimKey} was made meanwhile (${cause.message}): pv ${volume} is kept, and the directory is moved back by itself`;
    throw new ProvisionError('LARDER_RESTORE_REFUSED', message, { cause });
  }
}

/**
 * False: the volume stays, because a claim has it or is about to, or because nobody could be asked. The binder writes the
 * uid of the claim before anything else: a volume without one, as it was read, can go without leaving a claim Lost.
 */
async function takeBack(client: Client, volume: PersistentVolume): Promise<boolean> {
  const { name, uid } = volume.metadata;
  try {
    const { metadata, spec, status } = await client.get(kinds.PersistentVolume, { name });
    if (status?.phase === 'Bound' || spec.claimRef?.uid) return false;
    const { resourceVersion } = metadata;
    await client.delete(kinds.PersistentVolume, { name }, { preconditions: { uid, resourceVersion } });
    return true;
  } catch (cause) {
    if (!isKubeError(cause)) throw cause;
    return cause.code === 'KUBE_NOT_FOUND';
  }
}
