/**
 * From typing the command to `ready`, cold (an empty data folder) and warm (with state), and what the processes weigh
 * when idle; then the same for the operator as the image runs it, from its bundle, until it leads, and until a claim that
 * was there before has its volume. The limit in the same run is what starting Node and loading nothing costs.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { bundle } from '../deploy/docker/bundle.ts';
import { type Client, createCache, kinds } from '../src/kube/index.ts';
import { systemClock, systemRandom } from '../src/telemetry/clock.ts';
import { silentLog } from '../src/telemetry/log.ts';
import { clientOf } from '../test/e2e/claims.ts';
import { type Started, startLarder, startProgram } from '../test/e2e/larder.ts';
import { childrenOf, residentMiB } from '../test/tools/process.ts';
import { type BenchReport, distribution } from './report.ts';
import { claimOf } from './server/load.ts';

const ROUNDS = 5;
const READY_BAR_S = 3;
const LEADS_BAR_S = 0.5;
const SERVES_BAR_S = 1;
const PROVISIONER = 'example.com/bench';
const CLASS = 'bench';
const POLL_MS = 2;
const MAIN_BAR_MB = 120;
const CHILD_BAR_MB = 70;

export async function run(): Promise<BenchReport> {
  const cold: number[] = [];
  const warm: number[] = [];
  const main: number[] = [];
  const child: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const data = mkdtempSync(join(tmpdir(), 'larder-bench-'));
    try {
      cold.push(await startAndStop(data));
      const weighed = { main, child };
      warm.push(await startAndStop(data, weighed));
    } finally {
      rmSync(data, { recursive: true, force: true });
    }
  }
  const operator = await operatorRounds();
  const bare: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) bare.push(await seconds(() => bareNode()));
  const limit = distribution(bare).median;
  const timed = (what: string, samples: readonly number[], barS: number) => {
    const spread = distribution(samples);
    const ratio = { to: 'bare node', value: spread.median / limit };
    return { what, unit: 's', ...spread, ratio, bar: { text: `< ${barS}`, met: spread.median < barS } };
  };
  const weighed = (what: string, samples: readonly number[], barMb: number) => {
    const spread = distribution(samples);
    return { what, unit: 'MB', ...spread, bar: { text: `< ${barMb}`, met: spread.median < barMb } };
  };
  return {
    about: `larder up until it says ready, the operator until it leads, ${ROUNDS} rounds; memory is the resident set right after`,
    rows: [
      timed('first start, empty folder', cold, READY_BAR_S),
      timed('later start, with state', warm, READY_BAR_S),
      timed("operator's bundle, until it leads", operator.leads, LEADS_BAR_S),
      timed('the same, until a claim that waits has its volume', operator.serves, SERVES_BAR_S),
      { what: 'node -e 0', unit: 's', ...distribution(bare) },
      weighed('main process', main, MAIN_BAR_MB),
      weighed("each export's process", child, CHILD_BAR_MB),
      weighed("main process of the operator's bundle", operator.main, MAIN_BAR_MB),
      weighed("each export's process of it", operator.child, CHILD_BAR_MB),
    ],
  };
}

interface OperatorFigures {
  readonly leads: readonly number[];
  readonly serves: readonly number[];
  readonly main: readonly number[];
  readonly child: readonly number[];
}

/** On the embedded API, which runs already; each round gives its Lease back. */
async function operatorRounds(): Promise<OperatorFigures> {
  const data = mkdtempSync(join(tmpdir(), 'larder-bench-'));
  const files = mkdtempSync(join(tmpdir(), 'larder-bench-'));
  const leads: number[] = [];
  const serves: number[] = [];
  const main: number[] = [];
  const child: number[] = [];
  try {
    await bundle(files);
    const larder = await startLarder(data);
    const program = { command: process.execPath, args: [join(files, 'larder.mjs')] };
    const args = ['operator', '--port', '0', '--kubeconfig', larder.kubeconfig, '--provisioner-name', PROVISIONER];
    const client = await clientOf(larder);
    const volumes = await watchVolumes(client);
    for (let round = 0; round < ROUNDS; round += 1) {
      await client.create(kinds.PersistentVolumeClaim, claimOf(`waits-${round}`, CLASS));
      const served = volumes.next();
      const begun = performance.now();
      const operator = await startProgram(program, [...args, '--export', `nas:/v=${data}`, '--allow-local']);
      await untilLeading(operator);
      leads.push((performance.now() - begun) / 1000);
      main.push(residentMiB(operator.pid));
      for (const pid of childrenOf(operator.pid)) child.push(residentMiB(pid));
      serves.push(((await served) - begun) / 1000);
      operator.kill('SIGTERM');
      await operator.exited;
    }
    volumes.stop();
    larder.kill('SIGTERM');
    await larder.exited;
  } finally {
    for (const folder of [data, files]) rmSync(folder, { recursive: true, force: true });
  }
  return { leads, serves, main, child };
}

/** Makes the class too. `next`: the monotonic ms at which the next volume of it is seen. */
async function watchVolumes(client: Client): Promise<{ next(): Promise<number>; stop(): void }> {
  await client.create(kinds.StorageClass, {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: CLASS },
    provisioner: PROVISIONER,
    parameters: { pathPattern: 'bench-${.PVC.name}' },
  });
  const world = { client, clock: systemClock, random: systemRandom, log: silentLog };
  const cache = createCache({ ...world, resource: kinds.PersistentVolume });
  const end = new AbortController();
  void cache.run(end.signal);
  await cache.synced();
  return {
    next: () =>
      new Promise((resolve) => {
        const off = cache.onChange(({ kind, object }) => {
          if (kind !== 'added' || object.spec.storageClassName !== CLASS) return;
          off();
          resolve(performance.now());
        });
      }),
    stop: () => end.abort(),
  };
}

async function untilLeading({ console: address }: Started): Promise<void> {
  for (;;) {
    const text = await (await fetch(new URL('/metrics', address))).text();
    if (/^larder_leader 1$/m.test(text)) return;
    await wait(POLL_MS);
  }
}

async function startAndStop(data: string, weighed?: { main: number[]; child: number[] }): Promise<number> {
  const begun = performance.now();
  const larder = await startLarder(data);
  const took = (performance.now() - begun) / 1000;
  if (weighed) {
    weighed.main.push(residentMiB(larder.pid));
    for (const pid of childrenOf(larder.pid)) weighed.child.push(residentMiB(pid));
  }
  larder.kill('SIGTERM');
  await larder.exited;
  return took;
}

async function seconds(work: () => Promise<void>): Promise<number> {
  const begun = performance.now();
  await work();
  return (performance.now() - begun) / 1000;
}

function bareNode(): Promise<void> {
  return new Promise((resolve, reject) => {
    spawn(process.execPath, ['-e', '0'])
      .on('close', () => resolve())
      .on('error', reject);
  });
}
