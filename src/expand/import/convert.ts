import { autoresizer } from './autoresizer.ts';
import type { Conversion, Peer, Raw } from './conversion.ts';
import { gardener } from './gardener.ts';
import { pvcChonker } from './pvc-chonker.ts';
import { volumeAutoscaler } from './volume-autoscaler.ts';

const converters: Readonly<Record<Peer, (objects: readonly Raw[]) => Conversion>> = {
  autoresizer,
  gardener,
  'volume-autoscaler': volumeAutoscaler,
  'pvc-chonker': pvcChonker,
};

/** What `objects` of a peer become here. Reads and writes nothing. */
export function convert(peer: Peer, objects: readonly Raw[]): Conversion {
  return converters[peer](objects);
}
