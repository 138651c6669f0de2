/**
 * What `undelete` and `restore` have in common: a volume for a claim of a certain name, and then the directory in its
 * place. Each step can be done by somebody else, or without an answer, and is recognised when it has been done already.
 */

import type { Client } from '../../kube/client.ts';
import { isKubeError, type KubeError } from '../../kube/error.ts';
import { ifThere } from '../../kube/if-there.ts';
import { kinds, type PersistentVolume, type PersistentVolumeClaim } from '../../kube/kinds.ts';
import { type Draft, nameOf } from '../../kube/object.ts';
import { annotation, FINALIZER } from '../annotation.ts';
import type { Catalog } from '../catalog.ts';
import { sourceOf } from '../draft.ts';
import { quotaNotes } from '../quota/note.ts';
import { ProvisionError } from '../registry.ts';
import type { ExportDescription, Storage, TrashEntry } from '../storage.ts';
import { claimKeyOf, isReleased, pathOn } from '../volume.ts';
import { type Manifest, parseManifest } from './manifest.ts';

export const refused = (message: string): ProvisionError => new ProvisionError('LARDER_RESTORE_REFUSED', message);

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
}

export interface Offer {
  /** The volume that a claim of that name will bind to; empty when none was made, then `next` says why. */
  readonly volume: string;
  /** What to do now. */
  readonly next: string;
}

export interface BringBackOptions {
  readonly client: Client;
  readonly catalog: Catalog;
}

/**
 * The volume is saved before the directory moves: of a crash between the two remains an entry that a living volume
 * names, and retention moves that back. The other way round nobody would know any more whose the directory is.
 */
export async function bringBack(
  options: BringBackOptions,
  back: BringingBack,
  signal: AbortSignal | undefined,
): Promise<Offer> {
  const { storage, entry } = back;
  const { made, ...offered } = await offer(options, back, signal);
  const result = await storage.restore({ entry: entry.entry, path: entry.path }, signal);
  if (result.kind !== 'problem' || (await isInPlace(back, signal))) return offered;
  const directory = entry.path.join('/');
  const mayBeBack = result.landed === 'maybe' || result.problem === 'unavailable';
  if (!made || (!mayBeBack && (await takeBack(options.client, made)))) {
    throw refused(`${directory} cannot be moved back, it ${result.detail}: look at what is in its place`);
  }
  const { name } = made.metadata;
  throw refused(
    `${directory} is not known to be back, it ${result.detail}: pv ${name} is kept, and the directory is moved back by itself when that can be done`,
  );
}

