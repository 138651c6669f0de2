/**
 * Some hours of one volume as bytes: what changes from one measurement to the next, in as few bytes as it takes. Layout:
 * form, count, unit of the used bytes as a power of two, seconds and used bytes of the first, then runs of capacities
 * (length, bytes), then for each further one by how much its pace in seconds and its used bytes differ.
 */
import type { UsagePoint } from './history.ts';

const FORM = 1;
/** Filesystems count in these; what is no multiple of any is kept to the byte. */
const UNITS = [12, 9, 0] as const;
/** Differences are doubled to carry their sign, and must then still be exact as numbers. */
const EXACT = 2n ** 52n;

/** Oldest first. Times are kept to the second; bytes exactly, from 4 PiB on to 4 KiB. */
export function encodeChunk(points: readonly UsagePoint[]): Uint8Array {
  const shift = unitOf(points);
  const first = points[0];
  const bytes: number[] = [FORM];
  put(bytes, points.length);
  put(bytes, shift);
  if (!first) return Uint8Array.from(bytes);
  let seconds = secondsOf(first);
  let used = inUnits(first.usedBytes, shift);
  put(bytes, seconds);
  put(bytes, used);
  putCapacities(bytes, points);
  let pace = 0;
  for (const point of points.slice(1)) {
    const passed = secondsOf(point) - seconds;
    const now = inUnits(point.usedBytes, shift);
    putSigned(bytes, passed - pace);
    putSigned(bytes, now - used);
    seconds += passed;
    pace = passed;
    used = now;
  }
  return Uint8Array.from(bytes);
}

/** Undefined when these are not the bytes of a chunk. */
export function decodeChunk(bytes: Uint8Array): readonly UsagePoint[] | undefined {
  const reader = new Reader(bytes);
  if (reader.take() !== FORM) return undefined;
  const count = reader.take();
  const shift = reader.take();
  if (count > bytes.length || shift > 12) return undefined;
  if (count === 0) return reader.whole() ? [] : undefined;
  let seconds = reader.take();
  let used = reader.take();
  const capacities = capacitiesIn(reader, count);
  const points: UsagePoint[] = [];
  let pace = 0;
  for (const [index, capacityBytes] of capacities.entries()) {
    if (index > 0) {
      pace += reader.takeSigned();
      seconds += pace;
      used += reader.takeSigned();
    }
    if (!Number.isSafeInteger(seconds) || !Number.isSafeInteger(used)) return undefined;
    points.push({ at: seconds * 1_000, usedBytes: BigInt(used) << BigInt(shift), capacityBytes });
  }
  return reader.whole() && points.length === count ? points : undefined;
}

function unitOf(points: readonly UsagePoint[]): number {
  if (points.some(({ usedBytes }) => usedBytes >= EXACT)) return 12;
  return UNITS.find((shift) => points.every(({ usedBytes }) => (usedBytes & ((1n << BigInt(shift)) - 1n)) === 0n)) ?? 0;
}

function inUnits(bytes: bigint, shift: number): number {
  return Number(bytes >> BigInt(shift));
}

function secondsOf({ at }: UsagePoint): number {
  return Math.floor(at / 1_000);
}

function putCapacities(bytes: number[], points: readonly UsagePoint[]): void {
  let length = 0;
  for (const [index, { capacityBytes }] of points.entries()) {
    length += 1;
    if (points[index + 1]?.capacityBytes === capacityBytes) continue;
    put(bytes, length);
    putBig(bytes, capacityBytes);
    length = 0;
  }
}

function capacitiesIn(reader: Reader, count: number): readonly bigint[] {
  const capacities: bigint[] = [];
  while (capacities.length < count && reader.whole(false)) {
    const length = reader.take();
    const capacity = reader.takeBig();
    if (length < 1 || length > count - capacities.length) return [];
    for (let each = 0; each < length; each += 1) capacities.push(capacity);
  }
  return capacities;
}

/** Seven bits a byte, the lowest first; the highest bit says that more follow. */
function put(bytes: number[], value: number): void {
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
}

function putSigned(bytes: number[], value: number): void {
  put(bytes, value < 0 ? -value * 2 - 1 : value * 2);
}

function putBig(bytes: number[], value: bigint): void {
  let rest = value;
  while (rest >= 128n) {
    bytes.push(Number(rest % 128n) + 128);
    rest /= 128n;
  }
  bytes.push(Number(rest));
}

/** Reads numbers one after the other; past the end they are 0, and `whole` says so. */
class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  take(): number {
    let value = 0;
    let factor = 1;
    for (;;) {
      const byte = this.#next();
      value += (byte & 127) * factor;
      if (byte < 128) return value;
      factor *= 128;
    }
  }

  takeSigned(): number {
    const value = this.take();
    return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
  }

  takeBig(): bigint {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.#next();
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  }

  /** Nothing was read past the end; at the `end`: and nothing is left. */
  whole(end = true): boolean {
    return end ? this.#at === this.#bytes.length : this.#at <= this.#bytes.length;
  }

  #next(): number {
    const byte = this.#bytes[this.#at] ?? 0;
    this.#at += 1;
    return byte;
  }
}
