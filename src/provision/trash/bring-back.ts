/**
 * What `undelete` and `restore` have in common: a volume for a claim of a certain name, and then the directory in its
 * place. Each step can be done by somebody else, or without an answer, and is recognised when it has been done already.
 */

import type { Client } from '../../kube/client.ts';
import { isKubeError, type KubeError } from '../../kube/error.ts';
import { ifThere } from '../../kube/if-there.ts';
import { kinds, type PersistentVolume } from '../../kube/kinds.ts';
import { type Draft, nameOf } from '../../kube/object.ts';
import type { Clock } from '../../telemetry/clock.ts';
import { annotation, FINALIZER } from '../annotation.ts';
import type { Catalog } from '../catalog.ts';
import { addressOfVolume } from '../disposal.ts';
import { sourceOf } from '../draft.ts';
import { CLOSED, isClosed, isPledge } from '../pledge.ts';
import { quotaNotes } from '../quota/note.ts';
import type { ProvisionError } from '../registry.ts';
import type { TrashEntry } from '../storage.ts';
import { claimKeyOf, isReleased, pathOn } from '../volume.ts';
import { type BringingBack, begun, bound, claimedAlready, claimNow, moveBack, refused } from './bringing-back.ts';
import { type Manifest, parseManifest } from './manifest.ts';
import { untilRedeemed } from './redemption.ts';
import type { Refusals } from './refusals.ts';
import { rivalsOf, rivalWords } from './rival.ts';
import { moveUnpledged } from './unpledged.ts';

export interface Offer {
  /** The volume that a claim of that name will bind to; empty when none was made, then `next` says why. */
  readonly volume: string;
  /** What to do now. */
  readonly next: string;
}

export interface BringBackOptions {
  readonly client: Client;
  readonly catalog: Catalog;
  readonly refusals: Refusals;
  readonly clock: Clock;
}

/**
 * The volume is saved before the directory moves: of a crash between the two remains an entry that a living volume names,
 * and who leads goes on with that. The other way round nobody would know any more whose the directory is.
 */
export async function bringBack(
  options: BringBackOptions,
  back: BringingBack,
  signal: AbortSignal | undefined,
): Promise<Offer> {
  const { catalog, client } = options;
  const { description, entry, claimKey } = back;
  const has = (await claimNow(client, claimKey, signal))?.spec.volumeName;
  const before = await offeredBefore(options, back);
  if (has && has !== before?.metadata.name) {
    if (!back.beside) throw bound(claimKey, has);
    await moveBack(back, signal);
    const path = pathOn(description, entry.path);
    return { volume: '', next: `claim ${claimKey} has volume ${has}: copy what you need from ${path}` };
  }
  if (before) {
    if (isPledge(before)) return redeemed(options, before, signal);
    await moveBack(back, signal);
    return offerOf(catalog, before);
  }
  mustBeTheOnly(catalog, back);
  const draft = draftFor(catalog, back);
  const made = await save(client, draft);
  // By what was asked for: who hears of a pledge late may find it redeemed, and that is nobody's to take back any more.
  if (isClosed(draft)) return redeemed(options, made, signal);
  await moveUnpledged(client, { made, draft }, back, signal);
  return offerOf(catalog, made);
}

/** What became of a pledge, which is for the process that leads to say. */
async function redeemed(
  options: BringBackOptions,
  pledge: PersistentVolume,
  signal: AbortSignal | undefined,
): Promise<Offer> {
  const { name, uid } = pledge.metadata;
  const directory = addressOfVolume(pledge);
  const came = await untilRedeemed(options, pledge, signal);
  switch (came.kind) {
    case 'redeemed':
      return offerOf(options.catalog, came.volume);
    case 'refused':
      options.refusals.forget(uid);
      throw begun(came.message);
    case 'gone':
      throw begun(`directory ${directory} is not brought back: the events of pv ${name} say why`);
    case 'late':
      throw begun(
        `directory ${directory} is not known to be back: pv ${name} keeps it, and is opened by itself when it is; create the claim when \`larder volumes list\` shows that volume as Available`,
      );
    default:
      return came satisfies never;
  }
}

function offerOf({ caches }: Catalog, volume: PersistentVolume): Offer {
  const { name } = volume.metadata;
  const claimKey = claimKeyOf(volume);
  const again = caches.claims.get(claimKey)
    ? 'it binds by itself'
    : `create claim ${claimKey} of class ${volume.spec.storageClassName ?? ''} again`;
  return { volume: name, next: `${again}: pv ${name} waits for it` };
}

