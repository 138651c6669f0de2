/** What gates look at, computed once per decision. */
import { baseBytesOf, type Claim } from './claim.ts';
import type { Constraints } from './constraints.ts';
import type { Fill, Reached } from './decision.ts';
import type { Floor } from './floor.ts';
import { type Ahead, aheadOf } from './forecast/ahead.ts';
import { type Forecast, forecastOf, projectedBytes } from './forecast/forecast.ts';
import type { Trend } from './forecast/trend.ts';
import { type Lowered, loweredBy } from './guard/lowered.ts';
import { emptyHistory, type Growth, type History, type HistoryProblem } from './history.ts';
import type { Resolution } from './policy/policy.ts';
import { ratioOf, reaches } from './portion.ts';
import { type Progress, progressOf } from './progress.ts';
import { readableBytes, readableTime } from './readable.ts';
import { planSize, type SizePlan } from './size.ts';
import { type Sample, sampleSource } from './usage/source.ts';

export interface Sourced<T> {
  readonly value: T;
  /** As a user reads it, for example `built-in` or `environment LARDER_DRY_RUN`. */
  readonly source: string;
}

/** Numbers of the rules themselves; they hold for the whole installation. */
export interface Rules {
  /** Consecutive measurements at or above a threshold before it counts; at least 1. */
  readonly breaches: Sourced<number>;
  /** From this share on a single measurement is enough. */
  readonly urgentRatio: Sourced<number>;
  /** Milliseconds between two passes; a sample is trusted for three of them, or three refreshes of its origin. */
  readonly watchInterval: Sourced<number>;
  /** Milliseconds without progress after which a growth is called stuck. */
  readonly stuckAfter: Sourced<number>;
  readonly expansionsPerDay: Sourced<number>;
  /** Milliseconds; how old a snapshot may be that is asked for. */
  readonly snapshotAge: Sourced<number>;
  /** Milliseconds that growth waits for a snapshot or backup under way. */
  readonly backupPatience: Sourced<number>;
  readonly dryRun: Sourced<boolean>;
  /** How full a volume may be at the end of what is looked ahead, 0–1. */
  readonly targetUse: Sourced<number>;
  /** Points that a rate of growth needs, and the milliseconds that they must cover. */
  readonly forecastSamples: Sourced<number>;
  readonly forecastSpan: Sourced<number>;
  /** How far back its rate of growth looks, milliseconds. */
  readonly forecastWindow: Sourced<number>;
  /** Milliseconds that are looked ahead beyond the next moment at which a claim may grow. */
  readonly forecastSafety: Sourced<number>;
}

export interface DecideInput {
  readonly claim: Claim;
  /** Oldest first. */
  readonly samples: readonly Sample[];
  /** Why there is no newer sample; empty when the last attempt gave one. */
  readonly sampleProblem: string;
  /** Epoch ms at which the newest sample was first told, at the latest; absent = not known. A clock that was set back makes no sample younger. */
  readonly heardAt?: number | undefined;
  /** Nothing was measured since an earlier process kept the newest sample: it counts in a row, and alone asks for nothing. Absent = no. */
  readonly recalled?: boolean;
  /** How fast it fills; undefined = not known. */
  readonly trend?: Trend | undefined;
  readonly resolution: Resolution;
  readonly constraints: Constraints;
  readonly history: History | HistoryProblem;
  readonly rules: Rules;
  /** A size that the claim is to have whatever it uses; undefined = none, or it has it. */
  readonly floor?: Floor | undefined;
  /** Epoch ms at which the present capacity was first seen; undefined = it was never seen to change. */
  readonly settledAt: number | undefined;
  /** Epoch ms at which the present resize was first seen; undefined = none, or just now. */
  readonly movingSince: number | undefined;
  /** Epoch ms at which the request was first seen below what Larder wrote; absent = it is not, or just now. */
  readonly loweredSince?: number | undefined;
  /** Why a request that the driver refuses is not lowered; absent or empty = nothing speaks against it. */
  readonly recoveryProblem?: string | undefined;
  /** Epoch ms. */
  readonly now: number;
}

