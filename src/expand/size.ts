/** How large a claim would become (rule 2): step, floor and ceilings, all exact. */
import { baseBytesOf, type Claim } from './claim.ts';
import type { Constraints } from './constraints.ts';
import { leftOf } from './guard/budget.ts';
import { type Guards, noGuards } from './guard/guards.ts';
import type { ResolvedSettings } from './policy/policy.ts';
import { larger, portionOf, roundDown, roundUp } from './portion.ts';

type CeilingName =
  | 'max-size'
  | 'provider'
  | 'quota'
  | 'export'
  | 'limit-range'
  | 'storage-capacity'
  | 'approval'
  | 'namespace-budget'
  | 'cluster-budget';

interface Ceiling {
  readonly name: CeilingName;
  /** The largest size it allows, before rounding to the step. */
  readonly bytes: bigint;
  readonly source: string;
}

export interface SizePlan {
  readonly baseBytes: bigint;
  readonly stepBytes: bigint;
  /** base + clamp(increase, minScaleUp, maxStep), at least a step, rounded up to the step. */
  readonly staticBytes: bigint;
  /** The same, what looking ahead asks for, or the tier that these fall into: the size without ceilings. */
  readonly wantedBytes: bigint;
  /** The least size that the provider and the namespace take. */
  readonly floorBytes: bigint;
  readonly ceilings: readonly Ceiling[];
  /** The ceiling that the size meets; undefined when none does. */
  readonly binding: Ceiling | undefined;
  /** A multiple of the step above the base; undefined when less than one step fits. */
  readonly targetBytes: bigint | undefined;
}

/** What asks for more than the static rule; absent = nothing does. */
export interface Wishes {
  /** What looking ahead asks for. Never less than without it. */
  readonly neededBytes?: bigint | undefined;
  /** What others want the claim to have. */
  readonly floorBytes?: bigint | undefined;
  /** Nothing but `floorBytes` is a reason to grow: the static rule does not count. */
  readonly onlyFloor?: boolean;
}

export function planSize(
  claim: Claim,
  settings: ResolvedSettings,
  constraints: Constraints,
  { neededBytes, floorBytes: othersBytes, onlyFloor }: Wishes = {},
): SizePlan {
  const baseBytes = baseBytesOf(claim);
  const { stepSize: stepBytes } = constraints.volume;
  const floorBytes = floorOf(constraints);
  const increase = increaseBytes(baseBytes, settings);
  // Less than a step would be no growth at all, so a smaller max-step is passed by what the step forces.
  const grown = roundUp(baseBytes + larger(increase, stepBytes), stepBytes);
  const staticBytes = larger(grown, roundUp(floorBytes, stepBytes));
  const aheadBytes = larger(staticBytes, leapBytes(baseBytes, { neededBytes, stepBytes, settings }));
  const followedBytes = followBytes(baseBytes, { othersBytes, stepBytes, settings });
  const askedBytes = onlyFloor
    ? larger(followedBytes, roundUp(floorBytes, stepBytes))
    : larger(aheadBytes, followedBytes);
  const ceilings = ceilingsOf(claim, settings, constraints);
  // What others ask for is asked for to the byte.
  const tiers = onlyFloor ? [] : (constraints.volume.tiers ?? []);
  const wantedBytes = tierBytes(baseBytes, { askedBytes, ceilings, settings, tiers });
  let binding: Ceiling | undefined;
  for (const ceiling of ceilings) {
    if (ceiling.bytes < wantedBytes && (!binding || ceiling.bytes < binding.bytes)) binding = ceiling;
  }
  // Rounded down: a driver that rounds a request up would otherwise pass the ceiling.
  const allowed = binding ? roundDown(binding.bytes, stepBytes) : wantedBytes;
  const targetBytes = allowed - baseBytes >= stepBytes && allowed >= floorBytes ? allowed : undefined;
  return { baseBytes, stepBytes, staticBytes, wantedBytes, floorBytes, ceilings, binding, targetBytes };
}

/** `maxStep` wins over `minScaleUp`: the smaller promise is the safer one. */
function increaseBytes(baseBytes: bigint, { increase, minScaleUp, maxStep }: ResolvedSettings): bigint {
  const asked = increase.value.kind === 'quantity' ? increase.value.bytes : portionOf(baseBytes, increase.value.ratio);
  const least = larger(asked, minScaleUp.value);
  return maxStep && maxStep.value < least ? maxStep.value : least;
}

