/** The running expander: measures all volumes again and again, decides on each claim, and raises requests. */

import type { CacheChange } from '../kube/cache.ts';
import type { Client } from '../kube/client.ts';
import { type Controller, createController, type Outcome, type ReconcileContext } from '../kube/controller.ts';
import type { EventRecorder } from '../kube/events.ts';
import { ifThere } from '../kube/if-there.ts';
import { kinds, type PersistentVolumeClaim } from '../kube/kinds.ts';
import { keyOf, nameOf } from '../kube/object.ts';
import type { metrics as kubeMetrics } from '../kube/registry.ts';
import type { Clock, Random } from '../telemetry/clock.ts';
import type { Log } from '../telemetry/log.ts';
import { type Metrics, MetricsRegistry } from '../telemetry/metrics.ts';
import type { PVCPolicy } from './api/pvc-policy.ts';
import { hasVolume } from './claim.ts';
import { createClaimMetrics, publishClaims } from './claim-metrics.ts';
import { publishPeers } from './compat/publish.ts';
import type { Headroom } from './constraints.ts';
import type { Explanation } from './explain.ts';
import { type Annotations, explanationOf } from './explanation.ts';
import type { Rules } from './facts.ts';
import { followGroups } from './group/follow.ts';
import { createRoster } from './group/roster.ts';
import { type GrowOptions, type GrowResult, grow, type Intent, intentOf, over } from './grow.ts';
import { type GuardCaches, guardReads } from './guard/reads.ts';
import { recallFailures } from './guard/recall.ts';
import { restraintsOf } from './guard/restraints.ts';
import { followMovement, judge } from './judge.ts';
import { judgedOf } from './judged.ts';
import { mark } from './mark.ts';
import { Notebook } from './notebook.ts';
import type { Outline } from './outline.ts';
import { createPass, repeat } from './pass.ts';
import type { Providers } from './provider.ts';
import { Pulse } from './pulse.ts';
import { createLowering, type Lowering, recover } from './recover.ts';
import { metrics as declared } from './registry.ts';
import { report } from './report.ts';
import { type ResolvedConfiguration, rulesOf } from './settings/configuration.ts';
import { type Surroundings, situationOf } from './situation.ts';
import { createTokenBucket } from './token-bucket.ts';
import { forgetfulHistory, type HistoryStore, historyOf, type UsageHistory } from './usage/history.ts';
import { forgetfulSamples, type SampleStore } from './usage/samples.ts';
import type { UsageSource } from './usage/source.ts';
import { type ExpanderCaches, viewOf } from './view.ts';
import { type Granted, grantedOf, type Wish, Wishes, wishing } from './wish.ts';

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
  /** Default: usage is not remembered, and after a restart growth is foreseen only when enough was measured again. Closed by the caller. */
  readonly history?: HistoryStore;
  /** What remembers usage for longer; asked first. */
  readonly longHistory?: UsageHistory;
  /** Free bytes of the export behind a claim's directory; undefined = not one of ours, or unknown. */
  readonly exportFree?: (key: string) => Headroom | undefined;
  /** What is looked at before a request is raised, run by the caller like the others; default nothing. */
  readonly guards?: GuardCaches;
  /** False: this account may not write conditions of claims. */
  readonly marks?: boolean;
  /** Parameters of a VolumeAttributesClass, answered at once; undefined = not known. */
  readonly attributes?: (name: string) => Readonly<Record<string, string>> | undefined;
}

export interface Expander {
  /** Waits for the caches, then works until aborted; only one process at a time should. Never rejects. */
  run(signal: AbortSignal): Promise<void>;
  /** The last decision on a claim, by `namespace/name`; undefined before the first. */
  decision(key: string): Outline | undefined;
  /** Decides afresh, changing nothing; undefined when there is no such claim. Works on claims that nobody manages. */
  explain(key: string, signal?: AbortSignal): Promise<Explanation | undefined>;
  /** The same as if the claim had these annotations. */
  suppose(key: string, annotations: Annotations | undefined, signal?: AbortSignal): Promise<Explanation | undefined>;
  /**
   * Growth that a person asks for, by the gates of any other. Undefined: there is no such claim. Rejects with
   * `signal.reason`; needs the expander to run.
   */
  grow(key: string, wish: Wish, signal: AbortSignal): Promise<Granted | undefined>;
  /** What decisions read of the cluster; for those on claims that are not stored yet. */
  readonly surroundings: Surroundings;
  /** Milliseconds since a pass over all volumes last ended, or the first one began; undefined before. For health checks. */
  lastPassAgeMs(): number | undefined;
  /** Nothing waits to be decided. */
  idle(): boolean;
}

