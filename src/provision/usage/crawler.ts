/**
 * Measures the directories of live volumes round after round, because a kubelet reports the whole export for each of
 * them. It uses a bounded share of the time, and leaves to `turn` whose turn it is.
 */
import { type Clock, sleep } from '../../telemetry/clock.ts';
import type { Log } from '../../telemetry/log.ts';
import type { Storage, StorageProblem, Usage } from '../storage.ts';
import type { MeasuredVolume } from '../volumes.ts';
import { type Budget, createBudget } from './budget.ts';
import { type MeasuredUsage, publishUsage, type SeriesOptions } from './series.ts';
import { nextTurns, type Spent, type Standing, type Turn, turnsOf } from './turn.ts';

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

interface Progress extends Standing {
  volume: MeasuredVolume;
  usage: Usage | undefined;
  measuredMs: number | undefined;
  changedMs: number | undefined;
  growth: number;
  fill: number;
  slices: number;
  begunMs: number;
  costMs: number;
  lookMs: number | undefined;
  /** The threshold that was told of last, percent; 0: none. */
  told: number;
  /** The plan that it was last part of. */
  plan: number;
}

const INTERVAL_MS = 60_000;
const SHARE = 0.05;
const SLICE_OPERATIONS = 2_000;
/** A pause is so many times what it took to find out that nothing is due: ten thousand volumes are not gone through every second. */
const PAUSE_TO_PLAN = 2_000;
/** What a call takes before any was timed, ms. */
const CALL_MS = 0.02;
/** Weight of the newest turn in the mean of what a call takes. */
const NEWEST = 0.05;
const THRESHOLDS = [100, 90, 80] as const;
/** Percent below a threshold at which it counts as left. */
const HYSTERESIS = 5;

export function createCrawler(options: CrawlerOptions): Crawler {
  const known = new Map<string, Progress>();
  publishUsage(options, options.clock, function* () {
    for (const { volume, usage } of known.values()) if (usage) yield { volume, usage } satisfies MeasuredUsage;
  });
  return {
    latest: (key, volume) => {
      const progress = known.get(key);
      return progress?.volume.volume === volume ? progress.usage : undefined;
    },
    async run(signal) {
      await Promise.all(
        options.storages.map((storage) => {
          const spent = { beginMs: 0, resumeMs: 0 };
          return crawl({ ...options, known, storage, callMs: CALL_MS, spent, plans: 0, standings: [] }, signal);
        }),
      );
    },
  };
}

interface Crawl extends CrawlerOptions {
  readonly known: Map<string, Progress>;
  readonly storage: Storage;
  /** What a system call on this export takes, mean. */
  callMs: number;
  spent: Spent;
  /** How often it was planned whose turn it is. */
  plans: number;
  /** Those of the last plan; the same array each time, as it has a place for each of thousands of volumes. */
  readonly standings: Progress[];
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
      const roundMs = Math.max(pauseMs, Math.min(intervalMs / 4, plannedMs * PAUSE_TO_PLAN));
      const turns = [...begin, ...resume];
      const untilMs = beganMs + roundMs;
      if (turns.length > 0) await round(context, { begin: [...begin], resume: [...resume], budget, untilMs }, signal);
      // In a burst a few volumes come at a time: going through all of them for each few would cost more than the rest.
      const unfinished = turns.some(({ volume }) => volume.slices > 0);
      const restMs = storage.health().kind === 'down' ? roundMs : unfinished ? 0 : untilMs - clock.monotonic();
      if (restMs > 0) await sleep(clock, restMs, signal);
    }
  } catch (cause) {
    if (!signal.aborted) throw cause;
    log.debug({ export: storage.description.path }, 'measuring ended');
  }
}

interface Round {
  readonly begin: Turn<Progress>[];
  readonly resume: Turn<Progress>[];
  readonly budget: Budget;
  /** Monotonic ms at which it is decided anew who is due. */
  readonly untilMs: number;
}

async function round(context: Crawl, { budget, untilMs, ...left }: Round, signal: AbortSignal): Promise<void> {
  const { clock, storage } = context;
  if (left.begin.length === 0 || left.resume.length === 0) context.spent = { beginMs: 0, resumeMs: 0 };
  while (clock.monotonic() < untilMs) {
    const turns = nextTurns(left, context.spent);
    const resumes = turns.some(({ volume }) => volume.slices > 0);
    if (turns.length === 0) return;
    await budget.wait(signal);
    const costMs = await measure(context, turns, signal);
    budget.spend(costMs);
    const { beginMs, resumeMs } = context.spent;
    context.spent = resumes ? { beginMs, resumeMs: resumeMs + costMs } : { beginMs: beginMs + costMs, resumeMs };
    if (storage.health().kind === 'down') return;
  }
}

