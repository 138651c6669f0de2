/** The room, put together: caches with their indexes, controllers, and the read model. Touches no mount and no clock itself. */
import { createCache } from '../kube/cache.ts';
import type { Client } from '../kube/client.ts';
import type { Controller } from '../kube/controller.ts';
import type { EventRecorder } from '../kube/events.ts';
import { kinds } from '../kube/kinds.ts';
import type { metrics as kubeMetrics } from '../kube/registry.ts';
import type { Clock, Random } from '../telemetry/clock.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics, MetricsRegistry } from '../telemetry/metrics.ts';
import { Announcer } from './announcer.ts';
import { Attempt } from './attempt.ts';
import {
  type Catalog,
  claimIndexes,
  createCatalog,
  type ProvisionCaches,
  podIndexes,
  volumeIndexes,
} from './catalog.ts';
import { createCloner } from './clone/cloner.ts';
import { createSweeper } from './clone/sweeper.ts';
import { createExports } from './export/exports.ts';
import type { PlanSettings } from './plan.ts';
import { createProvisioner } from './provisioner.ts';
import { createKeeper } from './quota/keeper.ts';
import { type Meter, MeterBook } from './quota/meter.ts';
import { createReclaimer } from './reclaim.ts';
import { metrics as declared } from './registry.ts';
import { createResizer } from './resize.ts';
import type { ExportDescription, Storage } from './storage.ts';
import { type Cleaner, type CleanRequest, createCleaner } from './trash/clean.ts';
import { Refusals } from './trash/refusals.ts';
import { createRetention } from './trash/retention.ts';
import { createReturner } from './trash/returner.ts';
import { addressOf } from './volume.ts';
import { createVolumes, type Volumes } from './volumes.ts';
import { Waiting } from './waiting.ts';

export interface ProvisionOptions extends Omit<PlanSettings, 'exports'> {
  readonly client: Client;
  /** The first is the default export. */
  readonly storages: readonly Storage[];
  /** Shared with other rooms: made with `claimIndexes`, `volumeIndexes` and `podIndexes`. Absent: made here. */
  readonly caches?: ProvisionCaches | undefined;
  readonly recorder: EventRecorder;
  readonly metrics: MetricsRegistry;
  /** Of the kube room; absent: queues and reconciles are not counted. */
  readonly kubeMetrics?: Metrics<typeof kubeMetrics> | undefined;
  /** Renews the lease; true when this process alone may remove anything. Without an election: always true. */
  readonly fence: () => Promise<boolean>;
  /**
   * False when the lease of this process has run out by its own clock; asked right before a volume is saved: nothing that the API
   * server checks keeps a process that stood still from saving what another has given away meanwhile.
   */
  readonly leads: () => boolean;
  /** What to remove when an export has too little room; absent: nothing before its time. */
  readonly cleaning?: CleanRequest | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

export interface Provision {
  /** The given ones, or those made here: the caller runs them. */
  readonly caches: ProvisionCaches;
  /** To be run while leading, once the caches are synced. */
  readonly controllers: readonly Controller[];
  readonly volumes: Volumes;
  readonly cleaner: Cleaner;
  readonly catalog: Catalog;
  /** Of directories that have a limit. */
  readonly meter: Meter;
  /** Why a claim, as `namespace/name`, could not be given a volume; undefined: that was not tried, or has not failed. */
  readonly problemOf: (key: string) => string | undefined;
}

export function createProvision(options: ProvisionOptions): Provision {
  const { client, clock, log, random, recorder, fence, leads, storages } = options;
  const exports = storages.map((storage) => storage.description);
  const caches = options.caches ?? createCaches(options, exports);
  const metrics = options.metrics.register(declared);
  const catalog = createCatalog(caches, { ...options, exports });
  const storageOf = storageFinder(storages);
  const { kubeMetrics } = options;
  const world = { client, catalog, storageOf, recorder, metrics, kubeMetrics, clock, random, log };
  const announcer = new Announcer({ recorder, caches, clock, metrics });
  const waiting = { claims: new Waiting(), volumes: new Waiting() };
  const cloner = createCloner({ ...world, announcer });
  const attempt = new Attempt({ ...world, leads, announcer, cloner, waiting: waiting.claims });
  const provisioner = createProvisioner({ ...world, attempt, announcer, waiting: waiting.claims });
  const reclaimer = createReclaimer({ ...world, fence, waiting: waiting.volumes });
  const waiters = [
    { controller: provisioner, waiting: waiting.claims },
    { controller: reclaimer, waiting: waiting.volumes },
  ];
  const meters = new MeterBook();
  const refusals = new Refusals();
  const controllers = [
    provisioner,
    reclaimer,
    createResizer(world),
    createKeeper({ ...world, storages, meters }),
    createReturner({ ...world, leads, storages, refusals }),
    createRetention({ ...world, storages, fence, cleaning: options.cleaning }),
    createSweeper({ ...world, storages, fence }),
    createExports({ ...world, storages, waiters }),
  ];
  return {
    caches,
    controllers,
    catalog,
    meter: meters,
    problemOf: (key) => announcer.problemOf(key),
    volumes: createVolumes({ client, catalog, storages, storageOf, refusals, clock }),
    cleaner: createCleaner({ ...world, storages, fence }),
  };
}

/** Caches with the indexes that the room asks for; all namespaces. */
function createCaches(
  parts: Pick<ProvisionOptions, 'client' | 'clock' | 'random' | 'log'>,
  exports: readonly ExportDescription[],
): Required<ProvisionCaches> {
  const { client, clock, random, log } = parts;
  const world = { client, clock, random, log };
  return {
    claims: createCache({ ...world, resource: kinds.PersistentVolumeClaim, indexes: claimIndexes }),
    volumes: createCache({ ...world, resource: kinds.PersistentVolume, indexes: volumeIndexes(exports) }),
    classes: createCache({ ...world, resource: kinds.StorageClass }),
    namespaces: createCache({ ...world, resource: kinds.Namespace }),
    pods: createCache({ ...world, resource: kinds.Pod, indexes: podIndexes }),
  };
}

function storageFinder(storages: readonly Storage[]): (description: ExportDescription) => Storage {
  const byDescription = new Map(storages.map((storage) => [storage.description, storage]));
  return (description) => {
    const storage = byDescription.get(description);
    if (!storage) throw new RangeError(`no storage for export ${addressOf(description)}`); // descriptions are those of storages
    return storage;
  };
}
