/**
 * Per folder of exports: puts back what an abandoned operation moved away late, and removes what has been in the trash
 * for long enough. A key is the root of a folder: exports that show the same folder share one trash.
 */
import { type Controller, createController, type Outcome } from '../../kube/controller.ts';
import type { EventRecorder } from '../../kube/events.ts';
import type { metrics as kubeMetrics } from '../../kube/registry.ts';
import type { Clock, Random } from '../../telemetry/clock.ts';
import type { Log } from '../../telemetry/log.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import type { Catalog } from '../catalog.ts';
import { isPromised, ownerOf, placeFor } from '../directory/owner.ts';
import { addressOfVolume } from '../disposal.ts';
import { onceEach } from '../export/roots.ts';
import { isPledge } from '../pledge.ts';
import { type metrics as declared, type EventReason, events } from '../registry.ts';
import type { Storage, TrashEntry } from '../storage.ts';
import { addressOf } from '../volume.ts';
import { type CleanRequest, relieve } from './clean.ts';

/** Between two looks; retention is in days. */
const INTERVAL_MS = 10 * 60_000;
/** Between two looks at the free space, where room is to be kept. */
const PRESSURE_MS = 60_000;
/** An abandoned operation may land a moment after the export came back. */
const AFTER_HEALING_MS = 30_000;
/** Between two portions of one removal, which has low priority. */
const PAUSE_MS = 50;
const PORTION = 2_000;

export interface RetentionOptions {
  /** Of the kube room; absent: queues and reconciles are not counted. */
  readonly kubeMetrics?: Metrics<typeof kubeMetrics> | undefined;
  readonly catalog: Catalog;
  readonly storages: readonly Storage[];
  readonly recorder: EventRecorder;
  readonly metrics: Metrics<typeof declared>;
  /** True when this process is, by a renewal just now, the only one that may remove anything. */
  readonly fence: () => Promise<boolean>;
  /** What to remove when an export has too little room; absent: nothing before its time. */
  readonly cleaning?: CleanRequest | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

const again = (afterMs: number, reason: string): Outcome => ({ kind: 'again', afterMs, reason });

export function createRetention(options: RetentionOptions): Controller {
  const { clock, random, log, storages } = options;
  const byRoot = new Map(onceEach(storages).map((storage) => [storage.description.root, storage]));
  const controller = createController({
    name: 'retention',
    metrics: options.kubeMetrics,
    clock,
    random,
    log,
    reconcile: async (root, { signal }) => {
      const storage = byRoot.get(root);
      return storage ? reconcile(options, storage, signal) : { kind: 'done' };
    },
  });
  for (const root of byRoot.keys()) controller.enqueue(root);
  for (const storage of storages) {
    const { root } = storage.description;
    storage.onHealthy(() => {
      controller.enqueue(root);
      controller.enqueueAfter(root, AFTER_HEALING_MS);
    });
  }
  return controller;
}

async function reconcile(options: RetentionOptions, storage: Storage, signal: AbortSignal): Promise<Outcome> {
  const listed = await storage.entries(signal);
  if (listed.kind === 'problem') return again(INTERVAL_MS, listed.problem); // or when the export is healthy again
  const left: TrashEntry[] = [];
  for (const entry of listed.entries) {
    if (!(await putBack(options, storage, entry, signal))) left.push(entry);
  }
  publish(options, storage, left);
  return removeExpired(options, storage, left, signal);
}

function publish({ metrics }: RetentionOptions, storage: Storage, entries: readonly TrashEntry[]): void {
  const label = addressOf(storage.description);
  for (const kind of ['trash', 'archive'] as const) {
    const count = entries.filter((entry) => entry.kind === kind).length;
    metrics.set('larder_trash_entries', { export: label, kind }, count);
  }
}

/** True when the entry is no longer in the trash. */
async function putBack(
  { catalog, log, recorder }: RetentionOptions,
  storage: Storage,
  entry: TrashEntry,
  signal: AbortSignal,
): Promise<boolean> {
  const owner = ownerOf(catalog, storage, entry);
  if (!owner || isPledge(owner)) return false; // the latter is brought back by the one who makes volumes
  const note = (reason: EventReason, message: string): void =>
    recorder.record(owner, events[reason].type, reason, message);
  const path = placeFor(owner, entry, storage, catalog.settings.exports);
  const result = await storage.restore({ entry: entry.entry, path }, signal);
  const address = addressOfVolume(owner);
  const fields = { controller: 'retention', volume: owner.metadata.name, entry: entry.entry, address };
  if (result.kind === 'restored') {
    const why = isPromised(owner, entry)
      ? 'was still in the trash after an interrupted undelete or restore'
      : 'had been moved away by an abandoned operation';
    note('VolumeRestored', `directory ${address} ${why} and is back: nothing to do`);
    log.warn(fields, 'directory of a live volume moved back');
    return true;
  }
  if (result.problem === 'missing') return true; // somebody else was faster
  if (result.problem !== 'exists') return false; // the export ails: looked at again when it is healthy
  note(
    'VolumeMisplaced',
    `directory ${address} is in the trash as ${entry.entry} and another is in its place: look at both, remove the wrong one`,
  );
  log.error({ ...fields, reason: result.problem }, 'directory of a live volume cannot be moved back');
  return false;
}

async function removeExpired(
  options: RetentionOptions,
  storage: Storage,
  entries: readonly TrashEntry[],
  signal: AbortSignal,
): Promise<Outcome> {
  const now = options.clock.now();
  const expired = entries.filter(
    ({ expiresAt, removing }) => removing === true || (expiresAt !== undefined && expiresAt <= now),
  );
  if (expired.length === 0) {
    if (await relieve(options, storage, entries, signal)) return again(PAUSE_MS, 'more');
    const patienceMs = options.cleaning?.room ? PRESSURE_MS : INTERVAL_MS;
    const next = entries.reduce((soonest, { expiresAt }) => Math.min(soonest, expiresAt ?? soonest), now + patienceMs);
    return again(next - now, 'waiting');
  }
  if (!(await options.fence())) return again(INTERVAL_MS, 'not-the-leader');
  for (const entry of expired) {
    // Belongs to a live volume: misplaced, told of, and never removed.
    if (ownerOf(options.catalog, storage, entry)) continue;
    const result = await storage.purge({ entry: entry.entry, maxOperations: PORTION }, signal);
    const fields = { controller: 'retention', entry: entry.entry, claim: entry.claim, volume: entry.volumeName };
    if (result.kind === 'purged') {
      if (!result.remaining) {
        const labels = { export: addressOf(storage.description), kind: entry.kind, reason: 'ended' };
        options.metrics.count('larder_trash_removed_total', labels);
        options.log.info(fields, 'retention ended, entry removed');
      }
      return again(PAUSE_MS, 'more');
    }
    // One stubborn entry must not keep the others.
    options.log.warn({ ...fields, reason: result.problem, errno: result.errno }, 'entry not removed');
  }
  return again(INTERVAL_MS, 'stubborn');
}
