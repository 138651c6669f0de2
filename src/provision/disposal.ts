/** What to do with a volume of ours whose claim is gone: an ordered list of questions. */
import type { PersistentVolume, StorageClass } from '../kube/kinds.ts';
import { FINALIZER } from './annotation.ts';
import type { Holder } from './conflict.ts';
import type { Retention } from './parameter.ts';
import type { DirectoryPath, ExportDescription } from './storage.ts';
import { claimKeyOf, dispositionOf, isOurs, isReleased, locate, otherNodeOf } from './volume.ts';

export interface DisposalInput {
  readonly volume: PersistentVolume;
  readonly storageClass: StorageClass | undefined;
  readonly provisionerNames: readonly string[];
  readonly exports: readonly ExportDescription[];
  /** The node of `local` exports, as its hostname label has it. */
  readonly nodeName: string;
  /** All that know the directory, this volume too. */
  readonly holders: (description: ExportDescription, path: DirectoryPath) => readonly Holder[];
}

export type Disposal =
  | { readonly kind: 'ignore'; readonly reason: 'not-ours' | 'in-use' | 'kept' }
  /** The volume object is being deleted by somebody and its directory stays: our finalizer must not hold it. */
  | { readonly kind: 'let-go' }
  /** A claim in flight may be about to share the directory: what it comes to decides. */
  | { readonly kind: 'wait'; readonly untilVolume: string }
  /** The volume object goes, its directory stays. */
  | {
      readonly kind: 'forget';
      readonly reason: 'superseded' | 'on-delete' | 'adopted' | 'shared';
      readonly message: string;
    }
  | {
      readonly kind: 'move';
      readonly to: 'trash' | 'archive';
      readonly retention: Retention;
      readonly export: ExportDescription;
      readonly path: DirectoryPath;
    }
  | {
      readonly kind: 'refuse';
      readonly reason: 'class-missing' | 'unsafe-path' | 'export-unknown' | 'other-node' | 'overlap' | 'finalizer';
      readonly message: string;
      /** Looked at again when that volume changes; empty: when this one or its class does. */
      readonly untilVolume: string;
    };

export function disposalOf(input: DisposalInput): Disposal {
  const { volume, storageClass, provisionerNames } = input;
  if (!isOurs(volume, provisionerNames)) return { kind: 'ignore', reason: 'not-ours' };
  const deleting = volume.metadata.deletionTimestamp !== undefined;
  if (!isReleased(volume)) {
    const phase = volume.status?.phase;
    const unused = phase === 'Available' || phase === 'Failed';
    const held = volume.metadata.finalizers?.includes(FINALIZER) === true;
    return deleting && unused && held ? { kind: 'let-go' } : { kind: 'ignore', reason: 'in-use' };
  }
  const disposition = dispositionOf(volume, storageClass);
  switch (disposition.kind) {
    case 'keep':
      return keep(input, disposition.why, deleting);
    case 'unknown':
      return {
        kind: 'refuse',
        reason: 'class-missing',
        message: `directory is kept: class missing: ${disposition.className} no longer says what to do with it: create the class again, or set reclaim policy Retain and delete the volume`,
        untilVolume: '',
      };
    case 'trash':
    case 'archive':
      return move(input, disposition.kind, disposition.retention);
    default:
      return disposition satisfies never;
  }
}

/** The directory itself, or one above it. Of two leaving volumes nested in each other the inner goes first, or none would. */
const isAround = ({ directory, relation }: Holder, path: DirectoryPath): boolean =>
  relation === 'same' || `${path.join('/')}/`.startsWith(`${directory}/`);

/** `127.0.0.1:/storage/v/glusterfs_x`, or as much of it as the volume gives. */
export function addressOfVolume(volume: PersistentVolume): string {
  const { nfs, local, hostPath } = volume.spec;
  return nfs ? `${nfs.server}:${nfs.path}` : (local?.path ?? hostPath?.path ?? volume.metadata.name);
}

