/** What the command line and the console see and do: volumes with their directories, the trash, the audit. */
import type { Client } from '../kube/client.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../kube/kinds.ts';
import { bytesOf } from '../kube/quantity.ts';
import type { Clock } from '../telemetry/clock.ts';
import { type AdoptRequest, adopt, type Proposal } from './adopt/adopt.ts';
import { annotation } from './annotation.ts';
import { type AuditInput, auditOf, type Finding, type Listing } from './audit.ts';
import type { Catalog } from './catalog.ts';
import { isAway, onceEach, type Unasked, unaskedOf } from './export/roots.ts';
import { type MountOptions, mountOptions, syncMountOptions } from './mount-options.ts';
import { classNameOf } from './plan.ts';
import { isPledge, sizeOf } from './pledge.ts';
import type { DirectoryPath, ExportDescription, Storage, TrashEntry } from './storage.ts';
import { lying } from './trash/lying.ts';
import type { Refusals } from './trash/refusals.ts';
import { type RestoreRequest, restore } from './trash/restore.ts';
import { type Undeleted, type UndeleteRequest, undelete } from './trash/undelete.ts';
import { Measured } from './usage/measured.ts';
import { addressOf, ancestorsOf, isOurs, occupied, pathOn } from './volume.ts';

export interface VolumeView {
  /** Empty when there is no claim any more. */
  readonly namespace: string;
  readonly claim: string;
  /** Empty while there is none. */
  readonly volume: string;
  readonly class: string;
  /** Pending, Bound, Lost, Released or Failed; Returning: a volume whose directory is on its way back. */
  readonly phase: string;
  /** Where the directory is, as the volume says; empty while there is none. */
  readonly path: string;
  /** The same directory as this host sees it; empty while there is none. */
  readonly directory: string;
  readonly requestBytes: bigint | undefined;
  readonly capacityBytes: bigint | undefined;
  readonly adopted: boolean;
}

/** A directory to measure, for the crawler. */
export interface MeasuredVolume {
  /** `namespace/name` of the claim. */
  readonly key: string;
  /** Name of the volume: a claim made again under its old name has another one. */
  readonly volume: string;
  readonly className: string;
  readonly storage: Storage;
  readonly path: DirectoryPath;
  readonly limitBytes: bigint;
}

export interface TrashView extends TrashEntry {
  readonly export: string;
}

/** Of the exports that answered, and which did not. */
export interface TrashListing {
  readonly entries: readonly TrashView[];
  readonly problems: readonly Unasked[];
}

export interface Volumes {
  /** Claims of our classes and volumes of ours without a claim. */
  list(): readonly VolumeView[];
  show(namespace: string, name: string): VolumeView | undefined;
  /** Bound volumes of ours that are on an export of this process. */
  measured(): Iterable<MeasuredVolume>;
  /** One of them, by name of the volume. */
  measuredOf(volume: string): MeasuredVolume | undefined;
  trash(signal?: AbortSignal): Promise<TrashListing>;
  /** A finding `not-looked-at` for each export that did not answer. */
  audit(signal?: AbortSignal): Promise<readonly Finding[]>;
  /** Throws ProvisionError LARDER_TRASH_ENTRY_MISSING, LARDER_RESTORE_REFUSED or LARDER_EXPORT_UNAVAILABLE. */
  undelete(request: UndeleteRequest, signal?: AbortSignal): Promise<Undeleted>;
  /** Throws ProvisionError LARDER_ADOPTION_REFUSED or LARDER_EXPORT_UNAVAILABLE. */
  adopt(request: AdoptRequest, signal?: AbortSignal): Promise<readonly Proposal[]>;
  /** Throws as `undelete`. */
  restore(request: RestoreRequest, signal?: AbortSignal): Promise<Undeleted>;
  /** Volumes whose mount options differ from those of their class. */
  mountOptions(): readonly MountOptions[];
  /** Gives them those of their class; pods see it when they mount next. Throws ProvisionError LARDER_NOT_PERMITTED. */
  syncMountOptions(className: string | undefined, signal?: AbortSignal): Promise<readonly MountOptions[]>;
}

export interface VolumesOptions {
  readonly client: Client;
  readonly catalog: Catalog;
  readonly storages: readonly Storage[];
  readonly storageOf: (description: ExportDescription) => Storage;
  readonly refusals: Refusals;
  readonly clock: Clock;
}

