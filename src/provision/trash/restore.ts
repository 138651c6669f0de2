/** Brings one archive or trash entry back: to its old name or another, for the claim it had or a new one. */
import type { PersistentVolume } from '../../kube/kinds.ts';
import { bytesOf } from '../../kube/quantity.ts';
import { annotation } from '../annotation.ts';
import { askEach, isAway, onceEach, type Unasked, unavailable } from '../export/roots.ts';
import { checkPath, quote } from '../pattern.ts';
import { ProvisionError } from '../registry.ts';
import type { DirectoryPath, ExportDescription, Storage, TrashEntry } from '../storage.ts';
import { addressOf, claimKeyOf, pathOn } from '../volume.ts';
import { bringBack, mustBeUnclaimed } from './bring-back.ts';
import { begun, bound, claimNow, refused } from './bringing-back.ts';
import { lying } from './lying.ts';
import { type Manifest, parseManifest } from './manifest.ts';
import { isPlaceholder } from './placeholder.ts';
import { soughtOn, theOnly } from './sought.ts';
import { exportOf, mustBeGone, mustBeNobodyElses, type Undeleted, type UndeleteOptions } from './undelete.ts';
import { unnoted } from './unnoted.ts';

export interface RestoreRequest {
  /** As the trash lists it, or the path of an archive that nfs-subdir-external-provisioner made. */
  readonly entry: string;
  /** Address of the export where it lies; absent: whichever has it. */
  readonly export?: string | undefined;
  /** Below the export; absent: where it was, which for an archive without a note is its name without `archived-`. */
  readonly to?: string | undefined;
  /** `namespace/name` of the claim that shall get it; absent: no volume is made. */
  readonly claim?: string | undefined;
  /** Of the volume, where no note says them. */
  readonly size?: string | undefined;
  readonly className?: string | undefined;
  readonly dryRun: boolean;
}

interface Found {
  readonly storage: Storage;
  readonly description: ExportDescription;
  readonly entry: TrashEntry;
}

export async function restore(
  options: UndeleteOptions,
  request: RestoreRequest,
  signal: AbortSignal | undefined,
): Promise<Undeleted> {
  const found = await find(options, request, signal);
  const { storage, description } = found;
  const path = targetOf(request, found.entry);
  const entry: TrashEntry = { ...found.entry, path };
  const directory = path.join('/');
  const holder = options.catalog.holders(description, path).find(({ volume }) => !waitsFor(volume, request));
  if (holder) {
    const user = claimKeyOf(holder.volume) || 'no claim';
    throw refused(
      `${directory} belongs to ${user} (pv ${holder.volume.metadata.name}): choose another name with --to, or delete that volume first`,
    );
  }
  const offered = await offerable(options, request, entry, signal);
  await mustBeFree(storage, path, signal);
  mustBeNobodyElses(options, found, path);
  await mustBeGone(options.client, entry, signal);
  const answer = { entry: entry.entry, export: addressOf(description), path: pathOn(description, [directory]) };
  const back = offered && { storage, description, entry: offered.entry, claimKey: offered.claim, beside: false };
  if (back) await mustBeUnclaimed(options, back, signal);
  if (request.dryRun) return { ...answer, restored: false, volume: '', next: 'run it again without the dry run' };
  if (back) return { ...answer, restored: true, ...(await bringBack(options, back, signal)) };
  const result = await storage.restore({ entry: entry.entry, path }, signal);
  if (result.kind === 'problem') {
    const said = result.landed === 'maybe' || result.problem === 'unavailable' ? begun : refused;
    throw said(`${directory} cannot be moved back, it ${result.detail}`);
  }
  return { ...answer, restored: true, volume: '', next: 'a claim whose class names that directory gets it' };
}

/** Of an attempt that went no further: the volume is there, and its directory is still to come. */
const waitsFor = (volume: PersistentVolume, { entry, claim }: RestoreRequest): boolean =>
  volume.metadata.annotations?.[annotation.restoredFrom] === entry && claimKeyOf(volume) === claim;

async function find(
  options: UndeleteOptions,
  { entry: name, export: address }: RestoreRequest,
  signal: AbortSignal | undefined,
): Promise<Found> {
  const storages = soughtOn(options.storages, address);
  const { found, unasked } = await lying(storages, signal);
  const noted = found
    .filter(({ entry }) => entry.entry === name)
    .map((each) => ({ ...each, description: exportOf(options.storages, each.storage, each.entry) }));
  const isTrash = noted.some(({ entry }) => entry.kind === 'trash');
  const others = isTrash ? [] : onceEach(storages).filter((each) => !noted.some(({ storage }) => storage === each));
  const more = await foreign(others, name, signal);
  const away = [...unasked, ...more.unasked.filter((each) => !unasked.some((known) => known.export === each.export))];
  const command = `larder volumes restore ${name} --export`;
  const only = theOnly({ name, command, found: [...noted, ...more.found], unasked: away });
  const [odd] = more.odd;
  if (odd)
    throw refused(only ? `${odd}; \`${command} ${addressOf(only.storage.description)}\` means the other one` : odd);
  if (only) return only;
  if (away.length > 0) throw unavailable(away);
  throw new ProvisionError(
    'LARDER_TRASH_ENTRY_MISSING',
    `there is no archive ${quote(name)}: \`larder volumes undelete\` lists those that Larder made; others are named by their path below the export`,
  );
}

