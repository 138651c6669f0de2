/** Compares volumes with the directories that are there. Finds, never repairs. */
import type { PersistentVolume, StorageClass } from '../kube/kinds.ts';
import { parseClass } from './class.ts';
import { addressOfVolume } from './disposal.ts';
import type { Unasked } from './export/roots.ts';
import { isPledge } from './pledge.ts';
import type { ExportDescription } from './storage.ts';
import { ancestorsOf, claimKeyOf, isOurs, isReleased, locate, occupied } from './volume.ts';

export interface Finding {
  readonly kind:
    | 'shared'
    | 'overlapping'
    | 'unsafe'
    | 'orphaned-directory'
    | 'leaked'
    | 'missing-directory'
    | 'not-a-directory'
    | 'returning'
    | 'adopts-anything'
    /** What is there is not known: neither that all is well nor that something is wrong. */
    | 'not-looked-at';
  /** As messages name it; empty for findings about a class. */
  readonly export: string;
  readonly path: string;
  readonly volume: string;
  /** `namespace/name`, or empty. */
  readonly claim: string;
  /** What was found and what to do. */
  readonly message: string;
}

export interface Listing {
  readonly names: readonly { readonly name: string; readonly type: 'directory' | 'other' }[];
}

export interface AuditInput {
  readonly volumes: readonly PersistentVolume[];
  readonly classes: readonly StorageClass[];
  readonly provisionerNames: readonly string[];
  readonly exports: readonly ExportDescription[];
  /** By directory as this host sees it; absent: it could not be listed, and nothing is said about what is in it. */
  readonly listings: ReadonlyMap<string, Listing>;
  /** Where nothing could be listed, as an export's path has it, and why. */
  readonly unread: readonly (Unasked & { readonly path: string })[];
  /** Name of the export by root, for findings about directories. */
  readonly addresses: ReadonlyMap<string, string>;
}

export function auditOf(input: AuditInput): readonly Finding[] {
  const placed = input.volumes.flatMap((volume) =>
    occupied(volume, input.exports).map((directory) => ({ volume, directory })),
  );
  const here = placed.filter(({ volume }) => locate(volume, input.exports).kind !== 'other-node');
  const settled = here.filter(({ volume }) => !isPledge(volume));
  return [
    ...unread(input),
    ...unsafe(input),
    ...sharedAndOverlapping(settled),
    ...absent(input, settled),
    ...returning(here),
    ...orphaned(input, placed), // what another node's volume may be is not called useless
    ...trusting(input),
  ];
}

interface Placed {
  readonly volume: PersistentVolume;
  readonly directory: string;
}

const about = (volume: PersistentVolume) => {
  const address = addressOfVolume(volume);
  const colon = volume.spec.nfs ? address.indexOf(':') : -1;
  return {
    export: colon < 0 ? 'local' : address.slice(0, colon),
    path: address.slice(colon + 1),
    volume: volume.metadata.name,
    claim: claimKeyOf(volume),
  };
};

function unread(input: AuditInput): readonly Finding[] {
  return input.unread.map(({ export: address, path, message, code }) => ({
    ...{ kind: 'not-looked-at', export: address, path, volume: '', claim: '' },
    message: `${message}, then look again (${code})`,
  }));
}

function unsafe({ volumes, exports, provisionerNames }: AuditInput): readonly Finding[] {
  const found: Finding[] = [];
  for (const volume of volumes) {
    const location = locate(volume, exports);
    if (location.kind !== 'unsafe' || !isOurs(volume, provisionerNames)) continue;
    const message = `${location.reason}: Larder never removes it; set reclaim policy Retain before deleting the volume`;
    found.push({ kind: 'unsafe', ...about(volume), message });
  }
  return found;
}

