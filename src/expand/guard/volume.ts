/** Whether the volume behind a claim is in a state in which growing it makes sense. */
import type { PersistentVolume } from '../../kube/kinds.ts';
import type { Claim } from '../claim.ts';

/** `unknown` when there is nothing to look at, which is not the claim's fault. */
export type VolumeState =
  | { readonly kind: 'sound'; readonly name: string }
  | { readonly kind: 'unsound'; readonly reason: string }
  | { readonly kind: 'unknown'; readonly reason: string };

export function volumeState(claim: Claim, volume: PersistentVolume | undefined): VolumeState {
  if (claim.volumeName === '') return { kind: 'unknown', reason: 'the claim names no volume' };
  const { volumeName: name } = claim;
  // A claim may be seen a moment before its volume; without a volume at all Kubernetes calls the claim Lost.
  if (!volume) return { kind: 'unknown', reason: `PersistentVolume ${name} was not seen yet` };
  const { metadata, spec, status } = volume;
  const unsound = (what: string): VolumeState => ({ kind: 'unsound', reason: `PersistentVolume ${name} ${what}` });
  if (metadata.deletionTimestamp !== undefined) return unsound('is being deleted');
  if (status?.phase === 'Failed' || status?.phase === 'Released') {
    const words = status.message ? `: ${status.message}` : '';
    return unsound(`is ${status.phase}${words}`);
  }
  const { uid } = spec.claimRef ?? {};
  if (uid !== undefined && uid !== '' && uid !== claim.uid) return unsound('belongs to another claim');
  return { kind: 'sound', name };
}
