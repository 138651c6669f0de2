/** Brings the directory of a deleted claim back from the trash or the archives, with a volume for a claim of that name. */

import type { Client } from '../../kube/client.ts';
import { ifThere } from '../../kube/if-there.ts';
import { kinds } from '../../kube/kinds.ts';
import { ownerOf } from '../directory/owner.ts';
import { wording } from '../directory/problem.ts';
import { type Unasked, unavailable } from '../export/roots.ts';
import { quote } from '../pattern.ts';
import { ProvisionError } from '../registry.ts';
import type { DirectoryPath, ExportDescription, Storage, TrashEntry } from '../storage.ts';
import { addressOf, claimKeyOf, directoryOf, isReleased, occupied, pathOn } from '../volume.ts';
import { type BringBackOptions, bringBack, manifestOf, mustBeUnclaimed, type Offer } from './bring-back.ts';
import { refused } from './bringing-back.ts';
import { type Lying, lying } from './lying.ts';
import { parseManifest } from './manifest.ts';
import { isPlaceholder } from './placeholder.ts';
import { soughtOn, theOnly } from './sought.ts';

export interface UndeleteRequest {
  readonly namespace: string;
  readonly name: string;
  /** Absent: the newest of that claim. */
  readonly entry?: string | undefined;
  /** Address of the export where it lies; absent: whichever has it. */
  readonly export?: string | undefined;
  readonly dryRun: boolean;
}

export interface Undeleted extends Offer {
  readonly entry: string;
  readonly export: string;
  readonly path: string;
  /** False for a dry run. */
  readonly restored: boolean;
}

export interface UndeleteOptions extends BringBackOptions {
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
  mustBeNobodyElses(options, { storage, entry }, entry.path);
  await mustBeGone(options.client, entry, signal);
  await mustBeFree(storage, entry, signal);
  const back = { storage, description, entry, claimKey, beside: true };
  await mustBeUnclaimed(options, back, signal);
  manifestOf(entry, claimKey);
  if (request.dryRun) return { ...answer, restored: false, volume: '', next: 'run it again without the dry run' };
  const offered = await bringBack(options, back, signal);
  return { ...answer, restored: true, ...offered };
}

/** Exports with one root share a trash; entries of versions that did not say are of the first of them. */
export function exportOf(storages: readonly Storage[], { description }: Storage, entry: TrashEntry): ExportDescription {
  const address = parseManifest(entry.manifest)?.export;
  const shown = storages.map((storage) => storage.description).filter(({ root }) => root === description.root);
  return shown.find((other) => addressOf(other) === address) ?? description;
}

/** It may be the directory of a volume, for example after an attempt that was interrupted, and then goes back to that. */
export function mustBeNobodyElses(
  { catalog }: UndeleteOptions,
  { storage, entry }: { readonly storage: Storage; readonly entry: TrashEntry },
  wanted: DirectoryPath,
): void {
  const owner = ownerOf(catalog, storage, entry);
  const directory = directoryOf(storage.description, wanted);
  if (!owner || occupied(owner, catalog.settings.exports).includes(directory)) return;
  const { name } = owner.metadata;
  throw refused(
    `${entry.entry} is the directory of pv ${name}, which is for ${claimKeyOf(owner)}, and is moved there by itself: delete that volume first if it shall go elsewhere`,
  );
}

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

/**
 * Looked at before a volume is made for it, although the move itself replaces nothing: for as long as that volume is there,
 * whoever has the place now seems to share it, and does not move his directory away when his claim goes.
 */
async function mustBeFree(storage: Storage, { path }: TrashEntry, signal: AbortSignal | undefined): Promise<void> {
  const there = await storage.inspect(path, signal);
  if ((there.kind === 'problem' && there.problem === 'missing') || isPlaceholder(there)) return;
  const why = there.kind === 'problem' ? there.detail : wording.exists;
  throw refused(`${path.join('/')} cannot be moved back, it ${why}: look at what is in its place`);
}

async function findEntry(
  { storages }: UndeleteOptions,
  request: UndeleteRequest,
  signal: AbortSignal | undefined,
): Promise<{ readonly storage: Storage; readonly entry: TrashEntry }> {
  const claim = `${request.namespace}/${request.name}`;
  const { found, unasked } = await lying(soughtOn(storages, request.export), signal);
  const own = found.filter(({ entry }) => entry.claim === claim);
  const entry =
    request.entry === undefined ? newestOf(own, claim, unasked) : namedOf(own, request.entry, claim, unasked);
  if (entry) return entry;
  if (unasked.length > 0) throw unavailable(unasked);
  throw new ProvisionError('LARDER_TRASH_ENTRY_MISSING', missing(request, own));
}

function missing({ namespace, name, entry, export: address }: UndeleteRequest, own: readonly Found[]): string {
  const claim = `${namespace}/${name}`;
  if (entry !== undefined && own.length > 0) {
    const those = own.map((each) => each.entry.entry).join(', ');
    return `${claim} has no entry ${quote(entry)} in the trash or the archives: there is ${those}`;
  }
  const where = address === undefined ? '' : ` on ${address}`;
  return `neither the trash nor the archives${where} have a directory of ${claim}: list them with \`larder volumes undelete\``;
}

type Found = Lying['found'][number];

/** Which is the newest is not known as long as one of them was not asked. */
function newestOf(own: readonly Found[], claim: string, unasked: readonly Unasked[]): Found | undefined {
  const newest = own.toSorted((one, other) => one.entry.trashedAt - other.entry.trashedAt).at(-1);
  if (newest && unasked.length > 0) throw unavailable(unasked.map((each) => orNamed(each, claim, newest)));
  return newest;
}

/** What was named is what was meant, where nothing else can have that name. */
function namedOf(own: readonly Found[], name: string, claim: string, unasked: readonly Unasked[]): Found | undefined {
  const found = own.filter(({ entry }) => entry.entry === name);
  return theOnly({ name, found, unasked, command: `larder volumes undelete ${claim} --entry ${name} --export` });
}

function orNamed({ message, ...rest }: Unasked, claim: string, { entry, storage }: Found): Unasked {
  const where = entry.kind === 'trash' ? '' : ` --export ${addressOf(storage.description)}`;
  const said = `${message}; it may have a newer directory of ${claim} than ${entry.entry}, which \`larder volumes undelete ${claim} --entry ${entry.entry}${where}\` brings back`;
  return { ...rest, message: said };
}
