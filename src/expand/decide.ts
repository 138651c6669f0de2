import { type Decision, type Gate, type Next, stateOf, type Verdict } from './decision.ts';
import { type DecideInput, type Facts, factsOf } from './facts.ts';
import { gates as rules } from './gates.ts';
import type { Trigger } from './history.ts';
import { nextOf } from './next.ts';
import type { FailureReason } from './registry.ts';

/**
 * What to do about one claim now. Pure, and total on every input: whoever asks, with the same facts, gets the same
 * answer; whoever has no trustworthy measurement never gets `Expand`.
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
    inodesStopped: facts.inodesStopped,
    failure: failureOf(final, facts),
    next: nextOf(final, facts) satisfies Next,
  };
}

function triggerOf({ reached }: Facts): Trigger | undefined {
  if (reached.storage) return 'storage';
  return reached.inodes ? 'inodes' : undefined;
}

function failureOf(verdict: Verdict, { progress }: Facts): FailureReason | undefined {
  if (verdict.kind === 'Ineffective') return 'ineffective';
  if (verdict.kind !== 'Stuck') return undefined;
  return progress.kind === 'failed' ? progress.failure : 'stuck';
}
