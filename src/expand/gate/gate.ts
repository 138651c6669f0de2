/** One reason not to grow: a name and a judgement. The words in which gates answer. */
import type { GateName, Measure, Verdict } from '../decision.ts';
import type { Facts } from '../facts.ts';

export interface GateResult {
  readonly outcome: 'pass' | 'fail' | 'skip';
  readonly compared: readonly Measure[];
  /** Empty when it passed. */
  readonly reason: string;
  /** What a failure means for the claim; a gate without one only reports. */
  readonly verdict?: Verdict;
}

export interface GateRule {
  readonly name: GateName;
  evaluate(facts: Facts): GateResult;
}

const nothing: readonly Measure[] = [];

export function passed(compared: readonly Measure[] = nothing): GateResult {
  return { outcome: 'pass', compared, reason: '' };
}

export function skipped(reason: string, compared: readonly Measure[] = nothing): GateResult {
  return { outcome: 'skip', compared, reason };
}

/** Without a verdict the gate reports and lets later ones decide. */
export function failedWith(
  verdict: Verdict | undefined,
  reason: string,
  compared: readonly Measure[] = nothing,
): GateResult {
  return { outcome: 'fail', compared, reason, ...(verdict ? { verdict } : {}) };
}

export function blocked(gate: GateName, reason: string, compared: readonly Measure[] = nothing): GateResult {
  return failedWith({ kind: 'Blocked', gate, reason }, reason, compared);
}

export function text(what: string, value: string, source: string): Measure {
  return { what, unit: 'text', value, source };
}
