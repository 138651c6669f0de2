/** Whether a claim may have a directory, given the volumes that know it. */
import type { AccessMode, PersistentVolume } from '../kube/kinds.ts';
import { annotation } from './annotation.ts';
import type { ClassOptions } from './class.ts';
import { claimKeyOf, isReleased } from './volume.ts';

/** A volume that occupies the directory, one above it or one below it. */
export interface Holder {
  readonly volume: PersistentVolume;
  /** Its directory is about to be moved away, see `isLeaving`. */
  readonly leaving: boolean;
  /** True while it is not known whether it makes the directory or finds it with data; default false. */
  readonly unsettled?: boolean;
  /** True while a copy is on its way into it; default false. */
  readonly filling?: boolean;
  readonly relation: 'same' | 'overlap';
  /** For messages: its directory relative to the export. */
  readonly directory: string;
}

export type Ownership =
  /** `known`: a volume of the claim's namespace had or has the directory, so taking it again adopts nothing. */
  | {
      readonly kind: 'free';
      readonly known: boolean;
      readonly adoptedBefore: boolean;
    }
  | { readonly kind: 'held'; readonly by: string; readonly message: string }
  /** A matter of moments: the same claim was deleted and made again, or a removal is under way. */
  | { readonly kind: 'leaving'; readonly by: string; readonly message: string };

interface Claimant {
  /** What the claim itself holds or reserved is no objection. */
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly accessModes: readonly AccessMode[];
  readonly onConflict: ClassOptions['onConflict'];
  readonly directory: string;
  /** The volume that was named when the claim was last refused: as long as it objects, the same one is named. */
  readonly blamed?: string | undefined;
}

export function ownershipOf(claimant: Claimant, holders: readonly Holder[]): Ownership {
  const others = holders.filter((holder) => holder.volume.spec.claimRef?.uid !== claimant.uid);
  const isBlamed = (holder: Holder): boolean => holder.volume.metadata.name === claimant.blamed;
  for (const holder of [...others.filter(isBlamed), ...others]) {
    const objection = objectionOf(claimant, holder);
    if (objection) return objection;
  }
  const same = others.filter((holder) => holder.relation === 'same');
  return {
    kind: 'free',
    known: same.some((holder) => !holder.unsettled && namespaceOf(holder) === claimant.namespace),
    adoptedBefore: same.some((holder) => holder.volume.metadata.annotations?.[annotation.adopted] === 'true'),
  };
}

const namespaceOf = (holder: Holder): string => holder.volume.spec.claimRef?.namespace ?? '';

function objectionOf(claimant: Claimant, holder: Holder): Exclude<Ownership, { kind: 'free' }> | undefined {
  const by = holder.volume.metadata.name;
  const owner = claimKeyOf(holder.volume) || 'no claim';
  const same = holder.relation === 'same';
  const predecessor = same && owner === `${claimant.namespace}/${claimant.name}`;
  if (holder.leaving || (predecessor && !isReleased(holder.volume))) {
    return {
      kind: 'leaving',
      by,
      message: `directory ${holder.directory} still belongs to the deleted ${owner} (pv ${by}): it is provisioned when that volume is gone; see the events of pv ${by}`,
    };
  }
  if (same && holder.filling) {
    return {
      kind: 'leaving',
      by,
      message: `directory ${holder.directory} is being filled with a copy for ${owner} (pv ${by}): it is looked at again when that is complete`,
    };
  }
  if (same && isReleased(holder.volume) && namespaceOf(holder) === claimant.namespace) return undefined;
  if (!same) {
    // An ancestor's user can read and remove everything below, so policies do not matter here.
    return {
      kind: 'held',
      by,
      message: `directory ${claimant.directory} overlaps ${holder.directory}, which belongs to ${owner} (pv ${by}): choose a name outside it`,
    };
  }
  if (claimant.onConflict === 'share') return undefined;
  const belongs = `directory ${claimant.directory} already belongs to ${owner} (pv ${by})`;
  if (claimant.onConflict === 'fail' || namespaceOf(holder) !== claimant.namespace) {
    return { kind: 'held', by, message: `${belongs}: choose another name, or delete that volume` };
  }
  if (isShared(claimant.accessModes) && isShared(holder.volume.spec.accessModes ?? [])) return undefined;
  return {
    kind: 'held',
    by,
    message: `${belongs}: choose another name, or let both claims ask for ReadWriteMany to share it`,
  };
}

const isShared = (modes: readonly AccessMode[]): boolean =>
  modes.length > 0 && modes.every((mode) => mode === 'ReadWriteMany' || mode === 'ReadOnlyMany');
