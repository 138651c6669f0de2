/** Where the usage of volumes comes from that are no directories of ours: which sources there are, and how they are asked. */
import type { ResolvedConfiguration } from '../expand/settings/configuration.ts';
import type { UsageHistory } from '../expand/usage/history.ts';
import { createKubeletUsage } from '../expand/usage/kubelet.ts';
import { createPrometheusUsage } from '../expand/usage/prometheus.ts';
import { createPrometheusHistory } from '../expand/usage/prometheus-history.ts';
import type { SourceHealth, UsageSource } from '../expand/usage/source.ts';
import { type Cache, createCache } from '../kube/cache.ts';
import type { Client } from '../kube/client.ts';
import { kinds, type Node } from '../kube/kinds.ts';
import { type Clock, type Random, withDeadline } from '../telemetry/clock.ts';
import type { Log } from '../telemetry/log.ts';
import { directKubelet, type NodeFetch, proxiedKubelet } from './kubelet.ts';
import { createPrometheusClient, type PrometheusClient, type PrometheusSecrets } from './prometheus.ts';

export interface KubeletOptions {
  readonly mode: 'direct' | 'proxy' | 'off';
  readonly tokenFile: string;
  readonly caFile?: string;
  readonly insecureTls: boolean;
}

/** One source as `doctor` tells of it. */
export interface SourceMode {
  readonly name: string;
  /** False: it is switched off. */
  readonly isAsked: boolean;
  /** How it is asked, for example `directly, certificates verified against FILE`. */
  readonly how: string;
  /** What is wrong with that way, and what is better; empty when nothing is. */
  readonly concern: string;
  readonly better: string;
  health(): SourceHealth | undefined;
}

