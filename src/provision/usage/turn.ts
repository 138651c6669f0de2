/**
 * Whose turn it is to be measured, and how thoroughly: what is stale and grows comes first, big trees take many small
 * turns between the others. Everything is read each time as long as that costs little; where it does not, what nobody
 * writes to is read bit by bit, and a look at what may change stands for the rest.
 */

/** What is known of a volume, in monotonic ms. */
export interface Standing {
  /** When it was measured last; undefined: not yet by this process. */
  readonly measuredMs: number | undefined;
  /** When it was last found to have changed; undefined: never. */
  readonly changedMs: number | undefined;
  /** Share of the limit by which it changed between its last two measurements, 0 to 1. */
  readonly growth: number;
  /** Used share of its limit. */
  readonly fill: number;
  /** Turns of the measurement under way; 0: none is. */
  readonly slices: number;
  /** When that began; 0 when none is under way. */
  readonly begunMs: number;
  /** What it takes to read all of it, ms. */
  readonly costMs: number;
  /** What its last look took, of those that were made with it, ms; undefined: none yet. */
  readonly lookMs: number | undefined;
}

export interface Turn<Volume> {
  readonly volume: Volume;
  /** How long ago a directory of it may have been read and still count, ms; 0: read all. */
  readonly freshMs: number;
}

export interface Pace {
  readonly nowMs: number;
  /** Wanted time between two measurements of one volume. */
  readonly intervalMs: number;
}

/** Share of the time that reading what shows no change may take. */
const READ_SHARE = 0.01;
/** No directory counts longer than that without being read. */
const LONGEST_MS = 86_400_000;
/** From this used share of its limit on a volume is watched closely. */
const FULL = 0.6;
/** So many intervals after its last change too. */
const LIVELY_INTERVALS = 10;
/** One that is not watched closely is looked at half as often. */
const CALM_INTERVALS = 2;
/** Trees that take little are asked for together, as each question alone costs more than its answer: so many, … */
const TOGETHER = 32;
/** … and no more than they take in so long, ms: nobody waits for them. */
const TOGETHER_MS = 10;

/** Those to begin with and those under way share the time: neither many small trees nor a huge one make the others wait. */
export interface Turns<Volume> {
  readonly begin: readonly Turn<Volume>[];
  readonly resume: readonly Turn<Volume>[];
}

/** What is due, the most urgent first. */
export function turnsOf<Volume extends Standing>(
  volumes: readonly Volume[],
  { nowMs, intervalMs }: Pace,
): Turns<Volume> {
  const isLively = ({ fill, changedMs }: Standing): boolean =>
    fill >= FULL || (changedMs !== undefined && nowMs - changedMs < LIVELY_INTERVALS * intervalMs);
  let lively = 0;
  let totalMs = 0;
  for (const volume of volumes) {
    if (isLively(volume)) lively += 1;
    totalMs += volume.costMs;
  }
  const freshMs = (volume: Volume): number => {
    // A process that begins takes what an earlier one left.
    if (volume.measuredMs === undefined) return LONGEST_MS;
    const share = isLively(volume) ? Math.min(volume.costMs * lively, totalMs) : totalMs;
    const periodMs = Math.min(LONGEST_MS, share / READ_SHARE);
    return periodMs < intervalMs ? 0 : Math.round(periodMs);
  };
  const due = volumes
    .filter((volume) => {
      const { measuredMs, slices } = volume;
      if (measuredMs === undefined || slices > 0) return true;
      return nowMs - measuredMs >= (isLively(volume) ? 1 : CALM_INTERVALS) * intervalMs;
    })
    .sort((a, b) => urgencyOf(b, nowMs) - urgencyOf(a, nowMs));
  const begin: Turn<Volume>[] = [];
  const resume: Turn<Volume>[] = [];
  for (const volume of due) (volume.slices === 0 ? begin : resume).push({ volume, freshMs: freshMs(volume) });
  // What began first ends first, whatever the others would deserve: a half measured tree is of no use to anybody.
  resume.sort((a, b) => a.volume.begunMs - b.volume.begunMs);
  return { begin, resume };
}

/**
 * Takes the next turn for whichever has had less of the time, and with it those that begin after it while all of them
 * together take little; none: the round is over.
 */
export function nextTurns<Volume extends Standing>(
  left: { readonly begin: Turn<Volume>[]; readonly resume: Turn<Volume>[] },
  spent: Spent,
): readonly Turn<Volume>[] {
  const resume = left.begin.length === 0 || (left.resume.length > 0 && spent.resumeMs <= spent.beginMs);
  const first = (resume ? left.resume : left.begin).shift();
  if (!first) return [];
  const turns = [first];
  let togetherMs = expectedMs(first);
  for (let next = left.begin[0]; next && turns.length < TOGETHER; next = left.begin[0]) {
    togetherMs += expectedMs(next);
    if (togetherMs > TOGETHER_MS) break;
    turns.push(next);
    left.begin.shift();
  }
  return turns;
}

/** Infinity: it is under way, or nothing is known of it. */
function expectedMs({ volume: { measuredMs, slices, costMs, lookMs }, freshMs }: Turn<Standing>): number {
  if (measuredMs === undefined || slices > 0) return Number.POSITIVE_INFINITY;
  return freshMs === 0 ? costMs : Math.min(costMs, lookMs ?? costMs);
}

/** Time that both have had since both had something to do. */
export interface Spent {
  readonly beginMs: number;
  readonly resumeMs: number;
}

/** What was never measured is older than anything. */
function urgencyOf({ measuredMs, growth }: Standing, nowMs: number): number {
  const staleMs = measuredMs === undefined ? Number.MAX_SAFE_INTEGER : nowMs - measuredMs;
  return staleMs * (1 + 10 * growth);
}
