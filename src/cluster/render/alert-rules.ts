/**
 * The alerts of a cluster, as Prometheus reads them. None of them speaks where there is no data: a node is a target before
 * it was ever seen, so its silence is `up == 0`; what only a report can tell is asked for when Prometheus has run for long.
 */
import type { ClusterSpec } from '../spec/cluster-spec.ts';
import { servers } from '../spec/rules/rule.ts';
import { CONTROL_PLANE_JOB, ETCD_JOB, NODES_JOB } from './scrape-configs.ts';

interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly labels: { readonly severity: Severity };
  readonly annotations: Readonly<Record<string, string>>;
}

type Route = ClusterSpec['alerts']['routes'][number];
type Severity = Route['severity'];
type Runbook = keyof ClusterSpec['runbooks'];

export interface RuleGroup {
  readonly name: string;
  readonly rules: readonly AlertRule[];
}

export function alertRules(spec: ClusterSpec): readonly RuleGroup[] {
  const rules = [...nodes(), ...controlPlane(servers(spec).length), ...reports()];
  return [{ name: 'larder-cluster', rules: rules.map((row) => ruleOf(row, spec)) }];
}

interface Row {
  readonly alert: string;
  readonly expr: string;
  readonly wait: string;
  readonly severity: Severity;
  readonly summary: string;
  readonly description: string;
  readonly runbook: Runbook;
}

function ruleOf({ alert, expr, wait, severity, summary, description, runbook }: Row, spec: ClusterSpec): AlertRule {
  const page = spec.runbooks[runbook] ?? `docs/runbooks/${runbook}.md`;
  const annotations = { summary, description, runbook: page };
  return { alert, expr, for: wait, labels: { severity: saidBy(spec.alerts.routes, alert) ?? severity }, annotations };
}

/** A route says how much its alert matters; of several the most. */
function saidBy(routes: readonly Route[], alert: string): Severity | undefined {
  const said = routes.filter((route) => route.alert === alert).map(({ severity }) => severity);
  return (['critical', 'warning', 'info'] as const).find((severity) => said.includes(severity));
}

function nodes(): readonly Row[] {
  return [
    {
      alert: 'NodeOffline',
      expr: `up{job="${NODES_JOB}"} == 0`,
      wait: '2m',
      severity: 'critical',
      summary: 'The node {{ $labels.node }} does not answer.',
      description:
        'Its node exporter could not be asked for two minutes: power, network, or the node itself. Pods on it are moved after five minutes; volumes that are local to it are not.',
      runbook: 'rebuild',
    },
    {
      alert: 'NodeDiskNearlyFull',
      expr: `node_filesystem_avail_bytes{job="${NODES_JOB}",mountpoint="/"} / node_filesystem_size_bytes{job="${NODES_JOB}",mountpoint="/"} < 0.1`,
      wait: '15m',
      severity: 'warning',
      summary: 'The disk of {{ $labels.node }} has {{ $value | humanizePercentage }} of its room left.',
      description: 'kubelet removes images and evicts pods at 5 %. On the node: `sudo k3s crictl rmi --prune`.',
      runbook: 'observability',
    },
    {
      alert: 'NodeClockWrong',
      expr: `abs(node_timex_offset_seconds{job="${NODES_JOB}"}) > 0.5`,
      wait: '10m',
      severity: 'warning',
      summary: 'The clock of {{ $labels.node }} is {{ $value | humanizeDuration }} off.',
      description: 'Certificates and tokens depend on it. On the node: `chronyc tracking`.',
      runbook: 'observability',
    },
  ];
}

