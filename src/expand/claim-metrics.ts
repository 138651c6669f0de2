/** The series of claims: counters are kept where something happened, gauges are read from what is known of each claim. */
import { nameOf } from '../kube/object.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Ledger } from './compat/ledger.ts';
import type { Verdict } from './decision.ts';
import { gaugeNames, type Outline } from './outline.ts';
import type { metrics as declared, FailureReason } from './registry.ts';

/** What is counted of one claim: the series leave with it. */
export interface ClaimMetrics {
  expanded(provider: string): void;
  requested(provider: string): void;
  failed(reason: FailureReason): void;
  thresholdReached(type: 'storage' | 'inodes'): void;
  maxSizeReached(): void;
  unhealthy(): void;
  decided(verdict: Verdict): void;
  remove(): void;
}

/** `claims`: all that were decided on, by `namespace/name`; asked whenever somebody reads the gauges. */
export function publishClaims(
  metrics: Metrics<typeof declared>,
  claims: () => Iterable<readonly [key: string, outline: Pick<Outline, 'gauges'>]>,
): void {
  for (const outcome of ['requested', 'completed', 'failed']) {
    metrics.count('pvc_chonker_expansion_outcomes_total', { outcome }, 0);
  }
  for (const name of gaugeNames) {
    metrics.collect(name, function* () {
      for (const [key, { gauges }] of claims()) {
        const value = gauges[name];
        if (value !== undefined) yield { labels: labelsOf(key), value };
      }
    });
  }
}

const labelsOf = (key: string): { readonly pvc: string; readonly namespace: string } => {
  const { namespace = '', name } = nameOf(key);
  return { pvc: name, namespace };
};

/** `ledger`: what is counted for the names of other tools; absent where nobody asked for these. */
export function createClaimMetrics(metrics: Metrics<typeof declared>, key: string, ledger?: Ledger): ClaimMetrics {
  return new Counted(metrics, key, ledger);
}

/** Invariant: each series that was counted is in `#removals` with the way to take it off. */
class Counted implements ClaimMetrics {
  readonly #metrics: Metrics<typeof declared>;
  readonly #key: string;
  readonly #ledger: Ledger | undefined;
  /** Undefined: nothing ever happened to the claim, which is so for nearly all of them. */
  #removals: Map<string, () => void> | undefined;

  constructor(metrics: Metrics<typeof declared>, key: string, ledger: Ledger | undefined) {
    this.#metrics = metrics;
    this.#key = key;
    this.#ledger = ledger;
  }

  expanded(provider: string): void {
    if (this.#ledger) this.#ledger.of(this.#key).completed += 1;
    this.#metrics.count('pvc_chonker_expansion_outcomes_total', { outcome: 'completed' });
    const labels = { ...labelsOf(this.#key), provider };
    this.#touch(`expanded ${provider}`, () => this.#metrics.remove('pvc_chonker_expansions_total', labels));
    this.#metrics.count('pvc_chonker_expansions_total', labels);
  }

  requested(provider: string): void {
    this.#ledger?.requested(this.#key);
    this.#metrics.count('pvc_chonker_expansion_outcomes_total', { outcome: 'requested' });
    const labels = { ...labelsOf(this.#key), provider };
    this.#touch(`requested ${provider}`, () => this.#metrics.remove('pvc_chonker_expansions_requested_total', labels));
    this.#metrics.count('pvc_chonker_expansions_requested_total', labels);
  }

  failed(reason: FailureReason): void {
    this.#ledger?.failed(this.#key, reason);
    this.#metrics.count('pvc_chonker_expansion_outcomes_total', { outcome: 'failed' });
    const labels = { ...labelsOf(this.#key), reason };
    this.#touch(`failed ${reason}`, () => this.#metrics.remove('pvc_chonker_expansion_failures_total', labels));
    this.#metrics.count('pvc_chonker_expansion_failures_total', labels);
  }

  thresholdReached(type: 'storage' | 'inodes'): void {
    if (this.#ledger) this.#ledger.of(this.#key)[type === 'storage' ? 'storageReached' : 'inodesReached'] += 1;
    const labels = { ...labelsOf(this.#key), type };
    this.#touch(`reached ${type}`, () => this.#metrics.remove('pvc_chonker_threshold_reached_total', labels));
    this.#metrics.count('pvc_chonker_threshold_reached_total', labels);
  }

  maxSizeReached(): void {
    if (this.#ledger) this.#ledger.of(this.#key).limitReached += 1;
    const labels = labelsOf(this.#key);
    this.#touch('max size', () => this.#metrics.remove('pvc_chonker_max_size_reached_total', labels));
    this.#metrics.count('pvc_chonker_max_size_reached_total', labels);
  }

  unhealthy(): void {
    const labels = labelsOf(this.#key);
    this.#touch('unhealthy', () => this.#metrics.remove('pvc_chonker_pvc_unhealthy_total', labels));
    this.#metrics.count('pvc_chonker_pvc_unhealthy_total', labels);
  }

  decided(verdict: Verdict): void {
    this.#ledger?.decided(this.#key, verdict);
  }

  remove(): void {
    this.#ledger?.forget(this.#key);
    for (const remove of this.#removals?.values() ?? []) remove();
    this.#removals = undefined;
  }

  #touch(series: string, remove: () => void): void {
    this.#removals ??= new Map();
    this.#removals.set(series, remove);
  }
}
