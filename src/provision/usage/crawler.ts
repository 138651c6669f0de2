/**
 * Measures the directories of live volumes round after round, because a kubelet reports the whole export for each of
 * them. It uses a bounded share of the time, and leaves to `turn` whose turn it is.
 */
import { type Clock, sleep } from '../../telemetry/clock.ts';
import type { Log } from '../../telemetry/log.ts';
import type { Storage, StorageProblem, Usage } from '../storage.ts';
import type { MeasuredVolume } from '../volumes.ts';
import { type Budget, createBudget } from './budget.ts';
import { createSeries, type Series, type SeriesOptions } from './series.ts';
import { nextTurn, type Spent, type Turn, turnsOf } from './turn.ts';

export interface Crossing {
  /** `namespace/name` of the claim. */
  readonly key: string;
  /** Percent of the limit that the directory has reached since the measurement before. */
  readonly percent: 80 | 90 | 100;
  readonly usedBytes: bigint;
  readonly limitBytes: bigint;
}

/** What a quota knows without reading the tree; undefined: nothing of this volume. Never waits. */
export type Meter = (volume: MeasuredVolume) => Metered | undefined;

export interface Metered {
  readonly usedBytes: bigint;
  readonly inodes: bigint;
  /** Epoch ms. */
  readonly at: number;
}

export interface CrawlerOptions extends SeriesOptions {
  readonly storages: readonly Storage[];
  /** Asked at the start of each round. */
  readonly volumes: () => Iterable<MeasuredVolume>;
  /** Asked before a directory is read; absent: there is no quota. */
  readonly meter?: Meter | undefined;
  readonly clock: Clock;
  readonly log: Log;
  /** Told once per threshold, again only after the usage has been clearly below it. */
  readonly onThreshold: (crossing: Crossing) => void;
  /** Wanted time between two measurements of one volume; default a minute. */
  readonly intervalMs?: number;
  /** Share of the time of one processor, and of the time that an export works, on each export; default 0.05. */
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
  /** Monotonic ms of the last one that differed from the one before. */
  changedMs: number | undefined;
  growth: number;
  slices: number;
  begunMs: number;
  told: number;
}

const INTERVAL_MS = 60_000;
const SHARE = 0.05;
const SLICE_OPERATIONS = 2_000;
/** A pause is so many times what it took to find out that nothing is due: ten thousand volumes are not gone through every second. */
const PAUSE_TO_PLAN = 100;
/** What a call takes before any was timed, ms. */
const CALL_MS = 0.02;
/** Weight of the newest turn in the mean of what a call takes. */
const NEWEST = 0.05;
const THRESHOLDS = [100, 90, 80] as const;
/** Percent below a threshold at which it counts as left. */
const HYSTERESIS = 5;

export function createCrawler(options: CrawlerOptions): Crawler {
  const known = new Map<string, Progress>();
  const series = createSeries(options);
  return {
    latest: (key, volume) => {
      const progress = known.get(key);
      return progress?.volume.volume === volume ? progress.usage : undefined;
    },
    async run(signal) {
      await Promise.all(
        options.storages.map((storage) => {
          const spent = { beginMs: 0, resumeMs: 0 };
          return crawl({ ...options, known, series, storage, callMs: CALL_MS, spent }, signal);
        }),
      );
    },
  };
}

interface Crawl extends CrawlerOptions {
  readonly known: Map<string, Progress>;
  readonly series: Series;
  readonly storage: Storage;
  /** What a system call on this export takes, mean. */
  callMs: number;
  spent: Spent;
}

async function crawl(context: Crawl, signal: AbortSignal): Promise<void> {
  const { clock, storage, log } = context;
  const intervalMs = context.intervalMs ?? INTERVAL_MS;
  const pauseMs = Math.min(intervalMs / 4, 1_000);
  const budget = createBudget(clock, context.share ?? SHARE);
  try {
    while (!signal.aborted) {
      const beganMs = clock.monotonic();
      const { begin, resume } = turnsOf(standingsOf(context), { nowMs: beganMs, intervalMs });
      const plannedMs = clock.monotonic() - beganMs;
      const roundMs = Math.max(pauseMs, plannedMs * PAUSE_TO_PLAN);
      const turns = [...begin, ...resume];
      const untilMs = beganMs + roundMs;
      if (turns.length > 0) await round(context, { begin: [...begin], resume: [...resume], budget, untilMs }, signal);
      // In a burst a few volumes come at a time: going through all of them for each few would cost more than the rest.
      const unfinished = turns.some(({ volume }) => volume.progress.slices > 0);
      const restMs = storage.health().kind === 'down' ? roundMs : unfinished ? 0 : untilMs - clock.monotonic();
      if (restMs > 0) await sleep(clock, restMs, signal);
    }
  } catch (cause) {
    if (!signal.aborted) throw cause;
    log.debug({ export: storage.description.path }, 'measuring ended');
  }
}

interface Round {
  readonly begin: Turn<Standing>[];
  readonly resume: Turn<Standing>[];
  readonly budget: Budget;
  /** Monotonic ms at which it is decided anew who is due. */
  readonly untilMs: number;
}

