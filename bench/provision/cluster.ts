/** A burst of claims and a steady stream of them for `larder operator`, on a real control plane with real directories. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCache, type Draft, kinds, type PersistentVolume, type StorageClass } from '../../src/kube/index.ts';
import { systemClock, systemRandom } from '../../src/telemetry/clock.ts';
import { silentLog } from '../../src/telemetry/log.ts';
import { type RunningOperator, startOperator } from '../../test/e2e/larder.ts';
import { figuresOf } from '../../test/e2e/site.ts';
import { childrenOf, cpuMsOf } from '../../test/tools/process.ts';
import { type BenchRow, distribution } from '../report.ts';
import { bareRate, claimOf, each } from '../server/load.ts';
import { type Server, startReal } from '../server/server.ts';
import { measureMany } from './many.ts';
import { peerRate } from './peer.ts';

const BURST = 1_000;
const PER_SECOND = 50;
const SECONDS = 60;
const LATE_MS = 1_000;
const CLASS = 'bench';
/** As many as the bare client saves before it is measured: code that has never run is compiled first. */
const WARM = 200;
/** By then what is loaded late is there too. */
const COMPILE_MS = 10_000;
const RAISED = ['--kube-api-qps=1000', '--kube-api-burst=1000'];

export interface OnCluster {
  readonly rows: readonly BenchRow[];
  /** Volumes per second in the burst, for the ratio to the embedded API. */
  readonly perSecond: number;
  /** What could not be measured, and why. */
  readonly notes: readonly string[];
}

