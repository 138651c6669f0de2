/** One seed from its history to a verdict: played, played again without its crashes where it has some, and shrunk. */
import { compareDigests } from './calm.ts';
import { historyOf } from './directed.ts';
import type { History } from './history.ts';
import type { Violation } from './invariants.ts';
import { describeHistory, shrink } from './shrink.ts';
import { play } from './world.ts';

export interface SeedResult {
  readonly seed: string;
  readonly steps: number;
  /** Of the first play. */
  readonly traceHash: number;
  readonly violation: Violation | undefined;
  /** The shrunk history of a violation. */
  readonly history: readonly string[];
}

export interface CheckOptions {
  /** How long, in real time, a violation may be shrunk. */
  readonly shrinkMs: number;
  /** Leaves out the comparison with the history without its crashes, which is invariant 6 and half of the time. */
  readonly once: boolean;
  /** A promise that was rejected and that nobody looked at, if there was one. */
  readonly unhandled: () => string | undefined;
}

export async function checkSeed(seed: string, options: CheckOptions): Promise<SeedResult> {
  const history = historyOf(seed);
  const { violation, steps, traceHash } = await judgeHistory(history, options);
  if (!violation || options.shrinkMs === 0) return { seed, steps, traceHash, violation, history: [] };
  const endMs = performance.now() + options.shrinkMs;
  const fails = async (shorter: History): Promise<boolean> =>
    (await judgeHistory(shorter, options)).violation?.invariant === violation.invariant;
  const shortest = await shrink(history, fails, () => performance.now() < endMs);
  return { seed, steps, traceHash, violation, history: describeHistory(shortest) };
}

const CRASHES: readonly string[] = ['crash', 'crash-children'];

type Judged = Pick<SeedResult, 'violation' | 'steps' | 'traceHash'>;

async function judgeHistory(history: History, { unhandled, once }: CheckOptions): Promise<Judged> {
  const played = await play(history);
  const { steps, traceHash } = played;
  const rejected = unhandled();
  if (rejected) return { violation: { invariant: 5, message: `nobody handled: ${rejected}` }, steps, traceHash };
  const spared = history.acts.filter(({ kind }) => !CRASHES.includes(kind));
  if (once || played.violation || spared.length === history.acts.length) return played;
  const without = await play({ ...history, acts: spared });
  const violation = without.violation ?? compareDigests(played.digest, without.digest);
  return { violation, steps: steps + without.steps, traceHash };
}
