/** The running expander: measures all volumes again and again, decides on each claim, and raises requests. */
import type { Client } from '../kube/client.ts';
import { type Controller, createController, type Outcome, type ReconcileContext } from '../kube/controller.ts';
import { isKubeError } from '../kube/error.ts';
import type { EventRecorder } from '../kube/events.ts';
import { kinds, type PersistentVolumeClaim } from '../kube/kinds.ts';
import { nameOf } from '../kube/object.ts';
import type { metrics as kubeMetrics } from '../kube/registry.ts';
import { type Clock, type Random, sleep } from '../telemetry/clock.ts';
import type { Log } from '../telemetry/log.ts';
import { type Metrics, MetricsRegistry } from '../telemetry/metrics.ts';
import { createClaimMetrics } from './claim-metrics.ts';
import { type ResolvedConfiguration, rulesOf } from './configuration.ts';
import type { Headroom } from './constraints.ts';
import type { Decision } from './decision.ts';
import type { Explanation } from './explain.ts';
import type { Rules } from './facts.ts';
import { type GrowOptions, grow } from './grow.ts';
import { followMovement, judge } from './judge.ts';
import { Notebook } from './notebook.ts';
import { createPass } from './pass.ts';
import type { Providers } from './provider.ts';
import { metrics as declared } from './registry.ts';
import { report } from './report.ts';
import { type Surroundings, situationOf } from './situation.ts';
import { createTokenBucket } from './token-bucket.ts';
import { forgetfulSamples, type SampleStore } from './usage/samples.ts';
import type { UsageSource } from './usage/source.ts';
import { type ExpanderCaches, viewOf } from './view.ts';

export interface ExpanderOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly recorder: EventRecorder;
  readonly metrics: MetricsRegistry;
  /** Of the kube room; absent: queues and reconciles are not counted. */
  readonly kubeMetrics?: Metrics<typeof kubeMetrics> | undefined;
  /** Run by the caller, before and as long as the expander runs. */
  readonly caches: ExpanderCaches;
  readonly usage: UsageSource;
  readonly providers: Providers;
  readonly configuration: ResolvedConfiguration;
  /** Default: nothing is kept across a restart. Closed by the caller. */
  readonly samples?: SampleStore;
  /** Free bytes of the export behind a claim's directory; undefined = not one of ours, or unknown. */
  readonly exportFree?: (key: string) => Headroom | undefined;
}

export interface Expander {
  /** Waits for the caches, then works until aborted; only one process at a time should. Never rejects. */
  run(signal: AbortSignal): Promise<void>;
  /** The last decision on a claim, by `namespace/name`; undefined before the first. */
  decision(key: string): Decision | undefined;
  /** Decides afresh, changing nothing; undefined when there is no such claim. Works on claims that nobody manages. */
  explain(key: string, signal?: AbortSignal): Promise<Explanation | undefined>;
  /** Milliseconds since the last pass over all volumes ended; undefined before the first. For health checks. */
  lastPassAgeMs(): number | undefined;
  /** Nothing waits to be decided. */
  idle(): boolean;
}

const JITTER = 0.1;
const MAX_BACKOFF_MS = 60_000;
/** A claim changes three times on its way to a volume, and nothing of it concerns growth: it is looked at once, when that is over. */
const SETTLE_MS = 1_000;

export function createExpander(options: ExpanderOptions): Expander {
  return new Growing(options);
}

/** Invariants: whatever is remembered of a claim is in `#notebook`; a claim is only written to within its reconcile. */
class Growing implements Expander {
  readonly #options: ExpanderOptions;
  readonly #surroundings: Surroundings;
  readonly #rules: Rules;
  readonly #metrics: Metrics<typeof declared>;
  readonly #notebook: Notebook;
  readonly #acting: GrowOptions;
  readonly #controller: Controller;
  readonly #pass: (signal: AbortSignal) => Promise<void>;
  #passEndedMono: number | undefined;

  constructor(options: ExpanderOptions) {
    const { clock, random, log, configuration, usage } = options;
    const { values } = configuration;
    const view = viewOf(options.caches);
    this.#options = options;
    this.#surroundings = { ...options, view };
    this.#rules = rulesOf(configuration);
    // Switched off, they are still counted, where nobody reads them.
    const metrics = (values.enableMetrics ? options.metrics : new MetricsRegistry()).register(declared);
    this.#metrics = metrics;
    const notebook = new Notebook({
      clock,
      log,
      store: options.samples ?? forgetfulSamples,
      metricsOf(key) {
        const { namespace = '', name } = nameOf(key);
        return createClaimMetrics(metrics, { pvc: name, namespace });
      },
    });
    this.#notebook = notebook;
    const bucket = createTokenBucket(clock, values.patchesPerSecond, values.patchBurst);
    this.#acting = { client: options.client, clock, random, recorder: options.recorder, metrics, bucket, notebook };
    const controller = createController({
      name: 'expander',
      metrics: options.kubeMetrics,
      clock,
      random,
      log,
      concurrency: values.maxParallel,
      maxBackoffMs: MAX_BACKOFF_MS,
      reconcile: (key, context) => this.#reconcile(key, context),
    });
    this.#controller = controller;
    this.#pass = createPass({ view, usage, notebook, clock, metrics, enqueue: (key) => controller.enqueue(key) });
  }

