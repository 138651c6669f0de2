/** The running process, put together: caches, rooms, leadership, and what the console port shows of them. */
import { type Admission, createAdmission } from '../expand/admission.ts';
import { createExpander, type Expander } from '../expand/controller.ts';
import { createGroupController } from '../expand/group/group-controller.ts';
import { createPolicyController } from '../expand/policy/policy-controller.ts';
import { readableBytes } from '../expand/readable.ts';
import type { ResolvedConfiguration } from '../expand/settings/configuration.ts';
import { createUsageChain } from '../expand/usage/chain.ts';
import { createDirectoryUsage, type DirectoryUsageOf } from '../expand/usage/directory.ts';
import { type HistoryStore, historyOf, type UsageHistory } from '../expand/usage/history.ts';
import type { SampleStore } from '../expand/usage/samples.ts';
import type { UsageSource } from '../expand/usage/source.ts';
import type { Client } from '../kube/client.ts';
import { createEventRecorder, type EventRecorder } from '../kube/events.ts';
import type { LeaseElection, Term } from '../kube/lease.ts';
import { createManager } from '../kube/manager.ts';
import { formatQuantity } from '../kube/quantity.ts';
import type { metrics as kubeMetrics } from '../kube/registry.ts';
import type { PlanSettings } from '../provision/plan.ts';
import { createProvision, type Provision } from '../provision/provision.ts';
import { events as provisionEvents, usageMetrics } from '../provision/registry.ts';
import type { Storage } from '../provision/storage.ts';
import { type Crossing, createCrawler } from '../provision/usage/crawler.ts';
import type { Clock, Random } from '../telemetry/clock.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics, MetricsRegistry } from '../telemetry/metrics.ts';
import { type Caches, createCaches, guardCaches, watchedOf } from './caches.ts';
import { happeningsOf } from './console/happenings.ts';
import { EVENT_COMPONENT, recallHappenings } from './console/past-events.ts';
import { directoriesOf } from './directories.ts';
import { type FeatureOff, lackingOf } from './features.ts';
import { kubeletSeries } from './kubelet-series.ts';
import { meterOf } from './meter.ts';
import { operationsOf } from './operations.ts';
import { publishSpace } from './overcommit.ts';
import { metrics as declared } from './registry.ts';
import type { Operations } from './server.ts';
import { createSpaceWatch } from './space.ts';
import { storageProviders } from './storage-providers.ts';
import type { SourceMode } from './usage-sources.ts';
import { version } from './version.ts';
import { type AdmissionServer, createAdmissionServer, type WebhookPlace } from './webhook/admission-server.ts';