const MAX_BACKOFF_MS = 60_000;
/** A claim changes three times on its way to a volume, and nothing of it concerns growth: it is looked at once, when that is over. */
const SETTLE_MS = 1_000;

export function createExpander(options: ExpanderOptions): Expander {
  return new Growing(options);
}

/** Invariants: whatever is remembered of a claim is in `#notebook`; a claim is only written to within its reconcile. */
class Growing implements Expander {
  readonly #options: ExpanderOptions;
  readonly surroundings: Surroundings;
  readonly #rules: Rules;
  readonly #notebook: Notebook;
  readonly #wishes = new Wishes();
  readonly #lowering: Lowering;
  readonly #histories: readonly UsageHistory[];
  readonly #acting: GrowOptions;
  readonly #controller: Controller;
  readonly #pass: (signal: AbortSignal) => Promise<void>;
  readonly #pulse: Pulse;

  constructor(options: ExpanderOptions) {
    const { clock, random, log, configuration, usage } = options;
    const { values } = configuration;
    const view = viewOf(options.caches);
    this.#options = options;
    this.#rules = rulesOf(configuration);
    // Switched off, they are still counted, where nobody reads them.
    const registry = values.enableMetrics ? options.metrics : new MetricsRegistry();
    const metrics = registry.register(declared);
    const peers = publishPeers(registry, values.metricsCompat, { managed: () => notebook.managed() });
    const restraints = restraintsOf(options, metrics);
    const roster = createRoster(options.caches);
    this.surroundings = { ...options, view, guards: guardReads(options.guards ?? {}), restraints, roster };
    const history = options.history ?? forgetfulHistory;
    this.#histories = [...(options.longHistory ? [options.longHistory] : []), historyOf(history)];
    const notebook: Notebook = new Notebook({
      clock,
      log,
      store: options.samples ?? forgetfulSamples,
      history,
      rules: this.#rules,
      metricsOf: (key) => createClaimMetrics(metrics, key, peers?.ledger),
    });
    publishClaims(metrics, () => notebook.outlines());
    this.#notebook = notebook;
    const bucket = createTokenBucket(clock, values.patchesPerSecond, values.patchBurst);
    this.#acting = {
      client: options.client,
      clock,
      random,
      recorder: options.recorder,
      metrics,
      bucket,
      notebook,
      restraints,
      marks: options.marks === false ? undefined : createTokenBucket(clock, values.patchesPerSecond, values.patchBurst),
    };
    this.#lowering = createLowering(options);
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
    this.#pass = createPass({ view, usage, notebook, clock, metrics, peers, controller });
    this.#pulse = new Pulse(clock);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { caches, guards = {} } = this.#options;
    try {
      await Promise.all([...requiredOf(caches), ...Object.values(guards)].map((cache) => cache?.synced(signal)));
      await recallFailures({ ...this.#options, surroundings: this.surroundings, rules: this.#rules }, signal);
    } catch {
      return; // only the signal rejects: stopped before anything began
    }
    const offPolicies = caches.policies?.onChange((change) => this.#decideAgain(change));
    const off = caches.claims.onChange(({ key, object }) => {
      if (hasVolume(object)) this.#controller.enqueueAfter(key, SETTLE_MS);
    });
    const wake = (key: string): void => this.#controller.enqueueAfter(key, SETTLE_MS);
    const { roster } = this.surroundings;
    const offGroups = roster && followGroups(caches, roster, wake);
    await Promise.all([this.#controller.run(signal), this.#passes(signal)]);
    off();
    offGroups?.();
    offPolicies?.();
    this.#notebook.flush();
  }

  decision(key: string): Outline | undefined {
    return this.#notebook.get(key)?.outline;
  }

  explain(key: string, signal?: AbortSignal): Promise<Explanation | undefined> {
    return this.suppose(key, undefined, signal);
  }

  suppose(key: string, annotations: Annotations | undefined, signal?: AbortSignal): Promise<Explanation | undefined> {
    const known = { notebook: this.#notebook, rules: this.#rules, histories: this.#histories, annotations };
    return explanationOf(key, { ...known, surroundings: this.surroundings, clock: this.#options.clock }, signal);
  }

  async grow(key: string, wish: Wish, signal: AbortSignal): Promise<Granted | undefined> {
    if (!this.surroundings.view.claim(key)) return undefined;
    const granted = this.#wishes.make(key, wish, signal);
    this.#controller.enqueue(key);
    return granted;
  }

  lastPassAgeMs(): number | undefined {
    return this.#pulse.ageMs();
  }

  idle(): boolean {
    return this.#controller.idle();
  }

  async #reconcile(key: string, context: ReconcileContext): Promise<Outcome> {
    const cached = this.surroundings.view.claim(key);
    if (!cached) {
      this.#wishes.answer(key, undefined);
      this.#notebook.forget(key);
      return { kind: 'done' };
    }
    if (!hasVolume(cached) && !this.#wishes.of(key)) return { kind: 'done' };
    const first = await this.#attempt(cached, context);
    if (first !== 'conflict') return first;
    this.#acting.metrics.count('pvc_chonker_api_requests_total', { verb: 'get' });
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
    const found = await situationOf(object, this.surroundings, signal);
    const { key } = found.claim;
    const wish = this.#wishes.of(key);
    const situation = wish ? wishing(found, wish) : found;
    const entry = this.#notebook.open(situation.claim);
    followMovement(entry, situation.claim, clock.now());
    const { decision, history } = judge(situation, entry, { rules: this.#rules, clock });
    const intent = intentOf({ situation, entry, decision, history }, this.#options.log, reconcileId);
    if (wish?.dryRun) {
      this.#wishes.answer(key, { decision, requested: false, reason: '' });
      return { kind: 'done' };
    }
    report({ ...this.#acting, view: this.surroundings.view, rules: this.#rules }, intent);
    entry.judged = judgedOf(object, situation.claim, { view: this.surroundings.view, nowMono: clock.monotonic() });
    const result = await this.#act(intent, signal);
    await mark(this.#acting, intent, signal);
    if (result.kind === 'conflict') return 'conflict';
    if (wish) this.#wishes.answer(key, grantedOf(decision, result.outcome));
    return result.outcome;
  }

  /** Its claims get to know of another policy at once, not at the next pass. Its status is no reason. */
  #decideAgain(change: CacheChange<PVCPolicy>): void {
    const { metadata } = change.object;
    if (change.kind === 'updated' && change.previous.metadata.generation === metadata.generation) return;
    for (const { metadata: claim } of this.surroundings.view.claims()) {
      if (claim.namespace === metadata.namespace) this.#controller.enqueueAfter(keyOf(claim), SETTLE_MS);
    }
  }

  async #act(intent: Intent, signal: AbortSignal): Promise<GrowResult> {
    const { verdict, recovery } = intent.decision;
    if (recovery?.kind === 'lower') {
      return recover(this.#acting, intent, { toBytes: recovery.toBytes, lowering: this.#lowering }, signal);
    }
    return verdict.kind === 'Expand' ? grow(this.#acting, intent, signal) : over({ kind: 'done' });
  }

  async #passes(signal: AbortSignal): Promise<void> {
    const everyMs = this.#options.configuration.values.watchInterval;
    await repeat(this.#pass, { ...this.#options, everyMs, pulse: this.#pulse }, signal);
  }
}

/** By name: whoever passes more than these keeps the rest to himself. */
function requiredOf({ claims, volumes, classes, namespaces, quotas, pods, policies, groups }: ExpanderCaches) {
  return [claims, volumes, classes, namespaces, quotas, pods, policies, groups];
}

function readAgain(client: Client, key: string, signal: AbortSignal): Promise<PersistentVolumeClaim | undefined> {
  return ifThere(client.get(kinds.PersistentVolumeClaim, nameOf(key), { signal }));
}
