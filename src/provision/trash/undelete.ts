/** Brings the directory of a deleted claim back from the trash or the archives, with a volume for a claim of that name. */
import type { Client } from '../../kube/client.ts';
import { isKubeError } from '../../kube/error.ts';
import { kinds, type PersistentVolume, type PersistentVolumeClaim } from '../../kube/kinds.ts';
import type { Draft } from '../../kube/object.ts';
import { annotation, FINALIZER } from '../annotation.ts';
import type { Catalog } from '../catalog.ts';
import { sourceOf } from '../draft.ts';
import { onceEach, unavailable } from '../export/roots.ts';
import { quotaNotes } from '../quota/note.ts';
import { ProvisionError } from '../registry.ts';
import type { ExportDescription, Storage, StorageProblem, TrashEntry } from '../storage.ts';
import { addressOf, claimKeyOf, isReleased, pathOn } from '../volume.ts';
import { type Manifest, parseManifest } from './manifest.ts';

export interface UndeleteRequest {
  readonly namespace: string;
  readonly name: string;
  /** Absent: the newest of that claim. */
  readonly entry?: string | undefined;
  readonly dryRun: boolean;
}

export interface Undeleted {
  readonly entry: string;
  readonly export: string;
  readonly path: string;
  /** False for a dry run. */
  readonly restored: boolean;
  /** The volume that a claim of that name will bind to; empty when none was made, then `next` says why. */
  readonly volume: string;
  /** What to do now. */
  readonly next: string;
}

export interface UndeleteOptions {
  readonly client: Client;
  readonly catalog: Catalog;
  readonly storages: readonly Storage[];
}

export async function undelete(
  options: UndeleteOptions,
  request: UndeleteRequest,
  signal: AbortSignal | undefined,
): Promise<Undeleted> {
  const { storage, entry } = await findEntry(options, request, signal);
  const description = exportOf(options.storages, storage, entry);
  const claimKey = `${request.namespace}/${request.name}`;
  const directory = entry.path.join('/');
  const holder = options.catalog
    .holders(description, entry.path)
    .find(({ volume, relation }) => relation === 'overlap' || claimKeyOf(volume) !== claimKey);
  if (holder) {
    const user = claimKeyOf(holder.volume) || holder.volume.metadata.name;
    throw refused(`${directory} is in use by ${user} (pv ${holder.volume.metadata.name}): delete that volume first`);
  }
  const answer = { entry: entry.entry, export: addressOf(description), path: pathOn(description, [directory]) };
  await mustBeGone(options.client, entry, signal);
  if (request.dryRun) return { ...answer, restored: false, volume: '', next: 'run it again without the dry run' };
  const move = (): ReturnType<Storage['restore']> => storage.restore({ entry: entry.entry }, signal);
  return { ...answer, restored: true, ...(await bringBack(options, { description, entry, claimKey, move }, signal)) };
}

/** Exports with one root share a trash; entries of versions that did not say are of the first of them. */
export function exportOf(storages: readonly Storage[], { description }: Storage, entry: TrashEntry): ExportDescription {
  const address = parseManifest(entry.manifest)?.export;
  const shown = storages.map((storage) => storage.description).filter(({ root }) => root === description.root);
  return shown.find((other) => addressOf(other) === address) ?? description;
}

export const refused = (message: string): ProvisionError => new ProvisionError('LARDER_RESTORE_REFUSED', message);

/**
 * As long as the volume is there whose end moved the directory away, that end is not complete: what is brought back
 * before would be moved away again. Asked of the API server, because the caches may be behind it.
 */
export async function mustBeGone(client: Client, entry: TrashEntry, signal: AbortSignal | undefined): Promise<void> {
  if (entry.volumeUid === '') return;
  const name = entry.volumeName;
  const there = await ifThere(client.get(kinds.PersistentVolume, { name }, signal ? { signal } : {}));
  if (there?.metadata.uid !== entry.volumeUid || !isReleased(there)) return;
  throw refused(`pv ${name}, whose directory it was, is still being removed: try again when it is gone`);
}

async function ifThere<T>(asking: Promise<T>): Promise<T | undefined> {
  try {
    return await asking;
  } catch (cause) {
    if (isKubeError(cause, 'KUBE_NOT_FOUND')) return undefined;
    throw cause;
  }
}

/** As it is now: this process may follow the leader, and have heard nothing for a while. */
export function claimNow(
  client: Client,
  key: string,
  signal: AbortSignal | undefined,
): Promise<PersistentVolumeClaim | undefined> {
  const [namespace = '', name = ''] = key.split('/');
  return ifThere(client.get(kinds.PersistentVolumeClaim, { namespace, name }, signal ? { signal } : {}));
}