/** A text is the reason why there is no control plane. `raised`: with raised limits of kube-controller-manager. */
export async function measureCluster(raised: boolean): Promise<OnCluster | string> {
  const server = await startReal({ flags: raised ? { 'kube-controller-manager': RAISED } : {} });
  if (typeof server === 'string') return server;
  const folder = mkdtempSync(join(tmpdir(), 'larder-bench-provision-'));
  const operators: RunningOperator[] = [];
  try {
    const bare = await bareRate(server.client, BURST);
    await settled(server); // kube-controller-manager looks at each of these too
    const peer = await peerRate(server);
    await settled(server);
    const start = async (): Promise<RunningOperator> => {
      const operator = await startOperator([
        ...['--kubeconfig', server.kubeconfig, '--export', `nas:/v=${folder}`, '--allow-local'],
        ...['--leader-election', 'false'],
      ]);
      operators.push(operator);
      return operator;
    };
    await compile(await start());
    const operator = await start();
    await warmUp(server);
    return await measure({ server, operator, bare, peer, raised });
  } finally {
    for (const operator of operators) operator.kill('SIGKILL');
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * The first start after the sources changed strips their types, for which it and its export's process weigh 25 to 35 MB
 * more until they end; what it compiled is kept for the next.
 */
async function compile(operator: RunningOperator): Promise<void> {
  await pause(COMPILE_MS);
  operator.kill('SIGTERM');
  await operator.exited;
}

/** Claims of another class, until all is done for them. */
async function warmUp(server: Server): Promise<void> {
  const { client } = server;
  await client.create(kinds.StorageClass, classOf('warm'));
  await each(WARM, (index) => client.create(kinds.PersistentVolumeClaim, claimOf(`warm-${index}`, 'warm')));
  while (!(await allBound(server))) await pause(250);
}

async function allBound({ client }: Server): Promise<boolean> {
  const { items } = await client.list(kinds.PersistentVolumeClaim);
  return items.every(({ status }) => status?.phase === 'Bound');
}

const classOf = (name: string): Draft<StorageClass> => ({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name },
  provisioner: 'larder.dev/directory',
  reclaimPolicy: 'Retain',
  volumeBindingMode: 'Immediate',
  parameters: { pathPattern: 'glusterfs_${.PVC.annotations.volume-name}', minFree: '0,0' },
});

/** Until no volume waits for its phase. */
async function settled({ client }: Server): Promise<void> {
  const waits = async (): Promise<boolean> => {
    const { items } = await client.list(kinds.PersistentVolume);
    return items.some(({ status }) => (status?.phase ?? 'Pending') === 'Pending');
  };
  while (await waits()) await pause(250);
}

interface Bench {
  readonly server: Server;
  readonly operator: RunningOperator;
  readonly bare: number;
  /** A text is the reason why there is none. */
  readonly peer: number | string;
  readonly raised: boolean;
}

async function measure(bench: Bench): Promise<OnCluster> {
  const { server, operator, bare, peer, raised } = bench;
  const watching = await watchVolumes(server);
  const burst = await measureBurst(bench, watching);
  const latencies = await measureStream(server, watching);
  const heavy = await measureMany(server, operator, CLASS);
  watching.stop();
  const rate = BURST / burst.savedSeconds;
  const behind = latencies.filter((ms) => ms > LATE_MS).length;
  const { median, p99 } = distribution(latencies);
  const limits = raised ? 'raised limits' : 'default limits';
  return {
    perSecond: rate,
    notes: typeof peer === 'string' ? [`Without the peer: ${peer}`] : [],
    rows: [
      { what: 'limit: volumes saved by a client alone', unit: 'PV/s', median: bare },
      {
        what: `${BURST} claims to saved volumes`,
        unit: 's',
        median: burst.savedSeconds,
        bar: { text: '< 5 s', met: burst.savedSeconds < 5 },
      },
      {
        what: 'volumes provisioned',
        unit: 'PV/s',
        median: rate,
        ratio: { to: 'a client alone', value: rate / bare },
        bar: { text: '≥ 0.4 ×', met: rate / bare >= 0.4 },
      },
      ...comparedTo(peer, rate),
      { what: `${BURST} claims to Bound, ${limits} of kube-controller-manager`, unit: 's', median: burst.boundSeconds },
      {
        what: 'API writes per claim',
        unit: 'writes',
        median: burst.writesPerClaim,
        bar: { text: '≤ 2', met: burst.writesPerClaim <= 2 },
      },
      { what: 'CPU of both processes per claim', unit: 'ms', median: burst.cpuMsPerClaim },
      {
        what: `claim to saved volume at ${PER_SECOND}/s for ${SECONDS} s`,
        unit: 'ms',
        ...distribution(latencies),
        bar: { text: 'p50 < 25 ms, p99 < 250 ms', met: median < 25 && p99 < 250 },
      },
      {
        what: `of these later than ${LATE_MS} ms`,
        unit: 'claims',
        median: behind,
        bar: { text: '0', met: behind === 0 },
      },
      ...heavy,
    ],
  };
}

function comparedTo(peer: number | string, rate: number): readonly BenchRow[] {
  if (typeof peer === 'string') return [];
  return [
    { what: 'peer: a provisioner on sig-storage-lib-external-provisioner', unit: 'PV/s', median: peer },
    {
      what: 'volumes provisioned, against the peer',
      unit: 'PV/s',
      median: rate,
      ratio: { to: 'the peer', value: rate / peer },
      bar: { text: '≥ 100 ×', met: rate / peer >= 100 },
    },
  ];
}

interface Watching {
  /** Called for each volume of a claim of this bench that appears. */
  onSaved(tell: (volume: PersistentVolume) => void): () => void;
  stop(): void;
}

async function watchVolumes({ client }: Server): Promise<Watching> {
  const cache = createCache({
    client,
    clock: systemClock,
    random: systemRandom,
    log: silentLog,
    resource: kinds.PersistentVolume,
  });
  const end = new AbortController();
  void cache.run(end.signal);
  await cache.synced();
  return {
    onSaved: (tell) =>
      cache.onChange(({ kind, object }) => {
        if (kind === 'added' && object.spec.storageClassName === CLASS) tell(object);
      }),
    stop: () => end.abort(),
  };
}

interface Burst {
  readonly savedSeconds: number;
  readonly boundSeconds: number;
  readonly writesPerClaim: number;
  readonly cpuMsPerClaim: number;
}

/** The claims are there before their class, so that its creation lets them all go at one moment. */
async function measureBurst({ server, operator }: Bench, watching: Watching): Promise<Burst> {
  const { client } = server;
  await each(BURST, (index) => client.create(kinds.PersistentVolumeClaim, claimOf(`burst-${index}`, CLASS)));
  const figure = figuresOf(operator);
  const writes = /^rest_client_requests_total\{method="(?:POST|PUT|PATCH|DELETE)",[^}]*\} (\d+)$/gm;
  const before = { writes: await figure(writes), cpuMs: cpuMsOfAll(operator.pid) };
  const done = Promise.withResolvers<void>();
  let saved = 0;
  const off = watching.onSaved(() => {
    saved += 1;
    if (saved === BURST) done.resolve();
  });
  const startMs = performance.now();
  await client.create(kinds.StorageClass, classOf(CLASS));
  await done.promise;
  const savedSeconds = (performance.now() - startMs) / 1000;
  off();
  while (!(await allBound(server))) await pause(250);
  const boundSeconds = (performance.now() - startMs) / 1000;
  return {
    savedSeconds,
    boundSeconds,
    writesPerClaim: ((await figure(writes)) - before.writes) / BURST,
    cpuMsPerClaim: (cpuMsOfAll(operator.pid) - before.cpuMs) / BURST,
  };
}

/** Milliseconds from before each claim to its volume in a watch, one claim every 20 ms whatever became of the last. */
async function measureStream({ client }: Server, watching: Watching): Promise<readonly number[]> {
  const total = PER_SECOND * SECONDS;
  const savedMs = new Map<string, number>();
  const all = Promise.withResolvers<void>();
  const off = watching.onSaved(({ spec }) => {
    savedMs.set(spec.claimRef?.name ?? '', performance.now());
    if (savedMs.size === total) all.resolve();
  });
  const sentMs = new Map<string, number>();
  const posts: Promise<unknown>[] = [];
  const startMs = performance.now();
  for (let index = 0; index < total; index += 1) {
    const name = `stream-${index}`;
    await pause(startMs + (index * 1000) / PER_SECOND - performance.now());
    sentMs.set(name, performance.now());
    posts.push(client.create(kinds.PersistentVolumeClaim, claimOf(name, CLASS)));
  }
  await Promise.all([...posts, all.promise]);
  off();
  return [...sentMs].map(([name, ms]) => (savedMs.get(name) ?? Number.POSITIVE_INFINITY) - ms);
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));

/** Of the operator and the processes of its exports. */
const cpuMsOfAll = (pid: number): number => [pid, ...childrenOf(pid)].reduce((sum, each) => sum + cpuMsOf(each), 0);
