/**
 * Measures the directories of live volumes round after round, because a kubelet reports the whole export for each of
 * them. It uses a bounded share of the time, prefers what is stale and grows, and big directories take many small turns
 * between the others.
 */
import { type Clock, sleep } from '../../telemetry/clock.ts';
import type { Log } from '../../telemetry/log.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import type { usageMetrics } from '../registry.ts';
import type { Storage, Usage } from '../storage.ts';
import type { MeasuredVolume } from '../volumes.ts';

export interface Crossing {
  /** `namespace/name` of the claim. */
  readonly key: string;
  /** Percent of the limit that the directory has reached since the measurement before. */
  readonly percent: 80 | 90 | 100;
  readonly usedBytes: bigint;
  readonly limitBytes: bigint;
}

export interface CrawlerOptions {
  readonly storages: readonly Storage[];
  /** Asked at the start of each round. */
  readonly volumes: () => Iterable<MeasuredVolume>;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics<typeof usageMetrics>;
  /** Told once per threshold, again only after the usage has been clearly below it. */
  readonly onThreshold: (crossing: Crossing) => void;
  /** Wanted time between two measurements of one volume; default a minute. */
  readonly intervalMs?: number;
  /** Share of the time that measuring may take on each export; default 0.05. */
  readonly share?: number;
}

export interface Crawler {
  /** The last complete measurement of the claim's directory, made for this volume of it. */
  latest(key: string, volume: string): Usage | undefined;
  /** Measures until the signal aborts; rejects then with its reason never, and resolves. */
  run(signal: AbortSignal): Promise<void>;
}

interface Progress {
  volume: MeasuredVolume;
  usage: Usage | undefined;
  /** Monotonic ms of the last complete measurement. */
  measuredMs: number | undefined;
  /** Share of the limit by which the usage changed between the last two measurements, 0–1. */
  growth: number;
  /** Slices of the measurement under way; 0: none is. */
  slices: number;
  told: number;
}

const INTERVAL_MS = 60_000;
const SHARE = 0.05;
/** Work that may be done at once after a quiet time, ms: small installations never wait for the budget. */
const BURST_MS = 2_000;
const SLICE_OPERATIONS = 2_000;
/** Big directories under way at once; the export's process remembers a few more. */
const UNFINISHED = 5;
const STARTED_PER_ROUND = 200;
const THRESHOLDS = [100, 90, 80] as const;
/** Percent below a threshold at which it counts as left. */
const HYSTERESIS = 5;

export function createCrawler(options: CrawlerOptions): Crawler {
  const known = new Map<string, Progress>();
  return {
    latest: (key, volume) => {
      const progress = known.get(key);
      return progress?.volume.volume === volume ? progress.usage : undefined;
    },
    async run(signal) {
      await Promise.all(options.storages.map((storage) => crawl({ ...options, known, storage }, signal)));
    },
  };
}

interface Crawl extends CrawlerOptions {
  readonly known: Map<string, Progress>;
  readonly storage: Storage;
}

async function crawl(context: Crawl, signal: AbortSignal): Promise<void> {
  const { clock, storage, log } = context;
  const intervalMs = context.intervalMs ?? INTERVAL_MS;
  const pauseMs = Math.min(intervalMs / 4, 1_000);
  const budget = createBudget(clock, context.share ?? SHARE);
  try {
    while (!signal.aborted) {
      const due = roundOf(context, intervalMs);
      for (const progress of due) {
        await budget.wait(signal);
        const startMs = clock.monotonic();
        await measure(context, progress, signal);
        budget.spend(clock.monotonic() - startMs);
        if (storage.health().kind === 'down') break;
      }
      if (due.length === 0 || storage.health().kind === 'down') await sleep(clock, pauseMs, signal);
    }
  } catch (cause) {
    if (!signal.aborted) throw cause;
    log.debug({ export: storage.description.path }, 'measuring ended');
  }
}

/** A token bucket of milliseconds: work may overdraw it, the next work waits until it is out of debt. */
function createBudget(
  clock: Clock,
  share: number,
): { wait: (signal: AbortSignal) => Promise<void>; spend: (ms: number) => void } {
  let tokensMs = BURST_MS;
  let atMs = clock.monotonic();
  const refill = (): void => {
    const nowMs = clock.monotonic();
    tokensMs = Math.min(BURST_MS, tokensMs + (nowMs - atMs) * share);
    atMs = nowMs;
  };
  return {
    async wait(signal) {
      refill();
      if (tokensMs < 0) await sleep(clock, -tokensMs / share, signal);
    },
    spend(ms) {
      refill();
      tokensMs -= ms;
    },
  };
}