/** What is known of the volumes of this export. Forgets those that are gone. */
function standingsOf(context: Crawl): readonly Progress[] {
  const { known, storage } = context;
  const { standings } = context;
  let count = 0;
  context.plans += 1;
  for (const volume of context.volumes()) {
    if (volume.storage !== storage) continue;
    const progress = progressOf(context, volume);
    progress.costMs = progress.usage ? Number(progress.usage.inodes) * context.callMs : 0;
    progress.plan = context.plans;
    standings[count] = progress;
    count += 1;
  }
  standings.length = count;
  // A mark on each, and no set of them: thousands are gone through every few seconds, and nearly always all are here.
  for (const { volume, plan } of known.values()) {
    if (volume.storage === storage && plan !== context.plans) known.delete(volume.key);
  }
  return standings;
}

function progressOf({ known }: Crawl, volume: MeasuredVolume): Progress {
  const before = known.get(volume.key);
  if (before?.volume === volume) return before;
  // Of a claim that was made again under its old name, perhaps on the same path, nothing is known.
  const same = before?.volume.volume === volume.volume && before.volume.path.join('/') === volume.path.join('/');
  const progress = before && same ? before : unknown(volume);
  progress.volume = volume; // its limit may have grown
  progress.fill = fillOf(progress);
  known.set(volume.key, progress);
  return progress;
}

const fillOf = ({ usage, volume }: Progress): number =>
  usage && volume.limitBytes > 0n ? Number(usage.usedBytes) / Number(volume.limitBytes) : 0;

const unknown = (volume: MeasuredVolume): Progress => ({
  volume,
  usage: undefined,
  measuredMs: undefined,
  changedMs: undefined,
  growth: 0,
  fill: 0,
  slices: 0,
  begunMs: 0,
  costMs: 0,
  lookMs: undefined,
  told: 0,
  plan: 0,
});

/** Turns at one time. Returns what they cost, ms: of the clock, because a slow export shall not be kept busy, or of the processor. */
async function measure(context: Crawl, turns: readonly Turn<Progress>[], signal: AbortSignal): Promise<number> {
  const { clock } = context;
  const startMs = clock.monotonic();
  const spent = await Promise.all(turns.map((turn) => ask(context, turn, signal)));
  // What the process of the export spent meanwhile is in the figure of each.
  const costMs = Math.max(clock.monotonic() - startMs, ...spent.map(({ cpuMs }) => cpuMs));
  const operations = spent.reduce((sum, each) => sum + each.operations, 0);
  if (operations > 0) context.callMs += NEWEST * (costMs / operations - context.callMs);
  for (const { volume, freshMs } of turns) if (freshMs > 0) volume.lookMs = costMs / turns.length;
  return costMs;
}

async function ask(
  context: Crawl,
  { volume: progress, freshMs }: Turn<Progress>,
  signal: AbortSignal,
): Promise<Pick<Usage, 'cpuMs' | 'operations'>> {
  const { clock, storage, meter } = context;
  const { volume } = progress;
  if (progress.slices === 0) progress.begunMs = clock.monotonic();
  const metered = meter?.(volume);
  const result = metered
    ? exactly(metered)
    : await storage.usage({ path: volume.path, maxOperations: SLICE_OPERATIONS, freshMs }, signal);
  if (result.kind === 'problem') {
    failed(context, progress, result);
    return { cpuMs: 0, operations: 0 };
  }
  if (result.complete) measured(context, progress, result);
  else progress.slices += 1;
  return result;
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
  if (problem !== 'missing') return;
  progress.usage = undefined;
  progress.fill = 0;
}

function measured(context: Crawl, progress: Progress, usage: Usage): void {
  const nowMs = context.clock.monotonic();
  const before = progress.usage;
  if (before && (before.usedBytes !== usage.usedBytes || before.inodes !== usage.inodes)) progress.changedMs = nowMs;
  progress.slices = 0;
  progress.growth = growthOf(progress, usage);
  progress.measuredMs = nowMs;
  progress.usage = usage;
  progress.fill = fillOf(progress);
  tell(context, progress, usage);
}

function growthOf({ usage, volume }: Progress, now: Usage): number {
  if (!usage || volume.limitBytes <= 0n) return 0;
  const change = now.usedBytes > usage.usedBytes ? now.usedBytes - usage.usedBytes : usage.usedBytes - now.usedBytes;
  return Math.min(1, Number(change) / Number(volume.limitBytes));
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