  async run(signal: AbortSignal): Promise<void> {
    const { caches } = this.#options;
    try {
      await Promise.all(Object.values(caches).map((cache) => cache.synced(signal)));
    } catch {
      return; // only the signal rejects: stopped before anything began
    }
    const off = caches.claims.onChange(({ key }) => this.#controller.enqueueAfter(key, SETTLE_MS));
    await Promise.all([this.#controller.run(signal), this.#passes(signal)]);
    off();
    this.#notebook.flush();
  }

  decision(key: string): Decision | undefined {
    return this.#notebook.get(key)?.decision;
  }

  async explain(key: string, signal?: AbortSignal): Promise<Explanation | undefined> {
    const object = this.#surroundings.view.claim(key);
    if (!object) return undefined;
    const situation = await situationOf(object, this.#surroundings, signal);
    const { claim, layers, resolution, constraints, notes } = situation;
    const entry = this.#notebook.get(key);
    const known = entry?.uid === claim.uid ? entry : undefined;
    const { decision, history } = judge(situation, known, { rules: this.#rules, clock: this.#options.clock });
    const samples = known?.track.samples ?? [];
    return { decision, claim, layers, resolution, constraints, notes, samples, growths: history.growths };
  }

  lastPassAgeMs(): number | undefined {
    return this.#passEndedMono === undefined ? undefined : this.#options.clock.monotonic() - this.#passEndedMono;
  }

  idle(): boolean {
    return this.#controller.idle();
  }

  async #reconcile(key: string, context: ReconcileContext): Promise<Outcome> {
    const cached = this.#surroundings.view.claim(key);
    if (!cached) {
      this.#notebook.forget(key);
      return { kind: 'done' };
    }
    const first = await this.#attempt(cached, context);
    if (first !== 'conflict') return first;
    this.#metrics.count('pvc_chonker_api_requests_total', { verb: 'get' });
    const fresh = await readAgain(this.#options.client, key, context.signal);
    if (!fresh) return { kind: 'done' };
    const second = await this.#attempt(fresh, context);
    return second === 'conflict' ? { kind: 'retry', reason: 'the claim keeps changing' } : second;
  }

  /** Gather, decide, act, for the claim as it was read. */
  async #attempt(
    object: PersistentVolumeClaim,
    { signal, reconcileId }: ReconcileContext,
  ): Promise<Outcome | 'conflict'> {
    const { clock } = this.#options;
    const situation = await situationOf(object, this.#surroundings, signal);
    const { namespace, name, uid } = situation.claim;
    const entry = this.#notebook.open(situation.claim);
    followMovement(entry, situation.claim, clock.now());
    const { decision, history } = judge(situation, entry, { rules: this.#rules, clock });
    const log = this.#options.log.child({ controller: 'expander', namespace, name, uid, reconcileId });
    const intent = { situation, entry, decision, history, log };
    report({ ...this.#acting, view: this.#surroundings.view, rules: this.#rules }, intent);
    if (decision.verdict.kind !== 'Expand') return { kind: 'done' };
    const result = await grow(this.#acting, intent, signal);
    return result.kind === 'conflict' ? 'conflict' : result.outcome;
  }

  async #passes(signal: AbortSignal): Promise<void> {
    const { clock, random, log, configuration } = this.#options;
    while (!signal.aborted) {
      const startMono = clock.monotonic();
      await this.#pass(signal).catch((err: unknown) => {
        if (!signal.aborted) log.error({ controller: 'expander', err }, 'a pass over the volumes failed');
      });
      const endMono = clock.monotonic();
      this.#passEndedMono = endMono;
      const jitteredMs = configuration.values.watchInterval * (1 - JITTER + 2 * JITTER * random.next());
      const restMs = Math.max(0, jitteredMs - (endMono - startMono));
      await sleep(clock, restMs, signal).catch(() => undefined); // only the signal rejects, and the loop looks at it
    }
  }
}

async function readAgain(client: Client, key: string, signal: AbortSignal): Promise<PersistentVolumeClaim | undefined> {
  try {
    return await client.get(kinds.PersistentVolumeClaim, nameOf(key), { signal });
  } catch (error) {
    if (isKubeError(error, 'KUBE_NOT_FOUND')) return undefined;
    throw error;
  }
}
