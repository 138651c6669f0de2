/** What is stored on a volume over time, as straight lines between points: what asks for space, whether it is there or not. */

/** Times in epoch ms, ascending; the same time twice is a jump. */
export interface Curve {
  readonly times: Float64Array;
  /** Bytes. */
  readonly values: Float64Array;
}

/** How long a volume of one size was how full. */
export interface Fullness {
  /** Milliseconds in which more than 95 % was used. */
  readonly above95Ms: number;
  /** Milliseconds in which nothing was free. */
  readonly fullMs: number;
  /** Epoch ms of the first of these; undefined = none. */
  readonly fullAt: number | undefined;
  /** Bytes × milliseconds that were used. */
  readonly usedByteMs: number;
}

const NEARLY_FULL = 0.95;

export function curveOf(points: readonly (readonly [at: number, bytes: number])[]): Curve {
  return {
    times: Float64Array.from(points, ([at]) => at),
    values: Float64Array.from(points, ([, bytes]) => Math.max(0, bytes)),
  };
}

/** The value at a time; before the first point the first value, after the last one the last. At a jump: after it. */
export function valueAt(curve: Curve, at: number): number {
  const { times, values } = curve;
  const index = segmentAt(curve, at);
  if (index < 0) return values[0] ?? 0;
  if (index >= times.length - 1) return values[times.length - 1] ?? 0;
  const from = times[index] ?? 0;
  const to = times[index + 1] ?? 0;
  const start = values[index] ?? 0;
  return start + (((values[index + 1] ?? 0) - start) * (at - from)) / (to - from);
}

/** The first time from `from` on at which the value is at least `level`; undefined: never. */
export function nextAtLeast(curve: Curve, from: number, level: number): number | undefined {
  if (valueAt(curve, from) >= level) return from;
  const { times, values } = curve;
  for (let index = Math.max(0, segmentAt(curve, from)); index < times.length - 1; index += 1) {
    const end = values[index + 1] ?? 0;
    if (end < level) continue;
    const start = values[index] ?? 0;
    const [at, until] = [times[index] ?? 0, times[index + 1] ?? 0];
    // On the way up the level lies between the two ends, so the division is by more than zero.
    return start >= level ? Math.max(from, at) : at + ((until - at) * (level - start)) / (end - start);
  }
  return undefined;
}

/** Bytes per millisecond, when all of the time between lies on one line; undefined otherwise. */
export function slopeWithin(curve: Curve, from: number, to: number): number | undefined {
  const { times, values } = curve;
  const index = segmentAt(curve, from);
  const [start, end] = [times[index] ?? Number.POSITIVE_INFINITY, times[index + 1] ?? Number.NEGATIVE_INFINITY];
  if (start > from || end < to) return undefined;
  return ((values[index + 1] ?? 0) - (values[index] ?? 0)) / (end - start);
}

/** Of a volume of `capacity` bytes. What does not fit is not stored. */
export function fullness(curve: Curve, from: number, to: number, capacity: number): Fullness {
  let above95Ms = 0;
  let fullMs = 0;
  let fullAt: number | undefined;
  let usedByteMs = 0;
  for (const piece of pieces(curve, from, to)) {
    above95Ms += overlap(piece, capacity * NEARLY_FULL).ms;
    const full = overlap(piece, capacity);
    fullMs += full.ms;
    if (full.ms > 0) fullAt ??= full.from;
    usedByteMs += area(piece, capacity);
  }
  return { above95Ms, fullMs, fullAt, usedByteMs };
}

interface Piece {
  readonly from: number;
  readonly to: number;
  readonly start: number;
  readonly end: number;
}

function* pieces(curve: Curve, from: number, to: number): Generator<Piece> {
  const { times, values } = curve;
  let at = from;
  let start = valueAt(curve, from);
  for (let index = Math.max(0, segmentAt(curve, from) + 1); index < times.length && at < to; index += 1) {
    const next = times[index] ?? 0;
    const value = values[index] ?? 0;
    if (next > at) {
      const until = Math.min(next, to);
      const end = start + ((value - start) * (until - at)) / (next - at);
      yield { from: at, to: until, start, end };
      at = until;
    }
    start = at < next ? start : value;
  }
  if (at < to) yield { from: at, to, start: valueAt(curve, at), end: valueAt(curve, at) };
}

/** The part of a piece in which it is at least as high. */
function overlap({ from, to, start, end }: Piece, level: number): { readonly from: number; readonly ms: number } {
  if (start >= level && end >= level) return { from, ms: to - from };
  if (start < level && end < level) return { from, ms: 0 };
  const crossing = from + ((to - from) * (level - start)) / (end - start);
  return end > start ? { from: crossing, ms: to - crossing } : { from, ms: crossing - from };
}

function area(piece: Piece, capacity: number): number {
  const { from, to, start, end } = piece;
  const whole = ((start + end) / 2) * (to - from);
  const { ms } = overlap(piece, capacity);
  const top = Math.max(start, end);
  return top <= capacity ? whole : whole - excess(piece, capacity, ms);
}

/** What lies above the capacity: a trapezoid, or a triangle where the line crosses it. */
function excess({ start, end }: Piece, capacity: number, ms: number): number {
  return ((Math.max(0, start - capacity) + Math.max(0, end - capacity)) / 2) * ms;
}

/** Index of the last point at or before a time; -1 = before the first. */
function segmentAt({ times }: Curve, at: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? 0) <= at) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