export interface Facts {
  readonly input: DecideInput;
  readonly history: History;
  readonly historyProblem: HistoryProblem | undefined;
  readonly baseBytes: bigint;
  readonly progress: Progress;
  /** The newest growth of ours that the volume has reached. */
  readonly completed: Growth | undefined;
  /** The newest sample, if it can be trusted. */
  readonly sample: Sample | undefined;
  /** Why there is none. */
  readonly distrust: string;
  readonly source: string;
  readonly fill: Fill | undefined;
  /** How many of the newest samples in a row are at or above the threshold. */
  readonly storageBreaches: number;
  readonly inodesBreaches: number;
  /** How many are needed for each. */
  readonly storageNeeded: number;
  readonly inodesNeeded: number;
  /** The inode trigger stopped, because the growth that it asked for brought no inodes. */
  readonly inodesStopped: boolean;
  /** Which triggers are reached in enough measurements. */
  readonly reached: Reached;
  /** Undefined without a measurement that can be trusted. */
  readonly forecast: Forecast | undefined;
  /** How many of the newest samples in a row leave less room than is filled within `full-within`. */
  readonly fullBreaches: number;
  /** The size that others want for the claim, when it is less. */
  readonly floor: Floor | undefined;
  /** Undefined: nothing is looked ahead. */
  readonly ahead: Ahead | undefined;
  /** Somebody else lowered the request; undefined = nobody. */
  readonly lowered: Lowered | undefined;
  readonly size: SizePlan;
}

const TRUSTED_REFRESHES = 3;

export function factsOf(input: DecideInput): Facts {
  const { claim, resolution, constraints, rules, now, samples } = input;
  const historyProblem = 'reason' in input.history ? input.history : undefined;
  const history = 'reason' in input.history ? emptyHistory : input.history;
  const growth = history.growths.at(-1);
  const progress = progressOf(claim, { growth, seenAt: input.movingSince, now });
  const completed = growth && claim.capacityBytes >= growth.toBytes && progress.kind === 'settled' ? growth : undefined;
  const newest = samples.at(-1);
  const since = input.settledAt ?? completed?.at ?? Number.NEGATIVE_INFINITY;
  const distrust = newest ? distrustOf(newest, input, since) : unmeasured(input, completed);
  const sample = distrust === '' ? newest : undefined;
  const { threshold, inodesThreshold } = resolution.settings;
  const { breaches, urgentRatio } = rules;
  const storageBreaches = sample ? breachesOf(input, since, (one) => storageReaches(one, threshold.value)) : 0;
  const inodesBreaches = sample ? breachesOf(input, since, (one) => inodesReach(one, inodesThreshold.value)) : 0;
  const storageNeeded = sample && storageReaches(sample, urgentRatio.value) ? 1 : breaches.value;
  const inodesNeeded = sample && inodesReach(sample, urgentRatio.value) ? 1 : breaches.value;
  const inodesStopped = sample !== undefined && stoppedInodes(sample, claim, history);
  const baseBytes = baseBytesOf(claim);
  const ahead = aheadOf(input, { sample, history, baseBytes });
  const fullBreaches = sample && ahead ? fullBreachesOf(input, since) : 0;
  const wanted = input.floor && input.now < (input.floor.until ?? Number.POSITIVE_INFINITY) ? input.floor : undefined;
  const floor = wanted && wanted.bytes > baseBytes ? wanted : undefined;
  const measured = sample !== undefined && input.recalled !== true;
  const reached: Reached = {
    storage: measured && storageBreaches >= storageNeeded,
    inodes: measured && inodesBreaches >= inodesNeeded && !inodesStopped,
    fullWithin: measured && fullBreaches >= breaches.value,
    floor: floor !== undefined,
  };
  return {
    input,
    history,
    historyProblem,
    baseBytes,
    progress,
    completed,
    sample,
    distrust,
    source: newest ? sampleSource(newest) : '',
    fill: sample && fillOf(sample),
    storageBreaches,
    inodesBreaches,
    storageNeeded,
    inodesNeeded,
    inodesStopped,
    reached,
    floor,
    forecast: sample && forecastOf(input.trend, sample.availableBytes, rules),
    fullBreaches,
    ahead,
    lowered: loweredBy(claim, history),
    size: planSize(claim, resolution.settings, constraints, {
      neededBytes: ahead?.neededBytes,
      floorBytes: floor?.bytes,
      onlyFloor: reached.floor && !(reached.storage || reached.inodes || reached.fullWithin),
    }),
  };
}

function storageReaches({ capacityBytes, availableBytes }: Sample, ratio: number): boolean {
  return capacityBytes > 0n && reaches(capacityBytes - availableBytes, capacityBytes, ratio);
}

function inodesReach({ inodes }: Sample, ratio: number): boolean {
  return inodes !== undefined && inodes.total > 0n && reaches(inodes.used, inodes.total, ratio);
}

