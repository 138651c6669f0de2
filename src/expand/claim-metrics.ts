import type { Metrics } from '../telemetry/metrics.ts';
import type { Decision } from './decision.ts';
import type { Trigger } from './history.ts';
import type { metrics as declared, FailureReason } from './registry.ts';

/** The series of one claim: they leave with it. */
export interface ClaimMetrics {
  expanded(provider: string): void;
  requested(provider: string): void;
  failed(reason: FailureReason): void;
  thresholdReached(type: Trigger): void;
  maxSizeReached(): void;
  unhealthy(): void;
  /** Sets the gauges as the decision has them. */
  show(decision: Decision): void;
  remove(): void;
}

export function createClaimMetrics(
  metrics: Metrics<typeof declared>,
  labels: { readonly pvc: string; readonly namespace: string },
): ClaimMetrics {
  /** How to take away each series that was touched. */
  const removals = new Map<string, () => void>();
  const touch = (series: string, remove: () => void): void => {
    if (!removals.has(series)) removals.set(series, remove);
  };
  const gauge = (name: GaugeName, value: number | undefined): void => {
    if (value === undefined) {
      metrics.remove(name, labels);
      return;
    }
    touch(name, () => metrics.remove(name, labels));
    metrics.set(name, labels, value);
  };
  return {
    expanded(provider) {
      const name = 'pvc_chonker_expansions_total';
      touch(`${name}/${provider}`, () => metrics.remove(name, { ...labels, provider }));
      metrics.count(name, { ...labels, provider });
    },
    requested(provider) {
      const name = 'pvc_chonker_expansions_requested_total';
      touch(`${name}/${provider}`, () => metrics.remove(name, { ...labels, provider }));
      metrics.count(name, { ...labels, provider });
    },
    failed(reason) {
      const name = 'pvc_chonker_expansion_failures_total';
      touch(`${name}/${reason}`, () => metrics.remove(name, { ...labels, reason }));
      metrics.count(name, { ...labels, reason });
    },
    thresholdReached(type) {
      const name = 'pvc_chonker_threshold_reached_total';
      touch(`${name}/${type}`, () => metrics.remove(name, { ...labels, type }));
      metrics.count(name, { ...labels, type });
    },
    maxSizeReached() {
      const name = 'pvc_chonker_max_size_reached_total';
      touch(name, () => metrics.remove(name, labels));
      metrics.count(name, labels);
    },
    unhealthy() {
      const name = 'pvc_chonker_pvc_unhealthy_total';
      touch(name, () => metrics.remove(name, labels));
      metrics.count(name, labels);
    },
    show({ fill, verdict }) {
      gauge('pvc_chonker_usage_ratio', fill?.ratio);
      gauge('pvc_chonker_inodes_usage_ratio', fill?.inodesRatio);
      gauge('pvc_chonker_capacity_bytes', fill && Number(fill.capacityBytes));
      const managed = verdict.kind !== 'Unmanaged';
      const stuck = verdict.kind === 'Stuck' || verdict.kind === 'Ineffective';
      const until = verdict.kind === 'CoolingDown' ? verdict.until / 1_000 : 0;
      gauge('pvc_chonker_cooldown_until_seconds', managed ? until : undefined);
      gauge('pvc_chonker_stuck', managed ? Number(stuck) : undefined);
      gauge('pvc_chonker_at_max', managed ? Number(verdict.kind === 'AtMax') : undefined);
    },
    remove() {
      for (const remove of removals.values()) remove();
      removals.clear();
    },
  };
}

type GaugeName =
  | 'pvc_chonker_usage_ratio'
  | 'pvc_chonker_inodes_usage_ratio'
  | 'pvc_chonker_capacity_bytes'
  | 'pvc_chonker_cooldown_until_seconds'
  | 'pvc_chonker_stuck'
  | 'pvc_chonker_at_max';
