/** What each alert and each recording rule of `deploy/alerts` is tried on. */

export interface AlertCase {
  readonly alert: string;
  /** Of the alert, beside its severity. */
  readonly labels: Readonly<Record<string, string>>;
  readonly severity: 'critical' | 'warning';
  /** Series → values when it must speak, and when it must not. */
  readonly speaks: Readonly<Record<string, string>>;
  readonly silent: Readonly<Record<string, string>>;
  readonly summary: string;
}

const volume = '{namespace="default",persistentvolumeclaim="data",class="larder"}';
const claim = '{namespace="default",pvc="data"}';
const failed = '{namespace="default",pvc="data",reason="quota"}';
const ALIVE = { 'larder_build_info{version="1"}': '1x120', larder_leader: '1x120' };

export const alertCases: readonly AlertCase[] = [
  {
    alert: 'LarderDown',
    labels: {},
    severity: 'critical',
    speaks: { larder_leader: '1x120' },
    silent: ALIVE,
    summary: 'No Larder operator is scraped.',
  },
  {
    alert: 'LarderWithoutLeader',
    labels: {},
    severity: 'critical',
    speaks: { 'larder_leader{pod="a"}': '0x120', 'larder_leader{pod="b"}': '0x120' },
    silent: { 'larder_leader{pod="a"}': '0x120', 'larder_leader{pod="b"}': '1x120' },
    summary: 'No Larder operator leads.',
  },
  {
    alert: 'LarderExportDown',
    labels: { export: 'nas:/v' },
    severity: 'critical',
    speaks: { 'larder_export_up{export="nas:/v"}': '0x120' },
    silent: { 'larder_export_up{export="nas:/v"}': '1x120' },
    summary: 'The export nas:/v does not answer.',
  },
  {
    alert: 'LarderExportNearlyFull',
    labels: { export: 'nas:/v' },
    severity: 'warning',
    speaks: {
      'larder_export_free_bytes{export="nas:/v"}': '5x120',
      'larder_export_capacity_bytes{export="nas:/v"}': '100x120',
    },
    silent: {
      'larder_export_free_bytes{export="nas:/v"}': '20x120',
      'larder_export_capacity_bytes{export="nas:/v"}': '100x120',
    },
    summary: 'The export nas:/v has 5% of its room left.',
  },
  {
    alert: 'LarderProvisioningFails',
    labels: { class: 'larder' },
    severity: 'warning',
    speaks: { 'controller_persistentvolumeclaim_provision_failed_total{class="larder",source=""}': '0+1x120' },
    silent: { 'controller_persistentvolumeclaim_provision_failed_total{class="larder",source=""}': '7x120' },
    summary: 'Claims of the class larder are refused or fail.',
  },
  {
    alert: 'LarderRemovalFails',
    labels: { class: 'larder' },
    severity: 'warning',
    speaks: { 'controller_persistentvolume_delete_failed_total{class="larder"}': '0+1x120' },
    silent: { 'controller_persistentvolume_delete_failed_total{class="larder"}': '7x120' },
    summary: 'Volumes of the class larder cannot be removed.',
  },
  {
    alert: 'LarderVolumeNearlyFull',
    labels: { namespace: 'default', persistentvolumeclaim: 'data' },
    severity: 'warning',
    speaks: { [`larder_volume_used_bytes${volume}`]: '95x120', [`larder_volume_limit_bytes${volume}`]: '100x120' },
    silent: { [`larder_volume_used_bytes${volume}`]: '85x120', [`larder_volume_limit_bytes${volume}`]: '100x120' },
    summary: 'default/data is 95% full.',
  },
  {
    alert: 'LarderUsageUnknown',
    labels: { namespace: 'default', persistentvolumeclaim: 'data' },
    severity: 'warning',
    speaks: { [`larder_volume_usage_age_seconds${volume}`]: '28800x120' },
    silent: { [`larder_volume_usage_age_seconds${volume}`]: '600x120' },
    summary: 'default/data was not measured for 8h 0m 0s.',
  },
  {
    alert: 'LarderGrowthStuck',
    labels: { namespace: 'default', pvc: 'data' },
    severity: 'warning',
    speaks: { [`pvc_chonker_stuck${claim}`]: '1x120' },
    silent: { [`pvc_chonker_stuck${claim}`]: '0x120' },
    summary: 'The growth of default/data is stuck.',
  },
  {
    alert: 'LarderAtLargestSize',
    labels: { namespace: 'default', pvc: 'data' },
    severity: 'warning',
    speaks: { [`pvc_chonker_at_max${claim}`]: '1x120' },
    silent: { [`pvc_chonker_at_max${claim}`]: '0x120' },
    summary: 'default/data needs to grow and is at its largest size.',
  },
  {
    alert: 'LarderVolumeFull',
    labels: { namespace: 'default', pvc: 'data' },
    severity: 'critical',
    speaks: { [`pvc_chonker_usage_ratio${claim}`]: '0.98x120' },
    silent: { [`pvc_chonker_usage_ratio${claim}`]: '0.96x120' },
    summary: 'default/data is 98% full.',
  },
  {
    alert: 'LarderVolumeFillsUp',
    labels: { namespace: 'default', pvc: 'data' },
    severity: 'warning',
    speaks: { [`pvc_chonker_time_to_full_seconds${claim}`]: '7200x120', [`pvc_chonker_at_max${claim}`]: '1x120' },
    // It is full as soon, and may grow before.
    silent: { [`pvc_chonker_time_to_full_seconds${claim}`]: '7200x120', [`pvc_chonker_at_max${claim}`]: '0x120' },
    summary: 'default/data is full in 2h 0m 0s, and does not grow.',
  },
  {
    alert: 'LarderGrowthFails',
    labels: { namespace: 'default', pvc: 'data', reason: 'quota' },
    severity: 'warning',
    speaks: { [`pvc_chonker_expansion_failures_total${failed}`]: '1+1x120' },
    silent: { [`pvc_chonker_expansion_failures_total${failed}`]: '3x120' },
    summary: 'Growing default/data fails again and again: quota.',
  },
  {
    alert: 'LarderDriverLeftAlone',
    labels: { driver: 'ebs.csi.aws.com' },
    severity: 'warning',
    speaks: { 'pvc_chonker_circuit_state{driver="ebs.csi.aws.com"}': '2x120' },
    silent: { 'pvc_chonker_circuit_state{driver="ebs.csi.aws.com"}': '1x120' },
    summary: 'The driver ebs.csi.aws.com fails, and is left alone.',
  },
  {
    alert: 'LarderNodeNotMeasured',
    labels: { node: 'node-1' },
    severity: 'warning',
    speaks: { 'pvc_chonker_node_scrape_success{node="node-1"}': '0x120' },
    silent: { 'pvc_chonker_node_scrape_success{node="node-1"}': '1x120' },
    summary: 'The node node-1 does not say how full its volumes are.',
  },
  {
    alert: 'LarderLoopStuck',
    labels: {},
    severity: 'critical',
    speaks: { pvc_chonker_loop_duration_seconds_count: '7x120', larder_leader: '1x120' },
    silent: { pvc_chonker_loop_duration_seconds_count: '0+1x120', larder_leader: '1x120' },
    summary: 'No pass over the volumes has ended in half an hour.',
  },
  {
    alert: 'LarderForbidden',
    labels: { method: 'PATCH' },
    severity: 'warning',
    speaks: { 'rest_client_requests_total{method="PATCH",code="403"}': '1+1x120' },
    silent: { 'rest_client_requests_total{method="PATCH",code="409"}': '1+1x120' },
    summary: 'The API server forbids requests of Larder (PATCH).',
  },
  {
    alert: 'LarderApiServerFails',
    labels: {},
    severity: 'warning',
    speaks: {
      'rest_client_requests_total{method="GET",code="<error>"}': '0+1x120',
      'rest_client_requests_total{method="GET",code="200"}': '0+1x120',
    },
    silent: {
      'rest_client_requests_total{method="GET",code="<error>"}': '0+1x120',
      'rest_client_requests_total{method="GET",code="200"}': '0+9x120',
    },
    summary: '50% of the requests of Larder to the API server fail.',
  },
  {
    alert: 'LarderWebhookFails',
    labels: { webhook: '/claims' },
    severity: 'warning',
    speaks: { 'controller_runtime_webhook_requests_total{webhook="/claims",code="500"}': '1+1x120' },
    silent: { 'controller_runtime_webhook_requests_total{webhook="/claims",code="200"}': '1+1x120' },
    summary: 'Reviews of /claims fail.',
  },
];

