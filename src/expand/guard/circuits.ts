import type { Clock } from '../../telemetry/clock.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import type { metrics as declared } from '../registry.ts';
import { admits, asked, type Circuit, type CircuitRules, CLOSED, failed, succeeded, withdrawn } from './circuit.ts';
import type { CircuitState } from './guards.ts';

const levels = { closed: 0, 'half-open': 1, open: 2 } as const;

/** The circuits of all drivers. Invariants: a driver that never failed is not in `#circuits`; one failure counts once. */
export class Circuits {
  readonly #clock: Clock;
  readonly #rules: CircuitRules;
  readonly #metrics: Metrics<typeof declared>;
  readonly #circuits = new Map<string, Circuit>();
  /** The failing request of each claim, as it was counted. */
  readonly #counted = new Map<string, string>();
  /** The driver that each claim tries. */
  readonly #probes = new Map<string, string>();

  constructor(options: {
    readonly clock: Clock;
    readonly rules: CircuitRules;
    readonly metrics: Metrics<typeof declared>;
  }) {
    this.#clock = options.clock;
    this.#rules = options.rules;
    this.#metrics = options.metrics;
  }

  of(driver: string, claim: string): CircuitState {
    const circuit = this.#circuits.get(driver) ?? CLOSED;
    const nowMs = this.#clock.monotonic();
    return {
      driver,
      state: circuit.kind,
      admits: admits(circuit, claim, this.#rules, nowMs),
      probeInMs: circuit.kind === 'open' ? Math.max(0, circuit.untilMs - nowMs) : undefined,
    };
  }

  /** The driver is about to be asked; false: it is left alone. */
  ask(driver: string, claim: string): boolean {
    const circuit = this.#circuits.get(driver);
    if (!circuit || circuit.kind === 'closed') return true;
    const nowMs = this.#clock.monotonic();
    if (!admits(circuit, claim, this.#rules, nowMs)) return false;
    this.#probes.set(claim, driver);
    this.#set(driver, asked(circuit, claim, nowMs));
    return true;
  }

  /** `request` names what failed, so that looking at it again is no new failure. */
  fail(driver: string, claim: string, request: string): void {
    if (this.#counted.get(claim) === request) return;
    this.#counted.set(claim, request);
    this.#probes.delete(claim);
    this.#set(driver, failed(this.#circuits.get(driver) ?? CLOSED, claim, this.#rules, this.#clock.monotonic()));
  }

  succeed(driver: string, claim: string): void {
    this.#counted.delete(claim);
    this.#probes.delete(claim);
    const circuit = this.#circuits.get(driver);
    if (circuit) this.#set(driver, succeeded(circuit));
  }

  /** It is gone, or was not asked after all. */
  withdraw(claim: string): void {
    const driver = this.#probes.get(claim);
    const circuit = driver === undefined ? undefined : this.#circuits.get(driver);
    if (driver !== undefined && circuit) this.#set(driver, withdrawn(circuit, claim, this.#clock.monotonic()));
    this.#probes.delete(claim);
  }

  forget(claim: string): void {
    this.withdraw(claim);
    this.#counted.delete(claim);
  }

  #set(driver: string, circuit: Circuit): void {
    this.#circuits.set(driver, circuit);
    this.#metrics.set('pvc_chonker_circuit_state', { driver }, levels[circuit.kind]);
  }
}
