/** Time that stands still until a test or the simulator moves it. */
import type { Clock } from './clock.ts';

export interface ManualClock extends Clock {
  /**
   * Moves both clocks forward by `ms`, firing every timer that falls due in the order of its time (ties: in the order
   * in which they were set), and lets everything that is ready to run do so before the next one. `advance(0)` only
   * does the latter.
   */
  advance(ms: number): Promise<void>;
  /** Steps the wall clock alone, forwards or backwards, as NTP or a hand does. No timer fires. */
  stepWall(ms: number): void;
  /** Timers that are set and neither fired nor cancelled. */
  pending(): number;
}

interface Entry {
  readonly dueMs: number;
  readonly order: number;
  readonly fire: () => void;
}

/** `startMs` is the wall time at the start, epoch milliseconds; default 2025-01-01T00:00:00Z. Monotonic time starts at 0. */
export function createManualClock(startMs = 1_735_689_600_000): ManualClock {
  const timers = new Set<Entry>();
  let wallMs = startMs;
  let elapsedMs = 0;
  let order = 0;

  const moveTo = (targetMs: number): void => {
    wallMs += targetMs - elapsedMs;
    elapsedMs = targetMs;
  };
  const nextDue = (untilMs: number): Entry | undefined => {
    let next: Entry | undefined;
    for (const entry of timers) {
      if (entry.dueMs > untilMs) continue;
      const earlier = !next || entry.dueMs < next.dueMs || (entry.dueMs === next.dueMs && entry.order < next.order);
      if (earlier) next = entry;
    }
    return next;
  };

  return {
    now: () => Math.floor(wallMs),
    monotonic: () => elapsedMs,
    after(ms, fire) {
      order += 1;
      const entry = { dueMs: elapsedMs + Math.max(0, ms), order, fire };
      timers.add(entry);
      return { cancel: () => void timers.delete(entry) };
    },
    async advance(ms) {
      const targetMs = elapsedMs + ms;
      await drain();
      for (let entry = nextDue(targetMs); entry; entry = nextDue(targetMs)) {
        timers.delete(entry);
        moveTo(Math.max(elapsedMs, entry.dueMs));
        entry.fire();
        await drain();
      }
      moveTo(targetMs);
    },
    stepWall(ms) {
      wallMs += ms;
    },
    pending: () => timers.size,
  };
}

/** An immediate runs after all microtasks; two of them let a step that itself waits for an immediate finish as well. */
async function drain(): Promise<void> {
  for (let turn = 0; turn < 2; turn += 1) await new Promise<void>((resolve) => void setImmediate(resolve));
}
