import type { Controller } from '../kube/controller.ts';
import { type Clock, type Random, sleep } from '../telemetry/clock.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { claimOf, hasVolume } from './claim.ts';
import type { PeerBook } from './compat/publish.ts';
import { isSettled, judgedOf } from './judged.ts';
import type { Notebook } from './notebook.ts';
import type { Pulse } from './pulse.ts';
import type { metrics as declared } from './registry.ts';
import { type ClusterView, subjectOf } from './situation.ts';
import type { NodeScrape, Subject, UsageSource } from './usage/source.ts';

export interface PassOptions {
  readonly view: ClusterView;
  readonly usage: UsageSource;
  readonly notebook: Notebook;
  readonly clock: Clock;
  readonly metrics: Metrics<typeof declared>;
  /** Undefined: nobody asked for the names of other tools. */
  readonly peers: PeerBook | undefined;
  readonly controller: Pick<Controller, 'enqueue'>;
}

/**
 * One look at all volumes. A claim is judged as soon as its own measurement is there, so that a node that hangs delays
 * only its own volumes.
 */
export function createPass(options: PassOptions): (signal: AbortSignal) => Promise<void> {
  const { view, usage, notebook, clock, metrics, peers, controller } = options;
  let nodes = new Set<string>();

  const look = async (signal: AbortSignal): Promise<void> => {
    const startMono = clock.monotonic();
    const subjects: Subject[] = [];
    const settled = new Set<string>();
    for (const object of view.claims()) {
      if (!hasVolume(object)) continue; // there is nothing to grow, nor to remember
      const claim = claimOf(object);
      const entry = notebook.open(claim);
      if (isSettled(entry.outline, entry.judged, judgedOf(object, claim, { view, nowMono: startMono }))) {
        settled.add(claim.key);
      }
      if (claim.phase === 'Bound' && !claim.deleting) subjects.push(subjectOf(claim, view));
      else controller.enqueue(claim.key);
    }
    for (const key of notebook.keys()) {
      const object = view.claim(key);
      if (!object || !hasVolume(object)) controller.enqueue(key);
    }
    notebook.dropUnclaimed();

    const asked = new Set<string>();
    await usage.collect(
      {
        subjects,
        deliver(reading) {
          const entry = notebook.get(reading.key);
          const isNews = entry && notebook.read(entry, reading);
          if (isNews !== false || !settled.has(reading.key)) controller.enqueue(reading.key);
        },
        scraped(scrape) {
          asked.add(scrape.node);
          peers?.scraped(scrape);
          if (scrape.kind !== 'kept') showNode(metrics, scrape, clock.now());
        },
      },
      signal,
    );
    for (const node of nodes) if (!asked.has(node)) hideNode(metrics, node);
    nodes = asked;
    notebook.flush();
    const seconds = (clock.monotonic() - startMono) / 1_000;
    metrics.observe('pvc_chonker_loop_duration_seconds', {}, seconds);
    peers?.ledger.passed(clock.now() / 1_000, seconds);
  };

  return (signal) =>
    look(signal).catch((cause: unknown) => {
      peers?.ledger.passFailed(clock.now() / 1_000);
      throw cause;
    });
}

export interface Rhythm {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly everyMs: number;
  readonly pulse: Pulse;
}

const JITTER = 0.1;

/** One pass after the other until aborted; one that fails is logged, and the next one comes. Never rejects. */
export async function repeat(
  pass: (signal: AbortSignal) => Promise<void>,
  { clock, random, log, everyMs, pulse }: Rhythm,
  signal: AbortSignal,
): Promise<void> {
  pulse.beat();
  while (!signal.aborted) {
    const startMono = clock.monotonic();
    await pass(signal).catch((err: unknown) => {
      if (!signal.aborted) log.error({ controller: 'expander', err }, 'a pass over the volumes failed');
    });
    const endMono = clock.monotonic();
    pulse.beat();
    const jitteredMs = everyMs * (1 - JITTER + 2 * JITTER * random.next());
    const restMs = Math.max(0, jitteredMs - (endMono - startMono));
    await sleep(clock, restMs, signal).catch(() => undefined); // only the signal rejects, and the loop looks at it
  }
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
