/**
 * The circuit of one storage driver. Closed: it is asked for growth. Open: it failed too often in a row, and is left
 * alone. Half-open: one claim tries. The state of a claim that fails stays on the claim, so that after a restart the
 * same failures open the circuit again.
 */

export type Circuit =
  | { readonly kind: 'closed'; readonly failures: number }
  /** `opens`: how often in a row, which makes the pauses longer. Times are of a clock that does not step. */
  | { readonly kind: 'open'; readonly opens: number; readonly untilMs: number }
  | { readonly kind: 'half-open'; readonly opens: number; readonly probe: string; readonly sinceMs: number };

export interface CircuitRules {
  readonly failures: number;
  /** Milliseconds until the first probe. */
  readonly probeMs: number;
  /** Milliseconds after which a probe that tells nothing is given up. */
  readonly patienceMs: number;
}

export const CLOSED: Circuit = { kind: 'closed', failures: 0 };
const LONGEST_PROBE_MS = 900_000;

/** A growth of the claim failed, and the driver is to blame. */
export function failed(circuit: Circuit, claim: string, rules: CircuitRules, nowMs: number): Circuit {
  switch (circuit.kind) {
    case 'closed': {
      const failures = circuit.failures + 1;
      return failures >= rules.failures ? opened(1, rules, nowMs) : { kind: 'closed', failures };
    }
    case 'open': // it was asked before the circuit opened
      return circuit;
    case 'half-open':
      return circuit.probe === claim ? opened(circuit.opens + 1, rules, nowMs) : circuit;
    default:
      return circuit satisfies never;
  }
}

function opened(opens: number, { probeMs }: CircuitRules, nowMs: number): Circuit {
  const pauseMs = Math.min(Math.max(probeMs, LONGEST_PROBE_MS), probeMs * 2 ** (opens - 1));
  return { kind: 'open', opens, untilMs: nowMs + pauseMs };
}

/** A growth came about, whoever asked for it and when: the driver works. */
export function succeeded(circuit: Circuit): Circuit {
  return circuit.kind === 'closed' && circuit.failures === 0 ? circuit : CLOSED;
}

/** Whether the driver may be asked for growth of the claim. */
export function admits(circuit: Circuit, claim: string, rules: CircuitRules, nowMs: number): boolean {
  switch (circuit.kind) {
    case 'closed':
      return true;
    case 'open':
      return nowMs >= circuit.untilMs;
    case 'half-open':
      return circuit.probe === claim || nowMs - circuit.sinceMs >= rules.patienceMs;
    default:
      return circuit satisfies never;
  }
}

/** The driver is being asked for the claim: what was open now waits for this one. */
export function asked(circuit: Circuit, claim: string, nowMs: number): Circuit {
  return circuit.kind === 'closed'
    ? circuit
    : { kind: 'half-open', opens: circuit.opens, probe: claim, sinceMs: nowMs };
}

/** A claim that went away, or that was not asked after all, tells nothing: another one may try. */
export function withdrawn(circuit: Circuit, claim: string, nowMs: number): Circuit {
  if (circuit.kind !== 'half-open' || circuit.probe !== claim) return circuit;
  return { kind: 'open', opens: circuit.opens, untilMs: nowMs };
}
