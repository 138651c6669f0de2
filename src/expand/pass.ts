import type { Clock } from '../telemetry/clock.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { claimOf } from './claim.ts';
import type { Notebook } from './notebook.ts';
import type { metrics as declared } from './registry.ts';
import { type ClusterView, subjectOf } from './situation.ts';
import type { NodeScrape, Subject, UsageSource } from './usage/source.ts';

export interface PassOptions {
  readonly view: ClusterView;
  readonly usage: UsageSource;
  readonly notebook: Notebook;
  readonly clock: Clock;
  readonly metrics: Metrics<typeof declared>;
  enqueue(key: string): void;
}

/**
 * One look at all volumes. A claim is judged as soon as its own measurement is there, so that a node that hangs delays
 * only its own volumes.
 */
export function createPass(options: PassOptions): (signal: AbortSignal) => Promise<void> {
  const { view, usage, notebook, clock, metrics, enqueue } = options;
  let nodes = new Set<string>();

  return async (signal) => {
    const startMono = clock.monotonic();
    const subjects: Subject[] = [];
    const present = new Set<string>();
    for (const object of view.claims()) {
      const claim = claimOf(object);
      present.add(claim.key);
      notebook.open(claim);
      if (claim.phase === 'Bound' && !claim.deleting) subjects.push(subjectOf(object, view));
      else enqueue(claim.key);
    }
    for (const key of notebook.keys()) if (!present.has(key)) enqueue(key);
    notebook.dropUnclaimed();

    const asked = new Set<string>();
    await usage.collect(
      {
        subjects,
        deliver(reading) {
          const entry = notebook.get(reading.key);
          if (entry) notebook.read(entry, reading);
          enqueue(reading.key);
        },
        scraped(scrape) {
          asked.add(scrape.node);
          showNode(metrics, scrape, clock.now());
        },
      },
      signal,
    );
    for (const node of nodes) if (!asked.has(node)) hideNode(metrics, node);
    nodes = asked;
    notebook.flush();
    metrics.observe('pvc_chonker_loop_duration_seconds', {}, (clock.monotonic() - startMono) / 1_000);
  };
}

function showNode(metrics: Metrics<typeof declared>, { node, kind, durationMs }: NodeScrape, now: number): void {
  metrics.set('pvc_chonker_node_scrape_success', { node }, kind === 'ok' ? 1 : 0);
  metrics.set('pvc_chonker_node_scrape_duration_seconds', { node }, durationMs / 1_000);
  if (kind === 'ok') metrics.set('pvc_chonker_node_scrape_timestamp_seconds', { node }, now / 1_000);
}

function hideNode(metrics: Metrics<typeof declared>, node: string): void {
  metrics.remove('pvc_chonker_node_scrape_success', { node });
  metrics.remove('pvc_chonker_node_scrape_duration_seconds', { node });
  metrics.remove('pvc_chonker_node_scrape_timestamp_seconds', { node });
}