/** For the dry run, and before anything is done: a claim that is there has a volume, or that of an earlier attempt. */
export async function mustBeUnclaimed(
  options: BringBackOptions,
  back: BringingBack,
  signal: AbortSignal | undefined,
): Promise<void> {
  const claim = await claimNow(options.client, back.claimKey, signal);
  if (claim?.spec.volumeName || (await offeredBefore(options, back))) return;
  mustBeTheOnly(options.catalog, back);
  if (claim) throw claimedAlready(back.claimKey);
}

/** One directory comes back for one claim, and of two volumes that wait for one claim nobody could say which it gets. */
function mustBeTheOnly(catalog: Catalog, { entry, claimKey }: BringingBack): void {
  const promised = promisedTo(catalog, entry);
  if (promised && claimKeyOf(promised) !== claimKey) {
    throw refused(
      `${entry.entry} is brought back for claim ${claimKeyOf(promised)} (pv ${promised.metadata.name}): look at that volume first`,
    );
  }
  const [rival] = rivalsOf(catalog, claimKey, entry.entry);
  if (rival) throw refused(rivalWords(rival, claimKey, entry.entry));
}

/** The volume of an attempt that went no further. What the cache shows may have gone since. */
async function offeredBefore(
  { catalog, client }: BringBackOptions,
  { description, entry, claimKey }: BringingBack,
): Promise<PersistentVolume | undefined> {
  const before = catalog
    .holders(description, entry.path)
    .find(
      ({ volume, relation }) =>
        relation === 'same' &&
        !isReleased(volume) &&
        claimKeyOf(volume) === claimKey &&
        volume.metadata.annotations?.[annotation.identity] === entry.identity,
    );
  return before && (await isStill(client, before.volume)) ? before.volume : undefined;
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
  begun(
    `it is not known whether pv ${name} was saved (${cause.message}), and nothing was moved: if it was, the directory is moved back by itself; otherwise run it again`,
    cause,
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

/** Throws where nothing says how large the volume is: without one the directory would be nobody's. */
function draftFor(catalog: Catalog, { description, entry, claimKey }: BringingBack): Draft<PersistentVolume> {
  const manifest = manifestOf(entry, claimKey);
  const { namespace, name } = nameOf(claimKey);
  const closable = catalog.settings.finalizers !== false; // what may not be patched can never be opened
  const mountOptions =
    manifest.mountOptions ?? catalog.caches.classes.get(manifest.storageClassName)?.mountOptions ?? [];
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: {
      name: catalog.named(entry.volumeName) ? `${entry.volumeName}-restored` : entry.volumeName,
      annotations: {
        ...(manifest.provisioner === '' ? {} : { [annotation.provisionedBy]: manifest.provisioner }),
        [annotation.identity]: entry.identity,
        [annotation.restoredFrom]: entry.entry,
        ...(closable ? { [annotation.restoredSize]: manifest.capacity } : {}),
        ...(manifest.adopted ? { [annotation.adopted]: 'true' } : {}),
        ...(manifest.deleteAdopted ? { [annotation.deleteAdopted]: 'true' } : {}),
        ...quotaNotes(manifest.quota),
      },
      ...(closable ? { finalizers: [FINALIZER] } : {}),
    },
    spec: {
      capacity: { storage: closable ? CLOSED : manifest.capacity },
      accessModes: manifest.accessModes,
      // What was deleted by mistake once must not go with the next mistake.
      persistentVolumeReclaimPolicy: 'Retain',
      storageClassName: manifest.storageClassName,
      ...(mountOptions.length > 0 ? { mountOptions } : {}),
      volumeMode: 'Filesystem',
      claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace: namespace ?? '', name },
      ...sourceOf(description, entry.path, catalog.settings.nodeName),
    },
  };
}

/** The volume that this entry comes back as already. */
const promisedTo = ({ caches }: Catalog, { entry, identity }: TrashEntry): PersistentVolume | undefined =>
  caches.volumes
    .byIndex('larder/identity', identity)
    .find(({ metadata }) => metadata.annotations?.[annotation.restoredFrom] === entry && !metadata.deletionTimestamp);

/** What the note says of the volume. */
export function manifestOf({ entry, manifest }: TrashEntry, claimKey: string): Manifest {
  const noted = parseManifest(manifest);
  if (noted && noted.capacity !== '') return noted;
  throw refused(
    `${entry} has no note of its size and class: \`larder volumes restore ${entry} --claim ${claimKey} --size SIZE --class CLASS\` says them`,
  );
}
