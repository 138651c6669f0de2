/**
 * Why a claim may be grown by what was measured of it (rule 4 of the expander): two fresh measurements in which a threshold
 * is reached, or one in which it is by far, or two which leave less room than is filled within the time that somebody set.
 */
import type { Reported } from './invariants.ts';
import type { Ruling } from './rulings.ts';
import type { ClaimTruth, Raise } from './truth.ts';

export type Reason = 'storage' | 'inodes' | 'full-within';

export interface Grounds {
  /** Of this claim, oldest first. */
  readonly readings: readonly Reported[];
  readonly raise: Raise;
  /** Any of them may have been in force for whoever acted. */
  readonly rulings: readonly Ruling[];
  /** Measurements of before say nothing of the present size. */
  readonly freshFromMs: number;
  readonly usageEveryMs: number;
}

/** From here on one measurement is enough. */
const URGENT_PERCENT = 97;
const NEEDED = 2;
const HOUR_MS = 3_600_000;
/** Of measurements from which a rate is taken: closer ones are noise. */
const APART_MS = 4 * 60_000;
/** What a rate must have been looked at for. */
const SPAN_MS = 0.95 * HOUR_MS;

const madeMs = ({ handedMs, at, nowMs }: Reported): number => handedMs - (nowMs - at); // on the true time line

export function reasonsFor(grounds: Grounds): ReadonlySet<Reason> {
  const { readings, freshFromMs, usageEveryMs } = grounds;
  const firstMs = firstTold(readings);
  const fresh = readings.filter((reading) => {
    // By a clock that was set back what is told again was made just now; it was made before it was first told.
    const ms = Math.min(madeMs(reading), firstMs.get(reading.at) ?? reading.handedMs);
    return ms >= freshFromMs && ms <= reading.handedMs + 3 * usageEveryMs;
  });
  const found = new Set<Reason>();
  for (const [reason, reaches] of questionsOf(grounds)) {
    const seen = new Set(fresh.filter((reading) => reaches(reading) !== 'no').map(({ at }) => at));
    if (seen.size >= NEEDED || fresh.some((reading) => reaches(reading) === 'by far')) found.add(reason);
  }
  return found;
}

/** When each measurement was first told, by the time that it states. */
function firstTold(readings: readonly Reported[]): ReadonlyMap<number, number> {
  const first = new Map<number, number>();
  for (const { at, handedMs } of readings) if (!first.has(at)) first.set(at, handedMs);
  return first;
}

type Reached = 'no' | 'yes' | 'by far';

function questionsOf({ readings, raise, rulings }: Grounds): readonly [Reason, (reading: Reported) => Reached][] {
  const { from } = raise;
  const storage = Math.min(...rulings.map(({ thresholdPercent }) => thresholdPercent));
  const inodes = Math.min(...rulings.map(({ inodesPercent }) => inodesPercent));
  const within = Math.max(...rulings.map(({ fullWithinMs }) => fullWithinMs));
  const coming = within === 0 ? 0 : comingWithin(within, readings, raise.atMs);
  return [
    ['storage', ({ usedBytes }) => reached(usedBytes, from, storage)],
    ['inodes', ({ inodes: counted }) => (counted ? reached(counted.used, counted.total, inodes) : 'no')],
    ['full-within', ({ usedBytes }) => (Number(from - usedBytes) < coming * ROUNDING ? 'yes' : 'no')],
  ];
}
/** What was longer ago still counts a little. */
const ROUNDING = 1.05;

function reached(used: bigint, total: bigint, percent: number): Reached {
  const share = used * 100n;
  if (share >= total * BigInt(URGENT_PERCENT)) return 'by far';
  return share >= total * BigInt(percent) ? 'yes' : 'no';
}

/**
 * The most that is stored within that time, by any rate that can be reckoned from them: one that most of them bear out is
 * carried on for all of it, that of a moment for a short time. 0: they were looked at for too short a time.
 */
function comingWithin(withinMs: number, readings: readonly Reported[], nowMs: number): number {
  const points = readings.map((reading) => ({ atMs: madeMs(reading), used: Number(reading.usedBytes) }));
  const [first] = points;
  if (!first || nowMs - first.atMs < SPAN_MS) return 0;
  const slopes = points.flatMap((later, index) =>
    points
      .slice(0, index)
      .map(({ atMs, used }) => ({ sinceMs: atMs, passedMs: later.atMs - atMs, bytes: later.used - used }))
      .filter(({ passedMs }) => passedMs >= APART_MS),
  );
  const usual = slopes.map(perMs).sort((one, other) => one - other)[Math.floor(slopes.length * MOST)] ?? 0;
  const brief = slopes.filter(({ sinceMs }) => sinceMs > nowMs - LATELY_MS).map(perMs);
  return Math.max(withinMs * usual, Math.min(withinMs, BRIEF_MS) * Math.max(0, ...brief));
}

const perMs = ({ bytes, passedMs }: { readonly bytes: number; readonly passedMs: number }): number => bytes / passedMs;
/** Of slopes between two measurements; the product takes the middle one. */
const MOST = 0.75;
/** What counts as happening at the moment, and how far ahead it says something. */
const LATELY_MS = 3 * HOUR_MS;
const BRIEF_MS = 2 * HOUR_MS;

/** What claims were last grown for, where that was inodes alone: how many there were. */
const forInodes = new WeakMap<ClaimTruth, bigint>();

/** Grown for inodes alone once more, and the last time brought none. Notes how many there are. */
export function isRepeatedForInodes(
  claim: ClaimTruth,
  readings: readonly Reported[],
  reasons: ReadonlySet<Reason>,
): boolean {
  const total = readings.findLast(({ inodes }) => inodes)?.inodes?.total;
  if (total === undefined || reasons.size !== 1 || !reasons.has('inodes')) return false;
  const before = forInodes.get(claim);
  forInodes.set(claim, total);
  return before !== undefined && total <= before;
}
