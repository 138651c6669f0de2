/**
 * An export whose server does not answer: when the users of waiting claims read of it, how soon all of these have their
 * volumes once it answers again, and whether the operator itself answers all the while. `larder operator` runs on a FUSE
 * filesystem whose daemon is stopped and goes on; words after the name are the seconds of each outage.
 */
import { type Cache, createCache, type Event, kinds, type PersistentVolume } from '../src/kube/index.ts';
import { systemClock, systemRandom } from '../src/telemetry/clock.ts';
import { silentLog } from '../src/telemetry/log.ts';
import { type Mount, mountOf } from '../test/e2e/fuse.ts';
import { type RunningOperator, startOperator } from '../test/e2e/larder.ts';
import { type Answers, watchHealth } from './hung/health.ts';
import { say } from './progress.ts';
import { type BenchReport, type BenchRow, distribution } from './report.ts';
import { bareRate, claimOf, each } from './server/load.ts';
import { type Server, startEmbedded, startReal, withoutReal } from './server/server.ts';

const CLAIMS = 500;
/** The second is longer than a process of the export is left waiting. */
const OUTAGES_S = ['15', '45'];
const CLASS = 'hung';
const PROVISIONER = 'example.com/hung';
const TOLD_BAR_S = 10;
const HEALED_BAR_S = 5;
const HEALTH_BAR_MS = 50;

export async function run(args: readonly string[] = []): Promise<BenchReport> {
  const outages = (args.length > 0 ? args : OUTAGES_S).map(Number);
  if (outages.some((seconds) => !(seconds > TOLD_BAR_S))) {
    throw new RangeError(`${args.join(' ')}: give the seconds of each outage, more than ${TOLD_BAR_S}`);
  }
  const ends: (() => Promise<void> | void)[] = [];
  try {
    const mount = await mountOf({ after: (end) => void ends.push(end) });
    if (typeof mount === 'string') throw new Error(`no filesystem that hangs can be had here: ${mount}`);
    const real = await startReal();
    const server = typeof real === 'string' ? await startEmbedded() : real;
    ends.push(() => server.stop());
    const notes = typeof real === 'string' ? [withoutReal(real)] : [];
    const bare = await bareRate(server.client, CLAIMS);
    const operator = await startOperator([
      ...['--kubeconfig', server.kubeconfig, '--leader-election', 'false', '--provisioner-name', PROVISIONER],
      ...['--export', `nas:/v=${mount.root}`],
    ]);
    ends.push(() => operator.kill('SIGKILL'));
    return { ...(await measure({ server, mount, operator, outages }, bare)), notes };
  } finally {
    for (const end of ends.reverse()) await end();
  }
}

interface Bench {
  readonly server: Server;
  readonly mount: Mount;
  readonly operator: RunningOperator;
  /** Seconds. */
  readonly outages: readonly number[];
}

async function measure(bench: Bench, bare: number): Promise<BenchReport> {
  const { server, operator, outages } = bench;
  const seen = await watch(server);
  await server.client.create(kinds.StorageClass, {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: CLASS },
    provisioner: PROVISIONER,
    reclaimPolicy: 'Retain',
    parameters: { pathPattern: 'x-${.PVC.name}', minFree: '0,0' },
  });
  await seen.saved('before', CLAIMS, () => claims(server, 'before')); // code is compiled
  const health = await watchHealth(operator.console);
  const rounds: Outage[] = [];
  for (const [index, seconds] of outages.entries()) rounds.push(await outage(bench, seen, { index, seconds }));
  const answers = await health.stop();
  seen.stop();
  return {
    about: `${CLAIMS} claims while the file system of their export hangs, for ${outages.join(' and ')} seconds; from when it goes on again; /healthz all the while, also while the claims are served`,
    rows: [...claimRows(rounds, CLAIMS / bare), ...healthRows(answers)],
  };
}

/** What the watches tell. */
interface Seen {
  /** Resolves with the monotonic ms at which each of so many claims of that prefix had its event, since `work` began. */
  told(prefix: string, count: number, work: () => Promise<unknown>): Promise<ReadonlyMap<string, number>>;
  /** The same with its volume. */
  saved(prefix: string, count: number, work: () => Promise<unknown>): Promise<ReadonlyMap<string, number>>;
  stop(): void;
}

async function watch({ client }: Server): Promise<Seen> {
  const world = { client, clock: systemClock, random: systemRandom, log: silentLog };
  const end = new AbortController();
  const events = createCache({ ...world, resource: kinds.Event });
  const volumes = createCache({ ...world, resource: kinds.PersistentVolume });
  for (const cache of [events, volumes]) void cache.run(end.signal);
  await Promise.all([events.synced(), volumes.synced()]);
  return {
    told: collect(events, ({ reason, involvedObject, message = '' }: Event) =>
      reason === 'ProvisioningFailed' && message.includes('nas:/v') ? involvedObject.name : undefined,
    ),
    saved: collect(volumes, ({ spec }: PersistentVolume) => spec.claimRef?.name),
    stop: () => end.abort(),
  };
}

