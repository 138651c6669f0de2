/** What a PersistentVolume means to this room: where its directory is, and what becomes of it when its claim is gone. */
import type { PersistentVolume, StorageClass } from '../kube/kinds.ts';
import { annotation, HOSTNAME_LABEL } from './annotation.ts';
import type { RemovalAction } from './class.ts';
import { parseRetention, type Retention } from './parameter.ts';
import { isSegment, quote } from './pattern.ts';
import { readClass } from './read-class.ts';
import type { DirectoryPath, ExportDescription } from './storage.ts';

export type Location =
  | { readonly kind: 'at'; readonly export: ExportDescription; readonly path: DirectoryPath }
  /** On no export of ours, or not a directory volume at all. */
  | { readonly kind: 'elsewhere' }
  /** On the disk of another node, where the same path is another directory: nothing here says anything of it. */
  | { readonly kind: 'other-node'; readonly node: string }
  /** Looks like one of our exports, but its path must not be acted on. */
  | { readonly kind: 'unsafe'; readonly reason: string };

interface Source {
  readonly backend: ExportDescription['backend'];
  readonly server: string;
  readonly path: string;
}

function sourceOf(volume: PersistentVolume): Source | undefined {
  const { nfs, local, hostPath } = volume.spec;
  if (nfs) return { backend: 'nfs', server: nfs.server, path: nfs.path };
  const path = local?.path ?? hostPath?.path;
  return path === undefined ? undefined : { backend: 'local', server: '', path };
}

/** Server and path are untrusted: a volume may be forged. Only a clean path below an export, segment by segment, is `at`. */
export function locate(volume: PersistentVolume, exports: readonly ExportDescription[]): Location {
  const source = sourceOf(volume);
  if (!source) return { kind: 'elsewhere' };
  let ours = false;
  let below: ExportDescription | undefined;
  // No arrays on the way: this is asked for each volume at each look.
  for (const entry of exports) {
    if (entry.backend !== source.backend || entry.server !== source.server) continue;
    ours = true;
    if (isBelow(source.path, entry) && entry.path.length > (below?.path.length ?? -1)) below = entry;
  }
  if (!below) {
    if (!ours || source.backend === 'local') return { kind: 'elsewhere' };
    return { kind: 'unsafe', reason: `path ${quote(source.path)} is not below the export` };
  }
  const node = below.node === undefined ? undefined : otherNodeOf(volume, below.node);
  if (node !== undefined) return { kind: 'other-node', node };
  const path = source.path.slice(lengthOf(below) + 1).split('/');
  if (!path.every(isSegment)) return { kind: 'unsafe', reason: `path ${quote(source.path)} is not a clean path` };
  if (isArchive(path)) return { kind: 'unsafe', reason: `path ${quote(source.path)} is an archive` };
  return { kind: 'at', export: below, path };
}

/** An export may be `/`, the root of an NFSv4 server. */
const lengthOf = ({ path }: ExportDescription): number => (path === '/' ? 0 : path.length);

const isBelow = (path: string, entry: ExportDescription): boolean =>
  (entry.path === '/' || path.startsWith(entry.path)) && path[lengthOf(entry)] === '/';

/** The node that a volume of a local disk is on, when it is not this one; several of them by comma. */
export function otherNodeOf({ spec }: PersistentVolume, nodeName: string): string | undefined {
  if (!spec.local && !spec.hostPath) return undefined;
  const terms = spec.nodeAffinity?.required?.nodeSelectorTerms ?? [];
  const nodes = terms.flatMap(({ matchExpressions = [] }) =>
    matchExpressions
      .filter(({ key, operator }) => key === HOSTNAME_LABEL && operator === 'In')
      .flatMap(({ values = [] }) => values),
  );
  return nodes.length === 0 || nodes.includes(nodeName) ? undefined : nodes.join(', ');
}

const isArchive = (path: DirectoryPath): boolean => path.some((segment) => segment.startsWith('archived-'));

/**
 * The directory as this host sees it: the key under which volumes of all exports meet, because several exports may show
 * one folder. `path` may be empty (the export's root).
 */
export const directoryOf = (description: ExportDescription, path: readonly string[]): string =>
  [description.root, ...path].join('/');

/** As the PersistentVolume carries it. An export may be `/`, the root of an NFSv4 server. */
export const pathOn = ({ path }: ExportDescription, directory: readonly string[]): string =>
  [path === '/' ? '' : path, ...directory].join('/');

/** The same for messages, as the PersistentVolume carries it. */
export const addressOf = (description: ExportDescription): string =>
  description.backend === 'nfs' ? `${description.server}:${description.path}` : description.path;

/**
 * Every directory a volume occupies, kindly read: `a//b/./c/../d` occupies `a/b/d`. The export's root occupies nothing.
 * One of another node counts too: what a node is called may have changed, and a directory too many is only a refusal.
 */
export function occupied(volume: PersistentVolume, exports: readonly ExportDescription[]): readonly string[] {
  const source = sourceOf(volume);
  if (!source) return [];
  if (isClean(source.path) && exports.every(({ path }) => isClean(path))) return belowOf(source, exports);
  const parts = normalise(source.path);
  const found = new Set<string>();
  for (const entry of exports) {
    if (entry.backend !== source.backend || entry.server !== source.server) continue;
    const base = normalise(entry.path);
    if (parts.length > base.length && base.every((part, index) => part === parts[index])) {
      found.add(directoryOf(entry, parts.slice(base.length)));
    }
  }
  return [...found];
}

