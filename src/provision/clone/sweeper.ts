/**
 * Removes what copies leave behind under `.larder/clone`: the rests of finished ones, and all of those whose claim is
 * gone. A key is the root of a folder, as in retention.ts.
 */
import { type Controller, createController, type Outcome } from '../../kube/controller.ts';
import type { metrics as kubeMetrics } from '../../kube/registry.ts';
import type { Clock, Random } from '../../telemetry/clock.ts';
import type { Log } from '../../telemetry/log.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import type { Catalog } from '../catalog.ts';
import { onceEach } from '../export/roots.ts';
import type { Storage } from '../storage.ts';
import type { CloneEntry } from './clones.ts';

/** Between two looks without a cause. */
const INTERVAL_MS = 3_600_000;
/** The copy of a claim that nobody here knows may be at work for another cluster on the same export. */
const FOREIGN_MS = 3_600_000;
const FENCED_MS = 60_000;
const PAUSE_MS = 50;
const PORTION = 2_000;

export interface SweeperOptions {
  /** Of the kube room; absent: queues and reconciles are not counted. */
  readonly kubeMetrics?: Metrics<typeof kubeMetrics> | undefined;
  readonly catalog: Catalog;
  readonly storages: readonly Storage[];
  /** True when this process is, by a renewal just now, the only one that may remove anything. */
  readonly fence: () => Promise<boolean>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

const again = (afterMs: number, reason: string): Outcome => ({ kind: 'again', afterMs, reason });

export function createSweeper(options: SweeperOptions): Controller {
  const { catalog, clock, log, random, storages } = options;
  const byRoot = new Map(onceEach(storages).map((storage) => [storage.description.root, storage]));
  const byDescription = new Map(storages.map((storage) => [storage.description, storage]));
  const ended: Ended = new Map();
  const controller = createController({
    name: 'sweeper',
    metrics: options.kubeMetrics,
    clock,
    random,
    log,
    reconcile: async (root, { signal }) => {
      const storage = byRoot.get(root);
      return storage ? sweep(options, { storage, ended }, signal) : { kind: 'done' };
    },
  });
  for (const root of byRoot.keys()) controller.enqueue(root);
  for (const { description, onHealthy } of storages) onHealthy(() => controller.enqueue(description.root));
  catalog.reservations.onDrop(({ claimUid, design }) => {
    if (!design.clonedFrom) return;
    ended.set(claimUid, byDescription.get(design.export));
    controller.enqueue(design.export.root);
  });
  return controller;
}

/**
 * Uids of claims whose copies this process has worked on and has no use for any more, with the export whose process may
 * still have them open: of several on one folder no other will do.
 */
type Ended = Map<string, Storage | undefined>;

async function sweep(
  options: SweeperOptions,
  { storage, ended }: { readonly storage: Storage; readonly ended: Ended },
  signal: AbortSignal,
): Promise<Outcome> {
  const listed = await storage.clones.list(signal);
  if (listed.kind === 'problem') return again(INTERVAL_MS, listed.problem); // or when the export is healthy again
  const wanted = wantedOf(options.catalog);
  const useless = listed.entries.filter((entry) => isUseless(options, { entry, ended, wanted }));
  if (useless.length === 0) return again(INTERVAL_MS, 'waiting');
  if (!(await options.fence())) return again(FENCED_MS, 'not-the-leader');
  for (const { name, uid } of useless) {
    const { clones } = ended.get(uid) ?? storage;
    const result = await clones.remove({ name, maxOperations: PORTION }, signal);
    const fields = { controller: 'sweeper', entry: name };
    if (result.kind === 'removed') {
      if (!result.remaining) options.log.info(fields, 'rest of a copy removed');
      return again(PAUSE_MS, 'more');
    }
    // One stubborn entry must not keep the others.
    options.log.warn({ ...fields, reason: result.problem, errno: result.errno }, 'rest of a copy not removed');
  }
  return again(INTERVAL_MS, 'stubborn');
}

/** Claims without a volume, by their uid, and whether an attempt to make it is under way. */
function wantedOf({ caches, named, reservations }: Catalog): ReadonlyMap<string, 'pending' | 'under-way'> {
  const uids = new Map<string, 'pending' | 'under-way'>();
  for (const { metadata } of caches.claims.list()) {
    const { name, namespace = '', uid, deletionTimestamp } = metadata;
    const reserved = reservations.get(`${namespace}/${name}`)?.claimUid === uid;
    if (reserved) uids.set(uid, 'under-way');
    else if (deletionTimestamp === undefined && !named(`pvc-${uid}`)) uids.set(uid, 'pending');
  }
  return uids;
}

interface Judged {
  readonly entry: CloneEntry;
  readonly ended: Ended;
  readonly wanted: ReadonlyMap<string, 'pending' | 'under-way'>;
}

function isUseless({ catalog, clock }: SweeperOptions, { entry, ended, wanted }: Judged): boolean {
  if (entry.state === 'left') return true;
  const want = wanted.get(entry.uid);
  if (want === 'under-way') return false;
  // An attempt that was given up begins anew; a note says what was complete before a restart.
  if (want === 'pending') return entry.state === 'growing' && ended.has(entry.uid);
  const known = ended.has(entry.uid) || catalog.named(`pvc-${entry.uid}`) !== undefined;
  return known || clock.now() - entry.touchedAt >= FOREIGN_MS;
}