function sharedAndOverlapping(placed: readonly Placed[]): readonly Finding[] {
  const byDirectory = Map.groupBy(placed, ({ directory }) => directory);
  const found: Finding[] = [];
  for (const [directory, here] of byDirectory) {
    const [first, second] = here.filter(({ volume }) => !isReleased(volume));
    if (first && second) {
      const message = `${here.length} volumes share the directory, among them ${claimKeyOf(first.volume)} and ${claimKeyOf(second.volume)}: intended for ReadWriteMany, else give each its own`;
      found.push({ kind: 'shared', ...about(first.volume), message });
    }
    for (const above of ancestorsOf(directory)) {
      const outer = byDirectory.get(above)?.[0];
      const inner = here[0];
      if (!outer || !inner) continue;
      const message = `lies inside the directory of ${claimKeyOf(outer.volume)} (pv ${outer.volume.metadata.name}), whose users see it: move one of them`;
      found.push({ kind: 'overlapping', ...about(inner.volume), message });
    }
  }
  return found;
}

/** A moment after an undelete this is nothing; what lasts says so in its events. */
function returning(placed: readonly Placed[]): readonly Finding[] {
  return placed
    .filter(({ volume }) => isPledge(volume))
    .map(({ volume }) => {
      const message = `keeps the directory for ${claimKeyOf(volume)}, which \`larder volumes undelete\` or \`restore\` brings back, and no claim can bind to it until then: the events of pv ${volume.metadata.name} say what it waits for`;
      return { kind: 'returning', ...about(volume), message };
    });
}

/** Volumes whose directory is not there, as far as its parent could be listed. */
function absent({ listings, provisionerNames }: AuditInput, placed: readonly Placed[]): readonly Finding[] {
  const found: Finding[] = [];
  for (const { volume, directory } of placed) {
    const slash = directory.lastIndexOf('/');
    const listing = listings.get(directory.slice(0, slash));
    if (!listing || !isOurs(volume, provisionerNames)) continue;
    const entry = listing.names.find(({ name }) => name === directory.slice(slash + 1));
    if (!entry) {
      const message = 'the volume has no directory: bring it back with `larder volumes undelete`, or delete the claim';
      found.push({ kind: 'missing-directory', ...about(volume), message });
    } else if (entry.type === 'other') {
      const message = 'there is a file or a link where the directory should be: move it away';
      found.push({ kind: 'not-a-directory', ...about(volume), message });
    }
  }
  return found;
}

const OWN_NAMES = /^(archived-|\.|lost\+found$)/;
/** The default pattern, here and in nfs-subdir-external-provisioner: the directory was made for that volume. */
const OF_A_VOLUME = /-pvc-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const ORPHANED =
  'no volume uses the directory: make a claim for it (`larder volumes adopt`), or remove it when nobody needs it';
const LEAKED =
  'most likely left behind by a deleted volume (nfs-subdir up to v4.0.2 forgets nested directories): adopt it with `larder volumes adopt`, or remove it when nobody needs it';

/** Directories that no volume knows, at the levels at which volumes are. */
function orphaned({ listings, addresses }: AuditInput, placed: readonly Placed[]): readonly Finding[] {
  const known = new Set(placed.flatMap(({ directory }) => [directory, ...ancestorsOf(directory)]));
  const found: Finding[] = [];
  for (const [parent, { names }] of listings) {
    const root = [...addresses.keys()].find((candidate) => parent === candidate || parent.startsWith(`${candidate}/`));
    for (const { name, type } of names) {
      const directory = `${parent}/${name}`;
      if (type !== 'directory' || known.has(directory) || OWN_NAMES.test(name)) continue;
      const leaked = parent !== root || OF_A_VOLUME.test(name);
      found.push({
        kind: leaked ? 'leaked' : 'orphaned-directory',
        export: addresses.get(root ?? '') ?? '',
        path: directory.slice((root ?? '').length + 1),
        volume: '',
        claim: '',
        message: leaked ? LEAKED : ORPHANED,
      });
    }
  }
  return found;
}

function trusting({ classes, provisionerNames }: AuditInput): readonly Finding[] {
  const found: Finding[] = [];
  for (const storageClass of classes) {
    if (!provisionerNames.includes(storageClass.provisioner)) continue;
    const parsed = parseClass(storageClass);
    if (parsed.kind !== 'options' || parsed.options.adopt !== 'any') continue;
    found.push({
      kind: 'adopts-anything',
      export: '',
      path: '',
      volume: '',
      claim: '',
      message: `class ${storageClass.metadata.name} has adopt "any": whoever may create claims can mount every directory that no volume holds; use "listed" where users are not trusted`,
    });
  }
  return found;
}
