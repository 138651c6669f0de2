/** How large a claim would become (rule 2): step, floor and ceilings, all exact. */
import { baseBytesOf, type Claim } from './claim.ts';
import type { Constraints } from './constraints.ts';
import type { ResolvedSettings } from './policy.ts';
import { larger, portionOf, roundDown, roundUp } from './portion.ts';

type CeilingName = 'max-size' | 'provider' | 'quota' | 'export';

interface Ceiling {
  readonly name: CeilingName;
  /** The largest size it allows, before rounding to the step. */
  readonly bytes: bigint;
  readonly source: string;
}

export interface SizePlan {
  readonly baseBytes: bigint;
  readonly stepBytes: bigint;
  /** base + clamp(increase, minScaleUp, maxStep), at least a step, rounded up to the step: the size without ceilings. */
  readonly wantedBytes: bigint;
  readonly ceilings: readonly Ceiling[];
  /** The ceiling that the size meets; undefined when none does. */
  readonly binding: Ceiling | undefined;
  /** A multiple of the step above the base; undefined when less than one step fits. */
  readonly targetBytes: bigint | undefined;
}

export function planSize(claim: Claim, settings: ResolvedSettings, constraints: Constraints): SizePlan {
  const baseBytes = baseBytesOf(claim);
  const { stepSize: stepBytes, minSize } = constraints.volume;
  const increase = increaseBytes(baseBytes, settings);
  // Less than a step would be no growth at all, so a smaller max-step is passed by what the step forces.
  const grown = roundUp(baseBytes + larger(increase, stepBytes), stepBytes);
  const wantedBytes = larger(grown, roundUp(minSize, stepBytes));
  const ceilings = ceilingsOf(claim, settings, constraints);
  let binding: Ceiling | undefined;
  for (const ceiling of ceilings) {
    if (ceiling.bytes < wantedBytes && (!binding || ceiling.bytes < binding.bytes)) binding = ceiling;
  }
  // Rounded down: a driver that rounds a request up would otherwise pass the ceiling.
  const allowed = binding ? roundDown(binding.bytes, stepBytes) : wantedBytes;
  const targetBytes = allowed - baseBytes >= stepBytes ? allowed : undefined;
  return { baseBytes, stepBytes, wantedBytes, ceilings, binding, targetBytes };
}

/** `maxStep` wins over `minScaleUp`: the smaller promise is the safer one. */
function increaseBytes(baseBytes: bigint, { increase, minScaleUp, maxStep }: ResolvedSettings): bigint {
  const asked = increase.value.kind === 'quantity' ? increase.value.bytes : portionOf(baseBytes, increase.value.ratio);
  const least = larger(asked, minScaleUp.value);
  return maxStep && maxStep.value < least ? maxStep.value : least;
}

function ceilingsOf(claim: Claim, settings: ResolvedSettings, constraints: Constraints): readonly Ceiling[] {
  const ceilings: Ceiling[] = [];
  const { maxSize } = settings;
  if (maxSize.value !== 'unlimited') {
    ceilings.push({ name: 'max-size', bytes: maxSize.value, source: maxSize.source.label });
  }
  if (constraints.volume.maxSize !== undefined) {
    ceilings.push({ name: 'provider', bytes: constraints.volume.maxSize, source: `provider ${constraints.provider}` });
  }
  const { quota, exportFree } = constraints;
  // A quota counts requests, so its headroom lies above the request, not above the capacity.
  if (quota) ceilings.push({ name: 'quota', bytes: claim.requestBytes + quota.bytes, source: quota.source });
  if (exportFree) {
    ceilings.push({ name: 'export', bytes: baseBytesOf(claim) + exportFree.bytes, source: exportFree.source });
  }
  return ceilings;
}
