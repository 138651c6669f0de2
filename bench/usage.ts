/**
 * What measuring directories costs: the first time, again when nothing has changed, and in a quiet hour. As many files as
 * the disk has room for are made below 10,000 directories, in the shape that volumes have: most files in few directories.
 *
 * Words after the name: `files=N` in all, `directories=N`, `folder=PATH` (default: the folder for temporary files),
 * `seconds=N` for how long the steady state is watched.
 */
import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { usageMetrics } from '../src/provision/registry.ts';
import type { Storage } from '../src/provision/storage.ts';
import { createCrawler } from '../src/provision/usage/crawler.ts';
import type { MeasuredVolume } from '../src/provision/volumes.ts';
import { sleep, systemClock } from '../src/telemetry/clock.ts';
import { silentLog } from '../src/telemetry/log.ts';
import { MetricsRegistry } from '../src/telemetry/metrics.ts';
import { cpuMsOf, residentMiB } from '../test/tools/process.ts';
import { withExport } from './export-process.ts';
import { type BenchReport, type BenchRow, distribution } from './report.ts';

const DIRECTORIES = 10_000;
const FILES = 5_000_000;
const SUBDIRECTORIES = 2;
/** Of what is free, so that a bench never fills somebody's disk. */
const SHARE_OF_INODES = 0.3;
const PASSES = 4;
const SECONDS = 60;
const WATCH_MS = 30_000;
/** Of a first scan, and of one processor. */
const BAR = 0.05;
/** As src/provision/usage/turn.ts has them: how many looks go together, after how many intervals, the share of the time for reading again, and what of its period passes on average. */
const TOGETHER = 32;
const CALM_INTERVALS = 2;
const READ_SHARE = 0.01;
const PERIOD = 0.87;
const DAY_MS = 86_400_000;

interface Options {
  readonly directories: number;
  readonly files: number;
  readonly folder: string;
  readonly seconds: number;
}

interface World extends Options {
  readonly storage: Storage;
  readonly root: string;
  /** Processor time of the export's process, ms. */
  readonly childCpuMs: () => number;
}

export async function run(args: readonly string[]): Promise<BenchReport> {
  const options = optionsOf(args);
  const top = mkdtempSync(join(options.folder, 'larder-bench-usage-'));
  const root = join(top, 'export');
  mkdirSync(root);
  try {
    // The first process after a change compiles, which is no part of what it weighs ever after.
    await withExport({ root }, async ({ storage }) => void (await storage.space()));
    return await withExport({ root, usageFolder: join(top, 'remembered') }, async ({ storage, pid }) => {
      await storage.space();
      const world = { ...options, storage, root, childCpuMs: () => cpuMsOf(pid()) };
      const made = fill(world);
      const scans = await passes(world);
      const rows = [...scans.rows, ...(await steady(world)), memory(pid())];
      const about = `${made.files.toLocaleString('en-US')} files in ${made.directories.toLocaleString('en-US')} directories of volumes with ${SUBDIRECTORIES} subdirectories each, on ${options.folder}`;
      return { about, notes: scans.notes, rows };
    });
  } finally {
    execFileSync('rm', ['-rf', top]);
  }
}

function optionsOf(args: readonly string[]): Options {
  const said = new Map(args.map((word) => [word.split('=')[0] ?? '', word.split('=').slice(1).join('=')]));
  const number = (name: string, fallback: number): number => Number(said.get(name) ?? fallback);
  const folder = resolve(said.get('folder') ?? tmpdir());
  const { ffree } = statfsSync(folder);
  const directories = number('directories', DIRECTORIES);
  const room = Math.floor(ffree * SHARE_OF_INODES) - directories * (1 + SUBDIRECTORIES);
  // A filesystem that gives inodes as they are needed says that it has none.
  const files = ffree === 0 ? number('files', FILES) : Math.min(number('files', FILES), Math.max(0, room));
  return { directories, files, folder, seconds: number('seconds', SECONDS) };
}

const nameOf = (index: number): string => `volume-${index}`;

/** Files are empty: what is measured is a number of entries, and their data would only take the disk's time. */
function fill({ root, directories, files }: World): { readonly files: number; readonly directories: number } {
  const each = Math.floor(files / directories);
  for (let index = 0; index < directories; index += 1) {
    const places = [nameOf(index), join(nameOf(index), 'data'), join(nameOf(index), 'wal')];
    for (const place of places) mkdirSync(join(root, place));
    for (let file = 0; file < each; file += 1) {
      const place = places[file % 10 === 0 ? 0 : file % 10 === 1 ? 2 : 1] ?? '';
      closeSync(openSync(join(root, place, `segment-${file}`), 'w'));
    }
  }
  return { files: each * directories, directories };
}

/** Looks go together as the operator asks for them; a volume that is read has a turn of its own. */
async function pass({ storage, directories }: World, freshOf: (index: number) => number): Promise<number> {
  const startMs = performance.now();
  let together: number[] = [];
  const looks = async (): Promise<void> => {
    await Promise.all(together.map((index) => measure(storage, index, freshOf(index))));
    together = [];
  };
  for (let index = 0; index < directories; index += 1) {
    if (freshOf(index) === 0) await measure(storage, index, 0);
    else if (together.push(index) === TOGETHER) await looks();
  }
  await looks();
  return performance.now() - startMs;
}

