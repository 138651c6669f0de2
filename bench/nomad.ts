/**
 * How fast jobs are converted: 500 jobs of some 170 lines in one run of the command line, with its memory, and one job with
 * the start of the program; from the checkout, and from the bundle that the image runs; then the check of what was
 * written, with the jobs and without. The limits in the same run: the
 * program that only says its version, and writing the same files without converting anything.
 */
import { spawnSync } from 'node:child_process';
import {
  closeSync,
  fsyncSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { bundle } from '../deploy/docker/bundle.ts';
import { type BenchReport, type BenchRow, distribution } from './report.ts';

const JOBS = 500;
const ROUNDS = 9;
const BAR_SECONDS = 10;
const BAR_MB = 300;
const BAR_ONE_MS = 150;
const LIMIT_MS = 300_000;
const FLAGS = ['--max-old-space-size=1024', '--disable-warning=ExperimentalWarning'];

const root = resolve(import.meta.dirname, '..');
const template = readFileSync(join(import.meta.dirname, 'nomad/job.nomad.hcl'), 'utf8');

function writeJobs(folder: string, count: number): string {
  for (let index = 0; index < count; index += 1) {
    const text = template
      .replaceAll('SERVICE', `service-${index}`)
      .replaceAll('OTHER', `service-${(index * 7 + 1) % count}`);
    mkdirSync(join(folder, `service-${index}`), { recursive: true });
    writeFileSync(join(folder, `service-${index}`, 'jobspec.nomad.hcl'), text);
  }
  return folder;
}

interface Measured {
  readonly ms: number;
  /** Zero where the process was not weighed. */
  readonly megabytes: number;
}

/** Says on descriptor 3 how many KiB the process had at most. */
const weigh = `data:text/javascript,import{writeSync}from'node:fs';process.on('exit',()=>writeSync(3,String(process.resourceUsage().maxRSS)))`;

function larder(program: string, args: readonly string[], scales: readonly string[] = ['--import', weigh]): Measured {
  const begun = performance.now();
  const { status, stderr, output } = spawnSync(process.execPath, [...FLAGS, ...scales, program, ...args], {
    encoding: 'utf8',
    timeout: LIMIT_MS,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    maxBuffer: 1 << 28,
  });
  const ms = performance.now() - begun;
  if (status !== 0) throw new Error(`larder ${args.join(' ')} ended with ${status}\n${stderr}`);
  return { ms, megabytes: Number(output[3]) / 1024 };
}

/** The same files, each made whole on the disk. */
function copying(from: string, to: string): number {
  const paths = globSync(['**/*', '**/.*'], { cwd: from }).filter((path) => statSync(join(from, path)).isFile());
  const texts = paths.map((path) => [join(to, path), readFileSync(join(from, path))] as const);
  const begun = performance.now();
  for (const [path, bytes] of texts) {
    mkdirSync(dirname(path), { recursive: true });
    const file = openSync(path, 'wx');
    writeFileSync(file, bytes);
    fsyncSync(file);
    closeSync(file);
  }
  return (performance.now() - begun) / 1000;
}

export async function run(): Promise<BenchReport> {
  const home = mkdtempSync(join(tmpdir(), 'larder-bench-'));
  try {
    await bundle(join(home, 'bundle'));
    return report(home, { checkout: join(root, 'bin/start.js'), bundled: join(home, 'bundle/larder.mjs') });
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

function report(
  home: string,
  { checkout, bundled }: { readonly checkout: string; readonly bundled: string },
): BenchReport {
  const many = writeJobs(join(home, 'many'), JOBS);
  const one = writeJobs(join(home, 'one'), 1);
  const out = join(home, 'out');
  // once before: the first start after a change strips the types of the sources, which weighs 35 MB
  larder(checkout, ['nomad', 'convert', one, '--out', join(home, 'first'), '--yes']);
  const all = larder(checkout, ['nomad', 'convert', many, '--out', out, '--yes']);
  const again = larder(checkout, ['nomad', 'convert', many, '--out', out, '--yes']);
  // each reads the jobs again and converts them a second time, to compare the bytes
  const checked = larder(checkout, ['nomad', 'check', out, '--in', many]);
  const alone = larder(checkout, ['nomad', 'check', out]);
  const copied = copying(out, join(home, 'copy'));
  // what weighs a process is a module of its own, and takes 5 ms; the first start keeps what it compiled, for the others
  const times = (program: string, args: (round: number) => readonly string[]): readonly number[] =>
    Array.from({ length: ROUNDS + 1 }, (_, round) => larder(program, args(round), []).ms).slice(1);
  const convertOne = (round: number) => [
    'nomad',
    'convert',
    one,
    '--out',
    join(home, `one-${round}-${performance.now()}`),
    '--yes',
  ];
  const single = (what: string, program: string): readonly BenchRow[] => {
    const bare = distribution(times(program, () => ['version']));
    const spread = distribution(times(program, convertOne));
    const ratio = { to: 'saying its version', value: spread.median / bare.median };
    return [
      {
        what: `one job, ${what}`,
        unit: 'ms',
        ...spread,
        ratio,
        bar: { text: `< ${BAR_ONE_MS}`, met: spread.median < BAR_ONE_MS },
      },
      { what: `larder version, ${what}`, unit: 'ms', ...bare },
    ];
  };
  const seconds = all.ms / 1000;
  return {
    about: `larder nomad convert and check on ${JOBS} jobs of ${template.split('\n').length} lines, and on one; start and writing included`,
    rows: [
      {
        what: `${JOBS} jobs`,
        unit: 's',
        median: seconds,
        ratio: { to: 'writing the files alone', value: seconds / copied },
        bar: { text: `< ${BAR_SECONDS}`, met: seconds < BAR_SECONDS },
      },
      {
        what: 'memory of it at most',
        unit: 'MB',
        median: all.megabytes,
        bar: { text: `< ${BAR_MB}`, met: all.megabytes < BAR_MB },
      },
      { what: 'the same again, nothing to write', unit: 's', median: again.ms / 1000 },
      { what: 'writing and syncing the same files', unit: 's', median: copied },
      {
        what: `check of the ${JOBS} modules against their jobs`,
        unit: 's',
        median: checked.ms / 1000,
        ratio: { to: 'converting them', value: checked.ms / all.ms },
      },
      { what: 'memory of the check at most', unit: 'MB', median: checked.megabytes },
      { what: 'check of the modules alone', unit: 's', median: alone.ms / 1000 },
      ...single('checkout', checkout),
      ...single("the image's bundle", bundled),
    ],
  };
}
