/** Why a claim may rightly be Pending for ever, and what its event has to say then. */
import type { ExportFs } from './export-fs.ts';
import { ELSEWHERE } from './server.ts';
import { type ClaimTruth, sourceKeyOf, type Truth } from './truth.ts';

export interface Cause {
  readonly why: string;
  readonly says: RegExp;
}

interface Scenery {
  readonly truth: Truth;
  readonly fs: ExportFs;
}

/** Undefined: nothing stands in its way. */
export function causeOf({ truth, fs }: Scenery, claim: ClaimTruth): Cause | undefined {
  const { spec, metadata } = claim.object;
  const kept = keptFor(truth, claim);
  if (kept)
    return { why: `${kept} is kept for it and does not fit`, says: /is kept for this claim and cannot be bound/ };
  if (spec.storageClassName === 'broken')
    return { why: 'its class is malformed', says: /parameter "?oops"? is not known/ };
  const name = metadata.annotations?.['volume-name'];
  const prefix = PREFIXES[spec.storageClassName ?? ''];
  const named = prefix !== undefined;
  if (named && name === undefined) return { why: 'it lacks its annotation', says: /annotation "volume-name"/ };
  const slashes = spec.storageClassName === 'tree';
  if (named && name !== undefined && (name.includes('..') || (name.includes('/') && !slashes))) {
    return { why: 'its name is not one', says: /path segment|may not hold|"\/"|slash/i };
  }
  const path = named ? `${prefix}${name}` : '';
  if (spec.dataSource) return causeOfCopy({ truth, fs }, claim, path);
  if (!named) return undefined;
  const holder = holderOf(truth, claim, path);
  if (holder || !slashes || (fs.at(path)?.entries.size ?? 0) === 0) return holder;
  return { why: `its class adopts nothing, and ${path} holds data`, says: /is not empty and was never a volume of/ };
}

/** A volume that was made for a claim of its name, as undelete does, and is not bound to it. */
function keptFor({ volumes }: Truth, { key }: ClaimTruth): string | undefined {
  for (const { metadata, spec } of volumes.values()) {
    const { claimRef } = spec;
    if (claimRef && !claimRef.uid && `${claimRef.namespace}/${claimRef.name}` === key) return metadata.name;
  }
  return undefined;
}

/** Empty `path`: its directory has a name of its own. Nothing is ever copied to where others write, or over data. */
function causeOfCopy({ truth, fs }: Scenery, claim: ClaimTruth, path: string): Cause | undefined {
  const key = sourceKeyOf(claim.object);
  if (key === claim.key) return { why: 'it is its own source', says: /is its own data source/ };
  const source = truth.livingNamed(key);
  if (!source) return { why: `${key} is not there`, says: /data source, does not exist: create it/ };
  const { metadata, status } = source.object;
  if (metadata.deletionTimestamp !== undefined) return { why: `${key} is being deleted`, says: /is being deleted/ };
  if (status?.phase !== 'Bound') return { why: `${key} is not bound`, says: /data source, is not bound/ };
  if (claim.request < source.request) return { why: `${key} is larger`, says: /must be greater than or equal in size/ };
  if (fs.place(path).server !== fs.place(source.path).server) {
    return { why: `${key} is on another server`, says: /use a class of the same export/ };
  }
  if (path === '') return undefined;
  const nested = path === source.path || path.startsWith(`${source.path}/`) || source.path.startsWith(`${path}/`);
  if (nested) return { why: `it is to be in ${source.path}, of which it is a copy`, says: /lie in each other/ };
  const holder = holderOf(truth, claim, path);
  if (holder || (fs.at(path)?.entries.size ?? 0) === 0) return holder;
  return { why: `${path} holds data`, says: /is not empty/ };
}

/** What the directories of a class begin with; those of other classes have names of their own. */
export const PREFIXES: Readonly<Record<string, string>> = {
  'glusterfs-nfs': 'glusterfs_',
  scratch: 'scratch_',
  'scratch-local': 'scratch_',
  limited: 'limited_',
  second: 'second:limited_',
  archived: 'archive_',
  tree: 'tree_',
};

/** Another volume that has, or keeps, the directory. */
function holderOf(truth: Truth, claim: ClaimTruth, path: string): Cause | undefined {
  const modes = claim.object.spec.accessModes ?? [];
  for (const volume of truth.volumes.values()) {
    const owner = truth.claims.get(volume.spec.claimRef?.uid ?? '');
    if (!owner || owner === claim || owner.path === '') continue;
    const nested = owner.path.startsWith(`${path}/`) || path.startsWith(`${owner.path}/`);
    if (owner.path !== path && !nested) continue;
    const shares = claim.object.spec.dataSource === undefined;
    const shared = shares && [...modes, ...(volume.spec.accessModes ?? [])].every((mode) => mode === 'ReadWriteMany');
    if (!nested && owner.namespace === claim.namespace && (shared || owner.goneMs !== undefined)) continue;
    const directory = owner.path.split(ELSEWHERE).at(-1);
    return {
      why: `${owner.key} has ${owner.path}`,
      says: new RegExp(`${directory}.*(belongs to|overlaps)|overlaps ${directory}`),
    };
  }
  return undefined;
}
