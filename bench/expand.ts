/** Growth at rest and at work: many claims on many nodes, asked about by `larder operator` through their kubelets. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { bytesOf, createCache, kinds } from '../src/kube/index.ts';
import { systemClock, systemRandom } from '../src/telemetry/clock.ts';
import { silentLog } from '../src/telemetry/log.ts';
import { clientOf } from '../test/e2e/claims.ts';
import { eventually, type RunningOperator, startOperator } from '../test/e2e/larder.ts';
import { type Fleet, startFleet } from '../test/kubelet/fleet.ts';
import { type FakeKubelets, startKubelets } from '../test/kubelet/kubelet.ts';
import { missingControlPlane, startControlPlane } from '../test/tools/control-plane.ts';
import { childrenOf, cpuMsOf, residentMiB } from '../test/tools/process.ts';
import { startHeartbeats } from './expand/heartbeats.ts';
import { say } from './progress.ts';
import { type BenchReport, type BenchRow, distribution } from './report.ts';
import { type Server, startEmbedded, withoutReal } from './server/server.ts';

interface Scale {
  readonly claims: number;
  readonly nodes: number;
  /** Seconds between two looks at all volumes. */
  readonly interval: number;
  /** Looks that are measured. */
  readonly looks: number;
}

/** As it runs on a cluster. */
const FULL: Scale = { claims: 10_000, nodes: 1_000, interval: 60, looks: 4 };
/** The same share of claims to time, to see in a minute that it works. */
const SMALL: Scale = { claims: 500, nodes: 50, interval: 5, looks: 4 };
/** Looks before it is measured: the first knows nothing yet, and code is compiled. */
const WARM = 2;
const NAMESPACE = 'bench';
const IN_FLIGHT = 32;
const USED = 0.5;
/** From this share on a single measurement is enough. */
const FULL_NOW = 0.98;
/** As many as may be patched at once (patchBurst). */
const CROSSING = 20;
const LIMIT_PASSES = 3;
const LATE_MS = 2_000;

