/** What came of a simulation, as the command prints it: one row per claim and their total. */

import type { Situation } from '../situation.ts';
import type { Course } from './course.ts';

const GIB = 2 ** 30;
/** A month of the clouds' price lists. */
const MONTH_MS = 730 * 3_600_000;

export interface Prices {
  /** Of a GiB for a month, by type of volume; `*` for all others. */
  readonly perType: Readonly<Record<string, number>>;
  readonly currency: string;
}

export interface Outcome {
  readonly claim: string;
  readonly startBytes: bigint;
  readonly endBytes: bigint;
  readonly steps: number;
  readonly violations: number;
  /** Milliseconds. */
  readonly above95Ms: number;
  readonly fullMs: number;
  /** Epoch ms; undefined = never. */
  readonly fullAt: number | undefined;
  /** Bytes that were there and not used, on average. */
  readonly unusedBytes: bigint;
  /** Undefined: no price is given for its type. */
  readonly cost: number | undefined;
  /** The verdict at the end, as `explain` names it. */
  readonly verdict: string;
}

export function outcomeOf(course: Course, { constraints }: Situation, spanMs: number, prices: Prices): Outcome {
  const { volumeType } = constraints.volume;
  const price = prices.perType[volumeType] ?? prices.perType['*'];
  return {
    claim: course.claim,
    startBytes: course.startBytes,
    endBytes: course.endBytes,
    steps: course.steps.length,
    violations: course.violations,
    above95Ms: Math.round(course.above95Ms),
    fullMs: Math.round(course.fullMs),
    fullAt: course.fullAt === undefined ? undefined : Math.round(course.fullAt),
    unusedBytes: BigInt(Math.round((course.capacityByteMs - course.usedByteMs) / spanMs)),
    cost: price === undefined ? undefined : (course.capacityByteMs / GIB / MONTH_MS) * price,
    verdict: course.last.verdict.kind,
  };
}

export interface Total extends Omit<Outcome, 'claim' | 'verdict' | 'fullAt'> {
  readonly claims: number;
  /** How many were full at some time. */
  readonly everFull: number;
  readonly decisions: number;
}

export const nothingYet: Total = {
  claims: 0,
  everFull: 0,
  decisions: 0,
  startBytes: 0n,
  endBytes: 0n,
  steps: 0,
  violations: 0,
  above95Ms: 0,
  fullMs: 0,
  unusedBytes: 0n,
  cost: undefined,
};

export function added(total: Total, outcome: Outcome, decisions: number): Total {
  return {
    claims: total.claims + 1,
    everFull: total.everFull + (outcome.fullMs > 0 ? 1 : 0),
    decisions: total.decisions + decisions,
    startBytes: total.startBytes + outcome.startBytes,
    endBytes: total.endBytes + outcome.endBytes,
    steps: total.steps + outcome.steps,
    violations: total.violations + outcome.violations,
    above95Ms: total.above95Ms + outcome.above95Ms,
    fullMs: total.fullMs + outcome.fullMs,
    unusedBytes: total.unusedBytes + outcome.unusedBytes,
    cost: outcome.cost === undefined ? total.cost : (total.cost ?? 0) + outcome.cost,
  };
}

/** What a person should look at first: full, nearly full, many steps. */
export function byTrouble(one: Outcome, other: Outcome): number {
  return (
    other.violations - one.violations ||
    other.fullMs - one.fullMs ||
    other.above95Ms - one.above95Ms ||
    other.steps - one.steps ||
    (one.claim < other.claim ? -1 : 1)
  );
}
