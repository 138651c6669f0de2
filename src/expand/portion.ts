/** Shares of sizes, exactly: a ratio is taken to a millionth, sizes stay whole bytes. */

const MILLION = 1_000_000n;

function millionths(ratio: number): bigint {
  return BigInt(Math.round(ratio * 1_000_000));
}

/** ratio × total, rounded up: the least part that reaches the ratio. */
export function portionOf(total: bigint, ratio: number): bigint {
  return (total * millionths(ratio) + MILLION - 1n) / MILLION;
}

/** part ÷ total ≥ ratio. Total must be above zero. */
export function reaches(part: bigint, total: bigint, ratio: number): boolean {
  return part * MILLION >= total * millionths(ratio);
}

/** part ÷ total for reading, 0 when there is no total; may exceed 1. */
export function ratioOf(part: bigint, total: bigint): number {
  return total === 0n ? 0 : Number((part * MILLION) / total) / 1_000_000;
}

export function roundUp(value: bigint, step: bigint): bigint {
  return ((value + step - 1n) / step) * step;
}

export function roundDown(value: bigint, step: bigint): bigint {
  return (value / step) * step;
}

/** Math.max for bytes. */
export function larger(a: bigint, b: bigint): bigint {
  if (a > b) return a;
  return b;
}
