/** For tests: a running expander on an API in memory, with a clock and measurements in the test's hand. */
import type { TestContext } from 'node:test';
import { createEmbedded } from '../embedded/cluster.ts';
import { createCache } from '../kube/cache.ts';
import { type Client, createClient } from '../kube/client.ts';
import { createEventRecorder } from '../kube/events.ts';
import { kinds, type PersistentVolumeClaim, type StorageClass } from '../kube/kinds.ts';
import type { Transport, TransportRequest, TransportResponse } from '../kube/transport.ts';
import { type Random, systemRandom } from '../telemetry/clock.ts';
import { type Log, silentLog } from '../telemetry/log.ts';
import { createManualClock, type ManualClock } from '../telemetry/manual-clock.ts';
import { MetricsRegistry } from '../telemetry/metrics.ts';
import { pvcGroups } from './api/pvc-group.ts';
import { pvcPolicies } from './api/pvc-policy.ts';
import { createExpander, type Expander } from './controller.ts';
import { configured, constraintsOf, NOW, sampleAt } from './decide.fixture.ts';
import { createGroupController } from './group/group-controller.ts';
import { createGuardCaches, type GuardCaches } from './guard/reads.ts';
import { createPolicyController } from './policy/policy-controller.ts';
import type { Provider, Providers } from './provider.ts';
import type { ConfigurationInput } from './settings/configuration.ts';
import { parseSize } from './settings/settings.ts';
import type { HistoryStore, UsageHistory } from './usage/history.ts';
import type { SampleStore } from './usage/samples.ts';
import type { Reading, UsageSource } from './usage/source.ts';
import { podIndexes, policyIndexes, quotaIndexes } from './view.ts';

/** What a test puts between the expander and the API; undefined lets the request through. */
type Intercept = (
  request: TransportRequest,
  pass: () => Promise<TransportResponse>,
) => Promise<TransportResponse | undefined>;

export interface World {
  readonly client: Client;
  readonly clock: ManualClock;
  readonly expander: Expander;
  /** Used share of each claim, by key; absent = no measurement. */
  readonly used: Map<string, number>;
  /** Writes of the expander and of nobody else: `PATCH persistentvolumeclaims/data`, and events as `event REASON`. */
  readonly writes: string[];
  intercept: Intercept | undefined;
  /** Lets the next pass over all volumes begin and everything that follows from it happen. */
  pass(times?: number): Promise<void>;
  claim(name?: string): Promise<PersistentVolumeClaim>;
  /** What the storage does when it has grown the volume to the request. */
  grant(name?: string): Promise<void>;
  /** `REASON message` of the events on a claim, in the order in which they were written. */
  events(name?: string): Promise<readonly string[]>;
  metrics(): Promise<string>;
  stop(): Promise<void>;
  /** Another process on the same API and clock: after `stop` a restart, before it a second replica. */
  another(options?: WorldOptions): Promise<World>;
}

export interface WorldOptions {
  /** Default: silent. */
  readonly log?: Log;
  /** Default: what `used` says. */
  readonly usage?: UsageSource;
  readonly configuration?: Partial<ConfigurationInput>;
  readonly samples?: SampleStore;
  /** Default: everything that is looked at before a request is raised. */
  readonly guards?: GuardCaches;
  readonly history?: HistoryStore;
  readonly longHistory?: UsageHistory;
  /** Default: one that knows no limits. */
  readonly providers?: Providers;
  /** Parameters of VolumeAttributesClasses. */
  readonly attributes?: (name: string) => Readonly<Record<string, string>> | undefined;
  /** Of class `fast`. */
  readonly storage?: Pick<StorageClass, 'provisioner' | 'parameters'>;
}

/** Any driver that expands by whole GiB. */
const generic: Provider = {
  name: 'generic',
  canExpand: async () => ({ kind: 'yes' }),
  getVolumeConstraints: async () => constraintsOf().volume,
  validateExpansion: async () => ({ kind: 'yes' }),
  supportedStorageClasses: () => [],
  defaultConfiguration: () => ({}),
};
const providers: Providers = { detect: () => ({ provider: generic, how: 'the test' }) };

