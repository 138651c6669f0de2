/** Measures the directories of mounted volumes again and again, and remembers the last measurement of each. */
import { type Clock, sleep, withDeadline } from '../../telemetry/clock.ts';
import type { Log } from '../../telemetry/log.ts';
import type { Measure, Measurement } from './measure.ts';

export interface Sampler {
  /** Replaces the set of directories; a new one is measured at once, one that left is forgotten. */
  watch(directories: ReadonlySet<string>): void;
  /** The last measurement that succeeded, however old. */
  latest(directory: string): Sample | undefined;
  run(signal: AbortSignal): Promise<void>;
}

export interface Sample {
  readonly measured: Extract<Measurement, { kind: 'measured' }>;
  /** When it ended, epoch ms. */
  readonly at: number;
}

export interface SamplerOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly measure: Measure;
  readonly refreshMs: number;
  /** For one directory; the next round tries again. Default 30,000. */
  readonly deadlineMs?: number;
}

/** One at a time: walks of one disk do not get faster by running side by side. */
export function createSampler(options: SamplerOptions): Sampler {
  const { clock, refreshMs } = options;
  const samples = new Map<string, Sample>();
  /** Since the last interval began: whatever came of it, the next one is soon enough to try again. */
  const tried = new Set<string>();
  const { underway, tracked } = track(options.measure);
  let watched: ReadonlySet<string> = new Set();
  let wake: () => void = () => undefined;

  const round = async (directories: Iterable<string>, signal: AbortSignal): Promise<void> => {
    for (const directory of directories) {
      if (signal.aborted) return;
      if (!watched.has(directory) || underway.has(directory)) continue;
      tried.add(directory);
      const measured = await measureOnce({ ...options, measure: tracked }, directory, signal);
      if (measured && watched.has(directory)) samples.set(directory, { measured, at: clock.now() });
    }
  };

  return {
    watch(directories) {
      watched = directories;
      for (const known of samples.keys()) if (!watched.has(known)) samples.delete(known);
      for (const known of tried) if (!watched.has(known)) tried.delete(known);
      wake();
    },
    latest: (directory) => samples.get(directory),
    async run(signal) {
      let dueMs = clock.monotonic();
      while (!signal.aborted) {
        const nowMs = clock.monotonic();
        if (nowMs >= dueMs) {
          dueMs = nowMs + refreshMs;
          tried.clear();
        }
        const wanted = [...watched].filter((directory) => !tried.has(directory));
        const woken = new Promise<void>((resolve) => {
          wake = resolve;
        });
        await round(wanted, signal);
        await sleepUnless(clock, woken, dueMs - clock.monotonic(), signal);
      }
    },
  };
}

/** Undefined: it failed, which was logged; the last sample stays and grows old, which readers can see by its time. */
async function measureOnce(
  options: SamplerOptions,
  directory: string,
  signal: AbortSignal,
): Promise<Sample['measured'] | undefined> {
  const { clock, log, measure, deadlineMs = 30_000 } = options;
  try {
    const work = (limit: AbortSignal): Promise<Measurement> => measure(directory, limit);
    const measured = await withDeadline(clock, `measuring ${directory}`, deadlineMs, work, signal);
    if (measured.kind === 'measured') return measured;
    log.debug({ directory, reason: measured.kind }, 'volume not measured');
  } catch (err) {
    if (!signal.aborted) log.warn({ directory, err }, 'volume not measured');
  }
  return undefined;
}

/** Waits for `ms`, or until woken or aborted; leaves no timer behind. */
async function sleepUnless(clock: Clock, woken: Promise<void>, ms: number, signal: AbortSignal): Promise<void> {
  const early = new AbortController();
  const stop = AbortSignal.any([signal, early.signal]);
  const rested = sleep(clock, ms, stop).catch(() => undefined); // woken or stopped: either way there is nothing to report
  await Promise.race([woken, rested]);
  early.abort();
}

/** A measurement that hangs holds a thread of this process: never two of them for one directory. */
function track(measure: Measure): { readonly underway: ReadonlySet<string>; readonly tracked: Measure } {
  const underway = new Set<string>();
  const tracked: Measure = async (directory, signal) => {
    underway.add(directory);
    try {
      return await measure(directory, signal);
    } finally {
      underway.delete(directory);
    }
  };
  return { underway, tracked };
}
