import { type Decision, type Gate, type Next, stateOf, type Verdict } from './decision.ts';
import { type DecideInput, type Facts, factsOf } from './facts.ts';
import { gates as rules } from './gate/gates.ts';
import { guardsOf } from './guard/guard-gates.ts';
import { type Recovery, recoveryOf } from './guard/recovery.ts';
import type { Trigger } from './history.ts';
import { nextOf } from './next.ts';
import type { DriverReason } from './provider.ts';
import type { FailureReason } from './registry.ts';

/**
 * What to do about one claim now. Pure, and total on every input: whoever asks, with the same facts, gets the same
 * answer; without a trustworthy measurement only what others want for the claim (floor.ts) gives `Expand`.
 */
export function decide(input: DecideInput): Decision {
  const facts = factsOf(input);
  const gates: Gate[] = [];
  let verdict: Verdict | undefined;
  for (const { name, evaluate } of rules) {
    const { outcome, compared, reason, verdict: said } = evaluate(facts);
    gates.push({ name, outcome, compared, reason });
    verdict ??= said;
  }
  // Without room for a step and without a gate that objected there is nothing to write.
  const final: Verdict = verdict ?? (facts.size.targetBytes === undefined ? { kind: 'AtMax' } : { kind: 'Expand' });
  const recovery = final.kind === 'Stuck' ? recoveryFrom(facts) : undefined;
  const grows = final.kind === 'Expand' || final.kind === 'WouldExpand';
  return {
    claim: input.claim.key,
    at: input.now,
    verdict: final,
    state: stateOf(final, facts.fill),
    baseBytes: facts.baseBytes,
    targetBytes: grows ? facts.size.targetBytes : undefined,
    nextSizeBytes: facts.size.targetBytes,
    trigger: triggerOf(facts),
    fill: facts.fill,
    gates,
    reached: facts.reached,
    forecast: facts.forecast,
    ahead: facts.ahead,
    inodesStopped: facts.inodesStopped,
    failure: failureOf(final, facts),
    recovery,
    next: nextOf(final, facts, recovery) satisfies Next,
  };
}

/** Errors that a smaller size does not mend: the driver would refuse that too. */
const NOT_OF_SIZE: readonly (DriverReason | undefined)[] = [
  'modification-rate',
  'modification-running',
  'throttled',
  'detach-needed',
  'cloud-forbidden',
  'volume-gone',
];

function recoveryFrom(facts: Facts): Recovery | undefined {
  const { input, history, progress, size } = facts;
  if (progress.kind !== 'failed' || progress.failure !== 'infeasible') return undefined;
  const { failure } = input.constraints;
  if (failure && NOT_OF_SIZE.includes(failure.reason)) {
    return { kind: 'give-up', reason: `a smaller size would not help (${failure.reason}): ${failure.remedy}` };
  }
  return recoveryOf({
    claim: input.claim,
    history,
    stepBytes: size.stepBytes,
    volumeBytes: guardsOf(facts).volumeBytes,
    problem: input.rules.dryRun.value ? 'Larder runs dry' : (input.recoveryProblem ?? ''),
  });
}

function triggerOf({ reached, floor }: Facts): Trigger | undefined {
  if (reached.storage) return 'storage';
  if (reached.inodes) return 'inodes';
  if (reached.fullWithin) return 'full-within';
  return floor?.trigger;
}

function failureOf(verdict: Verdict, { progress, input }: Facts): FailureReason | undefined {
  if (verdict.kind === 'Ineffective') return 'ineffective';
  if (verdict.kind !== 'Stuck') return undefined;
  if (progress.kind !== 'failed') return 'stuck';
  // What the driver calls infeasible stays that, whatever its words are: it decides what is done about it.
  return progress.failure === 'driver-error' ? (input.constraints.failure?.reason ?? 'driver-error') : progress.failure;
}
