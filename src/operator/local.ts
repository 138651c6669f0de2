/** `larder up`: an embedded Kubernetes API with Larder on it, on real directories below one data folder. */
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createEmbedded } from '../embedded/cluster.ts';
import type { NodeAnswer } from '../embedded/nodes.ts';
import { serve } from '../embedded/server.ts';
import { createVolumeControllers } from '../embedded/volumes.ts';
import type { ResolvedConfiguration } from '../expand/settings/configuration.ts';
import { createKubeletUsage } from '../expand/usage/kubelet.ts';
import { openSamples } from '../expand/usage/samples.ts';
import { createHttpServer, listen } from '../http/server.ts';
import { type Client, createClient } from '../kube/client.ts';
import { isKubeError } from '../kube/error.ts';
import { kinds } from '../kube/kinds.ts';
import { createManager } from '../kube/manager.ts';
import { metrics as kubeMetrics } from '../kube/registry.ts';
import type { Recorder } from '../ledger/recorder.ts';
import { createExport } from '../provision/export/export.ts';
import type { ExportDescription, Storage } from '../provision/storage.ts';
import { type Clock, type Random, sleep } from '../telemetry/clock.ts';
import type { Log } from '../telemetry/log.ts';
import { MetricsRegistry } from '../telemetry/metrics.ts';
import { ownToken } from './access/own-token.ts';
import { localClasses, PROVISIONER } from './classes.ts';
import { Closers } from './closers.ts';
import { builtConsole } from './console/built.ts';
import type { OpenClusterSight } from './console/cluster-routes.ts';
import { shownApi } from './console/shown-api.ts';
import { type DataFolder, openDataFolder } from './data.ts';
import { applyDefinitions } from './definitions.ts';
import { demo } from './demo.ts';
import { withOperator } from './kubeconfig.ts';
import { headMemories } from './ledger/head-memories.ts';
import type { LedgerReader } from './ledger/reader.ts';
import { createOperator } from './main.ts';
import { createLocalNode } from './node.ts';
import type { PrometheusSecrets } from './prometheus.ts';
import { recordedWith } from './recorded-with.ts';
import { createOperatorServer } from './server.ts';
import { usageMemory } from './usage-memory.ts';
import { createPrometheusSource } from './usage-sources.ts';
import { announceWebhook, localWebhook } from './webhook/announce-webhook.ts';