/** Why there is no measurement: those from before a growth were dropped, because they say nothing of the new size. */
function unmeasured({ sampleProblem, settledAt }: DecideInput, completed: Growth | undefined): string {
  if (sampleProblem !== '') return sampleProblem;
  if (settledAt === undefined || !completed) return 'no measurement yet';
  const sizes = `from ${readableBytes(completed.fromBytes)} to ${readableBytes(completed.toBytes)}`;
  return `it grew ${sizes} at ${readableTime(completed.at)} and was not measured since`;
}

/** Empty = trusted (rule 4). */
function distrustOf(sample: Sample, input: DecideInput, since: number): string {
  if (!isPlausible(sample)) return 'the measurement is impossible: available must lie between 0 and the capacity';
  const ageMs = input.now - Math.min(sample.at, input.heardAt ?? sample.at);
  const limitMs = trustedAgeMs(sample, input.rules);
  if (ageMs > limitMs) {
    const stale = `the last measurement is ${Math.round(ageMs / 1_000)} s old (at most ${Math.round(limitMs / 1_000)} s)`;
    return input.sampleProblem === '' ? stale : `${stale}; ${input.sampleProblem}`;
  }
  if (isFromFuture(sample, input.rules, input.now)) return FROM_FUTURE;
  if (sample.at <= since) return 'not measured since the last resize completed';
  return '';
}

function isPlausible({ capacityBytes, availableBytes }: Sample): boolean {
  return capacityBytes > 0n && availableBytes >= 0n && availableBytes <= capacityBytes;
}

function trustedAgeMs(sample: Sample, { watchInterval }: Pick<Rules, 'watchInterval'>): number {
  return TRUSTED_REFRESHES * Math.max(watchInterval.value, sample.everyMs);
}

export const FROM_FUTURE = 'the measurement is from the future: compare the clocks of the node and of Larder';

export const TOLD_BEFORE =
  'its source tells a measurement again that does not count: compare the clocks of the node and of Larder, and see whether the source still measures';

/** By more than clocks may differ. Such a one must not be kept either: when its time has come it would look fresh. */
export function isFromFuture(sample: Sample, rules: Pick<Rules, 'watchInterval'>, now: number): boolean {
  return sample.at - now > trustedAgeMs(sample, rules);
}

function fillOf(sample: Sample): Fill {
  const { at, capacityBytes, availableBytes, usedBytes, inodes, origin } = sample;
  return {
    at,
    capacityBytes,
    availableBytes,
    usedBytes,
    ratio: ratioOf(capacityBytes - availableBytes, capacityBytes),
    inodesRatio: inodes && inodes.total > 0n ? ratioOf(inodes.used, inodes.total) : undefined,
    inodes: inodes?.total,
    origin,
    source: sampleSource(sample),
  };
}

/** Counts back from the newest; a gap, an implausible sample or one from before the resize ends the row. */
function breachesOf(input: DecideInput, since: number, breaches: (sample: Sample) => boolean): number {
  const { samples } = input;
  let count = 0;
  let later: Sample | undefined;
  for (let index = samples.length - 1; index >= 0 && count < input.rules.breaches.value; index -= 1) {
    const sample = samples[index];
    if (!sample || sample.at <= since || !isPlausible(sample) || !breaches(sample)) break;
    if (later && !follows(later, sample, input)) break;
    count += 1;
    later = sample;
  }
  return count;
}

function follows(later: Sample, earlier: Sample, input: DecideInput): boolean {
  const gapMs = later.at - earlier.at;
  return gapMs > 0 && gapMs <= trustedAgeMs(later, input.rules) && later.origin === earlier.origin;
}

/** How many of the newest samples in a row leave less room than is filled within the time that the setting names. */
function fullBreachesOf(input: DecideInput, since: number): number {
  const withinMs = input.resolution.settings.fullWithin?.value ?? 0;
  if (withinMs === 0) return 0;
  const bytes = projectedBytes(input.trend, withinMs);
  return breachesOf(input, since, ({ availableBytes }) => availableBytes < bytes);
}

/** Rule 5: inodes were once the reason to grow, and that growth brought none. */
function stoppedInodes({ inodes, origin }: Sample, claim: Claim, history: History): boolean {
  const growth = history.growths.findLast(({ trigger }) => trigger === 'inodes');
  if (!growth || !inodes || growth.inodes === undefined || growth.origin !== origin) return false;
  return claim.capacityBytes >= growth.toBytes && inodes.total <= growth.inodes;
}
