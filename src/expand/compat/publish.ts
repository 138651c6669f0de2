import type { MetricsRegistry } from '../../telemetry/metrics.ts';
import type { NodeScrape } from '../usage/source.ts';
import type { Peer } from './compat-setting.ts';
import { Ledger } from './ledger.ts';
import { type Known, peerMetrics } from './peer-metrics.ts';

const kubeletTime = {
  pvcchonker_kubelet_client_response_time_seconds: {
    type: 'histogram',
    help: 'Time that kubelets take to answer.',
    labels: [],
    // As the peer has them.
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  },
} as const;

/** Where what happens is told for the names of other tools. */
export interface PeerBook {
  readonly ledger: Ledger;
  scraped(scrape: NodeScrape): void;
}

/** Undefined: nobody asked for such names, and nothing is counted. */
export function publishPeers(
  registry: MetricsRegistry,
  wanted: ReadonlySet<Peer>,
  known: Pick<Known, 'managed'>,
): PeerBook | undefined {
  if (wanted.size === 0) return undefined;
  const ledger = new Ledger();
  for (const peer of wanted) {
    for (const [name, { read, ...entry }] of Object.entries(peerMetrics[peer])) {
      registry.collect(name, entry, function* () {
        for (const [values, value] of read({ ...known, ledger })) {
          yield { labels: Object.fromEntries(entry.labels.map((label, index) => [label, values[index] ?? ''])), value };
        }
      });
    }
  }
  const times = wanted.has('pvc-chonker') ? registry.register(kubeletTime) : undefined;
  return {
    ledger,
    scraped(scrape) {
      ledger.scraped(scrape);
      if (scrape.kind === 'kept') return;
      times?.observe('pvcchonker_kubelet_client_response_time_seconds', {}, scrape.durationMs / 1_000);
    },
  };
}
