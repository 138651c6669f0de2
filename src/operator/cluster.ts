/** `larder operator`: the same process as under `larder up`, on the cluster of a kubeconfig or the pod it runs in. */
import type { ResolvedConfiguration } from '../expand/settings/configuration.ts';
import { openSamples, type SampleStore } from '../expand/usage/samples.ts';
import { clusterHosts } from '../http/hosts.ts';
import { listen } from '../http/server.ts';
import { type Client, createClient } from '../kube/client.ts';
import { type Connection, connect } from '../kube/connection.ts';
import { isKubeError } from '../kube/error.ts';
import { kinds } from '../kube/kinds.ts';
import { createLeaseElection } from '../kube/lease.ts';
import { metrics as kubeMetrics } from '../kube/registry.ts';
import type { Recorder } from '../ledger/recorder.ts';
import { createExport } from '../provision/export/export.ts';
import type { ExportDescription } from '../provision/storage.ts';
import { addressOf } from '../provision/volume.ts';
import { type Clock, type Random, sleep } from '../telemetry/clock.ts';
import type { Log } from '../telemetry/log.ts';
import { MetricsRegistry } from '../telemetry/metrics.ts';
import { refuseLockedDoor, reviewerOf } from './access/reviewer.ts';
import type { SignIn } from './access/sign-in-way.ts';
import { builtConsole } from './console/built.ts';
import type { ClusterSight, OpenClusterSight } from './console/cluster-routes.ts';
import { writableFolder } from './data.ts';
import { headMemories } from './ledger/head-memories.ts';
import type { LedgerReader } from './ledger/reader.ts';
import { createOperator } from './main.ts';
import { permissions } from './permissions.ts';
import type { PrometheusSecrets } from './prometheus.ts';
import { LEASE_NAME } from './rbac.ts';
import { recordedWith } from './recorded-with.ts';
import { createOperatorServer } from './server.ts';
import { spareHeap } from './spare-heap.ts';
import { usageMemory } from './usage-memory.ts';
import { createUsageSources, type KubeletOptions } from './usage-sources.ts';
import { version } from './version.ts';
import type { WebhookPlace } from './webhook/admission-server.ts';