const random: Random = { next: () => 0.5, uuid: () => 'id' };
export const KEY = 'default/data';

export async function startWorld(t: TestContext, options: WorldOptions = {}): Promise<World> {
  const clock = createManualClock(NOW);
  const embedded = await createEmbedded({ clock, random: systemRandom });
  t.after(() => embedded.close());
  const world = await startExpander(t, { transport: embedded.transport, clock, used: new Map() }, options);
  await world.client.create(kinds.StorageClass, {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'fast' },
    ...(options.storage ?? { provisioner: 'topolvm.io' }),
    allowVolumeExpansion: true,
  });
  return world;
}

export interface ClaimOptions {
  readonly name?: string;
  readonly size?: string;
  /** Beside `enabled: "true"`; keys without the prefix. */
  readonly annotations?: Readonly<Record<string, string>>;
}

/** A Bound claim of class `fast`. */
export async function makeClaim(
  { client }: World,
  { name = 'data', size = '10Gi', annotations = {} }: ClaimOptions = {},
) {
  const prefixed = Object.entries({ enabled: 'true', ...annotations }).map(([key, value]) => [
    `pvc-chonker.io/${key}`,
    value,
  ]);
  await client.create(kinds.PersistentVolumeClaim, {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { namespace: 'default', name, annotations: Object.fromEntries(prefixed) },
    spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'fast', resources: { requests: { storage: size } } },
  });
  await setStatus(client, name, { phase: 'Bound', capacity: { storage: size } });
}

/** Gone at once: what protects claims that pods use is not running here. */
export async function removeClaim({ client }: World, name = 'data'): Promise<void> {
  const where = { namespace: 'default', name };
  await client.patch(kinds.PersistentVolumeClaim, where, { kind: 'merge', value: { metadata: { finalizers: null } } });
  await client.delete(kinds.PersistentVolumeClaim, where);
}

export async function setStatus(client: Client, name: string, status: object): Promise<void> {
  const patch = { kind: 'merge', value: { status } } as const;
  await client.patch(kinds.PersistentVolumeClaim, { namespace: 'default', name }, patch, { subresource: 'status' });
}

interface Setting {
  readonly transport: Transport;
  readonly clock: ManualClock;
  readonly used: Map<string, number>;
}

