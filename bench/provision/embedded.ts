/** A burst of claims, and a steady stream of them, on the embedded API in this process with real directories. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEmbedded } from '../../src/embedded/cluster.ts';
import { type Client, createClient } from '../../src/kube/client.ts';
import { createEventRecorder } from '../../src/kube/events.ts';
import { kinds } from '../../src/kube/kinds.ts';
import type { Transport } from '../../src/kube/transport.ts';
import { createExport } from '../../src/provision/export/export.ts';
import { createProvision, type Provision } from '../../src/provision/provision.ts';
import type { Storage } from '../../src/provision/storage.ts';
import { sleep, systemClock, systemRandom } from '../../src/telemetry/clock.ts';
import { silentLog } from '../../src/telemetry/log.ts';
import { MetricsRegistry } from '../../src/telemetry/metrics.ts';
import { childrenOf, residentMiB } from '../../test/tools/process.ts';
import { type BenchRow, distribution } from '../report.ts';
import { bareRate, claimOf, each } from '../server/load.ts';

const BURST = 1_000;
const PER_SECOND = 50;
const SECONDS = 10;
const CLASS = 'bench';
const PROVISIONER = 'larder.dev/directory';
const world = { clock: systemClock, random: systemRandom, log: silentLog };

interface Bench {
  /** Not counted. */
  readonly client: Client;
  readonly provision: Provision;
  readonly storage: Storage;
  readonly writes: { count: number };
  readonly folder: string;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface OnEmbedded {
  readonly rows: readonly BenchRow[];
  /** Volumes per second in the burst. */
  readonly perSecond: number;
}

export async function measureEmbedded(): Promise<OnEmbedded> {
  const bench = await prepare();
  try {
    const bare = await bareRate(bench.client, BURST);
    await bench.start();
    const directories = await directoryRate(bench.storage);
    const burst = await measureBurst(bench);
    const latencies = await measureStream(bench);
    return {
      perSecond: BURST / burst.seconds,
      rows: [...burstRows({ bare, directories }, burst), latencyRow(latencies), ...memoryRows()],
    };
  } finally {
    await bench.stop();
    rmSync(bench.folder, { recursive: true, force: true });
  }
}

async function prepare(): Promise<Bench> {
  const folder = mkdtempSync(join(tmpdir(), 'larder-bench-provision-'));
  const api = await createEmbedded(world);
  const { transport } = api;
  const writes = { count: 0 };
  const client = createClient({ ...world, transport });
  const own = createClient({ ...world, transport: counting(transport, writes) });
  const description = { backend: 'nfs', server: '127.0.0.1', path: '/storage/v', root: folder } as const;
  const storage = createExport({ ...world, description, allowLocal: true });
  const provision = createProvision({
    ...world,
    client: own,
    storages: [storage],
    recorder: createEventRecorder({ ...world, client: own, component: 'larder' }),
    metrics: new MetricsRegistry(),
    leads: () => true,
    fence: () => Promise.resolve(true),
    provisionerNames: [PROVISIONER],
    defaultOwner: { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 },
    nodeName: 'bench',
    allowLocal: true,
  });
  const ending = new AbortController();
  const running: Promise<void>[] = [];
  return {
    client,
    provision,
    storage,
    writes,
    folder,
    async start() {
      const caches = Object.values(provision.caches);
      running.push(...[...caches, storage].map((part) => part.run(ending.signal)));
      await Promise.all(caches.map((cache) => cache.synced()));
      while ((await storage.space()).kind !== 'space') await sleep(systemClock, 10);
    },
    async stop() {
      ending.abort();
      await Promise.all(running);
      api.close();
    },
  };
}

function counting(transport: Transport, writes: { count: number }): Transport {
  return {
    send(request, signal) {
      if (request.method !== 'GET') writes.count += 1;
      return transport.send(request, signal);
    },
    close: () => transport.close(),
  };
}

/** Directories that the export's process alone makes per second: the other limit. */
async function directoryRate(storage: Storage): Promise<number> {
  const startMs = systemClock.monotonic();
  await each(BURST, async (index) => {
    const path = [`bare_${index}`];
    const owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
    const free = { minFreeBytes: 0n, minFreeInodes: 0n };
    const made = await storage.ensure({
      path,
      mode: 0o777,
      ...owner,
      ...free,
      adoption: 'empty-only',
      existing: 'keep',
    });
    if (made.kind !== 'created') throw new Error(`directory ${path.join('/')} was not made: ${JSON.stringify(made)}`);
  });
  return BURST / ((systemClock.monotonic() - startMs) / 1000);
}