/** What is to be measured now on this export, the most urgent first. Also publishes ages, and forgets volumes that are gone. */
function roundOf(context: Crawl, intervalMs: number): readonly Progress[] {
  const nowMs = context.clock.monotonic();
  const due: { readonly progress: Progress; readonly urgency: number }[] = [];
  const gone = new Set<string>();
  for (const [key, { volume }] of context.known) if (volume.storage === context.storage) gone.add(key);
  for (const volume of context.volumes()) {
    if (volume.storage !== context.storage) continue;
    gone.delete(volume.key);
    const progress = progressOf(context, volume);
    publishAge(context, progress);
    const staleMs = progress.measuredMs === undefined ? Number.MAX_SAFE_INTEGER : nowMs - progress.measuredMs;
    if (staleMs < intervalMs && progress.slices === 0) continue;
    due.push({ progress, urgency: (staleMs * (1 + 10 * progress.growth)) / (1 + progress.slices) });
  }
  for (const key of gone) forget(context, key);
  due.sort((a, b) => b.urgency - a.urgency);
  const unfinished = due.filter(({ progress }) => progress.slices > 0).slice(0, UNFINISHED);
  const fresh = due.filter(({ progress }) => progress.slices === 0).slice(0, STARTED_PER_ROUND);
  return [...fresh, ...unfinished].map(({ progress }) => progress);
}

function progressOf({ known }: Crawl, volume: MeasuredVolume): Progress {
  const before = known.get(volume.key);
  // Of a claim that was made again under its old name, perhaps on the same path, nothing is known.
  const same = before?.volume.volume === volume.volume && before.volume.path.join('/') === volume.path.join('/');
  const progress =
    before && same ? before : { volume, usage: undefined, measuredMs: undefined, growth: 0, slices: 0, told: 0 };
  progress.volume = volume; // its limit may have grown
  known.set(volume.key, progress);
  return progress;
}

async function measure(context: Crawl, progress: Progress, signal: AbortSignal): Promise<void> {
  const { clock, storage } = context;
  const { path } = progress.volume;
  const result = await storage.usage({ path, maxOperations: SLICE_OPERATIONS }, signal);
  if (result.kind === 'problem') {
    progress.slices = 0;
    progress.measuredMs = clock.monotonic(); // of no use to ask again at once; the age that is published tells
    if (result.problem === 'missing') unpublish(context, progress);
    return;
  }
  if (!result.complete) {
    progress.slices += 1;
    return;
  }
  progress.slices = 0;
  progress.growth = growthOf(progress, result);
  progress.measuredMs = clock.monotonic();
  progress.usage = result;
  publish(context, progress, result);
  tell(context, progress, result);
}

function growthOf({ usage, volume }: Progress, now: Usage): number {
  if (!usage || volume.limitBytes <= 0n) return 0;
  const change = now.usedBytes > usage.usedBytes ? now.usedBytes - usage.usedBytes : usage.usedBytes - now.usedBytes;
  return Math.min(1, Number(change) / Number(volume.limitBytes));
}

function labelsOf({ key, className }: MeasuredVolume): {
  readonly namespace: string;
  readonly persistentvolumeclaim: string;
  readonly class: string;
} {
  const slash = key.indexOf('/');
  return { namespace: key.slice(0, slash), persistentvolumeclaim: key.slice(slash + 1), class: className };
}

function publish({ metrics }: Crawl, { volume }: Progress, usage: Usage): void {
  const labels = labelsOf(volume);
  metrics.set('larder_volume_used_bytes', labels, Number(usage.usedBytes));
  metrics.set('larder_volume_inodes_used', labels, Number(usage.inodes));
  metrics.set('larder_volume_limit_bytes', labels, Number(volume.limitBytes));
}

function publishAge({ metrics, clock }: Crawl, { volume, usage }: Progress): void {
  if (!usage) return;
  const ageMs = Math.max(0, clock.now() - usage.at);
  metrics.set('larder_volume_usage_age_seconds', labelsOf(volume), ageMs / 1000);
}

function forget(context: Crawl, key: string): void {
  const progress = context.known.get(key);
  context.known.delete(key);
  if (progress) unpublish(context, progress);
}

function unpublish({ metrics }: Crawl, progress: Progress): void {
  if (!progress.usage) return;
  progress.usage = undefined;
  const labels = labelsOf(progress.volume);
  metrics.remove('larder_volume_used_bytes', labels);
  metrics.remove('larder_volume_inodes_used', labels);
  metrics.remove('larder_volume_limit_bytes', labels);
  metrics.remove('larder_volume_usage_age_seconds', labels);
}

function tell({ onThreshold }: Crawl, progress: Progress, { usedBytes }: Usage): void {
  const { key, limitBytes } = progress.volume;
  if (limitBytes <= 0n) return;
  const percent = Number((usedBytes * 100n) / limitBytes);
  const reached = THRESHOLDS.find((threshold) => percent >= threshold);
  if (reached !== undefined && reached > progress.told) {
    progress.told = reached;
    onThreshold({ key, percent: reached, usedBytes, limitBytes });
  } else if (percent < progress.told - HYSTERESIS) progress.told = reached ?? 0;
}