async function round(context: Crawl, { budget, untilMs, ...left }: Round, signal: AbortSignal): Promise<void> {
  const { clock, storage } = context;
  if (left.begin.length === 0 || left.resume.length === 0) context.spent = { beginMs: 0, resumeMs: 0 };
  while (clock.monotonic() < untilMs) {
    const turn = nextTurn(left, context.spent);
    if (!turn) return;
    await budget.wait(signal);
    const { slices } = turn.volume;
    const costMs = await measure(context, turn.volume, turn.freshMs, signal);
    budget.spend(costMs);
    const { beginMs, resumeMs } = context.spent;
    context.spent = slices === 0 ? { beginMs: beginMs + costMs, resumeMs } : { beginMs, resumeMs: resumeMs + costMs };
    if (storage.health().kind === 'down') return;
  }
}

interface Standing extends Progress {
  readonly progress: Progress;
  readonly fill: number;
  readonly costMs: number;
}

/** The volumes of this export. Also publishes ages, and forgets volumes that are gone. */
function standingsOf(context: Crawl): readonly Standing[] {
  const { known, series, storage, clock } = context;
  const standings: Standing[] = [];
  const gone = new Set<string>();
  for (const [key, { volume }] of known) if (volume.storage === storage) gone.add(key);
  for (const volume of context.volumes()) {
    if (volume.storage !== storage) continue;
    gone.delete(volume.key);
    const progress = progressOf(context, volume);
    const { usage } = progress;
    if (usage) series.age(volume, clock.now() - usage.readAt);
    standings.push({
      ...progress,
      progress,
      fill: usage && volume.limitBytes > 0n ? Number(usage.usedBytes) / Number(volume.limitBytes) : 0,
      costMs: Number(usage?.inodes ?? 0n) * context.callMs,
    });
  }
  for (const key of gone) {
    forget(context, known.get(key));
    known.delete(key);
  }
  return standings;
}

function progressOf(context: Crawl, volume: MeasuredVolume): Progress {
  const { known } = context;
  const before = known.get(volume.key);
  // Of a claim that was made again under its old name, perhaps on the same path, nothing is known.
  const same = before?.volume.volume === volume.volume && before.volume.path.join('/') === volume.path.join('/');
  if (before && !same) forget(context, before);
  const progress: Progress =
    before && same
      ? before
      : {
          volume,
          usage: undefined,
          measuredMs: undefined,
          changedMs: undefined,
          growth: 0,
          slices: 0,
          begunMs: 0,
          told: 0,
        };
  progress.volume = volume; // its limit may have grown
  known.set(volume.key, progress);
  return progress;
}

/** One turn. Returns what it cost, ms: of the clock, because a slow export shall not be kept busy, or of the processor. */
async function measure(context: Crawl, { progress }: Standing, freshMs: number, signal: AbortSignal): Promise<number> {
  const { clock, storage, meter } = context;
  const startMs = clock.monotonic();
  const { volume } = progress;
  if (progress.slices === 0) progress.begunMs = startMs;
  const metered = meter?.(volume);
  const result = metered
    ? exactly(metered)
    : await storage.usage({ path: volume.path, maxOperations: SLICE_OPERATIONS, freshMs }, signal);
  const tookMs = clock.monotonic() - startMs;
  if (result.kind === 'problem') {
    failed(context, progress, result);
    return tookMs;
  }
  const costMs = Math.max(tookMs, result.cpuMs);
  if (result.operations > 0) context.callMs += NEWEST * (costMs / result.operations - context.callMs);
  if (result.complete) measured(context, progress, result);
  else progress.slices += 1;
  return costMs;
}

const exactly = ({ usedBytes, inodes, at }: Metered): Usage => ({
  kind: 'usage',
  usedBytes,
  inodes,
  at,
  readAt: at,
  complete: true,
  operations: 0,
  cpuMs: 0,
});

function failed(context: Crawl, progress: Progress, { problem }: StorageProblem): void {
  progress.slices = 0;
  progress.measuredMs = context.clock.monotonic(); // of no use to ask again at once; the age that is published tells
  if (problem === 'missing') forget(context, progress);
}

function measured(context: Crawl, progress: Progress, usage: Usage): void {
  const nowMs = context.clock.monotonic();
  const before = progress.usage;
  if (before && (before.usedBytes !== usage.usedBytes || before.inodes !== usage.inodes)) progress.changedMs = nowMs;
  progress.slices = 0;
  progress.growth = growthOf(progress, usage);
  progress.measuredMs = nowMs;
  progress.usage = usage;
  context.series.publish(progress.volume, usage);
  tell(context, progress, usage);
}

function growthOf({ usage, volume }: Progress, now: Usage): number {
  if (!usage || volume.limitBytes <= 0n) return 0;
  const change = now.usedBytes > usage.usedBytes ? now.usedBytes - usage.usedBytes : usage.usedBytes - now.usedBytes;
  return Math.min(1, Number(change) / Number(volume.limitBytes));
}

/** Its series leave, and what is known of it. */
function forget({ series }: Crawl, progress: Progress | undefined): void {
  if (!progress?.usage) return;
  progress.usage = undefined;
  series.remove(progress.volume);
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