function collect<T extends Event | PersistentVolume>(cache: Cache<T>, nameOf: (object: T) => string | undefined) {
  return async (prefix: string, count: number, work: () => Promise<unknown>): Promise<ReadonlyMap<string, number>> => {
    const atMs = new Map<string, number>();
    const all = Promise.withResolvers<void>();
    const off = cache.onChange(({ object }) => {
      const name = nameOf(object);
      if (!name?.startsWith(`${prefix}-`) || atMs.has(name)) return;
      atMs.set(name, performance.now());
      if (atMs.size === count) all.resolve();
    });
    await Promise.all([work(), all.promise]);
    off();
    return atMs;
  };
}

const nameOf = (prefix: string, index: number): string => `${prefix}-${index}`;

/** Gives back when each was asked for. */
async function claims({ client }: Server, prefix: string): Promise<ReadonlyMap<string, number>> {
  const atMs = new Map<string, number>();
  await each(CLAIMS, (index) => {
    const name = nameOf(prefix, index);
    atMs.set(name, performance.now());
    return client.create(kinds.PersistentVolumeClaim, claimOf(name, CLASS));
  });
  return atMs;
}

interface Outage {
  /** Seconds from each claim to its event. */
  readonly told: readonly number[];
  /** Seconds from the end of the outage to the last volume. */
  readonly healed: number;
}

async function outage(
  bench: Bench,
  seen: Seen,
  { index, seconds }: { index: number; seconds: number },
): Promise<Outage> {
  const { server, mount } = bench;
  const prefix = `during-${index}`;
  mount.daemon.kill('SIGSTOP');
  say(`the file system hangs for ${seconds} s`);
  const endsMs = performance.now() + seconds * 1_000;
  let askedMs: ReadonlyMap<string, number> = new Map();
  const toldMs = await seen.told(prefix, CLAIMS, async () => {
    askedMs = await claims(server, prefix);
  });
  await new Promise((next) => setTimeout(next, Math.max(0, endsMs - performance.now())));
  let healedMs = 0;
  const savedMs = await seen.saved(prefix, CLAIMS, async () => {
    healedMs = performance.now();
    mount.daemon.kill('SIGCONT');
  });
  const told = [...toldMs].map(([name, ms]) => (ms - (askedMs.get(name) ?? Number.NaN)) / 1_000);
  const healed = (Math.max(...savedMs.values()) - healedMs) / 1_000;
  say(`all were told after ${Math.max(...told).toFixed(1)} s, and served ${healed.toFixed(1)} s after its end`);
  return { told, healed };
}

function claimRows(rounds: readonly Outage[], bareSeconds: number): readonly BenchRow[] {
  const told = rounds.flatMap((round) => round.told);
  const healed = rounds.map((round) => round.healed);
  const spread = distribution(healed);
  return [
    {
      what: 'claim to the event that names the export',
      unit: 's',
      ...distribution(told),
      bar: { text: `all < ${TOLD_BAR_S}`, met: Math.max(...told) < TOLD_BAR_S },
    },
    {
      what: `end of the outage to the last of ${CLAIMS} volumes`,
      unit: 's',
      ...spread,
      ratio: { to: 'a client alone', value: spread.median / bareSeconds },
      bar: { text: `all < ${HEALED_BAR_S}`, met: Math.max(...healed) < HEALED_BAR_S },
    },
    { what: `limit: ${CLAIMS} volumes saved by a client alone`, unit: 's', median: bareSeconds },
  ];
}

function healthRows({ operator, plain }: Answers): readonly BenchRow[] {
  const [own, limit] = [distribution(operator), distribution(plain)];
  const [slowest, slowestPlain] = [Math.max(...operator), Math.max(...plain)];
  return [
    { what: '/healthz', unit: 'ms', ...own, ratio: { to: 'a plain server', value: own.median / limit.median } },
    {
      what: `the slowest of ${operator.length} answers`,
      unit: 'ms',
      median: slowest,
      ratio: { to: 'a plain server', value: slowest / slowestPlain },
      bar: { text: `< ${HEALTH_BAR_MS}`, met: slowest < HEALTH_BAR_MS },
    },
    { what: 'limit: a plain server of Node, asked in turns with it', unit: 'ms', ...limit },
    { what: 'the slowest of its answers', unit: 'ms', median: slowestPlain },
  ];
}