/** Retention, or the same command elsewhere, was faster. */
async function isInPlace({ storage, entry }: BringingBack, signal: AbortSignal | undefined): Promise<boolean> {
  const there = await storage.inspect(entry.path, signal);
  return there.kind !== 'problem' && there.identity === entry.identity;
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

/**
 * Makes a volume that only a claim of that name can bind to, so that creating the claim again brings the data back. A claim
 * that is there already, or comes meanwhile, may be given an empty volume in the same moment, by a process that has not
 * heard of this one: it would have two.
 */
async function offer(
  options: BringBackOptions,
  back: BringingBack,
  signal: AbortSignal | undefined,
): Promise<Offer & { readonly made?: PersistentVolume }> {
  const { catalog, client } = options;
  const { description, entry, claimKey } = back;
  const path = pathOn(description, entry.path);
  const claim = await claimNow(client, claimKey, signal);
  const has = claim?.spec.volumeName;
  const before = await offeredBefore(options, back);
  if (before && (!has || has === before)) {
    const again = claim ? 'it binds by itself' : 'create that claim again';
    return { volume: before, next: `${again}: pv ${before} waits for it` };
  }
  if (has) return { volume: '', next: `claim ${claimKey} has volume ${has}: copy what you need from ${path}` };
  const manifest = parseManifest(entry.manifest);
  if (!manifest || manifest.capacity === '') {
    return { volume: '', next: `make a volume and a claim for ${path}: its size is not known any more` };
  }
  const made = await save(client, draftFor({ catalog, description, entry, manifest, claimKey }));
  const { name } = made.metadata;
  const later = await claimLater(client, claimKey, name);
  if (later && later.spec.volumeName !== name && (await takeBack(client, made))) throw claimedAlready(claimKey);
  const next = `create claim ${claimKey} of class ${manifest.storageClassName} again: pv ${name} waits for it`;
  return { volume: name, next, made };
}

const claimedAlready = (claimKey: string): ProvisionError =>
  refused(
    `claim ${claimKey} is there and waits for a volume, and may be given an empty one at any moment: delete it, run this again, and then create it`,
  );

/** For the dry run, and before anything is done: a claim that is there has a volume, or that of an earlier attempt. */
export async function mustBeUnclaimed(
  options: BringBackOptions,
  back: BringingBack,
  signal: AbortSignal | undefined,
): Promise<void> {
  const claim = await claimNow(options.client, back.claimKey, signal);
  if (!claim || claim.spec.volumeName || (await offeredBefore(options, back))) return;
  throw claimedAlready(back.claimKey);
}

/** The volume of an attempt that went no further. What the cache shows may have gone since. */
async function offeredBefore(
  { catalog, client }: BringBackOptions,
  { description, entry, claimKey }: BringingBack,
): Promise<string | undefined> {
  const before = catalog
    .holders(description, entry.path)
    .find(
      ({ volume, relation }) =>
        relation === 'same' &&
        !isReleased(volume) &&
        claimKeyOf(volume) === claimKey &&
        volume.metadata.annotations?.[annotation.identity] === entry.identity,
    );
  return before && (await isStill(client, before.volume)) ? before.volume.metadata.name : undefined;
}

async function claimLater(
  client: Client,
  claimKey: string,
  volume: string,
): Promise<PersistentVolumeClaim | undefined> {
  try {
    return await claimNow(client, claimKey, undefined);
  } catch (cause) {
    if (!isKubeError(cause)) throw cause;
    const message = `it is not known whether claim ${claimKey} was made meanwhile (${cause.message}): pv ${volume} is kept, and the directory is moved back by itself`;
    throw new ProvisionError('LARDER_RESTORE_REFUSED', message, { cause });
  }
}

/**
 * A creation without an answer may have been applied, now or in a moment; one that is refused because the volume is there
 * may be the second of two. Whether it is the volume that was meant is seen by what it says of where it comes from.
 */
async function save(client: Client, draft: Draft<PersistentVolume>): Promise<PersistentVolume> {
  const { name = '' } = draft.metadata;
  try {
    return await client.create(kinds.PersistentVolume, draft);
  } catch (cause) {
    if (!isKubeError(cause, 'KUBE_UNAVAILABLE', 'KUBE_ALREADY_EXISTS')) throw cause;
    const there = await seen(client, name, cause);
    if (there && isMeant(there, draft)) return there;
    if (there || cause.code === 'KUBE_ALREADY_EXISTS') throw cause;
    throw unknownWhether(name, cause);
  }
}

async function seen(client: Client, name: string, cause: KubeError): Promise<PersistentVolume | undefined> {
  try {
    return await ifThere(client.get(kinds.PersistentVolume, { name }));
  } catch (second) {
    if (!isKubeError(second)) throw second;
    throw unknownWhether(name, cause);
  }
}

const unknownWhether = (name: string, cause: KubeError): ProvisionError =>
  new ProvisionError(
    'LARDER_RESTORE_REFUSED',
    `it is not known whether pv ${name} was saved (${cause.message}), and nothing was moved: if it was, the directory is moved back by itself; otherwise run it again`,
    { cause },
  );

function isMeant({ metadata, spec, status }: PersistentVolume, draft: Draft<PersistentVolume>): boolean {
  const comesFrom = metadata.annotations?.[annotation.restoredFrom];
  return (
    comesFrom !== undefined &&
    comesFrom === draft.metadata.annotations?.[annotation.restoredFrom] &&
    spec.claimRef?.namespace === draft.spec.claimRef?.namespace &&
    spec.claimRef?.name === draft.spec.claimRef?.name &&
    metadata.deletionTimestamp === undefined &&
    status?.phase !== 'Released'
  );
}

async function isStill(client: Client, { metadata }: PersistentVolume): Promise<boolean> {
  const there = await ifThere(client.get(kinds.PersistentVolume, { name: metadata.name }));
  return there?.metadata.uid === metadata.uid && there.metadata.deletionTimestamp === undefined;
}

function draftFor(from: {
  readonly catalog: Catalog;
  readonly description: ExportDescription;
  readonly entry: TrashEntry;
  readonly manifest: Manifest;
  readonly claimKey: string;
}): Draft<PersistentVolume> {
  const { catalog, description, entry, manifest, claimKey } = from;
  const [namespace = '', name = ''] = claimKey.split('/');
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: {
      name: catalog.named(entry.volumeName) ? `${entry.volumeName}-restored` : entry.volumeName,
      annotations: {
        ...(manifest.provisioner === '' ? {} : { [annotation.provisionedBy]: manifest.provisioner }),
        [annotation.identity]: entry.identity,
        [annotation.restoredFrom]: entry.entry,
        ...quotaNotes(manifest.quota),
      },
      ...(catalog.settings.finalizers === false ? {} : { finalizers: [FINALIZER] }),
    },
    spec: {
      capacity: { storage: manifest.capacity },
      accessModes: manifest.accessModes,
      // What was deleted by mistake once must not go with the next mistake.
      persistentVolumeReclaimPolicy: 'Retain',
      storageClassName: manifest.storageClassName,
      volumeMode: 'Filesystem',
      claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name },
      ...sourceOf(description, entry.path, catalog.settings.nodeName),
    },
  };
}