export interface UsageSources {
  /** In the order in which they are asked. */
  readonly sources: readonly UsageSource[];
  readonly modes: readonly SourceMode[];
  /** Reaches further back than what is kept here; undefined: there is none. */
  readonly longHistory: UsageHistory | undefined;
  /** Follows the nodes, where kubelets are asked directly; never rejects. */
  run(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

interface PrometheusSourceOptions {
  readonly configuration: ResolvedConfiguration;
  readonly secrets: PrometheusSecrets;
  readonly clock: Clock;
}

interface UsageSourcesOptions extends PrometheusSourceOptions {
  readonly client: Client;
  readonly kubelet: KubeletOptions;
  readonly random: Random;
  readonly log: Log;
}

/** Throws OperatorError LARDER_CONFIGURATION. */
export async function createUsageSources(options: UsageSourcesOptions): Promise<UsageSources> {
  const { configuration, clock, secrets } = options;
  const prometheus = createPrometheusSource({ configuration, secrets, clock });
  const kubelets = await kubeletsOf(options);
  return {
    sources: [...(kubelets.source ? [kubelets.source] : []), ...(prometheus ? [prometheus.source] : [])],
    modes: [kubelets.mode, ...(prometheus ? [prometheus.mode] : [])],
    longHistory: prometheus?.history,
    async run(signal) {
      await kubelets.nodes?.run(signal);
    },
    async close() {
      await prometheus?.client.close();
    },
  };
}

interface Kubelets {
  readonly source: UsageSource | undefined;
  readonly mode: SourceMode;
  readonly nodes: Cache<Node> | undefined;
}

/** The share of the time between two looks over which nodes are asked, and the most that it is. */
const SPREAD = 0.2;
const LONGEST_SPREAD_MS = 12_000;

async function kubeletsOf(options: UsageSourcesOptions): Promise<Kubelets> {
  const { client, clock, random, kubelet, configuration } = options;
  const nodes = kubelet.mode === 'direct' ? createCache({ ...options, resource: kinds.Node }) : undefined;
  const fetch: NodeFetch | undefined = nodes
    ? await directKubelet({ ...kubelet, caFile: kubelet.caFile, nodes, clock })
    : kubelet.mode === 'proxy'
      ? proxiedKubelet(client)
      : undefined;
  const { kubeletTimeout, kubeletInterval, watchInterval } = configuration.values;
  const source =
    fetch &&
    createKubeletUsage({
      clock,
      random,
      fetch,
      timeoutMs: kubeletTimeout,
      intervalMs: kubeletInterval,
      spreadMs: Math.min(LONGEST_SPREAD_MS, SPREAD * watchInterval),
    });
  return { source, nodes, mode: kubeletMode(kubelet, source) };
}

function kubeletMode({ mode, caFile, insecureTls }: KubeletOptions, source: UsageSource | undefined): SourceMode {
  const common = { name: 'kubelets', isAsked: mode !== 'off', health: () => source?.health?.() };
  const fine = { concern: '', better: '' };
  if (mode === 'off') return { ...common, ...fine, how: 'not asked: only directories of Larder are measured by it' };
  if (mode === 'proxy') {
    const concern = 'the permission nodes/proxy gives the whole API of every kubelet';
    return { ...common, how: 'through the API server', concern, better: 'use --kubelet direct where it can be' };
  }
  if (insecureTls) {
    const concern = 'whoever answers for a node is sent the token of this account';
    return { ...common, how: 'directly, unverified', concern, better: 'give --kubelet-ca in place of it' };
  }
  return { ...common, ...fine, how: `directly, certificates verified against ${caFile}` };
}

export interface PrometheusSource {
  readonly client: PrometheusClient;
  readonly source: UsageSource;
  readonly history: UsageHistory;
  readonly mode: SourceMode;
}

/** Undefined: none is configured. Throws OperatorError LARDER_CONFIGURATION. The client is closed by the caller. */
export function createPrometheusSource(options: PrometheusSourceOptions): PrometheusSource | undefined {
  const { configuration, secrets, clock } = options;
  const { values } = configuration;
  const client = createPrometheusClient(values, secrets, clock);
  if (!client) return undefined;
  const asked = {
    queries: {
      capacity: values.prometheusCapacityQuery,
      available: values.prometheusAvailableQuery,
      used: values.prometheusUsedQuery,
      inodes: values.prometheusInodesQuery,
      inodesFree: values.prometheusInodesFreeQuery,
      inodesUsed: values.prometheusInodesUsedQuery,
      abnormal: values.prometheusAbnormalQuery,
    },
    labels: { namespace: values.prometheusNamespaceLabel, claim: values.prometheusClaimLabel },
    matchers: values.prometheusMatchers,
    place: client.place,
  };
  const source = createPrometheusUsage({
    ...asked,
    clock,
    query: (expression, signal) => client.ask('query', { query: expression }, signal),
    intervalMs: values.prometheusInterval,
    kubeletIntervalMs: values.kubeletInterval,
    timeoutMs: values.prometheusTimeout,
  });
  const history = createPrometheusHistory({
    ...asked,
    range({ query, start, end, step }, signal) {
      const parameters = { query, start: String(start), end: String(end), step: String(step) };
      const work = (inner: AbortSignal) => client.ask('query_range', parameters, inner);
      return withDeadline(clock, 'the query', values.prometheusTimeout, work, signal);
    },
  });
  return { client, source, history, mode: prometheusMode(source, options) };
}

function prometheusMode(source: UsageSource, { configuration, secrets }: PrometheusSourceOptions): SourceMode {
  const { prometheusUrl, prometheusUser, prometheusTokenFile, prometheusInsecureTls } = configuration.values;
  const secret = prometheusUser !== '' || prometheusTokenFile !== '' || Boolean(secrets.token);
  const plain = prometheusUrl.startsWith('http:');
  const concern = secret && plain ? 'its token or password is sent without encryption' : '';
  const unverified = prometheusInsecureTls && !plain ? 'its certificate is not verified' : '';
  return {
    name: 'prometheus',
    isAsked: true,
    how: prometheusUrl,
    concern: concern || unverified,
    better: concern ? 'use https, with prometheusCaFile' : unverified ? 'set prometheusCaFile in place of it' : '',
    health: () => source.health?.(),
  };
}
