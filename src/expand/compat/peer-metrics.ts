/**
 * The metric names of other tools with their labels, as their code has them, each read from what we know. A name that
 * would mean something else here is left out; what differs in meaning is said in docs/guides/monitoring.md.
 */
import { nameOf } from '../../kube/object.ts';
import type { MetricEntry } from '../../telemetry/registry.ts';
import type { ClaimGauges } from '../outline.ts';
import type { Peer } from './compat-setting.ts';
import { emptyTally, type Ledger, type Tally } from './ledger.ts';

/** A claim that grows by itself. */
export interface ManagedClaim {
  readonly key: string;
  readonly gauges: ClaimGauges;
  readonly inodes: number | undefined;
  /** It is at one of its thresholds. */
  readonly reached: boolean;
}

export interface Known {
  readonly ledger: Ledger;
  managed(): Iterable<ManagedClaim>;
}

/** Values of the labels, in the order of the table, and the series' own. */
type Row = readonly [labels: readonly string[], value: number];

export interface PeerMetric extends MetricEntry {
  readonly type: 'counter' | 'gauge';
  read(known: Known): Iterable<Row>;
}
type PeerTable = Readonly<Record<string, PeerMetric>>;

const CLAIM_FIRST = ['persistentvolumeclaim', 'namespace'] as const;
const NAMESPACE_FIRST = ['namespace', 'persistentvolumeclaim'] as const;

function claimFirst(key: string): readonly [string, string] {
  const { namespace = '', name } = nameOf(key);
  return [name, namespace];
}

/** A series for each managed claim, at 0 before anything happened, as the tools do that create them beforehand. */
function each(help: string, count: (tally: Tally) => number): PeerMetric {
  return {
    type: 'counter',
    help,
    labels: CLAIM_FIRST,
    *read({ ledger, managed }) {
      for (const { key } of managed()) {
        const tally = ledger.look(key);
        yield [claimFirst(key), tally ? count(tally) : 0];
      }
    },
  };
}

/** A series for each claim to which it happened, by reason. */
function byReason(
  help: string,
  labels: readonly string[],
  counts: (tally: Tally) => Iterable<readonly [reason: string, count: number]>,
): PeerMetric {
  const namespaceFirst = labels[0] === 'namespace';
  return {
    type: 'counter',
    help,
    labels: [...labels, 'reason'],
    *read({ ledger, managed }) {
      for (const { key } of managed()) {
        const tally = ledger.look(key);
        if (!tally) continue;
        const [name, namespace] = claimFirst(key);
        const names = namespaceFirst ? [namespace, name] : [name, namespace];
        for (const [reason, count] of counts(tally)) if (count > 0) yield [[...names, reason], count];
      }
    },
  };
}

/** A series for each claim to which it happened. */
function happened(help: string, count: (tally: Tally) => number): PeerMetric {
  return {
    type: 'counter',
    help,
    labels: NAMESPACE_FIRST,
    *read({ ledger, managed }) {
      for (const { key } of managed()) {
        const value = count(ledger.look(key) ?? NOTHING);
        const [name, namespace] = claimFirst(key);
        if (value > 0) yield [[namespace, name], value];
      }
    },
  };
}

function gauge(help: string, value: (claim: ManagedClaim) => number | undefined): PeerMetric {
  return {
    type: 'gauge',
    help,
    labels: CLAIM_FIRST,
    *read({ managed }) {
      for (const claim of managed()) {
        const known = value(claim);
        if (known !== undefined) yield [claimFirst(claim.key), known];
      }
    },
  };
}

function one(type: 'counter' | 'gauge', help: string, value: (known: Known) => number | undefined): PeerMetric {
  return {
    type,
    help,
    labels: [],
    *read(known) {
      const found = value(known);
      if (found !== undefined) yield [[], found];
    },
  };
}

/** With a label that has a few values. */
function few(
  [type, help, ...labels]: readonly ['counter' | 'gauge', string, ...string[]],
  read: (known: Known) => Iterable<Row>,
): PeerMetric {
  return { type, help, labels, read };
}

const NOTHING = emptyTally();

const sum = (counts: ReadonlyMap<string, number>): number =>
  [...counts.values()].reduce((total, count) => total + count, 0);

const percent = (ratio: number | undefined): number | undefined => (ratio === undefined ? undefined : ratio * 100);

const failures = ({ failed, held }: Tally): readonly (readonly [string, number])[] => [
  ['storage_class_not_expandable', held.get('expandable') ?? 0],
  ['metrics_not_found', held.get('sample') ?? 0],
  ['expansion_failed', sum(failed)],
];

