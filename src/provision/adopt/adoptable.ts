/** Directories that could become volumes as they are: looked at, measured if asked, never touched. */
import type { Catalog } from '../catalog.ts';
import { onceEach, unaskedOf } from '../export/roots.ts';
import { globMatches } from '../glob.ts';
import { checkPath } from '../pattern.ts';
import type { DirectoryPath, ExportDescription, Storage } from '../storage.ts';
import { addressOf, claimKeyOf, pathOn } from '../volume.ts';

export interface AdoptableRequest {
  /** Glob over the path below the export, for directories at the level of volumes. */
  readonly match: string;
  /** Paths of hosts or volumes; given, only these are looked at. */
  readonly paths?: readonly string[] | undefined;
  /** Measure what they hold: reads the whole directory. */
  readonly measure: boolean;
}

export interface Adoptable {
  readonly export: string;
  readonly backend: ExportDescription['backend'];
  readonly server: string;
  /** As a PersistentVolume carries it. */
  readonly path: string;
  /** Below the export. */
  readonly directory: string;
  /** Path of the request that led here; empty where none was given. */
  readonly asked: string;
  readonly identity: string;
  /** Undefined: not measured. */
  readonly usedBytes: bigint | undefined;
  /** Why it cannot be adopted; empty when it can. */
  readonly objection: string;
}

interface Place {
  readonly storage: Storage;
  readonly path: DirectoryPath;
  readonly asked: string;
}

const SLICE_OPERATIONS = 20_000;

/** An export that does not answer is one row with an objection. */
export async function adoptable(
  { catalog, storages }: { readonly catalog: Catalog; readonly storages: readonly Storage[] },
  request: AdoptableRequest,
  signal: AbortSignal | undefined,
): Promise<readonly Adoptable[]> {
  const { places, unread } = request.paths
    ? { places: placesOf(storages, request.paths), unread: [] }
    : await orphans(catalog, storages, { match: request.match, signal });
  const found: Adoptable[] = [...unread];
  for (const place of places) found.push(await look(catalog, place, { measure: request.measure, signal }));
  return found;
}

/** As hosts see the export, which is where its volumes say that it is, or as this process does. */
function placesOf(storages: readonly Storage[], paths: readonly string[]): readonly Place[] {
  return paths.flatMap((asked) => {
    const clean = asked.replace(/\/+$/, '');
    for (const storage of onceEach(storages)) {
      const { path, root } = storage.description;
      const base = [path, root].find((each) => clean.startsWith(`${each}/`));
      if (base !== undefined) return [{ storage, asked, path: clean.slice(base.length + 1).split('/') }];
    }
    return [];
  });
}

interface Look {
  readonly match: string;
  readonly signal: AbortSignal | undefined;
}

/** At the top of each export, and beside the volumes that lie deeper; the exports at the same time. */
async function orphans(catalog: Catalog, storages: readonly Storage[], asked: Look) {
  const each = await Promise.all(onceEach(storages).map((storage) => orphansOn(catalog, storage, asked)));
  return { places: each.flatMap(({ places }) => places), unread: each.flatMap(({ unread }) => unread) };
}

async function orphansOn(catalog: Catalog, storage: Storage, { match, signal }: Look) {
  const places: Place[] = [];
  const parents: DirectoryPath[] = [[]];
  for (let parent = parents.shift(); parent; parent = parents.shift()) {
    const listed = await storage.list(parent, signal);
    if (listed.kind === 'problem') return { places, unread: [unread(storage.description, listed.detail)] };
    for (const { name, type } of listed.names) {
      const path = [...parent, name];
      if (type !== 'directory' || checkPath(path, { strictNames: false }).kind !== 'path') continue;
      const holders = catalog.holders(storage.description, path);
      const holds = holders.some(({ relation }) => relation === 'same');
      if (!holds && holders.length > 0)
        parents.push(path); // only a level of the names of volumes below it
      else if (!holds && globMatches(match, path.join('/'))) places.push({ storage, path, asked: '' });
    }
  }
  return { places, unread: [] };
}

/** All of an export, which may have directories or not. */
function unread(description: ExportDescription, detail: string): Adoptable {
  const { export: address, message, code } = unaskedOf(addressOf(description), detail);
  const { backend, path, server } = description;
  const objection = `was not looked at: ${message} (${code})`;
  return {
    ...{ export: address, backend, server, path, directory: '.', asked: '', identity: '' },
    usedBytes: undefined,
    objection,
  };
}

async function look(
  catalog: Catalog,
  { storage, path, asked }: Place,
  { measure, signal }: { readonly measure: boolean; readonly signal: AbortSignal | undefined },
): Promise<Adoptable> {
  const { description } = storage;
  const { backend, server } = description;
  const directory = path.join('/');
  const found = {
    export: addressOf(description),
    backend,
    server,
    path: pathOn(description, [directory]),
    directory,
    asked,
    identity: '',
    usedBytes: undefined,
  };
  const checked = checkPath(path, { strictNames: false });
  if (checked.kind === 'refused') return { ...found, objection: checked.message };
  const [holder] = catalog.holders(description, path);
  if (holder) {
    const user = claimKeyOf(holder.volume) || 'no claim';
    const how = holder.relation === 'same' ? 'is' : 'overlaps';
    return { ...found, objection: `${how} the directory of ${user} (pv ${holder.volume.metadata.name})` };
  }
  const seen = await storage.inspect(path, signal);
  if (seen.kind === 'problem') return { ...found, objection: seen.detail };
  const usedBytes = measure ? await weightOf(storage, path, signal) : undefined;
  return { ...found, identity: seen.identity, usedBytes, objection: '' };
}

/** In slices, so that no request outlives its deadline. Undefined: it could not be read to its end. */
async function weightOf(storage: Storage, path: DirectoryPath, signal: AbortSignal | undefined) {
  for (;;) {
    const usage = await storage.usage({ path, maxOperations: SLICE_OPERATIONS }, signal);
    if (usage.kind === 'problem') return undefined;
    if (usage.complete) return usage.usedBytes;
  }
}