export async function run(args: readonly string[]): Promise<BenchReport> {
  const scale = args.includes('--small') ? SMALL : FULL;
  say(
    `${scale.claims} claims are made on ${scale.nodes} nodes; then it looks ${WARM + scale.looks} times, every ${scale.interval} s`,
  );
  const server = await serverFor(args.includes('--embedded'));
  const kubelets = await startKubelets();
  const folder = mkdtempSync(join(tmpdir(), 'larder-bench-expand-'));
  let operator: RunningOperator | undefined;
  try {
    const claims = Array.from({ length: scale.claims }, (_, index) => ({ name: `data-${index}`, gib: 10, used: USED }));
    const fleet = await startFleet({
      ...{ client: server.client, kubelets, namespace: NAMESPACE, nodes: scale.nodes, claims, inFlight: IN_FLIGHT },
      provisioner: 'block.csi.example.com',
    });
    say('the operator starts');
    operator = await startOperator([
      ...['--kubeconfig', server.kubeconfig, '--leader-election', 'false', '--export', 'local:/tmp'],
      ...['--watch-interval', `${scale.interval}s`, '--kubelet-interval', `${scale.interval}s`, '--kubelet', 'direct'],
      ...['--kubelet-ca', kubelets.authorityFile, '--kubelet-token-file', kubelets.tokenFile],
      ...['--samples', join(folder, 'samples.db'), '--history', join(folder, 'history.db')],
    ]);
    const stage = { scale, server, kubelets, fleet, operator };
    const rows = [...(await measureSteady(stage)), ...(await measureLatency(stage))];
    return {
      about: `${scale.claims} claims on ${scale.nodes} nodes, looked at every ${scale.interval} s, on ${server.name}.`,
      notes: [
        ...server.notes,
        'Claims, volumes, nodes and pods are objects; kubelets are HTTPS servers of the bench, and renew their nodes every 5 min.',
      ],
      rows,
    };
  } finally {
    operator?.kill('SIGKILL');
    await operator?.exited;
    await kubelets.close();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Measured extends Server {
  readonly notes: readonly string[];
  /** Empty where the server writes none. */
  readonly auditLog: string;
}

/** The real API server with its audit log, or where there is none the embedded one, which is said. */
async function serverFor(embedded: boolean): Promise<Measured> {
  const missing = embedded ? 'it was not asked for' : await missingControlPlane();
  if (missing !== undefined) return { ...(await startEmbedded()), auditLog: '', notes: [withoutReal(missing)] };
  const plane = await startControlPlane({ controllers: false, audit: true });
  const { kubeconfig, auditLog } = plane;
  const stop = () => plane.close();
  return { name: 'kube-apiserver', client: await clientOf(plane), kubeconfig, auditLog, notes: [], stop };
}

interface Stage {
  readonly scale: Scale;
  readonly server: Measured;
  readonly kubelets: FakeKubelets;
  readonly fleet: Fleet;
  readonly operator: RunningOperator;
}

async function measureSteady({ scale, server, kubelets, fleet, operator }: Stage): Promise<readonly BenchRow[]> {
  const { nodes } = fleet;
  await looks(fleet, WARM);
  const before = { cpuMs: cpuMsOf(operator.pid), ms: performance.now(), audit: sizeOf(server) };
  const asked = questions(fleet);
  const heartbeats = startHeartbeats(
    server.client,
    nodes.map(({ name }) => name),
  );
  await looks(fleet, scale.looks);
  const ms = performance.now() - before.ms;
  const cpuMs = cpuMsOf(operator.pid) - before.cpuMs;
  const beats = heartbeats.written();
  await heartbeats.stop();
  say('the kubelets are asked once more, for what that costs at least');
  const requests = requestsSince(server, before.audit);
  const perLook = (questions(fleet) - asked) / scale.looks;
  const limitMs = await limitOf(
    kubelets,
    nodes.map(({ port }) => port),
  );
  const cpuShare = (100 * cpuMs) / ms;
  const cpuPerLook = cpuMs / (ms / (scale.interval * 1_000));
  const rss = residentMiB(operator.pid);
  return [
    {
      what: 'CPU, main process, averaged',
      unit: '% of a core',
      median: cpuShare,
      bar: { text: '< 10 %', met: cpuShare < 10 },
    },
    { what: 'limit: CPU to get and parse all summaries', unit: 'ms', median: limitMs },
    {
      what: 'CPU of one look',
      unit: 'ms',
      median: cpuPerLook,
      ratio: { to: 'the limit', value: cpuPerLook / limitMs },
    },
    { what: 'RSS, main process', unit: 'MiB', median: rss, bar: { text: '< 300 MiB', met: rss < 300 } },
    ...childrenOf(operator.pid).map((pid) => ({
      what: 'RSS, process of the export',
      unit: 'MiB',
      median: residentMiB(pid),
    })),
    {
      what: 'questions to kubelets for each look',
      unit: 'requests',
      median: perLook,
      ratio: { to: 'the nodes', value: perLook / nodes.length },
      bar: { text: '≤ 1.1 × the nodes', met: perLook <= 1.1 * nodes.length },
    },
    { what: 'heartbeats of nodes that it was told of meanwhile', unit: 'changes', median: beats },
    ...requests,
  ];
}

/** From the moment that a kubelet was asked by which a claim is full, to the watch that shows its larger request. */
async function measureLatency({ scale, server, fleet }: Stage): Promise<readonly BenchRow[]> {
  const tools = { client: server.client, clock: systemClock, random: systemRandom, log: silentLog };
  const claims = createCache({ ...tools, resource: kinds.PersistentVolumeClaim });
  const stop = new AbortController();
  const running = claims.run(stop.signal);
  await claims.synced();
  const step = Math.floor(scale.claims / CROSSING);
  const names = Array.from({ length: CROSSING }, (_, index) => `data-${index * step}`);
  const patchedMs = new Map<string, number>();
  claims.onChange(({ object: { metadata, spec } }) => {
    const grown = (bytesOf(spec.resources.requests['storage']) ?? 0n) > 10n * 2n ** 30n;
    if (grown && !patchedMs.has(metadata.name))
      patchedMs.set(metadata.name, performance.now() - fleet.nodeOf(metadata.name).lastAskedMs);
  });
  say(`${CROSSING} claims are full from now on, and are to grow at the next look`);
  for (const name of names) fleet.use(name, FULL_NOW);
  await eventually(
    'all of them to grow',
    async () => (patchedMs.size === names.length ? true : undefined),
    4 * scale.interval + 30,
  );
  stop.abort();
  await running;
  const all = distribution([...patchedMs.values()]);
  const bar = { text: '< 2 s', met: all.p99 < LATE_MS };
  return [
    { what: `sample over the threshold to larger request, ${CROSSING} claims in one look`, unit: 'ms', ...all, bar },
  ];
}

const questions = ({ nodes }: Fleet): number => nodes.reduce((sum, { asked }) => sum + asked.length, 0);

/** Until every node was asked so many more times. */
async function looks({ nodes }: Fleet, count: number): Promise<void> {
  const before = nodes.map(({ asked }) => asked.length);
  for (let look = 1; look <= count; look += 1) {
    const all = async () => nodes.every(({ asked }, index) => asked.length >= (before[index] ?? 0) + look) || undefined;
    await eventually('all nodes to be asked', all, 60 * (count + 2));
    say(`looked ${look} of ${count} times`);
  }
}

const sizeOf = ({ auditLog }: Measured): number => (auditLog === '' ? 0 : statSync(auditLog).size);

/** What the operator asked of the API server since the log had that size; streams that began before are not in it. */
function requestsSince({ auditLog }: Measured, offset: number): readonly BenchRow[] {
  if (auditLog === '') return [];
  const lines = readFileSync(auditLog).subarray(offset).toString().split('\n').slice(0, -1);
  const own = lines
    .map((line): { readonly verb: string; readonly userAgent?: string } => JSON.parse(line))
    .filter(({ userAgent }) => userAgent?.startsWith('larder/') === true);
  const reads = own.filter(({ verb }) => verb === 'get' || verb === 'list').length;
  const writes = own.length - reads - own.filter(({ verb }) => verb === 'watch').length;
  return [
    {
      what: 'writes to the API server meanwhile',
      unit: 'requests',
      median: writes,
      bar: { text: '0', met: writes === 0 },
    },
    { what: 'reads but watches meanwhile', unit: 'requests', median: reads, bar: { text: '0', met: reads === 0 } },
  ];
}

async function limitOf({ tokenFile, authorityFile }: FakeKubelets, ports: readonly number[]): Promise<number> {
  const program = join(import.meta.dirname, 'expand', 'scrape.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...['--disable-warning=ExperimentalWarning', program, tokenFile, authorityFile, String(LIMIT_PASSES)],
    ...ports.map(String),
  ]);
  return Number(stdout.split(' ')[0]);
}
