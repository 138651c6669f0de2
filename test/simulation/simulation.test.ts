/**
 * The deterministic simulation as a layer of the tests. `npm run test:simulation -- --seeds 10000 [--from 1]` plays many
 * seeds, `-- --seed 17` one, with `--trace FILE` every step of it.
 */
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { test } from 'node:test';
import { directedSeeds } from './directed.ts';
import { describeViolation, runSeeds } from './run.ts';

/** So that the layer stays below a minute on two processors. */
const FIXED = 32;
const NEW = 2;
const SHRINK_MS = 15_000;

const {
  LARDER_TEST_SEED: one,
  LARDER_TEST_SEEDS: many,
  LARDER_TEST_FROM: from,
  LARDER_TEST_TRACE: trace,
} = process.env;

function seedsToPlay(): readonly string[] {
  if (one !== undefined) return [one];
  const count = Number(many ?? FIXED);
  const first = Number(from ?? 1);
  assert.ok(Number.isSafeInteger(count) && count > 0, `--seeds ${many} is not a number of seeds`);
  assert.ok(Number.isSafeInteger(first) && first >= 0, `--from ${from} is not a number`);
  const fixed = Array.from({ length: count }, (_, index) => String(first + index));
  const known = [...directedSeeds, ...fixed];
  return many === undefined ? [...known, ...Array.from({ length: NEW }, () => String(randomInt(1e6, 1e12)))] : fixed;
}

test('no seed violates an invariant', async (context) => {
  const seeds = seedsToPlay();
  if (many === undefined && one === undefined) context.diagnostic(`new seeds: ${seeds.slice(-NEW).join(' ')}`);
  const startMs = performance.now();
  const result = await runSeeds({
    seeds,
    shrinkMs: SHRINK_MS,
    ...(one !== undefined && trace !== undefined ? { trace } : {}),
  });
  const seconds = (performance.now() - startMs) / 1000;
  const pace = Math.round(result.steps / seconds);
  context.diagnostic(`${result.played} seeds, ${result.steps} steps in ${seconds.toFixed(1)} s: ${pace} steps/s`);
  assert.equal(result.played, seeds.length);
  assert.ok(result.steps > result.played * 1_000, `only ${result.steps} steps: hardly anything happened`);
  assert.ok(result.violations.length === 0, `\n${result.violations.map(describeViolation).join('\n\n')}`);
});

test('a seed replays to the byte in another process', async () => {
  const seeds = ['5', '6'];
  const traces = new Map<string, number>();
  const play = (): Promise<unknown> =>
    runSeeds({
      seeds,
      shrinkMs: 0,
      processes: 2,
      onResult: ({ seed, traceHash }) => {
        const before = traces.get(seed);
        assert.ok(before === undefined || before === traceHash, `seed ${seed} took another course`);
        traces.set(seed, traceHash);
      },
    });
  await play();
  await play();
  assert.equal(traces.size, 2);
});
