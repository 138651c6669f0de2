/**
 * Keeps the limits of directories as large as their volumes: after a restart, an undelete, or when somebody changed one by
 * hand. A key is an export's address. What it reads on the way is the meter of all volumes that have a limit.
 */
import { type Controller, createController, type Outcome } from '../../kube/controller.ts';
import type { metrics as kubeMetrics } from '../../kube/registry.ts';
import type { Clock, Random } from '../../telemetry/clock.ts';
import type { Log } from '../../telemetry/log.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import type { Catalog } from '../catalog.ts';
import { onceEach } from '../export/roots.ts';
import type { Storage, StorageProblem } from '../storage.ts';
import { addressOf, isReleased } from '../volume.ts';
import { type Limit, limitOf, setLimit } from './enforce.ts';
import { entryFor, type MeterBook } from './meter.ts';
import { isEnforced } from './note.ts';
import type { QuotaReport } from './quota.ts';

export interface KeeperOptions {
  readonly kubeMetrics?: Metrics<typeof kubeMetrics> | undefined;
  readonly catalog: Catalog;
  readonly storages: readonly Storage[];
  readonly meters: MeterBook;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** Between two looks at an export that has limits. */
const INTERVAL_MS = 30_000;
/** Limits are kept in KiB; on some filesystems in blocks. */
const UNIT = 4_096n;

/** Directories whose limit is larger than their volumes, and since when (monotonic). */
type Surplus = Map<string, number>;

export function createKeeper(options: KeeperOptions): Controller {
  const { catalog, clock, random, log, storages } = options;
  const surplus: Surplus = new Map();
  const byAddress = new Map(onceEach(storages).map((storage) => [addressOf(storage.description), storage]));
  const controller = createController({
    name: 'quota',
    metrics: options.kubeMetrics,
    clock,
    random,
    log,
    reconcile: async (address, { signal }) => {
      const storage = byAddress.get(address);
      return storage ? keep({ ...options, surplus }, storage, signal) : { kind: 'done' };
    },
  });
  // A new one was limited before it was saved; one that was there at the start, or came back, may not be.
  catalog.caches.volumes.onChange(({ kind, object }) => {
    if (kind !== 'added' || !isEnforced(object)) return;
    for (const address of byAddress.keys()) controller.enqueue(address);
  });
  for (const [address, storage] of byAddress) storage.onHealthy(() => controller.enqueue(address));
  return controller;
}

async function keep(
  options: KeeperOptions & { readonly surplus: Surplus },
  storage: Storage,
  signal: AbortSignal,
): Promise<Outcome> {
  const { clock, log, meters } = options;
  const limits = limitsOn(options.catalog, storage);
  if (limits.length === 0) return { kind: 'done' };
  const { description } = storage;
  const report = await storage.quota.report(signal);
  meters.enter(description, report, clock.now());
  if (report.kind === 'problem') return failed(options, storage, report);
  for (const limit of limits) {
    const directory = limit.path.join('/');
    if (!isDue(options, `${addressOf(description)}/${directory}`, limitBytesOf(report, limit) - limit.bytes)) continue;
    const problem = await setLimit(options.catalog, limit, storage, signal);
    if (problem?.problem === 'unavailable') return failed(options, storage, problem);
    if (problem) log.warn({ controller: 'quota', directory, detail: problem.detail }, 'a quota could not be set again');
    else
      log.info({ controller: 'quota', directory, bytes: `${limit.bytes}` }, 'the quota of a directory was set again');
  }
  return { kind: 'again', afterMs: INTERVAL_MS, reason: 'kept' };
}

function failed({ log }: KeeperOptions, { description }: Storage, { detail, problem }: StorageProblem): Outcome {
  log.warn({ controller: 'quota', export: addressOf(description), reason: problem, detail }, 'quotas are not kept');
  return { kind: 'again', afterMs: INTERVAL_MS, reason: problem };
}

function limitsOn(catalog: Catalog, { description }: Storage): readonly Limit[] {
  const limits: Limit[] = [];
  for (const volume of catalog.caches.volumes.list()) {
    const limit = isReleased(volume) ? undefined : limitOf(catalog, volume);
    if (limit && limit.bytes > 0n && limit.description.root === description.root) limits.push(limit);
  }
  return limits;
}

const limitBytesOf = (report: QuotaReport, limit: Limit): bigint => entryFor(report, limit)?.limitBytes ?? 0n;

/**
 * `beyond`: by how much the limit is larger. One that is too small is set at once; one that is too large may be that of a
 * volume whose growth, or whose first save, is under way, and is lowered when it still is after a while.
 */
function isDue(
  { surplus, clock }: { readonly surplus: Surplus; readonly clock: Clock },
  directory: string,
  beyond: bigint,
): boolean {
  if (beyond < UNIT) surplus.delete(directory);
  if (beyond < UNIT) return beyond < 0n;
  const nowMs = clock.monotonic();
  const sinceMs = surplus.get(directory) ?? nowMs;
  surplus.set(directory, sinceMs);
  return nowMs - sinceMs >= INTERVAL_MS;
}
