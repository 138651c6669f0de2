/** How much a CSI driver says is free where a volume is. */
import type { PersistentVolume } from '../../kube/kinds.ts';
import { bytesOf } from '../../kube/quantity.ts';
import { matchesSelector } from '../../kube/selector.ts';
import type { Headroom } from '../constraints.ts';
import type { StorageCapacity } from './guard-kinds.ts';

/** `headroom`: bytes that may be added. `unknown`: nobody can tell, and `reason` says why. */
export type FreeCapacity =
  | ({ readonly kind: 'headroom' } & Headroom)
  | { readonly kind: 'unknown'; readonly reason: string };

/**
 * Free capacity is published for parts of the cluster. Which part a volume is in is known when it can only be reached
 * from some nodes, or when all publish one figure; otherwise nothing is said, because a wrong guess would hold back
 * growth that works.
 */
export function freeCapacity(
  published: readonly StorageCapacity[],
  volume: PersistentVolume | undefined,
  className: string,
): FreeCapacity {
  const ofClass = published.filter(({ storageClassName }) => storageClassName === className);
  if (ofClass.length === 0) return unknown('the driver publishes no capacity for the class');
  const places = placesOf(volume);
  const near =
    places === undefined
      ? ofClass.filter(({ nodeTopology }) => nodeTopology !== undefined)
      : ofClass.filter(
          ({ nodeTopology }) => nodeTopology && places.some((place) => matchesSelector(nodeTopology, place)),
        );
  const [one, ...others] = near;
  if (!one) return unknown('no published capacity is of the place where the volume is');
  if (others.length > 0) return unknown(`${near.length} published capacities could be of the place of the volume`);
  const bytes = bytesOf(one.capacity);
  const source = `CSIStorageCapacity ${one.metadata.namespace ?? ''}/${one.metadata.name}`;
  return bytes === undefined ? unknown(`${source} names no figure at present`) : { kind: 'headroom', bytes, source };
}

type Labels = Readonly<Record<string, string>>;

/** The labels of the nodes from which a volume can be reached, one set per term; undefined: it does not say. */
function placesOf(volume: PersistentVolume | undefined): readonly Labels[] | undefined {
  const terms = volume?.spec.nodeAffinity?.required?.nodeSelectorTerms;
  if (!terms || terms.length === 0) return undefined;
  return terms.flatMap(({ matchExpressions = [] }) => {
    // Several values are several places; drivers write one.
    const single = matchExpressions.filter(({ operator, values }) => operator === 'In' && values?.length === 1);
    const labels = Object.fromEntries(single.map(({ key, values }) => [key, values?.[0] ?? '']));
    return single.length === 0 ? [] : [labels];
  });
}

const unknown = (reason: string): FreeCapacity => ({ kind: 'unknown', reason });
