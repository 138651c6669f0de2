/** Whether a pod can be placed on the one node. The wording is that of kube-scheduler for a cluster of one node. */
import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '../../kube/kinds.ts';
import { admitsNode } from '../volumes/affinity.ts';
import { annotation } from '../volumes/annotation.ts';
import { classOf } from '../volumes/class.ts';

export interface PlacementView {
  /** The claims that the pod names, in its order; undefined = there is none of that name. */
  readonly claims: readonly { readonly name: string; readonly claim: PersistentVolumeClaim | undefined }[];
  readonly volumeOf: (claim: PersistentVolumeClaim) => PersistentVolume | undefined;
  readonly classNamed: (name: string) => StorageClass | undefined;
  readonly nodeLabels: Readonly<Record<string, string>>;
}

export type Placement =
  | { readonly kind: 'place' }
  /** A claim is on its way to a volume because of this pod: nothing to tell. */
  | { readonly kind: 'wait' }
  | { readonly kind: 'refuse'; readonly message: string };

/** The first claim in the way decides, refusals before those that only need time. */
export function place(view: PlacementView): Placement {
  const found = view.claims.map(({ name, claim }) => placeClaim(view, name, claim));
  const refusal = found.find(({ kind }) => kind === 'refuse');
  return refusal ?? found.find(({ kind }) => kind === 'wait') ?? { kind: 'place' };
}

function placeClaim(view: PlacementView, name: string, claim: PersistentVolumeClaim | undefined): Placement {
  if (!claim) return refuse(`persistentvolumeclaim "${name}" not found`);
  if (claim.status?.phase === 'Lost') {
    return refuse(`persistentvolumeclaim "${name}" bound to non-existent persistentvolume "${claim.spec.volumeName}"`);
  }
  if (claim.metadata.deletionTimestamp !== undefined) {
    return refuse(`persistentvolumeclaim "${name}" is being deleted`);
  }
  const bound = claim.metadata.annotations?.[annotation.bindCompleted] !== undefined && claim.status?.phase === 'Bound';
  if (!bound) {
    const storageClass = view.classNamed(classOf(claim) ?? '');
    const waits = storageClass?.volumeBindingMode === 'WaitForFirstConsumer';
    return waits ? { kind: 'wait' } : refuse('pod has unbound immediate PersistentVolumeClaims');
  }
  const volume = view.volumeOf(claim);
  if (!volume) return { kind: 'wait' };
  return admitsNode(volume, view.nodeLabels)
    ? { kind: 'place' }
    : refuse("1 node(s) didn't match PersistentVolume's node affinity");
}

function refuse(reason: string): Placement {
  return { kind: 'refuse', message: `0/1 nodes are available: ${reason}.` };
}
