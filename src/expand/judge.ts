import { intern } from '../kube/intern.ts';
import type { Clock } from '../telemetry/clock.ts';
import type { Claim } from './claim.ts';
import { decide } from './decide.ts';
import type { Decision } from './decision.ts';
import type { DecideInput, Rules } from './facts.ts';
import { loweredBy } from './guard/lowered.ts';
import { emptyHistory, type History, parseHistory, retimeHistory } from './history.ts';
import type { Entry } from './notebook.ts';
import type { Situation } from './situation.ts';
import { isRecalled } from './usage/track.ts';

export interface Judgement {
  readonly decision: Decision;
  /** Empty when the annotations cannot be read; the decision then says so. */
  readonly history: History;
}

/** Joins what the cluster says with what the process remembers, and decides. `entry` is absent for a claim never met. */
export function judge(
  situation: Situation,
  entry: Entry | undefined,
  around: { rules: Rules; clock: Clock },
): Judgement {
  const { clock, rules } = around;
  const { object, claim, resolution, constraints } = situation;
  const now = clock.now();
  const parsed = parseHistory(object.metadata.annotations);
  const history = parsed.ok ? retimeHistory(parsed.value, agesOf(entry, clock), now) : emptyHistory;
  if (entry) followLowering(entry, claim, history, clock.monotonic());
  const input: DecideInput = {
    claim,
    samples: entry?.track.samples ?? [],
    sampleProblem: entry?.sampleProblem ?? '',
    heardAt: entry && heardAt(entry, clock, now),
    recalled: entry !== undefined && isRecalled(entry.track),
    trend: entry?.memory.trend,
    resolution,
    constraints,
    history: parsed.ok ? history : parsed,
    rules,
    floor: situation.floor,
    settledAt: entry?.track.settledAt,
    movingSince: entry?.movement?.seenAt,
    loweredSince: entry?.lowered && now - (clock.monotonic() - entry.lowered.seenMono),
    recoveryProblem: entry?.recoveryProblem,
    now,
  };
  return { decision: decide(input), history };
}

function agesOf(entry: Entry | undefined, clock: Clock): ReadonlyMap<number, number> {
  const ages = new Map<number, number>();
  for (const [stamp, madeMono] of entry?.made ?? []) ages.set(stamp, clock.monotonic() - madeMono);
  return ages;
}

/**
 * When the newest measurement was first told at the latest, on the clock that does not step: what was told last may have
 * been turned down, and what counts was told before it. Undefined: by an earlier process.
 */
function heardAt({ heard }: Entry, clock: Clock, now: number): number | undefined {
  return heard && now - (clock.monotonic() - heard.firstMono);
}

/** Notes when the request was first seen below what Larder wrote, on the clock that does not step; another request is another lowering. */
function followLowering(entry: Entry, claim: Claim, history: History, nowMono: number): void {
  const lowered = loweredBy(claim, history);
  const what = lowered && `${lowered.growth.toBytes} ${claim.requestBytes}`;
  if (what === undefined) entry.lowered = undefined;
  else if (entry.lowered?.what !== what) entry.lowered = { what, seenMono: nowMono };
}

/** Notes when the claim's resize last moved on, for the clock that calls it stuck. */
export function followMovement(entry: Entry, claim: Claim, now: number): void {
  const conditions = claim.conditions.filter(({ status }) => status === 'True').map(({ type }) => type);
  const what = [claim.requestBytes, claim.capacityBytes, claim.resizeStatus, ...conditions].join(' ');
  if (entry.movement?.what !== what) entry.movement = { what: intern(what), seenAt: now }; // nearly all say the same
}