interface RecordingCase {
  readonly record: string;
  readonly series: Readonly<Record<string, string>>;
  /** Labels → value at the end. */
  readonly gives: Readonly<Record<string, number>>;
}

/** Two replicas told of the same claim while the lease went from one to the other. */
const twice = (metric: string, labels: string, value: string): Readonly<Record<string, string>> => ({
  [`${metric}{${labels},instance="a"}`]: value,
  [`${metric}{${labels},instance="b"}`]: value,
});
const both = {
  ...twice('pvc_chonker_usage_ratio', 'namespace="shop",pvc="a"', '0.5x120'),
  ...twice('pvc_chonker_usage_ratio', 'namespace="shop",pvc="b"', '0.25x120'),
  ...twice('pvc_chonker_capacity_bytes', 'namespace="shop",pvc="a"', '100x120'),
  ...twice('pvc_chonker_capacity_bytes', 'namespace="shop",pvc="b"', '200x120'),
};

export const recordingCases: readonly RecordingCase[] = [
  {
    record: 'namespace_pvc:pvc_chonker_usage_ratio:max',
    series: both,
    gives: { '{namespace="shop",pvc="a"}': 0.5, '{namespace="shop",pvc="b"}': 0.25 },
  },
  { record: 'namespace:pvc_chonker_capacity_bytes:sum', series: both, gives: { '{namespace="shop"}': 300 } },
  { record: 'namespace:pvc_chonker_used_bytes:sum', series: both, gives: { '{namespace="shop"}': 100 } },
  {
    record: 'outcome:pvc_chonker_expansion_outcomes:increase1d',
    series: { 'pvc_chonker_expansion_outcomes_total{outcome="completed"}': '0+1x120' },
    gives: { '{outcome="completed"}': 90 },
  },
];
