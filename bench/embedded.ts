/** The embedded API: writes per second in memory and durable, against the disk's own rate, and how soon a watch hears. */
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEmbedded, type Embedded } from '../src/embedded/cluster.ts';
import { systemClock, systemRandom } from '../src/telemetry/clock.ts';
import { silentLog } from '../src/telemetry/log.ts';
import { type BenchReport, type BenchRow, distribution } from './report.ts';
import { compare } from './server/compare.ts';

const ROUNDS = 7;
const MEMORY_WRITES = 2_000;
const DURABLE_WRITES = 150;
const DURABLE_WRITES_TOGETHER = 960;
const IN_FLIGHT = 32;
const WATCHED_WRITES = 300;
const LISTED = 10_000;
const PATH = '/api/v1/namespaces/default/persistentvolumeclaims';
const world = { clock: systemClock, random: systemRandom, log: silentLog };

/** `args` are ignored. */
export async function run(_args: readonly string[] = []): Promise<BenchReport> {
  const folder = mkdtempSync(join(tmpdir(), 'larder-bench-embedded-'));
  const memory = await createEmbedded(world);
  const durable = await createEmbedded({ ...world, dataDir: join(folder, 'state') });
  try {
    const rates = await measureRates(memory, durable, folder);
    const latencies = await measureWatch(memory);
    const lists = await measureList(memory);
    const { rows, notes } = await compare();
    return {
      about: `claims written to the embedded API in process, in ${ROUNDS} rounds that alternate what is measured; the disk's own rate is that of fdatasync after 4 KiB in one file; then over TLS to the embedded API and to kube-apiserver with etcd (which does not wait for its disk), each in processes of their own`,
      notes,
      rows: [...rateRows(rates), watchRow(latencies), listRow(lists), ...rows],
    };
  } finally {
    memory.close();
    durable.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Rates {
  readonly memory: number[];
  readonly disk: number[];
  readonly single: number[];
  readonly together: number[];
}

/** Each round measures everything, so that what else the machine does weighs on all of it alike. */
async function measureRates(memory: Embedded, durable: Embedded, folder: string): Promise<Rates> {
  const rates: Rates = { memory: [], disk: [], single: [], together: [] };
  await write(memory, { count: MEMORY_WRITES, inFlight: IN_FLIGHT });
  await write(durable, { count: DURABLE_WRITES, inFlight: 1 });
  for (let round = 0; round < ROUNDS; round += 1) {
    rates.memory.push(await write(memory, { count: MEMORY_WRITES, inFlight: IN_FLIGHT }));
    rates.disk.push(syncs(join(folder, 'probe'), DURABLE_WRITES));
    rates.single.push(await write(durable, { count: DURABLE_WRITES, inFlight: 1 }));
    rates.together.push(await write(durable, { count: DURABLE_WRITES_TOGETHER, inFlight: IN_FLIGHT }));
  }
  return rates;
}

let serial = 0;

function claim(name: string): string {
  return JSON.stringify({
    metadata: { name, labels: { app: 'bench' }, annotations: { 'volume-name': name } },
    spec: {
      accessModes: ['ReadWriteMany'],
      storageClassName: 'bench',
      resources: { requests: { storage: '1Gi' } },
    },
  });
}

/** Writes per second. */
async function write(embedded: Embedded, { count, inFlight }: { count: number; inFlight: number }): Promise<number> {
  let left = count;
  const worker = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      serial += 1;
      await create(embedded, `claim-${serial}`);
    }
  };
  const begun = performance.now();
  await Promise.all(Array.from({ length: inFlight }, worker));
  return (count / (performance.now() - begun)) * 1000;
}

async function create(embedded: Embedded, name: string): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const answer = await embedded.transport.send({ method: 'POST', path: PATH, headers, body: claim(name) });
  if (answer.status !== 201) throw new Error(`a write was refused: ${await answer.text()}`);
}

/** What the disk can do when it is asked to make one page after another durable. */
function syncs(path: string, count: number): number {
  const page = Buffer.alloc(4096, 1);
  const file = openSync(path, 'w');
  const begun = performance.now();
  for (let index = 0; index < count; index += 1) {
    writeSync(file, page);
    fdatasyncSync(file);
  }
  const elapsedMs = performance.now() - begun;
  closeSync(file);
  return (count / elapsedMs) * 1000;
}

/** From before a write to its event, milliseconds. */
async function measureWatch(embedded: Embedded): Promise<readonly number[]> {
  const stop = new AbortController();
  const path = `${PATH}?watch=true&resourceVersion=${embedded.store.revision()}`;
  const watch = await embedded.transport.send({ method: 'GET', path }, stop.signal);
  const events = watch.chunks()[Symbol.asyncIterator]();
  const latencies: number[] = [];
  for (let index = 0; index < WATCHED_WRITES; index += 1) {
    serial += 1;
    const heard = events.next();
    const begun = performance.now();
    void create(embedded, `claim-${serial}`);
    await heard;
    latencies.push(performance.now() - begun);
  }
  stop.abort();
  return latencies;
}

async function measureList(embedded: Embedded): Promise<readonly number[]> {
  const times: number[] = [];
  for (let index = 0; index < 10; index += 1) {
    const begun = performance.now();
    const answer = await embedded.transport.send({ method: 'GET', path: `${PATH}?limit=${LISTED}` });
    await answer.text();
    times.push(performance.now() - begun);
  }
  return times;
}

function rateRows(rates: Rates): readonly BenchRow[] {
  const disk = distribution(rates.disk);
  const row = (what: string, samples: readonly number[]): BenchRow => ({ what, unit: '1/s', ...distribution(samples) });
  const against = (samples: readonly number[], least: number): Pick<BenchRow, 'ratio' | 'bar'> => {
    const ratios = samples.map((rate, index) => rate / (rates.disk[index] ?? rate));
    const value = distribution(ratios).median;
    return { ratio: { to: "the disk's fdatasync", value }, bar: { text: `≥ ${least} ×`, met: value >= least } };
  };
  const memory = row(`writes in memory, ${IN_FLIGHT} in flight`, rates.memory);
  return [
    { ...memory, bar: { text: '≥ 3,000/s', met: memory.median >= 3_000 } },
    { what: "the disk's own fdatasync", unit: '1/s', ...disk },
    { ...row('durable writes, one at a time', rates.single), ...against(rates.single, 0.5) },
    { ...row(`durable writes, ${IN_FLIGHT} in flight`, rates.together), ...against(rates.together, 2) },
  ];
}

function watchRow(latencies: readonly number[]): BenchRow {
  return { what: 'from a write to its watch event', unit: 'ms', ...distribution(latencies) };
}

function listRow(times: readonly number[]): BenchRow {
  return { what: `list of ${LISTED.toLocaleString('en-US')} claims`, unit: 'ms', ...distribution(times) };
}