/** Resolves when as many volumes of claims were saved as `count` says; from then on each is told with its claim's uid. */
function onSaved({ provision }: Bench, tell: (claimUid: string) => void): () => void {
  return provision.caches.volumes.onChange(({ kind, object }) => {
    if (kind === 'added' && object.spec.storageClassName === CLASS) tell(object.spec.claimRef?.uid ?? '');
  });
}

async function measureBurst(bench: Bench): Promise<{ readonly seconds: number; readonly writesPerClaim: number }> {
  await bench.client.create(kinds.StorageClass, {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: CLASS },
    provisioner: PROVISIONER,
    reclaimPolicy: 'Retain',
    volumeBindingMode: 'Immediate',
    parameters: { pathPattern: 'glusterfs_${.PVC.annotations.volume-name}', minFree: '0,0' },
  });
  await each(BURST, (index) => bench.client.create(kinds.PersistentVolumeClaim, claimOf(`burst-${index}`, CLASS)));
  const done = Promise.withResolvers<void>();
  let saved = 0;
  const off = onSaved(bench, () => {
    saved += 1;
    if (saved === BURST) done.resolve();
  });
  const before = bench.writes.count;
  const startMs = systemClock.monotonic();
  const stop = new AbortController();
  for (const controller of bench.provision.controllers) void controller.run(stop.signal);
  await done.promise;
  const seconds = (systemClock.monotonic() - startMs) / 1000;
  off();
  await sleep(systemClock, 1_000); // events are written behind
  return { seconds, writesPerClaim: (bench.writes.count - before) / BURST };
}

/** Milliseconds from the accepted claim to its volume in a watch, one claim every 20 ms whatever became of the last. */
async function measureStream(bench: Bench): Promise<readonly number[]> {
  const created = new Map<string, number>();
  const savedAt = new Map<string, number>();
  const off = onSaved(bench, (uid) => savedAt.set(uid, systemClock.monotonic()));
  const total = PER_SECOND * SECONDS;
  const startMs = systemClock.monotonic();
  const posts: Promise<void>[] = [];
  for (let index = 0; index < total; index += 1) {
    await sleep(systemClock, startMs + (index * 1000) / PER_SECOND - systemClock.monotonic());
    const sentMs = systemClock.monotonic();
    const post = bench.client.create(kinds.PersistentVolumeClaim, claimOf(`stream-${index}`, CLASS));
    posts.push(post.then(({ metadata }) => void created.set(metadata.uid, sentMs)));
  }
  await Promise.all(posts);
  for (let waited = 0; savedAt.size < total && waited < 200; waited += 1) await sleep(systemClock, 50);
  off();
  return [...created].map(([uid, sentMs]) => (savedAt.get(uid) ?? Number.POSITIVE_INFINITY) - sentMs);
}

/** The API has no socket here, so a client alone is faster than on any real server: a ratio without a bar. */
function burstRows(
  limits: { readonly bare: number; readonly directories: number },
  burst: { readonly seconds: number; readonly writesPerClaim: number },
): readonly BenchRow[] {
  const rate = BURST / burst.seconds;
  return [
    { what: 'limit: volumes saved by a client alone', unit: 'PV/s', median: limits.bare },
    { what: 'limit: directories made alone', unit: 'dirs/s', median: limits.directories },
    {
      what: `${BURST} claims to saved volumes`,
      unit: 's',
      median: burst.seconds,
      bar: { text: '< 5 s', met: burst.seconds < 5 },
    },
    {
      what: 'volumes provisioned, events included',
      unit: 'PV/s',
      median: rate,
      ratio: { to: 'a client alone', value: rate / limits.bare },
    },
    {
      what: 'volumes provisioned, events included',
      unit: 'PV/s',
      median: rate,
      ratio: { to: 'directories alone', value: rate / limits.directories },
    },
    {
      what: 'API writes per claim',
      unit: 'writes',
      median: burst.writesPerClaim,
      bar: { text: '<= 2', met: burst.writesPerClaim <= 2 },
    },
  ];
}

function latencyRow(latencies: readonly number[]): BenchRow {
  const facts = distribution(latencies);
  return {
    what: `claim to saved volume at ${PER_SECOND}/s`,
    unit: 'ms',
    ...facts,
    bar: { text: 'p50 < 25 ms, p99 < 250 ms', met: facts.median < 25 && facts.p99 < 250 },
  };
}

const MIB = 1024 * 1024;

/** The main process carries the API and its store here too, so it has no bar; the export's child has. */
function memoryRows(): readonly BenchRow[] {
  const rows: BenchRow[] = [
    { what: 'RSS, main process with the API', unit: 'MiB', median: process.memoryUsage().rss / MIB },
  ];
  for (const child of childrenOf(process.pid)) {
    const median = residentMiB(child);
    const bar = { text: '< 70 MiB', met: median < 70 };
    rows.push({ what: 'RSS, process of the export', unit: 'MiB', median, bar });
  }
  return rows;
}
