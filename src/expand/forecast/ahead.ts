/** How large a volume should be made so that it need not grow again before it may. */
import type { DecideInput } from '../facts.ts';
import type { History } from '../history.ts';
import { portionOf } from '../portion.ts';
import type { Sample } from '../usage/source.ts';
import { projectedBytes } from './forecast.ts';
import { slotAfter } from './slot.ts';

export interface Ahead {
  /** Epoch ms: when it may grow again if it grows now. */
  readonly slotAt: number;
  /** From now until then and a safety, milliseconds. */
  readonly horizonMs: number;
  /** What will be stored more by the end of it. */
  readonly projectedBytes: bigint;
  /** Size at which that fits. */
  readonly neededBytes: bigint;
}

/** A driver may round up by a little; a filesystem that is larger than that is shared, and its rate is not the claim's. */
const SHARED_FROM = 1.02;

/** `baseBytes`: the present size. Undefined: nothing is known of its growth. */
export function aheadOf(
  { trend, resolution, constraints, rules, now }: DecideInput,
  { sample, history, baseBytes }: { sample: Sample | undefined; history: History; baseBytes: bigint },
): Ahead | undefined {
  if (!trend?.robust || !sample || sample.capacityBytes > portionOf(baseBytes, SHARED_FROM)) return undefined;
  const slotAt = slotAfter(history, { resolution, constraints, rules, now });
  const horizonMs = slotAt - now + rules.forecastSafety.value;
  const usedBytes = sample.capacityBytes - sample.availableBytes;
  const projected = projectedBytes(trend, horizonMs);
  const comfortable = inverse(usedBytes + projected, rules.targetUse.value);
  // Grown for its time to full, it must not be due again at once: that time must be left when it may grow the next time.
  const fullWithin = resolution.settings.fullWithin?.value ?? 0;
  const lasting = fullWithin === 0 ? 0n : usedBytes + projectedBytes(trend, horizonMs + fullWithin) + 1n;
  const stored = comfortable > lasting ? comfortable : lasting;
  return { slotAt, horizonMs, projectedBytes: projected, neededBytes: outer(stored, sample.capacityBytes, baseBytes) };
}

/** The least total of which `part` is at most `ratio`. */
function inverse(part: bigint, ratio: number): bigint {
  const millionths = BigInt(Math.round(ratio * 1_000_000));
  return (part * 1_000_000n + millionths - 1n) / millionths;
}

/** A filesystem is smaller than its volume by what it needs for itself. */
function outer(inner: bigint, capacityBytes: bigint, baseBytes: bigint): bigint {
  return capacityBytes >= baseBytes ? inner : (inner * baseBytes + capacityBytes - 1n) / capacityBytes;
}
