/** The report for the textfile collector of Prometheus' node-exporter. */
import { exposeFamily, type Sample } from '../../../telemetry/exposition.ts';
import { driftMetrics } from '../../registry.ts';
import { countsByKind, type DriftReport, type KindCount } from '../report.ts';

/** A kind without findings has its series, too: an alert that is over must go away. */
export function textfile(report: DriftReport): string {
  const { cluster } = report;
  const rows = countsByKind(report);
  const perKind = (value: (row: KindCount) => number): readonly Sample[] =>
    rows.map((row) => ({ labels: { cluster, kind: row.kind }, value: value(row) }));
  const one = (value: number): readonly Sample[] => [{ labels: { cluster }, value }];
  return [
    family(
      'larder_cluster_drift_findings',
      perKind(({ counted }) => counted),
    ),
    family(
      'larder_cluster_drift_ignored',
      perKind(({ ignored }) => ignored),
    ),
    family(
      'larder_cluster_drift_unknown',
      perKind(({ unknown }) => unknown),
    ),
    family('larder_cluster_drift_last_run_timestamp_seconds', one(Math.floor(Date.parse(report.observedAt) / 1000))),
    family('larder_cluster_drift_duration_seconds', one(report.durationMs / 1000)),
  ].join('');
}

function family(name: keyof typeof driftMetrics, samples: readonly Sample[]): string {
  return exposeFamily(name, driftMetrics[name], samples);
}