/** At most `maxStep`, and where nobody set one at most twice the size: a rate that was measured once may be a mistake. */
function leapBytes(
  baseBytes: bigint,
  asked: { readonly neededBytes: bigint | undefined; readonly stepBytes: bigint; readonly settings: ResolvedSettings },
): bigint {
  if (asked.neededBytes === undefined) return 0n;
  const most = baseBytes + (asked.settings.maxStep?.value ?? baseBytes);
  return asked.neededBytes < most ? roundUp(asked.neededBytes, asked.stepBytes) : roundDown(most, asked.stepBytes);
}

/** Towards what others want, by at most `maxStep` at once. */
function followBytes(
  baseBytes: bigint,
  asked: { readonly othersBytes: bigint | undefined; readonly stepBytes: bigint; readonly settings: ResolvedSettings },
): bigint {
  const { othersBytes = 0n, stepBytes, settings } = asked;
  const wanted = roundUp(othersBytes, stepBytes);
  const most = settings.maxStep && roundUp(baseBytes + larger(settings.maxStep.value, stepBytes), stepBytes);
  return most !== undefined && most < wanted ? most : wanted;
}

/**
 * Up to the next size at which the price changes, because that costs nothing more; but not past `max-step`, and not into
 * room that others share.
 */
function tierBytes(
  baseBytes: bigint,
  given: {
    readonly askedBytes: bigint;
    readonly ceilings: readonly Ceiling[];
    readonly settings: ResolvedSettings;
    readonly tiers: readonly bigint[];
  },
): bigint {
  const { askedBytes, ceilings, tiers, settings } = given;
  const tier = tiers.find((size) => size >= askedBytes);
  if (tier === undefined) return askedBytes;
  if (settings.maxStep && tier - baseBytes > settings.maxStep.value) return askedBytes;
  const own: readonly CeilingName[] = ['max-size', 'provider'];
  return ceilings.some(({ name, bytes }) => bytes < tier && !own.includes(name)) ? askedBytes : tier;
}

function ceilingsOf(claim: Claim, settings: ResolvedSettings, constraints: Constraints): readonly Ceiling[] {
  const ceilings: Ceiling[] = [];
  const { maxSize } = settings;
  if (maxSize.value !== 'unlimited') {
    ceilings.push({ name: 'max-size', bytes: maxSize.value, source: maxSize.source.label });
  }
  if (constraints.volume.maxSize !== undefined) {
    const { maxSize: bytes, maxSizeWhy: why } = constraints.volume;
    const source = `provider ${constraints.provider}`;
    ceilings.push({ name: 'provider', bytes, source: why === undefined ? source : `${source}: ${why}` });
  }
  const { quota, exportFree } = constraints;
  // A quota counts requests, so its headroom lies above the request, not above the capacity.
  if (quota) ceilings.push({ name: 'quota', bytes: claim.requestBytes + quota.bytes, source: quota.source });
  if (exportFree) {
    ceilings.push({ name: 'export', bytes: baseBytesOf(claim) + exportFree.bytes, source: exportFree.source });
  }
  return [...ceilings, ...guardCeilings(claim, settings, constraints.guards ?? noGuards)];
}

function floorOf({ volume, guards }: Constraints): bigint {
  const least = guards?.limits.kind === 'known' ? guards.limits.value.least : undefined;
  return least ? larger(volume.minSize, least.bytes) : volume.minSize;
}

function guardCeilings(claim: Claim, { approvalAbove }: ResolvedSettings, guards: Guards): readonly Ceiling[] {
  const { limits, capacity, approval, namespaceBudget, clusterBudget } = guards;
  const baseBytes = baseBytesOf(claim);
  const most = limits.kind === 'known' ? limits.value.most : undefined;
  const ceilings: Ceiling[] = most ? [{ name: 'limit-range', bytes: most.bytes, source: most.source }] : [];
  if (capacity.kind === 'headroom') {
    ceilings.push({ name: 'storage-capacity', bytes: baseBytes + capacity.bytes, source: capacity.source });
  }
  if (approvalAbove && approvalAbove.value !== 'never') {
    const approved = approval?.bytes ?? 0n;
    const [bytes, source] =
      approved > approvalAbove.value
        ? [approved, 'annotation larder.dev/approved-up-to']
        : [approvalAbove.value, `approval-above (${approvalAbove.source.label})`];
    ceilings.push({ name: 'approval', bytes, source });
  }
  const budgets = [
    ['namespace-budget', namespaceBudget],
    ['cluster-budget', clusterBudget],
  ] as const;
  for (const [name, budget] of budgets) {
    const left = budget && leftOf(budget);
    if (left !== undefined) ceilings.push({ name, bytes: baseBytes + left, source: budget?.source ?? '' });
  }
  return ceilings;
}
