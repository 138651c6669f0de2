/** A raised request → the capacity of the volume → the capacity of the claim. In-tree NFS has no resizer of its own. */
import type { Client } from '../kube/client.ts';
import { type Controller, createController, type Outcome } from '../kube/controller.ts';
import { isKubeError } from '../kube/error.ts';
import type { EventRecorder } from '../kube/events.ts';
import { kinds, type PersistentVolume, type PersistentVolumeClaim } from '../kube/kinds.ts';
import { bytesOf } from '../kube/quantity.ts';
import type { metrics as kubeMetrics } from '../kube/registry.ts';
import type { Clock, Random } from '../telemetry/clock.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Catalog } from './catalog.ts';
import { growLimit } from './quota/growth.ts';
import { events } from './registry.ts';
import type { ExportDescription, Storage } from './storage.ts';
import { isOurs } from './volume.ts';

export interface ResizeOptions {
  /** Of the kube room; absent: queues and reconciles are not counted. */
  readonly kubeMetrics?: Metrics<typeof kubeMetrics> | undefined;
  readonly client: Client;
  readonly catalog: Catalog;
  readonly storageOf: (description: ExportDescription) => Storage;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** Until a refused growth is tried again, when nothing was heard meanwhile that could change it. */
const REFUSED_MS = 300_000;

/** What is still to be written; both may be absent. */
export interface Resizing {
  /** New capacity of the volume, as the request writes it. */
  readonly volume: string | undefined;
  /** New capacity of the claim, as the volume has it or will have it. */
  readonly claim: string | undefined;
  readonly clearConditions: boolean;
}

/** Conditions that say a resize is under way or has failed; whoever wrote them, the resize is over. */
const RESIZE_CONDITIONS: readonly string[] = [
  'Resizing',
  'FileSystemResizePending',
  'ControllerResizeError',
  'NodeResizeError',
];

/** Never shrinks: a lowered request leaves the volume as it is, and a claim never has more than its volume. */
export function resizingOf(claim: PersistentVolumeClaim, volume: PersistentVolume): Resizing {
  const requestText = claim.spec.resources.requests['storage'];
  const request = bytesOf(requestText) ?? 0n;
  const capacityText = volume.spec.capacity['storage'];
  const capacity = bytesOf(capacityText) ?? 0n;
  const grown = request > capacity ? requestText : undefined;
  const target = grown ?? capacityText;
  const shown = bytesOf(claim.status?.capacity?.['storage']) ?? 0n;
  const bound = claim.status?.phase === 'Bound';
  const clearConditions = claim.status?.conditions?.some(({ type }) => RESIZE_CONDITIONS.includes(type)) === true;
  return {
    volume: grown,
    claim: bound && target !== undefined && (bytesOf(target) ?? 0n) > shown ? target : undefined,
    clearConditions: bound && clearConditions,
  };
}

export function createResizer(options: ResizeOptions): Controller {
  const { catalog, clock, random, log } = options;
  const { caches } = catalog;
  const controller = createController({
    name: 'resizer',
    metrics: options.kubeMetrics,
    clock,
    random,
    log,
    concurrency: 8,
    reconcile: (key, { signal }) => reconcile(options, key, signal),
  });
  const isCandidate = (claim: PersistentVolumeClaim): boolean => {
    const volume = boundVolume(catalog, claim);
    return volume !== undefined && isWanted(resizingOf(claim, volume));
  };
  caches.claims.onChange(({ kind, key, object }) => {
    if (kind !== 'deleted' && isCandidate(object)) controller.enqueue(key);
  });
  caches.volumes.onChange(({ kind, object }) => {
    const { namespace = '', name = '' } = object.spec.claimRef ?? {};
    const claim = caches.claims.get(`${namespace}/${name}`);
    if (kind !== 'deleted' && claim && isCandidate(claim)) controller.enqueue(`${namespace}/${name}`);
  });
  return controller;
}

const isWanted = (resizing: Resizing): boolean =>
  resizing.volume !== undefined || resizing.claim !== undefined || resizing.clearConditions;

/** Undefined unless claim and volume name each other and the volume is ours. */
function boundVolume({ caches, settings }: Catalog, claim: PersistentVolumeClaim): PersistentVolume | undefined {
  const volume = caches.volumes.get(claim.spec.volumeName ?? '');
  if (!volume || volume.spec.claimRef?.uid !== claim.metadata.uid) return undefined;
  if (claim.metadata.deletionTimestamp !== undefined) return undefined;
  return isOurs(volume, settings.provisionerNames) ? volume : undefined;
}

async function reconcile(options: ResizeOptions, key: string, signal: AbortSignal): Promise<Outcome> {
  const { catalog, client, log, recorder } = options;
  const claim = catalog.caches.claims.get(key);
  const volume = claim && boundVolume(catalog, claim);
  if (!claim || !volume) return { kind: 'done' };
  const resizing = resizingOf(claim, volume);
  if (!isWanted(resizing)) return { kind: 'done' };
  try {
    if (resizing.volume !== undefined) {
      const refused = await growLimit(options, volume, resizing.volume, signal);
      if (refused !== undefined) return refuse(options, key, claim, refused);
      await growVolume(client, volume, resizing.volume, signal);
    }
    if (resizing.claim !== undefined || resizing.clearConditions) await growClaim(client, claim, resizing, signal);
  } catch (error) {
    // The caches are behind: what they are about to show brings the claim back here.
    if (isKubeError(error, 'KUBE_CONFLICT', 'KUBE_NOT_FOUND'))
      return { kind: 'again', afterMs: 1_000, reason: error.code };
    throw error;
  }
  if (resizing.claim === undefined) return { kind: 'done' };
  const reason = 'VolumeResizeSuccessful';
  recorder.record(claim, events[reason].type, reason, `capacity is now ${resizing.claim}`);
  log.info({ controller: 'resizer', key, volume: volume.metadata.name, capacity: resizing.claim }, 'volume resized');
  return { kind: 'done' };
}

/** Nothing was changed; said again now and then, for as long as it lasts. */
function refuse({ recorder, log }: ResizeOptions, key: string, claim: PersistentVolumeClaim, message: string): Outcome {
  const reason = 'VolumeResizeFailed';
  recorder.record(claim, events[reason].type, reason, message);
  log.warn({ controller: 'resizer', key, reason }, 'volume not resized');
  return { kind: 'again', afterMs: REFUSED_MS, reason: 'refused' };
}

/** With the resourceVersion of the decision: a capacity that somebody raised further is not lowered. */
async function growVolume(
  client: Client,
  { metadata: { name, resourceVersion } }: PersistentVolume,
  storage: string,
  signal: AbortSignal,
): Promise<void> {
  const value = { metadata: { resourceVersion }, spec: { capacity: { storage } } };
  await client.patch(kinds.PersistentVolume, { name }, { kind: 'merge', value }, { signal });
}

async function growClaim(
  client: Client,
  { metadata, status }: PersistentVolumeClaim,
  resizing: Resizing,
  signal: AbortSignal,
): Promise<void> {
  const conditions = (status?.conditions ?? []).filter(({ type }) => !RESIZE_CONDITIONS.includes(type));
  const value = {
    metadata: { resourceVersion: metadata.resourceVersion },
    status: {
      ...(resizing.claim === undefined ? {} : { capacity: { storage: resizing.claim } }),
      ...(resizing.clearConditions ? { conditions } : {}),
      ...(status?.allocatedResourceStatuses ? { allocatedResourceStatuses: null } : {}),
    },
  };
  const name = { namespace: metadata.namespace ?? '', name: metadata.name };
  await client.patch(kinds.PersistentVolumeClaim, name, { kind: 'merge', value }, { subresource: 'status', signal });
}