function keep(input: DisposalInput, why: 'reclaim-policy' | 'on-delete' | 'adopted', deleting: boolean): Disposal {
  const { volume } = input;
  const address = addressOfVolume(volume);
  switch (why) {
    case 'reclaim-policy': {
      if (deleting) return { kind: 'let-go' };
      const successor = successorOf(input);
      if (!successor) return { kind: 'ignore', reason: 'kept' };
      const message = `directory ${address} is used again by ${claimKeyOf(volume)} (pv ${successor}): nothing to do`;
      return { kind: 'forget', reason: 'superseded', message };
    }
    case 'on-delete':
      return {
        kind: 'forget',
        reason: 'on-delete',
        message: `directory ${address} is kept (onDelete is retain): remove it by hand when nobody needs it`,
      };
    case 'adopted':
      return {
        kind: 'forget',
        reason: 'adopted',
        message: `directory ${address} is kept, because it held data before it was a volume: remove it by hand when nobody needs it`,
      };
    default:
      return why satisfies never;
  }
}

/** The volume of the same claim, made again, on the same directory. */
function successorOf({ volume, exports, holders }: DisposalInput): string | undefined {
  const location = locate(volume, exports);
  if (location.kind !== 'at') return undefined;
  const successor = holders(location.export, location.path).find(
    (holder) =>
      holder.relation === 'same' &&
      holder.volume.metadata.uid !== '' &&
      holder.volume.metadata.uid !== volume.metadata.uid &&
      !isReleased(holder.volume) &&
      claimKeyOf(holder.volume) === claimKeyOf(volume),
  );
  return successor?.volume.metadata.name;
}

function move(input: DisposalInput, to: 'trash' | 'archive', retention: Retention): Disposal {
  const { volume, exports, holders, nodeName } = input;
  const location = locate(volume, exports);
  const address = addressOfVolume(volume);
  const node = location.kind === 'other-node' ? location.node : otherNodeOf(volume, nodeName);
  if (location.kind === 'other-node' || node !== undefined) {
    return {
      kind: 'refuse',
      reason: 'other-node',
      message: `directory ${address} is on node ${node}, and this Larder runs on ${nodeName}, where the same path is another directory: run Larder there (--node-name says what a node is called), or set reclaim policy Retain and delete the volume`,
      untilVolume: '',
    };
  }
  if (location.kind === 'elsewhere') {
    return {
      kind: 'refuse',
      reason: 'export-unknown',
      message: `directory ${address} is on no export of this Larder: configure the export, or set reclaim policy Retain and delete the volume`,
      untilVolume: '',
    };
  }
  if (location.kind === 'unsafe') {
    return {
      kind: 'refuse',
      reason: 'unsafe-path',
      message: `${location.reason}: nothing is removed: set reclaim policy Retain and delete the volume`,
      untilVolume: '',
    };
  }
  const others = holders(location.export, location.path).filter(
    (holder) =>
      holder.volume.metadata.uid !== volume.metadata.uid && !(holder.leaving && isAround(holder, location.path)),
  );
  const reserved = others.find((holder) => holder.volume.metadata.uid === '');
  if (reserved) return { kind: 'wait', untilVolume: reserved.volume.metadata.name };
  const overlap = others.find((holder) => holder.relation === 'overlap');
  if (overlap) {
    const other = overlap.volume.metadata.name;
    return {
      kind: 'refuse',
      reason: 'overlap',
      message: `directory ${address} overlaps ${overlap.directory} of pv ${other}: it is removed when that volume is gone`,
      untilVolume: other,
    };
  }
  const sharer = others[0];
  if (sharer) {
    const user = claimKeyOf(sharer.volume) || sharer.volume.metadata.name;
    const message = `directory ${address} is kept, because ${user} (pv ${sharer.volume.metadata.name}) uses it too: nothing to do`;
    return { kind: 'forget', reason: 'shared', message };
  }
  return { kind: 'move', to, retention, export: location.export, path: location.path };
}