/** Archives of another provisioner. `odd`: what has the name and cannot be looked at, or is no directory. */
async function foreign(
  storages: readonly Storage[],
  name: string,
  signal: AbortSignal | undefined,
): Promise<{
  readonly found: readonly Found[];
  readonly odd: readonly string[];
  readonly unasked: readonly Unasked[];
}> {
  const { answers, unasked } = await askEach(storages, async (storage) => {
    const seen = await unnoted(storage, name, signal);
    return seen.kind === 'problem' && isAway(seen.problem) ? seen.problem : { kind: 'seen', seen };
  });
  const found: Found[] = [];
  const odd: string[] = [];
  for (const { storage, answer } of answers) {
    const { seen } = answer;
    if (seen.kind === 'problem') odd.push(`${name} ${seen.problem.detail}`);
    if (seen.kind === 'entry') found.push({ storage, entry: seen.entry, description: storage.description });
  }
  return { found, odd, unasked };
}

function targetOf(request: RestoreRequest, entry: TrashEntry): DirectoryPath {
  const segments = request.to === undefined ? entry.path : request.to.split('/');
  const checked = checkPath(segments, { strictNames: false });
  if (checked.kind === 'path') return checked.path;
  throw refused(`${quote(segments.join('/'))} cannot be a volume's directory: choose another name with --to`);
}

/** Whether a volume can be made afterwards is known before anything moves. Undefined: none is wanted. */
async function offerable(
  { catalog, client }: UndeleteOptions,
  request: RestoreRequest,
  entry: TrashEntry,
  signal: AbortSignal | undefined,
) {
  const { claim, size, className } = request;
  if (claim === undefined) return undefined;
  const there = await claimNow(client, claim, signal);
  const has = there?.spec.volumeName;
  if (has) throw bound(claim, has);
  if (size !== undefined && (bytesOf(size) ?? 0n) <= 0n)
    throw refused(`"${size}" is not a size: write for example 10Gi`);
  const noted = parseManifest(entry.manifest);
  if (noted?.capacity) {
    mustAgree(noted, request, entry);
    return { entry, claim };
  }
  if (size === undefined || className === undefined) {
    throw refused(`${entry.entry} has no note of its size and class: give --size and --class`);
  }
  const storageClass = catalog.caches.classes.get(className);
  if (!storageClass) throw refused(`there is no StorageClass ${className}: \`kubectl get sc\` shows those there are`);
  const manifest = {
    capacity: size,
    accessModes: there?.spec.accessModes ?? ['ReadWriteMany'],
    storageClassName: className,
    provisioner: storageClass.provisioner,
    ...(entry.volumeUid === '' ? { adopted: true } : {}), // no volume of ours had it: its data was there before
  };
  return { entry: { ...entry, manifest: JSON.stringify(manifest) }, claim };
}

/** The volume comes back as it was; who asks for another one would not get it, and should know. */
function mustAgree(
  { capacity, storageClassName }: Manifest,
  { size, className }: RestoreRequest,
  entry: TrashEntry,
): void {
  const sameSize = size === undefined || bytesOf(size) === bytesOf(capacity);
  if (sameSize && (className === undefined || className === storageClassName)) return;
  throw refused(
    `${entry.entry} comes back as it was, with ${capacity} of class ${storageClassName}: leave out --size and --class`,
  );
}

/** The move itself replaces nothing; this is for the dry run, and for a better message. */
async function mustBeFree(storage: Storage, path: DirectoryPath, signal: AbortSignal | undefined): Promise<void> {
  const there = await storage.inspect(path, signal);
  if ((there.kind === 'problem' && there.problem === 'missing') || isPlaceholder(there)) return;
  const directory = path.join('/');
  if (there.kind === 'problem') throw refused(`${directory} ${there.detail}`);
  const emptied = there.empty
    ? 'choose another name with --to, or remove it if nobody uses it'
    : 'choose another name with --to';
  throw refused(`${directory} exists and is ${there.empty ? 'empty' : 'not empty'}: ${emptied}`);
}