async function findEntry(
  { storages }: UndeleteOptions,
  request: UndeleteRequest,
  signal: AbortSignal | undefined,
): Promise<{ readonly storage: Storage; readonly entry: TrashEntry }> {
  const claim = `${request.namespace}/${request.name}`;
  let found: { readonly storage: Storage; readonly entry: TrashEntry } | undefined;
  for (const storage of onceEach(storages)) {
    const listed = await storage.entries(signal);
    if (listed.kind === 'problem') throw unavailable(addressOf(storage.description), listed.detail);
    for (const entry of listed.entries) {
      const wanted = request.entry === undefined ? entry.claim === claim : entry.entry === request.entry;
      if (wanted && entry.claim === claim && entry.trashedAt >= (found?.entry.trashedAt ?? 0))
        found = { storage, entry };
    }
  }
  if (found) return found;
  throw new ProvisionError(
    'LARDER_TRASH_ENTRY_MISSING',
    `neither the trash nor the archives have a directory of ${claim}: list them with \`larder volumes undelete\``,
  );
}

export interface BringingBack {
  readonly description: ExportDescription;
  /** Its path is where the directory goes. */
  readonly entry: TrashEntry;
  /** `namespace/name` of the claim that gets it. */
  readonly claimKey: string;
  readonly move: () => ReturnType<Storage['restore']>;
}

/**
 * The volume is saved before the directory moves: of a crash between the two remains an entry of a living volume in the
 * trash, and retention moves that back. The other way round nobody would know any more whose the directory is.
 */
export async function bringBack(
  options: UndeleteOptions,
  back: BringingBack,
  signal: AbortSignal | undefined,
): Promise<Offer> {
  const { made, ...offered } = await offer(options, back, signal);
  const result = await back.move();
  if (result.kind !== 'problem') return offered;
  const directory = back.entry.path.join('/');
  if (!made || (await takeBack(options.client, made, result))) {
    throw refused(`${directory} cannot be moved back, it ${result.detail}: look at what is in its place`);
  }
  const { name } = made.metadata;
  throw refused(
    `${directory} is not known to be back, it ${result.detail}: pv ${name} is kept, and the directory is moved back by itself when that can be done`,
  );
}

/** False: the volume stays, because its directory may have moved, a claim has it, or nobody could be asked. */
async function takeBack(client: Client, volume: PersistentVolume, { landed }: StorageProblem): Promise<boolean> {
  if (landed === 'maybe') return false;
  const { name, uid } = volume.metadata;
  try {
    const { metadata, status } = await client.get(kinds.PersistentVolume, { name });
    if (status?.phase === 'Bound') return false;
    const { resourceVersion } = metadata;
    await client.delete(kinds.PersistentVolume, { name }, { preconditions: { uid, resourceVersion } });
    return true;
  } catch (cause) {
    if (!isKubeError(cause)) throw cause;
    return cause.code === 'KUBE_NOT_FOUND';
  }
}

type Offer = Pick<Undeleted, 'volume' | 'next'>;

/** Makes a volume that only a claim of that name can bind to, so that creating the claim again brings the data back. */
async function offer(
  { catalog, client }: UndeleteOptions,
  { description, entry, claimKey }: BringingBack,
  signal: AbortSignal | undefined,
): Promise<Offer & { readonly made?: PersistentVolume }> {
  const path = pathOn(description, entry.path);
  const claim = await claimNow(client, claimKey, signal);
  if (claim?.spec.volumeName) {
    return {
      volume: '',
      next: `claim ${claimKey} has volume ${claim.spec.volumeName}: copy what you need from ${path}`,
    };
  }
  const manifest = parseManifest(entry.manifest);
  if (!manifest || manifest.capacity === '') {
    return { volume: '', next: `make a volume and a claim for ${path}: its size is not known any more` };
  }
  const again = claim ? 'it binds by itself' : `create claim ${claimKey} of class ${manifest.storageClassName} again`;
  const told = (name: string): Offer => ({ volume: name, next: `${again}: pv ${name} waits for it` });
  const before = catalog
    .holders(description, entry.path)
    .find(
      ({ volume, relation }) =>
        relation === 'same' &&
        !isReleased(volume) &&
        claimKeyOf(volume) === claimKey &&
        volume.metadata.annotations?.[annotation.identity] === entry.identity,
    );
  if (before && (await isStill(client, before.volume))) return told(before.volume.metadata.name); // of an attempt that went no further
  const made = await client.create(
    kinds.PersistentVolume,
    draftFor({ catalog, description, entry, manifest, claimKey }),
  );
  return { ...told(made.metadata.name), made };
}

/** What the cache shows may have gone since. */
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
