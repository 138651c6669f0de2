/**
 * What kube-controller-manager does for volumes, as far as Larder relies on it: binding, phases, reclaim and protection.
 * Growth is not here: whoever makes a volume grows it.
 */
import type { Cache } from '../kube/cache.ts';
import type { Client } from '../kube/client.ts';
import type { Controller } from '../kube/controller.ts';
import { createEventRecorder } from '../kube/events.ts';
import { type KubeObject, keyOf } from '../kube/object.ts';
import type { Clock, Random } from '../telemetry/clock.ts';
import type { Log } from '../telemetry/log.ts';
import { claimKeysOf } from './nodes/pod.ts';
import { claimKeyOf, createVolumeCaches, type VolumeCaches } from './volumes/caches.ts';
import { createClaimController, isReady } from './volumes/claims.ts';
import { classOf } from './volumes/class.ts';
import { createNotices } from './volumes/notices.ts';
import { createPhaseController } from './volumes/phases.ts';
import { createClaimProtection, createVolumeProtection } from './volumes/protection.ts';

export interface VolumeControllersOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** After how long an event that still holds is said again, milliseconds. Default 30 minutes; Infinity: never. */
  readonly remindMs?: number;
}

export interface VolumeControllers {
  /** The same caches by name, for the node. */
  readonly shared: VolumeCaches;
  readonly caches: readonly Cache<KubeObject>[];
  /** To be run once all caches have synced. */
  readonly controllers: readonly Controller[];
}

const REMIND_MS = 30 * 60_000;

export function createVolumeControllers(options: VolumeControllersOptions): VolumeControllers {
  const { clock, remindMs = REMIND_MS } = options;
  const caches = createVolumeCaches(options);
  const recorder = createEventRecorder({ ...options, component: 'persistentvolume-controller' });
  const notices = createNotices({ recorder, clock, remindMs });
  const parts = { ...options, caches, notices };
  const work: Work = {
    claims: createClaimController(parts),
    phases: createPhaseController(parts),
    claimProtection: createClaimProtection(parts),
    volumeProtection: createVolumeProtection(parts),
  };
  routeClaims(caches, work);
  routeVolumes(caches, work);
  routeTheRest(caches, work);
  return { shared: caches, caches: Object.values(caches), controllers: Object.values(work) };
}

interface Work {
  readonly claims: Controller;
  readonly phases: Controller;
  readonly claimProtection: Controller;
  readonly volumeProtection: Controller;
}

function routeClaims({ claims, volumes }: VolumeCaches, work: Work): void {
  claims.onChange(({ key, object }) => {
    work.claims.enqueue(key);
    work.claimProtection.enqueue(key);
    if (object.spec.volumeName) work.phases.enqueue(object.spec.volumeName);
    for (const { metadata } of volumes.byIndex('claim', key)) work.phases.enqueue(metadata.name);
  });
}

/** A change of a volume concerns the claim that it names or named, those that name it, and, when it is free, all that wait. */
function routeVolumes({ claims, volumes }: VolumeCaches, work: Work): void {
  volumes.onChange((change) => {
    const { key, object } = change;
    work.phases.enqueue(key);
    work.volumeProtection.enqueue(key);
    const named = [...claimKeyOf(object), ...(change.kind === 'updated' ? claimKeyOf(change.previous) : [])];
    for (const claim of named) work.claims.enqueue(claim);
    const naming = claims.byIndex('volumeName', key);
    const free = change.kind !== 'deleted' && !object.spec.claimRef && object.status?.phase === 'Available';
    const waiting = free ? claims.byIndex('waiting', classOf(object) ?? '') : [];
    for (const { metadata } of [...naming, ...waiting]) work.claims.enqueue(keyOf(metadata));
  });
}

function routeTheRest({ claims, classes, pods, nodes }: VolumeCaches, work: Work): void {
  const enqueueWaiting = (className: string): void => {
    for (const { metadata } of claims.byIndex('waiting', className)) work.claims.enqueue(keyOf(metadata));
  };
  classes.onChange(({ key }) => {
    enqueueWaiting(key);
    enqueueWaiting(''); // it may have become the default
  });
  pods.onChange(({ object }) => {
    for (const claim of claimKeysOf(object)) {
      work.claims.enqueue(claim);
      work.claimProtection.enqueue(claim);
    }
  });
  nodes.onChange((change) => {
    const before = change.kind === 'updated' && isReady(change.previous);
    const after = change.kind !== 'deleted' && isReady(change.object);
    if (before === after) return; // a heartbeat
    for (const { metadata } of classes.list()) enqueueWaiting(metadata.name);
  });
}