async function measure(storage: Storage, index: number, freshMs: number): Promise<void> {
  for (;;) {
    const result = await storage.usage({ path: [nameOf(index)], maxOperations: 2_000, freshMs });
    if (result.kind === 'problem') throw new Error(JSON.stringify(result));
    if (result.complete) return;
  }
}

async function passes(
  world: World,
): Promise<{ readonly rows: readonly BenchRow[]; readonly notes: readonly string[] }> {
  execFileSync('sync');
  await sleep(systemClock, 3_000); // what was written a moment ago is not remembered
  const walks = [bareWalk(world)]; // warms the kernel's caches for all that follow
  const cpuBefore = world.childCpuMs();
  const first = await pass(world, () => 0);
  const firstCpu = world.childCpuMs() - cpuBefore;
  const warming: number[] = []; // the first pass of looks still compiles, and one pass alone says little beside other work
  for (let round = 0; round < PASSES; round += 1) warming.push(await pass(world, () => DAY_MS));
  const warm = distribution(warming).median;
  // A pass comes when the interval is over, or when the budget is out of debt.
  const passEveryMs = Math.max(CALM_INTERVALS * WATCH_MS, warm / (BAR - READ_SHARE / PERIOD));
  const readAgain = Math.max(1, Math.round(((first / READ_SHARE) * PERIOD) / passEveryMs));
  const again: number[] = [];
  const looks: number[] = [];
  const cpu: number[] = [];
  for (let round = 0; round < PASSES; round += 1) {
    walks.push(bareWalk(world));
    const before = world.childCpuMs();
    again.push(await pass(world, (index) => (index % readAgain === round % readAgain ? 0 : DAY_MS)));
    cpu.push(world.childCpuMs() - before);
    looks.push(await pass(world, () => DAY_MS));
  }
  const walk = distribution(walks.slice(1));
  const pass2 = distribution(again);
  const ratio = pass2.median / first;
  return {
    notes: [
      `the first scan took ${Math.round(firstCpu)} ms of processor time, a later one ${Math.round(distribution(cpu).median)} ms`,
    ],
    rows: [
      { what: 'du of the same tree', unit: 'ms', ...walk },
      { what: 'first scan', unit: 'ms', median: first, ratio: { to: 'du', value: first / walk.median } },
      {
        what: `pass again, one volume in ${readAgain} read anew`,
        unit: 'ms',
        ...pass2,
        ratio: { to: 'first scan', value: ratio },
        bar: { text: '< 5 % of the first scan', met: ratio < BAR },
      },
      {
        what: 'pass again, looks only',
        unit: 'ms',
        ...distribution(looks),
        ratio: { to: 'first scan', value: distribution(looks).median / first },
      },
    ],
  };
}

function bareWalk({ root }: World): number {
  const startMs = performance.now();
  execFileSync('du', ['-s', root], { stdio: 'ignore' });
  return performance.now() - startMs;
}

/** The crawler itself, as the operator runs it, on all volumes. */
async function steady(world: World): Promise<readonly BenchRow[]> {
  const { storage, directories, seconds } = world;
  const volumes = Array.from(
    { length: directories },
    (_, index): MeasuredVolume => ({
      key: `bench/${nameOf(index)}`,
      volume: nameOf(index),
      className: 'bench',
      storage,
      path: [nameOf(index)],
      limitBytes: 2n ** 40n,
    }),
  );
  const crawler = createCrawler({
    storages: [storage],
    volumes: () => volumes,
    intervalMs: WATCH_MS,
    metrics: new MetricsRegistry().register(usageMetrics),
    onThreshold: () => undefined,
    clock: systemClock,
    log: silentLog,
  });
  const stop = new AbortController();
  const crawling = crawler.run(stop.signal);
  await sleep(systemClock, 2_000 / BAR); // what it may do at once at first is over
  const own = process.cpuUsage();
  const before = world.childCpuMs();
  const startMs = performance.now();
  await sleep(systemClock, seconds * 1_000);
  const elapsedMs = performance.now() - startMs;
  const { user, system } = process.cpuUsage(own);
  const childMs = world.childCpuMs() - before;
  stop.abort(new Error('measured'));
  await crawling;
  const known = volumes.filter(({ key, volume }) => crawler.latest(key, volume)).length;
  const share = childMs / elapsedMs;
  const whole = (childMs + (user + system) / 1_000) / elapsedMs;
  return [
    {
      what: 'steady state, the process of the export',
      unit: '% of a processor',
      median: share * 100,
      bar: { text: '< 5 %', met: share < BAR },
    },
    { what: 'steady state, with what the operator itself spends', unit: '% of a processor', median: whole * 100 },
    { what: 'volumes measured by then', unit: 'volumes', median: known },
  ];
}

function memory(pid: number): BenchRow {
  const median = Math.round(residentMiB(pid));
  return { what: 'resident memory of the process', unit: 'MB', median, bar: { text: '< 70 MB', met: median < 70 } };
}
