/** How one claim fared: what was done to it, and how full it was. */
import type { Constraints } from '../constraints.ts';
import type { Decision } from '../decision.ts';
import type { Trigger } from '../history.ts';
import type { Resolution } from '../policy/policy.ts';
import type { Fullness } from './curve.ts';

export interface Step {
  /** Epoch ms at which the request was raised. */
  readonly at: number;
  /** Epoch ms at which the volume had the size. */
  readonly doneAt: number;
  readonly fromBytes: bigint;
  readonly toBytes: bigint;
  readonly trigger: Trigger;
}

export interface Course extends Fullness {
  /** `namespace/name`. */
  readonly claim: string;
  readonly steps: readonly Step[];
  readonly startBytes: bigint;
  readonly endBytes: bigint;
  /** Bytes stored at the end. */
  readonly usedBytes: number;
  /** Bytes × milliseconds that were there. */
  readonly capacityByteMs: number;
  /** Growths sooner after the one before than the cooldown allows; anything but 0 is a defect of Larder. */
  readonly violations: number;
  readonly decisions: number;
  /** The last one. */
  readonly last: Decision;
}

export function joined(one: Fullness, other: Fullness): Fullness {
  return {
    above95Ms: one.above95Ms + other.above95Ms,
    fullMs: one.fullMs + other.fullMs,
    fullAt: one.fullAt ?? other.fullAt,
    usedByteMs: one.usedByteMs + other.usedByteMs,
  };
}

/** Counted afresh, without a line of what decides. */
export function violationsIn(
  steps: readonly Step[],
  { resolution, constraints }: { readonly resolution: Resolution; readonly constraints: Constraints },
): number {
  const { modifications } = constraints.volume;
  const leastMs = Math.max(resolution.settings.cooldown.value, modifications?.minIntervalMs ?? 0);
  let violations = 0;
  for (const [index, { at }] of steps.entries()) {
    const before = steps[index - 1];
    const tooSoon = before !== undefined && at - before.at < leastMs;
    const first = modifications && steps[index - modifications.perWindow];
    const tooMany = modifications !== undefined && first !== undefined && at - first.at < modifications.windowMs;
    if (tooSoon || tooMany) violations += 1;
  }
  return violations;
}