export function createVolumes(options: VolumesOptions): Volumes {
  const { catalog } = options;
  const measured = new Measured(options);
  return {
    list: () => listOf(catalog),
    show: (namespace, name) => listOf(catalog).find((view) => view.namespace === namespace && view.claim === name),
    measured: () => measured.all(),
    measuredOf: (volume) => measured.of(volume),
    trash: (signal) => trashOf(options, signal),
    audit: async (signal) =>
      auditOf({
        volumes: [...catalog.caches.volumes.list()],
        classes: [...catalog.caches.classes.list()],
        provisionerNames: catalog.settings.provisionerNames,
        exports: catalog.settings.exports,
        ...(await listingsOf(options, signal)),
        addresses: new Map(
          onceEach(options.storages).map(({ description }) => [description.root, addressOf(description)]),
        ),
      }),
    undelete: (request, signal) => undelete(options, request, signal),
    adopt: (request, signal) => adopt(options, request, signal),
    restore: (request, signal) => restore(options, request, signal),
    mountOptions: () => mountOptions(catalog),
    syncMountOptions: (className, signal) => syncMountOptions(options, className, signal),
  };
}

function listOf({ caches, settings }: Catalog): readonly VolumeView[] {
  const views: VolumeView[] = [];
  const shown = new Set<string>();
  for (const claim of caches.claims.list()) {
    const volume = caches.volumes.get(claim.spec.volumeName ?? '');
    const provisioner = caches.classes.get(classNameOf(claim))?.provisioner ?? '';
    const ours = volume ? isOurs(volume, settings.provisionerNames) : settings.provisionerNames.includes(provisioner);
    if (!ours) continue;
    if (volume) shown.add(volume.metadata.name);
    views.push(viewOf(claim, volume, settings.exports));
  }
  for (const volume of caches.volumes.list()) {
    if (shown.has(volume.metadata.name) || !isOurs(volume, settings.provisionerNames)) continue;
    views.push(viewOf(undefined, volume, settings.exports));
  }
  return views;
}

function viewOf(
  claim: PersistentVolumeClaim | undefined,
  volume: PersistentVolume | undefined,
  exports: readonly ExportDescription[],
): VolumeView {
  const { namespace = '', name = '' } = claim?.metadata ?? volume?.spec.claimRef ?? {};
  const path = volume?.spec.nfs?.path ?? volume?.spec.local?.path ?? volume?.spec.hostPath?.path ?? '';
  return {
    namespace,
    claim: name,
    volume: volume?.metadata.name ?? '',
    class: claim ? classNameOf(claim) : (volume?.spec.storageClassName ?? ''),
    phase: claim?.status?.phase ?? (volume && isPledge(volume) ? 'Returning' : volume?.status?.phase) ?? 'Pending',
    path,
    directory: volume ? (occupied(volume, exports)[0] ?? '') : '',
    requestBytes: bytesOf(claim?.spec.resources.requests['storage']),
    capacityBytes: volume && bytesOf(sizeOf(volume)),
    adopted: volume?.metadata.annotations?.[annotation.adopted] === 'true',
  };
}

async function trashOf({ storages }: VolumesOptions, signal?: AbortSignal): Promise<TrashListing> {
  const { found, unasked } = await lying(storages, signal);
  const entries = found.map(({ storage, entry }) => ({ ...entry, export: addressOf(storage.description) }));
  return { entries, problems: unasked };
}

/** The root of every folder, and every directory below it in which volumes have their directories. */
async function listingsOf(
  { catalog, storages }: VolumesOptions,
  signal?: AbortSignal,
): Promise<Pick<AuditInput, 'listings' | 'unread'>> {
  const levels = [...catalog.caches.volumes.list()]
    .flatMap((volume) => occupied(volume, catalog.settings.exports))
    .flatMap(ancestorsOf);
  const each = await Promise.all(onceEach(storages).map((storage) => listingsOn(storage, levels, signal)));
  return { listings: new Map(each.flatMap(({ listings }) => listings)), unread: each.flatMap(({ unread }) => unread) };
}

async function listingsOn(storage: Storage, levels: readonly string[], signal?: AbortSignal) {
  const { description } = storage;
  const { root } = description;
  const parents = new Set([root, ...levels.filter((level) => level.startsWith(`${root}/`))]);
  const listings: [string, Listing][] = [];
  const unread: AuditInput['unread'][number][] = [];
  for (const parent of parents) {
    const path = parent === root ? [] : parent.slice(root.length + 1).split('/');
    const listed = await storage.list(path, signal);
    if (listed.kind === 'list') listings.push([parent, listed]);
    else if (listed.problem !== 'missing' || parent === root) {
      const place = pathOn(description, path);
      const what = path.length === 0 ? listed.detail : `was not read: ${path.join('/')} ${listed.detail}`;
      unread.push({ ...unaskedOf(addressOf(description), what), path: place });
      if (isAway(listed)) break; // it would be asked in vain for every level
    }
  }
  return { listings, unread };
}
