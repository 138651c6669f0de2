import type { Decision, State, Verdict } from './decision.ts';
import { summaryOf } from './summary.ts';

/** The metrics that a claim has from its last decision on. */
export const gaugeNames = [
  'pvc_chonker_usage_ratio',
  'pvc_chonker_inodes_usage_ratio',
  'pvc_chonker_capacity_bytes',
  'pvc_chonker_time_to_full_seconds',
  'pvc_chonker_cooldown_until_seconds',
  'pvc_chonker_stuck',
  'pvc_chonker_at_max',
] as const;
/** A claim has no series where it has no figure. */
export type ClaimGauges = Readonly<Record<(typeof gaugeNames)[number], number | undefined>>;

/**
 * What is kept of a decision once it was acted on. With all its gates it weighs four kilobytes, and nobody asks for them
 * but `explain`, which decides afresh.
 */
export interface Outline {
  readonly verdict: Verdict;
  readonly state: State;
  /** One line, without the claim's name. */
  readonly summary: string;
  readonly gauges: ClaimGauges;
  /** Used share at which it grows; undefined: nobody manages it. */
  readonly thresholdRatio: number | undefined;
  /** What will be stored more by the time that it may grow again; undefined: not known. */
  readonly aheadBytes: bigint | undefined;
  /** The measurement that it was decided on, epoch ms; undefined: there was none that could be trusted. */
  readonly measured: { readonly usedBytes: bigint; readonly at: number } | undefined;
}

/** Of claims that nobody manages thousands say the same, which is kept once. */
const summaries = new Map<string, string>();
const MOST_SUMMARIES = 1_000;

export function outlineOf(decision: Decision): Outline {
  const { verdict, state } = decision;
  return {
    verdict,
    state,
    summary: shared(summaryOf(decision)),
    gauges: gaugesOf(decision),
    // A default never takes the place of a value that cannot be read: until then there is no threshold.
    thresholdRatio: verdict.kind === 'Unmanaged' || verdict.kind === 'Invalid' ? undefined : thresholdIn(decision),
    aheadBytes: decision.ahead?.projectedBytes,
    measured: decision.fill && { usedBytes: decision.fill.usedBytes, at: decision.fill.at },
  };
}

function thresholdIn({ gates }: Decision): number | undefined {
  const measures = gates.find(({ name }) => name === 'storage')?.compared ?? [];
  const threshold = measures.find(({ what }) => what === 'threshold');
  return threshold?.unit === 'ratio' ? threshold.value : undefined;
}

function gaugesOf({ fill, verdict, forecast }: Decision): ClaimGauges {
  const managed = verdict.kind !== 'Unmanaged';
  const stuck = verdict.kind === 'Stuck' || verdict.kind === 'Ineffective';
  const until = verdict.kind === 'CoolingDown' ? verdict.until / 1_000 : 0;
  const fullInMs = forecast?.kind === 'known' ? forecast.timeToFullMs : undefined;
  return {
    pvc_chonker_usage_ratio: fill?.ratio,
    pvc_chonker_inodes_usage_ratio: fill?.inodesRatio,
    pvc_chonker_capacity_bytes: fill && Number(fill.capacityBytes),
    pvc_chonker_time_to_full_seconds: fullInMs === undefined ? undefined : fullInMs / 1_000,
    pvc_chonker_cooldown_until_seconds: managed ? until : undefined,
    pvc_chonker_stuck: managed ? Number(stuck) : undefined,
    pvc_chonker_at_max: managed ? Number(verdict.kind === 'AtMax') : undefined,
  };
}

function shared(summary: string): string {
  const known = summaries.get(summary);
  if (known !== undefined) return known;
  if (summaries.size >= MOST_SUMMARIES) summaries.clear();
  summaries.set(summary, summary);
  return summary;
}