export interface LocalOptions {
  readonly data: string;
  /** 0: any free one. */
  readonly port: number;
  /** 0: any free one. */
  readonly consolePort: number;
  readonly demo: boolean;
  /** Of what people do through the console port; absent: it is not recorded. */
  readonly recorder?: Recorder;
  /** What the console reads the ledger with; absent: none was named. */
  readonly ledger?: LedgerReader;
  /** As `ClusterOptions`. */
  readonly clusterSight?: OpenClusterSight;
  readonly configuration: ResolvedConfiguration;
  readonly prometheusSecrets: PrometheusSecrets;
  /** The ids of this process. */
  readonly owner: { readonly uid: number; readonly gid: number };
  readonly pid: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

export interface Local {
  readonly server: string;
  readonly kubeconfig: string;
  /** With its token. */
  readonly console: string;
  readonly export: string;
  /** What a user should know once; empty when there is nothing. */
  readonly notice: string;
  /** Resolves when everything has stopped, rejects when it broke. */
  readonly stopped: Promise<void>;
}

const HOST = '127.0.0.1';
const NODE = 'larder';
/** As the requirement's cluster has it. */
const NFS = { server: '127.0.0.1', path: '/storage/v' } as const;
/** How long a start waits for its exports; a claim waits by itself. */
const EXPORT_PATIENCE_MS = 10_000;
const EXPORT_POLL_MS = 10;

/** Resolves when everything answers. Throws what kept it from that, with nothing left running or locked. */
export async function startLocal(options: LocalOptions, signal: AbortSignal): Promise<Local> {
  const closers = new Closers();
  try {
    return await start(options, closers, signal);
  } catch (failure) {
    await closers.close(options.log);
    throw failure;
  }
}

async function start(options: LocalOptions, closers: Closers, signal: AbortSignal): Promise<Local> {
  const { clock, random, log, configuration } = options;
  const data = openDataFolder(options.data, options.pid);
  closers.add(() => data.release());
  const embedded = await createEmbedded({ dataDir: data.state, clock, random, log });
  closers.add(() => embedded.close());
  const api = await serve({
    embedded,
    dataDir: data.state,
    kubeconfig: data.kubeconfig,
    host: HOST,
    port: options.port,
    clock,
    random,
    log,
  });
  closers.add(() => api.close());
  const metrics = new MetricsRegistry();
  const kube = metrics.register(kubeMetrics);
  const client = createClient({
    transport: embedded.transport,
    clock,
    random,
    log,
    metrics: kube,
    userAgent: 'larder',
  });
  await makeClasses(client);
  await applyDefinitions(client, log);

  const prometheus = createPrometheusSource({ configuration, secrets: options.prometheusSecrets, clock });
  closers.add(async () => prometheus?.client.close());
  const samples = openSamples(join(data.root, 'samples.db'));
  closers.add(() => samples.close());
  const history = usageMemory({ path: join(data.root, 'history.db'), configuration, clock, log });
  closers.add(() => history.close());
  const storages = exportsOf(data).map((description) =>
    createExport({ description, allowLocal: true, usageFolder: join(data.root, 'usage'), clock, random, log }),
  );
  const cluster = await startCluster({ options, client, storages, closers });
  const operator = createOperator({
    client,
    storages,
    configuration,
    cluster: 'this machine',
    usageSources: [
      // The stand-in measures as often as it is looked at.
      createKubeletUsage({ clock, random, fetch: cluster.fetch, intervalMs: configuration.values.watchInterval }),
      ...(prometheus ? [prometheus.source] : []),
    ],
    usageModes: prometheus ? [prometheus.mode] : [],
    ...(prometheus ? { longHistory: prometheus.history } : {}),
    samples,
    history,
    ...localWebhook(configuration, HOST),
    provisionerNames: [PROVISIONER],
    defaultOwner: options.owner,
    nodeName: NODE,
    allowLocal: true,
    metrics,
    kubeMetrics: kube,
    clock,
    random,
    log,
  });
  await announceWebhook(client, operator.webhook, HOST);
  const token = ownToken(data.root);
  const app = await createOperatorServer({
    operations: await recordedWith(operator.operations, options),
    metrics,
    token,
    hosts: [HOST, 'localhost'],
    tokenFrom: 'That of this Larder is in the address that its start printed, after token=.',
    reviewer: createClient({ transport: api.transport, clock, random, log, userAgent: 'larder-console' }),
    consoleFolder: builtConsole(),
    ledger: options.ledger,
    heads: headMemories(client),
    clusterSight: options.clusterSight?.({
      client,
      cluster: 'this machine',
      isEmbedded: true,
      api: () => shownApi(data.kubeconfig, clock),
    }),
    clock,
    random,
    log,
  });
  closers.add(() => app.close());
  const consolePort = await listen(app, { host: HOST, port: options.consolePort });
  const url = `http://${HOST}:${consolePort}`;
  writeFileSync(data.kubeconfig, withOperator(api.kubeconfig, { url, token }), { mode: 0o600 });

  // From here on things run: a failure above left nothing behind, a failure below stops them all.
  const stop = new AbortController();
  signal.addEventListener('abort', () => stop.abort(signal.reason), { once: true });
  closers.add(() => stop.abort(new Error('the start failed')));
  const running = Promise.all([cluster.run(stop.signal), operator.run(stop.signal)]);
  await operator.ready(signal);
  await exportsUp(storages, clock, signal);
  if (options.demo) runDemo({ client, root: data.export, clock, log }, stop.signal);
  return {
    server: api.url,
    kubeconfig: data.kubeconfig,
    console: `${url}/?token=${token}`,
    export: data.export,
    notice: noticeFor(options.owner),
    stopped: running.then(() => closers.close(log)),
  };
}

function exportsOf(data: DataFolder): readonly ExportDescription[] {
  return [
    { backend: 'nfs', server: NFS.server, path: NFS.path, root: data.export },
    { backend: 'local', server: '', path: data.export, root: data.export, node: NODE },
  ];
}

async function makeClasses(client: Client): Promise<void> {
  for (const storageClass of localClasses) {
    try {
      await client.create(kinds.StorageClass, storageClass);
    } catch (failure) {
      if (!isKubeError(failure, 'KUBE_ALREADY_EXISTS')) throw failure; // a class that is there is the user's now
    }
  }
}

interface ClusterParts {
  readonly options: LocalOptions;
  readonly client: Client;
  readonly storages: readonly Storage[];
  readonly closers: Closers;
}

/** What kube-controller-manager and a kubelet would do beside Larder. */
async function startCluster({ options, client, storages, closers }: ClusterParts) {
  const { clock, random, log, configuration } = options;
  const volumes = createVolumeControllers({ client, clock, random, log });
  let handle = (_path: string): NodeAnswer => ({ status: 404, contentType: 'text/plain', body: 'starting\n' });
  const port = await serveKubelet((path) => handle(path), log, closers);
  const node = createLocalNode({
    client,
    caches: volumes.shared,
    storages,
    name: NODE,
    version: 'v1.36.3',
    port,
    refreshMs: configuration.values.watchInterval,
    clock,
    random,
    log,
  });
  handle = (path) => node.handle(path);
  const manager = createManager({ log });
  for (const cache of volumes.caches) manager.addCache(cache);
  for (const controller of [...volumes.controllers, ...node.controllers]) manager.addController(controller);
  return {
    async run(signal: AbortSignal): Promise<void> {
      await Promise.all([manager.run(signal), node.run(signal)]);
    },
    async fetch(_node: string, path: string): Promise<string> {
      const answer = node.handle(path);
      if (answer.status === 200) return answer.body;
      throw new Error(`the kubelet answered ${answer.status}`);
    },
  };
}

/** Returns the port. Loopback only and without a token, as the figures are in /metrics of the console port too. */
async function serveKubelet(handle: (path: string) => NodeAnswer, log: Log, closers: Closers): Promise<number> {
  const openPaths = ['/stats/summary', '/metrics', '/healthz'];
  const token = randomBytes(32).toString('hex');
  const app = await createHttpServer({ log, token, openPaths, hosts: [HOST, 'localhost'] });
  for (const path of openPaths) {
    app.get(path, async (_request, reply) => {
      const answer = handle(path);
      return reply.code(answer.status).type(answer.contentType).send(answer.body);
    });
  }
  closers.add(() => app.close());
  return listen(app, { host: HOST, port: 0 });
}

async function exportsUp(storages: readonly Storage[], clock: Clock, signal: AbortSignal): Promise<void> {
  const end = clock.monotonic() + EXPORT_PATIENCE_MS;
  while (clock.monotonic() < end && storages.some((storage) => storage.health().kind === 'down')) {
    await sleep(clock, EXPORT_POLL_MS, signal);
  }
}

function runDemo(options: { client: Client; root: string; clock: Clock; log: Log }, signal: AbortSignal): void {
  demo(options, signal).catch((err: unknown) => {
    if (!signal.aborted) options.log.error({ err }, 'the demo ended early');
  });
}

function noticeFor({ uid, gid }: LocalOptions['owner']): string {
  return uid === 0 ? '' : `Not root: directories belong to ${uid}:${gid}, the ids of this process.`;
}