/** As `occupied`, of paths that need no reading: nearly all, and the cache asks four times for each change of a volume. */
function belowOf({ backend, server, path }: Source, exports: readonly ExportDescription[]): readonly string[] {
  const found: string[] = [];
  for (const entry of exports) {
    if (entry.backend !== backend || entry.server !== server) continue;
    if (!path.startsWith(entry.path) || path[entry.path.length] !== '/') continue;
    const directory = entry.root + path.slice(entry.path.length);
    if (!found.includes(directory)) found.push(directory);
  }
  return found;
}

/** Absolute, and without an empty segment, `.` or `..`. */
const isClean = (path: string): boolean =>
  path.startsWith('/') && path.length > 1 && !/\/(?:\.{0,2}\/|\.{0,2}$)/.test(path);

function normalise(path: string): readonly string[] {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts;
}

/** All proper ancestors of a directory, itself excluded, as far as `/`. */
export function ancestorsOf(directory: string): readonly string[] {
  const found: string[] = [];
  for (let slash = directory.lastIndexOf('/'); slash > 0; slash = directory.lastIndexOf('/', slash - 1)) {
    found.push(directory.slice(0, slash));
  }
  return found;
}

export const isOurs = (volume: PersistentVolume, provisionerNames: readonly string[]): boolean =>
  provisionerNames.includes(volume.metadata.annotations?.[annotation.provisionedBy] ?? '');

export const isReleased = (volume: PersistentVolume): boolean => volume.status?.phase === 'Released';

/** `namespace/name` of the claim that the volume is or was for; empty when none. */
export function claimKeyOf(volume: PersistentVolume): string {
  const reference = volume.spec.claimRef;
  return reference?.name ? `${reference.namespace ?? ''}/${reference.name}` : '';
}

/** What happens to the directory of a released volume of ours. */
export type Disposition =
  | { readonly kind: 'keep'; readonly why: 'reclaim-policy' | 'on-delete' | 'adopted' }
  | { readonly kind: 'trash'; readonly retention: Retention }
  | { readonly kind: 'archive'; readonly retention: Retention }
  /** Neither the volume nor its class says; nothing is done then. */
  | { readonly kind: 'unknown'; readonly className: string };

const NEVER: Retention = { text: 'never', ms: undefined };
const WEEK: Retention = { text: '7d', ms: 7 * 86_400_000 };

interface Terms {
  readonly onDelete: RemovalAction;
  readonly deleteAdopted: boolean;
  readonly trashRetention: Retention;
  readonly archiveRetention: Retention;
}

/** The volume's own annotations decide; those of volumes made by another provisioner are missing, then the class does. */
export function dispositionOf(volume: PersistentVolume, storageClass: StorageClass | undefined): Disposition {
  if (volume.spec.persistentVolumeReclaimPolicy !== 'Delete') return { kind: 'keep', why: 'reclaim-policy' };
  const terms = termsOf(volume, storageClass);
  if (!terms) return { kind: 'unknown', className: volume.spec.storageClassName ?? '' };
  const adopted = volume.metadata.annotations?.[annotation.adopted] === 'true';
  switch (terms.onDelete) {
    case 'retain':
      return { kind: 'keep', why: 'on-delete' };
    case 'archive':
      return { kind: 'archive', retention: terms.archiveRetention };
    case 'delete':
      return adopted && !terms.deleteAdopted
        ? { kind: 'keep', why: 'adopted' }
        : { kind: 'trash', retention: terms.trashRetention };
    default:
      return terms.onDelete satisfies never;
  }
}

function termsOf(volume: PersistentVolume, storageClass: StorageClass | undefined): Terms | undefined {
  const notes = volume.metadata.annotations ?? {};
  const onDelete = notes[annotation.onDelete];
  if (onDelete === 'delete' || onDelete === 'archive' || onDelete === 'retain') {
    return {
      onDelete,
      deleteAdopted: notes[annotation.deleteAdopted] === 'true',
      trashRetention: parseRetention(notes[annotation.trashRetention] ?? '') ?? WEEK,
      archiveRetention: parseRetention(notes[annotation.archiveRetention] ?? '') ?? NEVER,
    };
  }
  if (!storageClass) return undefined;
  const parsed = readClass(storageClass);
  return parsed.kind === 'options' ? parsed.options : undefined;
}

/** True while the released volume's directory waits to be moved away: nobody else may start to use it. */
export function isLeaving(volume: PersistentVolume, storageClass: StorageClass | undefined): boolean {
  if (!isReleased(volume)) return false;
  const disposition = dispositionOf(volume, storageClass);
  return disposition.kind === 'trash' || disposition.kind === 'archive';
}

/** What lets a kept volume be bound by the next claim of that name: it forgets which claim it was that had it. */
export function freeingCommand(volume: string): string {
  return `kubectl patch pv/${volume} --type merge -p '{"spec":{"claimRef":{"uid":null,"resourceVersion":null}}}'`;
}
