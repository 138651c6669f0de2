/**
 * How long an operator waits for the word on a cluster.yaml: `larder cluster validate` of four machines, from the checkout
 * and from the bundle that the image runs, against the program that only says its version.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { bundle } from '../deploy/docker/bundle.ts';
import { type BenchReport, type BenchRow, distribution } from './report.ts';

const ROUNDS = 11;
const BAR_MS = 300;
const root = resolve(import.meta.dirname, '..');
const FILE = join(root, 'examples/cluster/cluster.example.yaml');

export async function run(): Promise<BenchReport> {
  const home = mkdtempSync(join(tmpdir(), 'larder-bench-'));
  try {
    await bundle(home);
    return {
      about: `larder cluster validate of four machines, a process of its own from start to end, ${ROUNDS} rounds`,
      rows: [
        ...rowsOf('from the checkout', join(root, 'bin/start.js')),
        ...rowsOf('from the bundle', join(home, 'larder.mjs')),
      ],
    };
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

function rowsOf(where: string, program: string): readonly BenchRow[] {
  const bare: number[] = [];
  const whole: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    bare.push(msOf(program, ['version']));
    whole.push(msOf(program, ['cluster', 'validate', FILE]));
  }
  const limit = distribution(bare);
  const spread = distribution(whole);
  const ratio = { to: 'saying its version', value: spread.median / limit.median };
  const bar = { text: `< ${BAR_MS}`, met: spread.median < BAR_MS };
  return [
    { what: `larder cluster validate, ${where}`, unit: 'ms', ...spread, ratio, bar },
    { what: `larder version, ${where}`, unit: 'ms', ...limit },
  ];
}

function msOf(program: string, args: readonly string[]): number {
  const begun = performance.now();
  const { status, stderr } = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', program, ...args], {
    encoding: 'utf8',
  });
  const ms = performance.now() - begun;
  if (status !== 0) throw new Error(`larder ${args.join(' ')} ended with ${status}\n${stderr}`);
  return ms;
}
