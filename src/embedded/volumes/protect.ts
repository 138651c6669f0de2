/** When the finalizers that keep claims and volumes in use from vanishing are put on and taken off. */
import type { PersistentVolume, PersistentVolumeClaim } from '../../kube/kinds.ts';
import type { NodePod } from '../nodes/pod.ts';
import { finalizer } from './annotation.ts';

export type Protection = 'add' | 'remove' | 'keep';

/** `pods` are those that name the claim. */
export function protectClaim(claim: PersistentVolumeClaim, pods: Iterable<NodePod>): Protection {
  const held = claim.metadata.finalizers?.includes(finalizer.claimProtection) ?? false;
  if (claim.metadata.deletionTimestamp === undefined) return held ? 'keep' : 'add';
  if (!held) return 'keep';
  for (const pod of pods) {
    if (holds(pod, claim)) return 'keep';
  }
  return 'remove';
}

export function protectVolume(volume: PersistentVolume): Protection {
  const held = volume.metadata.finalizers?.includes(finalizer.volumeProtection) ?? false;
  if (volume.metadata.deletionTimestamp === undefined) return held ? 'keep' : 'add';
  return held && volume.status?.phase !== 'Bound' ? 'remove' : 'keep';
}

/** A pod without a node cannot start any more once its claim is being deleted, so it holds nothing; one that ended does. */
function holds(pod: NodePod, claim: PersistentVolumeClaim): boolean {
  if (!pod.spec.nodeName) return false;
  return (pod.spec.volumes ?? []).some((volume) => volume.persistentVolumeClaim?.claimName === claim.metadata.name);
}

/** The finalizers after adding or removing one; the order of the others stays. */
export function withFinalizer(
  finalizers: readonly string[],
  name: string,
  change: 'add' | 'remove',
): readonly string[] {
  const others = finalizers.filter((other) => other !== name);
  return change === 'add' ? [...others, name] : others;
}
