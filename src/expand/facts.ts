/** What gates look at, computed once per decision. */
import { baseBytesOf, type Claim } from './claim.ts';
import type { Constraints } from './constraints.ts';
import type { Fill } from './decision.ts';
import { emptyHistory, type Growth, type History, type HistoryProblem } from './history.ts';
import type { Resolution } from './policy.ts';
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
  readonly dryRun: Sourced<boolean>;
}

export interface DecideInput {
  readonly claim: Claim;
  /** Oldest first. */
  readonly samples: readonly Sample[];
  /** Why there is no newer sample; empty when the last attempt gave one. */
  readonly sampleProblem: string;
  readonly resolution: Resolution;
  readonly constraints: Constraints;
  readonly history: History | HistoryProblem;
  readonly rules: Rules;
  /** Epoch ms at which the present capacity was first seen; undefined = it was never seen to change. */
  readonly settledAt: number | undefined;
  /** Epoch ms at which the present resize was first seen; undefined = none, or just now. */
  readonly movingSince: number | undefined;
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
  readonly reached: { readonly storage: boolean; readonly inodes: boolean };
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
  return {
    input,
    history,
    historyProblem,
    baseBytes: baseBytesOf(claim),
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
    reached: {
      storage: sample !== undefined && storageBreaches >= storageNeeded,
      inodes: sample !== undefined && inodesBreaches >= inodesNeeded && !inodesStopped,
    },
    size: planSize(claim, resolution.settings, constraints),
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
  const ageMs = input.now - sample.at;
  const limitMs = trustedAgeMs(sample, input);
  if (ageMs > limitMs) {
    const stale = `the last measurement is ${Math.round(ageMs / 1_000)} s old (at most ${Math.round(limitMs / 1_000)} s)`;
    return input.sampleProblem === '' ? stale : `${stale}; ${input.sampleProblem}`;
  }
  if (-ageMs > limitMs) return 'the measurement is from the future: compare the clocks of the node and of Larder';
  if (sample.at <= since) return 'not measured since the last resize completed';
  return '';
}

function isPlausible({ capacityBytes, availableBytes }: Sample): boolean {
  return capacityBytes > 0n && availableBytes >= 0n && availableBytes <= capacityBytes;
}

function trustedAgeMs(sample: Sample, { rules }: DecideInput): number {
  return TRUSTED_REFRESHES * Math.max(rules.watchInterval.value, sample.everyMs);
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
  return gapMs > 0 && gapMs <= trustedAgeMs(later, input) && later.origin === earlier.origin;
}

/** Rule 5: inodes were once the reason to grow, and that growth brought none. */
function stoppedInodes({ inodes, origin }: Sample, claim: Claim, history: History): boolean {
  const growth = history.growths.findLast(({ trigger }) => trigger === 'inodes');
  if (!growth || !inodes || growth.inodes === undefined || growth.origin !== origin) return false;
  return claim.capacityBytes >= growth.toBytes && inodes.total <= growth.inodes;
}