async function startExpander(t: TestContext, setting: Setting, options: WorldOptions): Promise<World> {
  const { transport, clock, used } = setting;
  const stop = new AbortController();
  const tools = { clock, random, log: options.log ?? silentLog };
  const direct = createClient({ ...tools, transport });
  const writes: string[] = [];
  const state: { intercept: Intercept | undefined } = { intercept: undefined };
  const client = createClient({ ...tools, transport: watched(transport, state, writes) });
  const recorder = createEventRecorder({ ...tools, client, component: 'larder' });
  const registry = new MetricsRegistry();
  const configuration = configured(options.configuration);
  const caches = {
    claims: createCache({ ...tools, client, resource: kinds.PersistentVolumeClaim }),
    volumes: createCache({ ...tools, client, resource: kinds.PersistentVolume }),
    classes: createCache({ ...tools, client, resource: kinds.StorageClass }),
    namespaces: createCache({ ...tools, client, resource: kinds.Namespace }),
    quotas: createCache({ ...tools, client, resource: kinds.ResourceQuota, indexes: quotaIndexes }),
    pods: createCache({ ...tools, client, resource: kinds.Pod, indexes: podIndexes }),
    policies: createCache({ ...tools, client, resource: pvcPolicies, optional: true, indexes: policyIndexes }),
    groups: createCache({ ...tools, client, resource: pvcGroups, optional: true }),
  };
  const guards = createGuardCaches({ ...tools, client });
  const expander = createExpander({
    ...tools,
    client,
    recorder,
    metrics: registry,
    caches,
    usage: options.usage ?? scripted(used, clock, (key) => caches.claims.get(key)),
    providers: options.providers ?? providers,
    ...(options.attributes ? { attributes: options.attributes } : {}),
    configuration,
    guards: options.guards ?? guards,
    ...(options.samples ? { samples: options.samples } : {}),
    ...(options.history ? { history: options.history } : {}),
    ...(options.longHistory ? { longHistory: options.longHistory } : {}),
  });
  const policies = createPolicyController({ ...tools, client, caches });
  const { roster } = expander.surroundings;
  const groups = roster ? [createGroupController({ ...tools, client, caches, roster })] : [];
  const running = [...Object.values(caches), ...Object.values(guards), expander, policies, ...groups].map((part) =>
    part.run(stop.signal),
  );
  const end = async (): Promise<void> => {
    stop.abort();
    await clock.advance(5_000);
    await Promise.all(running);
  };
  t.after(end);
  await clock.advance(0);
  const { watchInterval } = configuration.values;
  return {
    client: direct,
    clock,
    expander,
    used,
    writes,
    get intercept() {
      return state.intercept;
    },
    set intercept(value) {
      state.intercept = value;
    },
    async pass(times = 1) {
      for (let count = 0; count < times; count += 1) await clock.advance(watchInterval);
      await recorder.flush();
    },
    claim: (name = 'data') => direct.get(kinds.PersistentVolumeClaim, { namespace: 'default', name }),
    async grant(name = 'data') {
      const { spec } = await direct.get(kinds.PersistentVolumeClaim, { namespace: 'default', name });
      await setStatus(direct, name, { capacity: { storage: spec.resources.requests['storage'] } });
      await clock.advance(0);
      await recorder.flush();
    },
    async events(name = 'data') {
      const { items } = await direct.list(kinds.Event, { namespace: 'default' });
      return items
        .filter((event) => event.involvedObject.name === name)
        .sort((a, b) => Number(a.metadata.resourceVersion) - Number(b.metadata.resourceVersion)) // this API counts up
        .map(({ reason, message }) => `${reason} ${message}`);
    },
    metrics: () => registry.expose(),
    stop: end,
    another: (next = {}) => startExpander(t, setting, next),
  };
}

/** Measures at the moment it is asked. */
function scripted(
  used: ReadonlyMap<string, number>,
  clock: ManualClock,
  claimOf: (key: string) => PersistentVolumeClaim | undefined,
): UsageSource {
  return {
    name: 'script',
    async collect({ subjects, deliver }) {
      for (const { key } of subjects) deliver(readingOf(key, used.get(key), clock.now(), claimOf(key)));
    },
  };
}

function readingOf(
  key: string,
  ratio: number | undefined,
  at: number,
  claim: PersistentVolumeClaim | undefined,
): Reading {
  const size = parseSize(claim?.status?.capacity?.['storage'] ?? '');
  if (ratio === undefined || !size.ok) return { kind: 'none', key, reason: 'the script has none', final: true };
  return { kind: 'sample', key, sample: sampleAt(at, ratio, { capacityBytes: size.value, everyMs: 1_000 }) };
}

function watched(
  transport: Transport,
  state: { readonly intercept: Intercept | undefined },
  writes: string[],
): Transport {
  return {
    async send(request, signal) {
      if (request.method !== 'GET') writes.push(nameOfWrite(request));
      const pass = (): Promise<TransportResponse> => transport.send(request, signal);
      return (await state.intercept?.(request, pass)) ?? pass();
    },
    close: () => transport.close(),
  };
}

function nameOfWrite({ method, path, body }: TransportRequest): string {
  const [address = ''] = path.split('?');
  if (!address.includes('/events')) return `${method} ${address.split('/').slice(-2).join('/')}`;
  const { reason = 'repeated' }: { reason?: string } = JSON.parse(String(body));
  return `event ${reason}`;
}

/** An answer of the API server, for an intercept. */
export function answer(
  status: number,
  reason: string,
  message: string,
  headers: Record<string, string> = {},
): TransportResponse {
  const body = JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', reason, message, code: status });
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    text: async () => body,
    async *chunks() {
      yield body;
    },
  };
}
