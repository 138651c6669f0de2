import { bytesOf, nanosOf } from '../../kube/quantity.ts';
import type { ContainerRecommendation, VerticalPodAutoscaler } from './recommendation.ts';
import type { Splice, WrittenAmount, WrittenContainer } from './written-container.ts';

/** What requests never go below, whatever was measured in a quiet week. */
export interface Floor {
  /** Quantities. */
  readonly cpu: string;
  readonly memory: string;
}

export interface Change extends Splice {
  readonly container: WrittenContainer;
  readonly amount: WrittenAmount;
  /** `raised`: a limit that would be below the request. */
  readonly why: 'measured' | 'raised';
}

/** What became of a container. */
export type Sized =
  | { readonly kind: 'changed'; readonly container: WrittenContainer; readonly changes: readonly Change[] }
  | { readonly kind: 'same'; readonly container: WrittenContainer }
  | { readonly kind: 'unknown'; readonly container: WrittenContainer; readonly why: string };

/** Requests as the recommendations of a cluster have them; limits stay, but never below their request. */
export function rightsize(
  containers: readonly WrittenContainer[],
  autoscalers: readonly VerticalPodAutoscaler[],
  floor: Floor,
): readonly Sized[] {
  return containers.map((container) => {
    const found = recommendationFor(container, autoscalers);
    if (typeof found === 'string') return { kind: 'unknown', container, why: found };
    const requests = container.amounts.filter(({ of }) => of === 'requests');
    if (requests.length === 0)
      return { kind: 'unknown', container, why: 'it has no requests in the manifest to write into' };
    const changes = requests.flatMap((amount) => changesOf({ container, amount, found, floor }));
    return changes.length > 0 ? { kind: 'changed', container, changes } : { kind: 'same', container };
  });
}

/** The recommendation, or why there is none. */
function recommendationFor(
  { kind, workload, namespace, name }: WrittenContainer,
  autoscalers: readonly VerticalPodAutoscaler[],
): ContainerRecommendation | string {
  const own = autoscalers.filter(
    ({ spec: { targetRef }, metadata }) =>
      targetRef.kind === kind && targetRef.name === workload && metadata.namespace === namespace,
  );
  const [first] = own;
  if (!first) return `no VerticalPodAutoscaler in ${namespace} has ${kind}/${workload} as its target`;
  const found = own.flatMap(({ recommendations }) => recommendations).find((each) => each.containerName === name);
  return found ?? `${first.metadata.name} has no recommendation for it yet: the recommender needs some hours of use`;
}

interface Wanted {
  readonly container: WrittenContainer;
  readonly amount: WrittenAmount;
  readonly found: ContainerRecommendation;
  readonly floor: Floor;
}

function changesOf({ container, amount, found, floor }: Wanted): readonly Change[] {
  const { resource } = amount;
  const target = found.target[resource];
  const units = scales[resource];
  const measured = target === undefined ? undefined : units.read(target);
  if (measured === undefined) return [];
  const least = units.read(floor[resource]) ?? 0n;
  const wanted = measured > least ? measured : least;
  const request: readonly Change[] =
    units.read(amount.text) === wanted
      ? []
      : [{ container, amount, range: amount.range, value: units.write(wanted), why: 'measured' }];
  const limit = container.amounts.find((each) => each.of === 'limits' && each.resource === resource);
  if (!limit || (units.read(limit.text) ?? 0n) >= wanted) return request;
  return [...request, { container, amount: limit, range: limit.range, value: units.write(wanted), why: 'raised' }];
}

const MILLI = 1_000_000n;
const MEBI = 1n << 20n;

interface Scale {
  /** In units that `write` can write, rounded up: nothing measured is cut off. */
  readonly read: (text: string) => bigint | undefined;
  readonly write: (amount: bigint) => string;
}

const scales: Readonly<Record<WrittenAmount['resource'], Scale>> = {
  cpu: { read: (text) => upTo(nanosOf(text), MILLI), write: (millis) => `${millis}m` },
  memory: { read: (text) => upTo(bytesOf(text), MEBI), write: (mebis) => `${mebis}Mi` },
};

function upTo(amount: bigint | undefined, unit: bigint): bigint | undefined {
  return amount === undefined ? undefined : (amount + unit - 1n) / unit;
}
