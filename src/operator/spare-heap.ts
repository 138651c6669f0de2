/**
 * Lets V8 give back what a burst took. It would do so by itself when a process is idle, but ours never is: usage is measured
 * all the time, a little. After 10,000 claims at once 100 MB of heap held 75 MB of objects, and stayed so.
 */
import { performance } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { type Clock, sleep } from '../telemetry/clock.ts';

export interface SpareHeapOptions {
  readonly clock: Clock;
  /** Share of the time since it was last asked in which the process was at work, 0 to 1. Default: of the event loop. */
  readonly busyShare?: () => number;
  /** Default: V8's own, of this process. */
  readonly setFlag?: (flag: string) => void;
}

const LOOK_MS = 5_000;
/** Above it, a burst is under way. */
const BUSY = 0.3;
/** So many looks alike before anything is changed. */
const LOOKS = 2;
/** V8 looks every eight seconds whether it should tidy up, and does it in two or three rounds, in small steps. */
const TIDY_MS = 30_000;

/** V8's own measure: the heap grows by 30 to 60 % between two collections, which is what a burst needs. */
const FREE = ['--no-optimize-for-size', '--heap-growing-percent=0'];
/** Collect now, move objects together, and from here on grow by a fifth. */
const TIDY = ['--heap-growing-percent=20', '--optimize-for-size'];
/** Tidying goes on costing otherwise. */
const SMALL = ['--no-optimize-for-size'];

/** Works until aborted; never rejects. For the whole process, so once in it. */
export async function spareHeap(options: SpareHeapOptions, signal: AbortSignal): Promise<void> {
  const { clock, busyShare = loopShare(), setFlag = setFlagsFromString } = options;
  const change = (flags: readonly string[]): void => {
    for (const flag of flags) setFlag(flag);
  };
  let small = false;
  let tidyUntilMs: number | undefined;
  let alike = 0;
  try {
    while (!signal.aborted) {
      await sleep(clock, LOOK_MS, signal);
      const busy = busyShare() > BUSY;
      alike = busy === small ? alike + 1 : 0;
      if (alike >= LOOKS) {
        change(small ? FREE : TIDY);
        small = !small;
        alike = 0;
        tidyUntilMs = small ? clock.monotonic() + TIDY_MS : undefined;
      } else if (tidyUntilMs !== undefined && clock.monotonic() >= tidyUntilMs) {
        change(SMALL);
        tidyUntilMs = undefined;
      }
    }
  } catch {
    // only the signal rejects
  }
}

function loopShare(): () => number {
  let before = performance.eventLoopUtilization();
  return () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, before);
    before = now;
    return utilization;
  };
}
