/**
 * What the export's own process costs: directories made safely through its protocol against bare mkdir(2) in this
 * process, the measuring of a tree against du(1), and the memory of the process.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EnsureRequest, Storage } from '../src/provision/storage.ts';
import { residentMiB } from '../test/tools/process.ts';
import { withExport } from './export-process.ts';
import { type BenchReport, type BenchRow, distribution } from './report.ts';

const DIRECTORIES = 3_000;
const ROUNDS = 5;
const AT_ONCE = 32;
const VOLUMES = 200;
const FILES = 100;
/** The process of an export, quality.md section 5. */
const MEMORY_MB = 70;

interface World {
  readonly storage: Storage;
  readonly root: string;
  readonly memoryMb: () => number;
}

export async function run(): Promise<BenchReport> {
  const folder = mkdtempSync(join(tmpdir(), 'larder-bench-export-'));
  const root = join(folder, 'export');
  mkdirSync(root);
  await warmUp(root);
  try {
    return await withExport({ root }, async ({ storage, pid }) => {
      const world = { storage, root, memoryMb: () => Math.round(residentMiB(pid())) };
      const made = await directories(world, join(folder, 'bare'));
      const measured = await usage(world);
      return {
        about: `an export on ${tmpdir()}, ${AT_ONCE} requests at once; a tree of ${VOLUMES} × ${FILES} files`,
        rows: [...made, ...measured, memory(world)],
      };
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The first process fills the cache of compiled code. */
async function warmUp(root: string): Promise<void> {
  await withExport({ root }, ({ storage }) => storage.space());
}

const request = (name: string): EnsureRequest => ({
  path: [name],
  mode: 0o777,
  uid: process.geteuid?.() ?? 0,
  gid: process.getegid?.() ?? 0,
  adoption: 'allowed',
  existing: 'correct-if-root-owned',
  minFreeBytes: 1n,
  minFreeInodes: 0n,
});

/** Calls a second. */
async function rate(count: number, work: (index: number) => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) {
      next += 1;
      await work(next);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return (count / (performance.now() - startMs)) * 1_000;
}

async function directories({ storage }: World, bareFolder: string): Promise<readonly BenchRow[]> {
  const safe: number[] = [];
  const bare: number[] = [];
  const again: number[] = [];
  mkdirSync(bareFolder);
  await storage.ensure(request('warm'));
  for (let round = 0; round < ROUNDS; round += 1) {
    bare.push(await rate(DIRECTORIES, (index) => mkdir(join(bareFolder, `${round}-${index}`))));
    safe.push(await rate(DIRECTORIES, (index) => made(storage, `${round}-${index}`, 'created')));
    again.push(await rate(DIRECTORIES, (index) => made(storage, `${round}-${index}`, 'existed')));
  }
  const limit = distribution(bare);
  const rows = [
    ['directories made safely, through the protocol', safe],
    ['the same again: all exist', again],
  ] as const;
  return [
    ...rows.map(([what, samples]): BenchRow => {
      const spread = distribution(samples);
      return { what, unit: '1/s', ...spread, ratio: { to: 'bare mkdir', value: spread.median / limit.median } };
    }),
    { what: 'bare mkdir in this process', unit: '1/s', ...limit },
  ];
}

async function made(storage: Storage, name: string, kind: 'created' | 'existed'): Promise<void> {
  const result = await storage.ensure(request(name));
  if (result.kind !== kind) throw new Error(`${name}: ${JSON.stringify(result)}`);
}

async function usage({ storage, root }: World): Promise<readonly BenchRow[]> {
  for (let volume = 0; volume < VOLUMES; volume += 1) {
    const directory = join(root, 'tree', `${volume}`);
    mkdirSync(directory, { recursive: true });
    for (let file = 0; file < FILES; file += 1) writeFileSync(join(directory, `${file}`), 'x');
  }
  const scan = async (): Promise<number> => {
    const startMs = performance.now();
    for (let volume = 0; volume < VOLUMES; volume += 1) await measure(storage, `${volume}`);
    return performance.now() - startMs;
  };
  const first = await scan();
  const again: number[] = [];
  const du: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    again.push(await scan());
    const startMs = performance.now();
    execFileSync('du', ['-s', join(root, 'tree')]);
    du.push(performance.now() - startMs);
  }
  const limit = distribution(du);
  const spread = distribution(again);
  return [
    { what: 'usage, first scan', unit: 'ms', median: first, ratio: { to: 'du', value: first / limit.median } },
    {
      what: 'usage, every further scan',
      unit: 'ms',
      ...spread,
      ratio: { to: 'du', value: spread.median / limit.median },
    },
    { what: 'du of the same tree', unit: 'ms', ...limit },
  ];
}

async function measure(storage: Storage, volume: string): Promise<void> {
  for (;;) {
    const result = await storage.usage({ path: ['tree', volume], maxOperations: 2_000 });
    if (result.kind === 'problem') throw new Error(JSON.stringify(result));
    if (result.complete) return;
  }
}

function memory({ memoryMb }: World): BenchRow {
  const median = memoryMb();
  const bar = { text: `< ${MEMORY_MB} MB`, met: median < MEMORY_MB };
  return { what: 'resident memory of the process', unit: 'MB', median, bar };
}