/** A quorum is more than half: of three, two. */
function controlPlane(members: number): readonly Row[] {
  const quorum = Math.floor(members / 2) + 1;
  const lost = `With ${members} servers, ${members - quorum} may be away; etcd accepts writes while ${quorum} are there.`;
  return [
    {
      alert: 'ControlPlaneDegraded',
      expr: `up{job="${CONTROL_PLANE_JOB}"} == 0`,
      wait: '2m',
      severity: 'critical',
      summary: 'The API server of {{ $labels.node }} does not answer.',
      description: `${lost} Do not restart another server before this one is back.`,
      runbook: 'ha-failover',
    },
    {
      alert: 'EtcdMemberDown',
      expr: `up{job="${ETCD_JOB}"} == 0`,
      wait: '2m',
      severity: 'critical',
      summary: 'The etcd member of {{ $labels.node }} does not answer.',
      description: lost,
      runbook: 'ha-failover',
    },
    {
      alert: 'EtcdQuorumLost',
      expr: `count(up{job="${ETCD_JOB}"} == 0) > ${members - quorum}`,
      wait: '1m',
      severity: 'critical',
      summary: `{{ $value }} of the ${members} members of etcd are away: there is no quorum.`,
      description: 'Nothing can be changed in the cluster until enough members are back; what runs goes on running.',
      runbook: 'quorum-loss',
    },
    {
      alert: 'EtcdNoLeader',
      expr: `etcd_server_has_leader{job="${ETCD_JOB}"} == 0`,
      wait: '1m',
      severity: 'critical',
      summary: 'The etcd member of {{ $labels.node }} knows no leader.',
      description: lost,
      runbook: 'quorum-loss',
    },
    {
      alert: 'EtcdSlowDisk',
      expr: `histogram_quantile(0.99, sum by (node, le) (rate(etcd_disk_wal_fsync_duration_seconds_bucket{job="${ETCD_JOB}"}[10m]))) > 0.1`,
      wait: '10m',
      severity: 'warning',
      summary: 'etcd on {{ $labels.node }} waits {{ $value | humanizeDuration }} for its disk.',
      description:
        'It wants less than 10 ms. An SD card does not do that for long: put the data on an SSD, or make the node a worker.',
      runbook: 'observability',
    },
    {
      alert: 'EtcdDatabaseLarge',
      expr: `etcd_mvcc_db_total_size_in_bytes{job="${ETCD_JOB}"} > 1.6e9`,
      wait: '15m',
      severity: 'warning',
      summary: 'The database of etcd on {{ $labels.node }} has {{ $value | humanize1024 }}B.',
      description:
        'At 2 GiB it takes no more writes. Look for what writes so much: often events or a controller in a loop.',
      runbook: 'incident',
    },
    {
      alert: 'CertificateExpiring',
      expr: `min by (node, subject) (k3s_certificate_expiration_seconds) < 30 * 86400`,
      wait: '1h',
      severity: 'warning',
      summary:
        'A certificate of k3s on {{ $labels.node }} ends in {{ $value | humanizeDuration }}: {{ $labels.subject }}.',
      description:
        'k3s renews its certificates when it starts within 120 days of their end: restart one node after the other.',
      runbook: 'upgrade',
    },
  ];
}

function reports(): readonly Row[] {
  return [
    {
      alert: 'ConfigurationDrift',
      expr: 'sum by (kind) (larder_cluster_drift_findings{kind!="certificate"}) > 0',
      wait: '5m',
      severity: 'critical',
      summary: '{{ $value }} findings of drift: {{ $labels.kind }}.',
      description: 'The cluster is not what the repository says. `larder cluster drift` names each difference.',
      runbook: 'manual-apply',
    },
    {
      alert: 'CertificateEndsSoon',
      expr: 'larder_cluster_drift_findings{kind="certificate"} > 0',
      wait: '5m',
      severity: 'warning',
      summary: '{{ $value }} certificates end soon.',
      description: '`larder cluster drift` names them.',
      runbook: 'upgrade',
    },
    {
      alert: 'DriftNotLookedAt',
      expr: '(time() - max(larder_cluster_drift_last_run_timestamp_seconds) > 2 * 86400) or (absent(larder_cluster_drift_last_run_timestamp_seconds) and on () max(time() - process_start_time_seconds{job=~".*prometheus.*"}) > 2 * 86400)',
      wait: '1h',
      severity: 'warning',
      summary: 'Nobody has looked for drift for two days.',
      description: '`larder cluster drift --textfile` is to run each day; see the runbook.',
      runbook: 'observability',
    },
  ];
}
