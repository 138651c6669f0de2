/** How fast something may go on average. */
import type { Clock } from '../../telemetry/clock.ts';

/** Pays afterwards: a piece is begun when all before it are paid for, so its size need not be known. */
export interface Pace {
  /** Milliseconds until the next piece; 0: now. */
  waitMs(): number;
  spend(bytes: bigint): void;
}

/** Undefined: as fast as it goes. */
export function createPace(clock: Clock, bytesPerSecond: bigint | undefined): Pace {
  let paidAtMs = clock.monotonic();
  return {
    waitMs: () => Math.max(0, Math.ceil(paidAtMs - clock.monotonic())),
    spend(bytes) {
      if (bytesPerSecond === undefined) return;
      const costMs = (Number(bytes) / Number(bytesPerSecond)) * 1_000;
      paidAtMs = Math.max(paidAtMs, clock.monotonic()) + costMs;
    },
  };
}

const MIB = 1024 * 1024;
const LARGEST_SLICE = 16 * MIB;

/** A quarter of a second's worth, so that a pace is not felt as a jolt. */
export function sliceOf(rate: bigint | undefined): number {
  if (rate === undefined) return LARGEST_SLICE;
  return Math.max(MIB, Math.min(LARGEST_SLICE, Math.floor(Number(rate) / 4)));
}