export interface ClusterOptions {
  readonly kubeconfig?: string;
  readonly context?: string;
  /** None: no provisioner runs, and volumes of other drivers are grown. */
  readonly exports: readonly ExportDescription[];
  /** Accept NFS exports whose root is no mount; for trials on one machine. */
  readonly allowLocal: boolean;
  readonly provisionerNames: readonly string[];
  readonly nodeName: string;
  /** False: this process alone works for its provisioner names. */
  readonly leaderElection: boolean;
  readonly leaseNamespace: string;
  readonly kubelet: KubeletOptions;
  readonly prometheusSecrets: PrometheusSecrets;
  readonly listen: { readonly host: string; readonly port: number };
  /** Folder with `tls.crt` and `tls.key` of the webhook, kept by somebody else; absent: Larder makes its own. */
  readonly webhookCertificate?: string;
  /** Of the console port. */
  readonly token: string;
  readonly signIn: SignIn;
  /** File of recent measurements; absent: they do not survive a restart. */
  readonly samplesFile?: string;
  /** File of the history of usage; absent: the last two days are remembered, in memory. */
  readonly historyFile?: string;
  /** Folder of what is remembered of measured directories; absent: all are read again after a restart. */
  readonly usageFolder?: string;
  /** Of what people do through the console port; absent: it is not recorded. */
  readonly recorder?: Recorder;
  /** What the console reads the ledger with; absent: none was named. */
  readonly ledger?: LedgerReader;
  /** What the console looks at the cluster itself with; absent: that screen says that there is none. */
  readonly clusterSight?: OpenClusterSight;
  readonly configuration: ResolvedConfiguration;
  readonly owner: { readonly uid: number; readonly gid: number };
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

export interface RunningOperator {
  readonly server: string;
  /** Port of health, metrics and console. */
  readonly port: number;
  /** What it provisions for: provisioner names and exports, in words; or that it does not. */
  readonly serves: string;
  /** URL of the webhook; empty: none is served. */
  readonly webhook: string;
  /** Features that the account does not allow. */
  readonly off: readonly string[];
  /** Resolves when the caches are complete, leader or not; rejects when it is stopped before. */
  readonly ready: Promise<void>;
  /** Resolves when everything has stopped. */
  readonly stopped: Promise<void>;
}

/** Starts everything and resolves when the port answers; the work ends when `signal` aborts. */
export async function startOnCluster(options: ClusterOptions, signal: AbortSignal): Promise<RunningOperator> {
  const { clock, random, log } = options;
  const { transport, server, tls } = await connect({
    clock,
    ...(options.kubeconfig === undefined ? {} : { kubeconfig: options.kubeconfig }),
    ...(options.context === undefined ? {} : { context: options.context }),
  });
  const metrics = new MetricsRegistry();
  const kube = metrics.register(kubeMetrics);
  const client = createClient({ transport, clock, random, log, metrics: kube, userAgent: `larder/${version}` });
  const leaseNamespace = options.leaderElection ? options.leaseNamespace : undefined;
  const off = await permissions({ client, clock, log, leaseNamespace, provisions: options.exports.length > 0 }, signal)
    .then((found) => {
      refuseLockedDoor(options.signIn, found);
      return found;
    })
    .catch(async (failure: unknown) => {
      await transport.close();
      throw failure;
    });
  if (options.leaderElection) void makeNamespace(options, client, signal);
  const usageFolder = options.usageFolder === undefined ? undefined : writableFolder(options.usageFolder);
  const samples: SampleStore | undefined =
    options.samplesFile === undefined ? undefined : openSamples(options.samplesFile);
  const history = usageMemory({ ...options, path: options.historyFile });
  const secrets = options.prometheusSecrets;
  const usage = await createUsageSources({ ...options, client, secrets }).catch(async (failure: unknown) => {
    await transport.close();
    throw failure;
  });
  const operator = createOperator({
    client,
    storages: options.exports.map((description) =>
      createExport({
        description,
        allowLocal: options.allowLocal || description.backend === 'local',
        ...(usageFolder === undefined ? {} : { usageFolder }),
        clock,
        random,
        log,
      }),
    ),
    configuration: options.configuration,
    cluster: options.context ?? new URL(server).host,
    ...(options.leaderElection ? { election: electionOf(options, client) } : {}),
    usageSources: usage.sources,
    usageModes: usage.modes,
    ...(usage.longHistory ? { longHistory: usage.longHistory } : {}),
    ...(samples ? { samples } : {}),
    history,
    ...webhookOf(options),
    off,
    provisionerNames: options.provisionerNames,
    defaultOwner: options.owner,
    nodeName: options.nodeName,
    allowLocal: options.allowLocal,
    metrics,
    kubeMetrics: kube,
    clock,
    random,
    log,
  });
  const app = await createOperatorServer({
    operations: await recordedWith(operator.operations, options),
    metrics,
    token: options.signIn.who === 'cluster' ? `${random.uuid()}${random.uuid()}` : options.token, // known to nobody
    hosts: clusterHosts(options.signIn.hosts),
    ...(options.signIn.who === 'cluster' ? {} : { tokenFrom: TOKEN_FROM }),
    reviewer: reviewerOf(options.signIn, off, client),
    consoleFolder: builtConsole(),
    ledger: options.ledger,
    heads: headMemories(client, options.leaseNamespace),
    ...sightOf(options, { client, server, tls }),
    clock,
    random,
    log,
  });
  const port = await listen(app, options.listen);
  const webhookPort = await operator.webhook?.listen();
  const stopped = Promise.all([operator.run(signal), usage.run(signal), spareHeap({ clock }, signal)]).then(
    async () => {
      await Promise.all([app.close(), transport.close(), usage.close()]);
      samples?.close();
      history.close();
    },
  );
  return {
    server: server.replace(/\/$/, ''),
    port,
    serves: servedBy(options),
    webhook: webhookPort === undefined ? '' : `https://${options.listen.host}:${webhookPort}`,
    off: off.map(({ feature }) => feature),
    ready: operator.ready(signal),
    stopped,
  };
}

function servedBy({ exports, provisionerNames }: ClusterOptions): string {
  if (exports.length === 0) return 'no claims: grows the volumes of other drivers';
  return `${provisionerNames.join(', ')} on ${exports.map(addressOf).join(', ')}`;
}

function sightOf(
  options: ClusterOptions,
  { client, server, tls }: Pick<Connection, 'server' | 'tls'> & { readonly client: Client },
): { readonly clusterSight?: ClusterSight } {
  const api = async () => ({ server, tls: await tls() });
  const cluster = options.context ?? new URL(server).host;
  return options.clusterSight
    ? { clusterSight: options.clusterSight({ client, cluster, isEmbedded: false, api }) }
    : {};
}

function webhookOf(options: ClusterOptions): { readonly webhook?: WebhookPlace } {
  const { enableWebhook, webhookPort: port, webhookCertificateLifetime: lifetimeMs } = options.configuration.values;
  if (!enableWebhook) return {};
  const folder = options.webhookCertificate;
  const certificate =
    folder === undefined
      ? ({ kind: 'own', namespace: options.leaseNamespace, lifetimeMs } as const)
      : ({ kind: 'folder', folder } as const);
  return { webhook: { host: options.listen.host, port, certificate } };
}

const TOKEN_FROM =
  'That of this Larder is in the Secret that LARDER_TOKEN comes from, or in the address that its log begins with.';
const NAMESPACE_AGAIN_MS = 5_000;

/** Without its namespace the Lease could never be written, and this process would stand by for ever. Never rejects. */
async function makeNamespace(options: ClusterOptions, client: Client, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && !(await hasNamespace(options, client, signal))) {
    await sleep(options.clock, NAMESPACE_AGAIN_MS, signal).catch(() => undefined); // only the signal rejects
  }
}

/** Looks before it makes one: the usual role may not make namespaces. False when the API server did not answer. */
async function hasNamespace(
  { leaseNamespace: name, log }: ClusterOptions,
  client: Client,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    await client.get(kinds.Namespace, { name }, { signal }).catch(async (failure: unknown) => {
      if (!isKubeError(failure, 'KUBE_NOT_FOUND')) throw failure;
      await client.create(kinds.Namespace, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }, { signal });
    });
    return true;
  } catch (err) {
    if (signal.aborted || isKubeError(err, 'KUBE_ALREADY_EXISTS')) return true;
    // The election goes on whatever it is, and says what is missing each time it fails.
    log.warn({ namespace: name, err }, 'namespace of the lease not made');
    return !isKubeError(err, 'KUBE_UNAVAILABLE');
  }
}

function electionOf({ clock, random, log, leaseNamespace, nodeName }: ClusterOptions, client: Client) {
  return createLeaseElection({
    client,
    clock,
    random,
    log,
    namespace: leaseNamespace,
    name: LEASE_NAME,
    identity: `${nodeName}_${random.uuid()}`,
  });
}
