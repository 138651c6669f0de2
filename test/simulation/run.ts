/**
 * Plays many seeds in several processes. `npm run test:simulation -- --seeds 10000` reaches this through
 * simulation.test.ts; the mutants use it with a patch.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { SeedResult } from './check.ts';
import { PATCH_VARIABLE, type Patch } from './patch.ts';

export interface RunOptions {
  readonly seeds: readonly string[];
  /** Applied to the product in the processes that play. */
  readonly patch?: Patch;
  /** End at the first violation. Default false. */
  readonly untilViolation?: boolean;
  /** See CheckOptions. Default false. */
  readonly once?: boolean;
  /** Real time for shrinking one violation; 0 = not at all. */
  readonly shrinkMs: number;
  /** Default: one for each processor. */
  readonly processes?: number;
  /** A file that gets every step of each seed; for one seed. */
  readonly trace?: string;
  readonly onResult?: (result: SeedResult) => void;
}

export interface RunResult {
  readonly played: number;
  readonly steps: number;
  readonly violations: readonly SeedResult[];
}

/** Environment variable of a worker: the file of `trace`. */
export const TRACE_VARIABLE = 'LARDER_SIMULATION_TRACE';

const NODE_COMPILE_CACHE = fileURLToPath(new URL('../../node_modules/.cache/larder', import.meta.url));
const WORKER = fileURLToPath(new URL('worker.ts', import.meta.url));
const HOOKS = new URL('hooks.ts', import.meta.url).href;

/** @throws Error when a process dies. */
export async function runSeeds(options: RunOptions): Promise<RunResult> {
  const waiting = [...options.seeds];
  const violations: SeedResult[] = [];
  let played = 0;
  let steps = 0;
  const take = (result: SeedResult): void => {
    played += 1;
    steps += result.steps;
    if (result.violation) violations.push(result);
    if (result.violation && options.untilViolation) waiting.length = 0;
    options.onResult?.(result);
  };
  const processes = Math.min(waiting.length, options.processes ?? availableParallelism());
  await Promise.all(Array.from({ length: processes }, () => playIn(options, () => waiting.shift(), take)));
  return { played, steps, violations };
}

/** One process, which is given a seed whenever it has finished one. */
function playIn(
  options: RunOptions,
  next: () => string | undefined,
  take: (result: SeedResult) => void,
): Promise<void> {
  const worker = startWorker(options);
  let errors = '';
  worker.stderr?.setEncoding('utf8').on('data', (text: string) => {
    errors = `${errors}${text}`.slice(-4_000);
  });
  let current: string | undefined;
  const feed = (): void => {
    current = next();
    if (current === undefined) worker.stdin?.end();
    else
      worker.stdin?.write(
        `${JSON.stringify({ seed: current, shrinkMs: options.shrinkMs, once: options.once ?? false })}\n`,
      );
  };
  worker.stdin?.on('error', () => undefined); // it died: its exit tells
  return new Promise((resolve, reject) => {
    worker.on('error', reject);
    if (worker.stdout) {
      createInterface({ input: worker.stdout }).on('line', (line) => {
        take(JSON.parse(line));
        feed();
      });
    }
    worker.on('close', (code) => {
      if (code === 0 && current === undefined) resolve();
      else reject(new Error(`the process that played seed ${current} ended with ${code}: ${errors}`));
    });
    feed();
  });
}

function startWorker({ patch, trace }: RunOptions): ChildProcess {
  const { [PATCH_VARIABLE]: _patch, [TRACE_VARIABLE]: _trace, ...rest } = process.env;
  const env = {
    ...rest,
    NODE_COMPILE_CACHE, // half of what a mutant takes is loading
    ...(patch ? { [PATCH_VARIABLE]: JSON.stringify(patch) } : {}),
    ...(trace === undefined ? {} : { [TRACE_VARIABLE]: trace }),
  };
  const flags = ['--disable-warning=ExperimentalWarning', '--import', HOOKS];
  return spawn(process.execPath, [...flags, WORKER], { env, stdio: ['pipe', 'pipe', 'pipe'] });
}

/** What a person needs of a violation: which invariant, how to see it again, and the history. */
export function describeViolation({ seed, violation, history }: SeedResult): string {
  if (!violation) return '';
  return [
    `seed ${seed} violates invariant ${violation.invariant}: ${violation.message}`,
    `  npm run test:simulation -- --seed ${seed}`,
    ...history,
  ].join('\n');
}