const pvcChonker: PeerTable = {
  pvcchonker_resizer_success_resize_total: each('Growths that completed.', ({ completed }) => completed),
  pvcchonker_resizer_failed_resize_total: byReason('Growths that failed, by reason.', CLAIM_FIRST, failures),
  pvcchonker_resizer_limit_reached_total: each('Times at the largest size.', ({ limitReached }) => limitReached),
  pvcchonker_resizer_threshold_reached_total: each(
    'Times at a threshold.',
    ({ storageReached, inodesReached }) => storageReached + inodesReached,
  ),
  pvcchonker_resizer_cooldown_skipped_total: each('Decisions to wait.', ({ coolingDown }) => coolingDown),
  pvcchonker_resizer_resize_in_progress_total: each('Decisions while it grows.', ({ inProgress }) => inProgress),
  pvcchonker_resizer_loop_seconds_total: one(
    'counter',
    'Time of all passes.',
    ({ ledger }) => ledger.totals.passSeconds,
  ),
  pvcchonker_kubernetes_client_requests_total: few(
    ['counter', 'Writes to claims, by outcome.', 'operation', 'status'],
    ({ ledger: { totals } }) => [
      [['update_pvc', 'success'], totals.requested],
      [['update_pvc', 'failed'], totals.refused],
    ],
  ),
  pvcchonker_kubernetes_client_fail_total: few(['counter', 'Writes that failed.', 'operation'], ({ ledger }) => [
    [['update_pvc'], ledger.totals.refused],
  ]),
  pvcchonker_kubelet_client_requests_total: few(
    ['counter', 'Questions to kubelets, by outcome.', 'status'],
    ({ ledger: { totals } }) => [
      [['success'], totals.scraped - totals.scrapesFailed],
      [['failed'], totals.scrapesFailed],
    ],
  ),
  pvcchonker_kubelet_client_fail_total: one(
    'counter',
    'Questions to kubelets that failed.',
    ({ ledger }) => ledger.totals.scrapesFailed,
  ),
  pvcchonker_last_reconciliation_timestamp_seconds: one(
    'gauge',
    'Unix time of the end of the last pass.',
    ({ ledger }) => ledger.totals.lastPassAt,
  ),
  pvcchonker_reconciliation_status: few(['gauge', 'How the last pass ended.', 'status'], ({ ledger: { totals } }) =>
    totals.lastPassAt === undefined
      ? []
      : [
          [['success'], Number(totals.lastPassWell)],
          [['failure'], Number(!totals.lastPassWell)],
        ],
  ),
  pvcchonker_managed_pvcs_total: one(
    'gauge',
    'Claims that grow by themselves.',
    ({ managed }) => [...managed()].length,
  ),
  pvcchonker_pvc_usage_percent: gauge('Used space, 0 to 100.', ({ gauges }) => percent(gauges.pvc_chonker_usage_ratio)),
  pvcchonker_pvc_capacity_bytes: gauge('Capacity.', ({ gauges }) => gauges.pvc_chonker_capacity_bytes),
  pvcchonker_pvc_inodes_usage_percent: gauge('Used inodes, 0 to 100.', ({ gauges }) =>
    percent(gauges.pvc_chonker_inodes_usage_ratio),
  ),
  pvcchonker_pvc_inodes_total: gauge('Inodes in all.', ({ inodes }) => inodes),
};

const autoresizer: PeerTable = {
  pvcautoresizer_success_resize_total: each('Growths that completed.', ({ completed }) => completed),
  pvcautoresizer_failed_resize_total: each('Growths that failed.', ({ failed }) => sum(failed)),
  pvcautoresizer_limit_reached_total: each('Times at the largest size.', ({ limitReached }) => limitReached),
  pvcautoresizer_loop_seconds_total: one('counter', 'Time of all passes.', ({ ledger }) => ledger.totals.passSeconds),
  pvcautoresizer_kubernetes_client_fail_total: one(
    'counter',
    'Writes to claims that failed.',
    ({ ledger }) => ledger.totals.refused,
  ),
  pvcautoresizer_metrics_client_fail_total: one(
    'counter',
    'Questions about usage that failed.',
    ({ ledger }) => ledger.totals.scrapesFailed,
  ),
};

const gardener: PeerTable = {
  pvc_autoscaler_resized_total: happened('Growths that completed.', ({ completed }) => completed),
  pvc_autoscaler_max_capacity_reached_total: happened('Times at the largest size.', ({ limitReached }) => limitReached),
  pvc_autoscaler_threshold_reached_total: byReason('Times at a threshold, by which.', NAMESPACE_FIRST, (tally) => [
    ['space', tally.storageReached],
    ['inodes', tally.inodesReached],
  ]),
  pvc_autoscaler_skipped_total: byReason('Decisions not to grow, by gate.', NAMESPACE_FIRST, ({ held }) => held),
};

const counted = (known: Known, reached: boolean): number =>
  [...known.managed()].filter((claim) => isMeasured(claim) && claim.reached === reached).length;
const isMeasured = ({ gauges }: ManagedClaim): boolean => gauges.pvc_chonker_usage_ratio !== undefined;

const volumeAutoscaler: PeerTable = {
  volume_autoscaler_resize_evaluated_total: one('counter', 'Passes.', ({ ledger }) => ledger.totals.passes),
  volume_autoscaler_resize_attempted_total: one(
    'counter',
    'Growths that were tried.',
    ({ ledger: { totals } }) => totals.requested + totals.refused,
  ),
  volume_autoscaler_resize_successful_total: one(
    'counter',
    'Growths that the API server accepted.',
    ({ ledger }) => ledger.totals.requested,
  ),
  volume_autoscaler_resize_failure_total: one('counter', 'Growths that failed.', ({ ledger }) => ledger.totals.refused),
  volume_autoscaler_num_valid_pvcs: one(
    'gauge',
    'Claims that grow by themselves and are measured.',
    ({ managed }) => [...managed()].filter(isMeasured).length,
  ),
  volume_autoscaler_num_pvcs_above_threshold: one('gauge', 'Of these, at a threshold.', (known) =>
    counted(known, true),
  ),
  volume_autoscaler_num_pvcs_below_threshold: one('gauge', 'Of these, below it.', (known) => counted(known, false)),
};

export const peerMetrics: Readonly<Record<Peer, PeerTable>> = {
  'pvc-chonker': pvcChonker,
  autoresizer,
  gardener,
  'volume-autoscaler': volumeAutoscaler,
};
