/**
 * Bringing a directory back where volumes may not be patched: a volume that is closed could never be opened, so it is
 * saved as it will be, and claims can bind to it before its directory is back. A claim that is made in that moment may
 * be given an empty volume as well, by a process that has not heard of this one.
 */
import type { Client } from '../../kube/client.ts';
import { isKubeError } from '../../kube/error.ts';
import { kinds, type PersistentVolume } from '../../kube/kinds.ts';
import type { Draft } from '../../kube/object.ts';
import type { Storage, TrashEntry } from '../storage.ts';
import { type BringingBack, begun, claimedAlready, claimNow, isInPlace } from './bringing-back.ts';

/** The volume as it was saved, and as it was asked for. */
export interface Unpledged {
  readonly made: PersistentVolume;
  readonly draft: Draft<PersistentVolume>;
}

export async function moveUnpledged(
  client: Client,
  volume: Unpledged,
  back: BringingBack,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { storage, entry, claimKey } = back;
  const { name } = volume.made.metadata;
  const claim = await claimLater(client, claimKey, name);
  if (claim && claim.spec.volumeName !== name && (await takeBack(client, volume, back)))
    throw claimedAlready(claimKey, begun);
  const result = await storage.restore({ entry: entry.entry, path: entry.path }, signal);
  if (result.kind !== 'problem' || (await isInPlace(storage, entry, signal))) return;
  const directory = entry.path.join('/');
  const mayBeBack = result.landed === 'maybe' || result.problem === 'unavailable';
  if (!mayBeBack && (await takeBack(client, volume, back))) {
    throw begun(`${directory} cannot be moved back, it ${result.detail}: look at what is in its place`);
  }
  throw begun(
    `${directory} is not known to be back, it ${result.detail}: pv ${name} is kept, and the directory is moved back by itself when that can be done`,
  );
}

async function claimLater(client: Client, claimKey: string, volume: string): ReturnType<typeof claimNow> {
  try {
    return await claimNow(client, claimKey, undefined);
  } catch (cause) {
    if (!isKubeError(cause)) throw cause;
    const message = `it is not known whether claim ${claimKey} was made meanwhile (${cause.message}): pv ${volume} is kept, and the directory is moved back by itself`;
    throw begun(message, cause);
  }
}

/**
 * False: the volume stays, because a claim has it or is about to, because nobody could be asked, or because its directory
 * is back: who leads moves it to a volume that it sees, and without one it would be nobody's. The binder writes the uid of
 * the claim before anything else: a volume without one, as it was read, can go without leaving a claim Lost.
 */
async function takeBack(
  client: Client,
  { made, draft }: Unpledged,
  { storage, entry }: BringingBack,
): Promise<boolean> {
  const { name, uid } = made.metadata;
  try {
    const { metadata, spec, status } = await client.get(kinds.PersistentVolume, { name });
    if (status?.phase === 'Bound' || spec.claimRef?.uid || (await mayBeInPlace(storage, entry))) return false;
    const { resourceVersion } = metadata;
    await client.delete(kinds.PersistentVolume, { name }, { preconditions: { uid, resourceVersion } });
    if (!(await mayBeInPlace(storage, entry))) return true;
    await client.create(kinds.PersistentVolume, draft); // it came at this very moment
    return false;
  } catch (cause) {
    if (!isKubeError(cause)) throw cause;
    return cause.code === 'KUBE_NOT_FOUND';
  }
}

/** False: its place is empty, or has something else. */
async function mayBeInPlace(storage: Storage, { path, identity }: TrashEntry): Promise<boolean> {
  const there = await storage.inspect(path);
  return there.kind === 'problem' ? there.problem === 'unavailable' : there.identity === identity;
}
