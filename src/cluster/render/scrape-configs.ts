/**
 * What Prometheus asks of the machines themselves. They are listed by address, and not discovered: a server that is gone
 * disappears from the endpoints of the API, and nothing would be left to be down.
 */
import type { ClusterSpec, NodeSpec } from '../spec/cluster-spec.ts';
import { servers } from '../spec/rules/rule.ts';

export const NODES_JOB = 'larder-nodes';
export const CONTROL_PLANE_JOB = 'larder-control-plane';
export const ETCD_JOB = 'larder-etcd';

const NODE_EXPORTER_PORT = 9100;
/** Of k3s, with `etcd-expose-metrics`; without TLS, and read-only. */
const ETCD_METRICS_PORT = 2381;
const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

export interface ScrapeConfig {
  readonly job_name: string;
  readonly static_configs: readonly StaticConfig[];
  readonly [key: string]: unknown;
}

interface StaticConfig {
  readonly targets: readonly [string];
  readonly labels: { readonly node: string; readonly role: NodeSpec['role'] };
}

export function scrapeConfigs(spec: ClusterSpec): readonly ScrapeConfig[] {
  const members = servers(spec);
  return [
    { job_name: NODES_JOB, static_configs: targets(spec.nodes, NODE_EXPORTER_PORT) },
    {
      job_name: CONTROL_PLANE_JOB,
      scheme: 'https',
      // That it answers is what counts; what it says of itself others ask for.
      tls_config: { ca_file: `${ACCOUNT}/ca.crt` },
      authorization: { credentials_file: `${ACCOUNT}/token` },
      metric_relabel_configs: [
        { source_labels: ['__name__'], regex: 'k3s_.+|process_start_time_seconds', action: 'keep' },
      ],
      static_configs: targets(members, spec.api.port),
    },
    { job_name: ETCD_JOB, static_configs: targets(members, ETCD_METRICS_PORT) },
  ];
}

function targets(nodes: readonly NodeSpec[], port: number): readonly StaticConfig[] {
  return nodes.map(({ name, address, role }) => ({
    targets: [`${address.includes(':') ? `[${address}]` : address}:${port}`],
    labels: { node: name, role },
  }));
}