export interface OperatorOptions extends Omit<PlanSettings, 'exports'> {
  readonly client: Client;
  /** The first is the default export. Run by the operator. None: no provisioner runs, and nothing but growth is done. */
  readonly storages: readonly Storage[];
  readonly configuration: ResolvedConfiguration;
  /** Whose it is, as a person names it. */
  readonly cluster: string;
  /** Absent: this process always leads. */
  readonly election?: LeaseElection;
  /** Asked, in order, for volumes that are not directories of ours. */
  readonly usageSources: readonly UsageSource[];
  /** How those are asked, for `doctor`; default: nothing is said. */
  readonly usageModes?: readonly SourceMode[];
  /** Absent: measurements do not survive a restart. Closed by the caller. */
  readonly samples?: SampleStore;
  /** Absent: usage is not remembered. Closed by the caller. */
  readonly history?: HistoryStore;
  /** What remembers usage for longer, if there is something. */
  readonly longHistory?: UsageHistory;
  readonly metrics: MetricsRegistry;
  /** Where the admission webhook is served; absent: nowhere. */
  readonly webhook?: WebhookPlace;
  /** What the account may not do, by feature; default nothing. */
  readonly off?: readonly FeatureOff[];
  /** The table of the kube room, registered by whoever made the client. Absent: caches and events are not counted. */
  readonly kubeMetrics?: Metrics<typeof kubeMetrics>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

export interface Operator {
  /** Runs until aborted; never rejects. Ends within a second or so even while an export hangs. */
  run(signal: AbortSignal): Promise<void>;
  /** Resolves when the caches are complete. */
  ready(signal: AbortSignal): Promise<void>;
  readonly operations: Operations;
  /** What an API server is answered about what it is to store; undefined: growth is off. */
  readonly admission: Admission | undefined;
  /** Listens when it is told to, runs with the operator. */
  readonly webhook: AdmissionServer | undefined;
}

const EVENT_FLUSH_MS = 1_000;
/** Directories are measured a little more often than decisions are made, so that each decision has a new figure. */
const CRAWLS_PER_LOOK = 2;
/** A quota report counts for so many looks; then directories are read again. */
const METER_AGE = 3;

export function createOperator(options: OperatorOptions): Operator {
  const { client, clock, log, metrics, random, storages } = options;
  const own = metrics.register(declared);
  own.set('larder_build_info', { version, node: process.versions.node }, 1);
  const exports = storages.map((storage) => storage.description);
  const provisions = storages.length > 0;
  const lacks = lackingOf(options, provisions);
  const caches = createCaches({ client, clock, random, log, metrics: options.kubeMetrics }, exports);
  const writer = createEventRecorder({
    ...{ client, clock, random, log, metrics: options.kubeMetrics, component: EVENT_COMPONENT },
    ...(lacks('event counts') ? { salt: random.uuid() } : {}),
    busy: () => provision.controllers.some((each) => each.name === 'provisioner' && each.depth() > 0),
  });
  const { recorder, happenings } = happeningsOf(writer, clock);
  let term: Term | undefined;
  const provision = createProvision({
    ...options,
    finalizers: !lacks('finalizers'),
    caches: {
      ...caches,
      ...(lacks('namespace settings') ? { namespaces: undefined } : {}),
      ...(lacks('messages on pods') ? { pods: undefined } : {}),
    },
    recorder,
    cleaning: { room: options.configuration.values.cleanBelowFree, early: options.configuration.values.cleanEarly },
    fence: async () => (term ? term.renewed() : false),
    leads: () => options.election?.isLeader() ?? true,
  });
  const space = createSpaceWatch(storages, clock, (storage, figures) =>
    publishSpace(own, provision.catalog.tally, storage, figures),
  );
  const crawler = createCrawler({
    storages,
    volumes: () => provision.volumes.measured(),
    intervalMs: options.configuration.values.watchInterval / CRAWLS_PER_LOOK,
    share: options.configuration.values.usageShare,
    meter: meterOf(provision.meter, caches, METER_AGE * options.configuration.values.watchInterval, clock),
    kubelet: options.configuration.values.kubeletVolumeStats ? kubeletSeries(metrics, space) : undefined,
    onThreshold: (crossing) => tellCrossing(caches, recorder, crossing),
    metrics: metrics.register(usageMetrics),
    clock,
    log,
  });
  const directories = directoriesOf(options, provision, space);
  const directoryUsage: DirectoryUsageOf = (key) => {
    const directory = directories.of(key);
    if (!directory) return undefined;
    const usage = crawler.latest(key, directory.volume);
    if (!usage) return { unmeasured: 'its directory was not measured yet' };
    const { usedBytes, inodes, at } = usage;
    return {
      usedBytes,
      inodes,
      at,
      capacityBytes: directory.sizeBytes,
      everyMs: options.configuration.values.watchInterval,
    };
  };
  const storage = storageProviders(options);
  const expander = createExpander({
    ...options,
    caches: {
      ...caches,
      ...(lacks('policies') ? { policies: undefined } : {}),
      ...(lacks('groups') ? { groups: undefined } : {}),
    },
    recorder,
    usage: createUsageChain([createDirectoryUsage(directoryUsage), ...options.usageSources]),
    providers: storage.providers,
    ...(lacks('attributes classes') ? {} : { attributes: storage.attributes }),
    exportFree: directories.free,
    guards: guardCaches(caches, lacks),
    marks: !lacks('growth conditions'),
  });

  const manager = createManager({ log, ...(options.election ? { election: options.election } : {}) });
  const watched = watchedOf(caches, lacks);
  for (const cache of watched) manager.addCache(cache);
  manager.onLeading(async function leadership(given) {
    term = given;
    own.set('larder_leader', {}, 1);
    given.signal.addEventListener('abort', () => {
      term = undefined;
      own.set('larder_leader', {}, 0);
    });
  });
  for (const controller of provisions ? provision.controllers : []) {
    if (controller.name !== 'resizer' || !lacks('resizing')) manager.addController(controller);
  }
  if (provisions) manager.addController({ name: 'crawler', run: (signal) => crawler.run(signal) });
  if (!lacks('growth')) manager.addController({ name: 'expander', run: (signal) => expander.run(signal) });
  if (!lacks('growth') && !lacks('policies') && !lacks('policy status')) {
    manager.addController(createPolicyController({ ...options, caches }));
  }
  const { roster } = expander.surroundings;
  if (!lacks('growth') && !lacks('groups') && roster) {
    manager.addController(createGroupController({ ...options, caches, roster }));
  }

  const ready = async (signal: AbortSignal): Promise<void> => {
    await Promise.all(watched.map((cache) => cache.synced(signal)));
  };
  const admission = lacks('growth') ? undefined : admissionOf(options, caches, { expander, ready });
  const webhook =
    admission && options.webhook && createAdmissionServer({ ...options, place: options.webhook, admission });
  const startedAt = clock.now();
  own.set('larder_start_time_seconds', {}, startedAt / 1000);
  const leads = (): boolean => term !== undefined;
  return {
    async run(signal) {
      const work = [
        ...storages.map((storage) => storage.run(signal)),
        space.run(signal),
        manager.run(signal),
        storage.run(signal),
        ...(lacks('event history') ? [] : [recallHappenings({ client, happenings, clock, log }, signal)]),
      ];
      await Promise.all([...work, webhook?.run(signal)]);
      await recorder.flush(deadline(clock, EVENT_FLUSH_MS));
    },
    ready,
    admission,
    webhook,
    operations: operationsOf({
      ...options,
      uid: options.defaultOwner.uid,
      caches,
      watched,
      off: options.off ?? [],
      provision,
      crawler,
      expander,
      space,
      happenings,
      startedAt,
      leads,
      lookupStates: storage.lookupStates,
      histories: [
        ...(options.longHistory ? [options.longHistory] : []),
        ...(options.history ? [historyOf(options.history)] : []),
      ],
      ...(webhook ? { webhookState: () => webhook.state() } : {}),
    }),
  };
}

function admissionOf(
  { log }: OperatorOptions,
  { volumes }: Caches,
  { expander, ready }: { readonly expander: Expander; ready(signal: AbortSignal): Promise<void> },
): Admission {
  const { surroundings } = expander;
  return createAdmission({
    log,
    surroundings,
    ready,
    reserved: (key) => volumes.byIndex('larder/claim', key).length > 0,
    providerNames: surroundings.providers.names ?? [],
  });
}

function deadline(clock: Clock, ms: number): AbortSignal {
  const controller = new AbortController();
  clock.after(ms, () => controller.abort(new Error('deadline')));
  return controller.signal;
}

/** A directory without a quota is not stopped at its size, so its users are told before and at it. */
function tellCrossing(
  caches: Caches,
  recorder: EventRecorder,
  { key, percent, usedBytes, limitBytes }: Crossing,
): void {
  const claim = caches.claims.get(key);
  if (!claim) return;
  const reason = 'VolumeUsageHigh';
  const message = `at least ${percent} % of ${formatQuantity(limitBytes)} is used: ${readableBytes(usedBytes)}`;
  recorder.record(claim, provisionEvents[reason].type, reason, message);
}
