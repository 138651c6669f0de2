/**
 * One node that runs no containers. It places pods, "mounts" their claims by finding the real directory behind each
 * volume, and reports like a kubelet how full these directories are.
 */
import { stat } from 'node:fs/promises';
import type { Client } from '../kube/client.ts';
import type { Controller } from '../kube/controller.ts';
import { createEventRecorder } from '../kube/events.ts';
import type { PersistentVolume } from '../kube/kinds.ts';
import { keyOf } from '../kube/object.ts';
import type { Clock, Random } from '../telemetry/clock.ts';
import type { Log } from '../telemetry/log.ts';
import { createKubelet, type Kubelet } from './nodes/kubelet.ts';
import { type Measure, measure } from './nodes/measure.ts';
import { keepRegistered } from './nodes/registration.ts';
import { createSampler } from './nodes/sampler.ts';
import { createScheduler } from './nodes/scheduler.ts';
import { renderMetrics, renderSummary } from './nodes/summary.ts';
import type { VolumeCaches } from './volumes/caches.ts';
import { createNotices } from './volumes/notices.ts';

export interface NodeOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Of the volume controllers, which also run them. */
  readonly caches: VolumeCaches;
  /** Of the Node object; a DNS name. */
  readonly name: string;
  /** As `kubectl get nodes` shows it, for example `v1.36.3`. */
  readonly version: string;
  /** HTTP port at which somebody serves `handle`; default 0: none. */
  readonly port?: number;
  /** The real directory of a volume; undefined when it has none on this machine. */
  readonly directoryOf: (volume: PersistentVolume) => string | undefined;
  /** Default: whether the path leads to a directory, links followed. */
  readonly isDirectory?: (path: string, signal: AbortSignal) => Promise<boolean>;
  /** Default: a walk that is bounded and follows no links. */
  readonly measure?: Measure;
  /** How often mounted directories are measured, milliseconds; default 60,000, as a kubelet does. */
  readonly refreshMs?: number;
  /** How often the Node object is written, milliseconds; default 5 minutes, as a kubelet does. */
  readonly heartbeatMs?: number;
  /** After how long an event that still holds is said again, milliseconds. Default 30 minutes; Infinity: never. */
  readonly remindMs?: number;
}

export interface NodeAnswer {
  readonly status: 200 | 404;
  readonly contentType: string;
  readonly body: string;
}

export interface NodeStandIn {
  /** To be run once the caches have synced. */
  readonly controllers: readonly Controller[];
  /** Registers the node and measures directories until aborted; never rejects. */
  run(signal: AbortSignal): Promise<void>;
  /** What a kubelet answers to a GET of the path: `/stats/summary`, `/metrics`, `/healthz`. */
  handle(path: string): NodeAnswer;
}

const REFRESH_MS = 60_000;
const HEARTBEAT_MS = 5 * 60_000;
const REMIND_MS = 30 * 60_000;

export function createNode(options: NodeOptions): NodeStandIn {
  const { clock, remindMs = REMIND_MS, refreshMs = REFRESH_MS } = options;
  const identity = { name: options.name, port: options.port ?? 0, version: options.version };
  const { caches } = options;
  const sampler = createSampler({ ...options, measure: options.measure ?? measure, refreshMs });
  const noticesOf = (component: string) =>
    createNotices({ recorder: createEventRecorder({ ...options, component }), clock, remindMs });
  const parts = {
    ...options,
    identity,
    sampler,
    scheduling: noticesOf('default-scheduler'),
    mounting: noticesOf('kubelet'),
    isDirectory: options.isDirectory ?? createLook(),
  };
  const scheduler = createScheduler(parts);
  const kubelet = createKubelet(parts);
  route(caches, [scheduler, kubelet.controller]);
  const startTime = `${new Date(clock.now()).toISOString().slice(0, 19)}Z`;
  return {
    controllers: [scheduler, kubelet.controller],
    async run(signal) {
      const heartbeatMs = options.heartbeatMs ?? HEARTBEAT_MS;
      await Promise.all([sampler.run(signal), keepRegistered({ ...options, identity, heartbeatMs }, signal)]);
    },
    handle: (path) => answer(path, { node: identity.name, startTime, kubelet }),
  };
}

/** A pod is looked at when it changes, and when a claim of it, the volume of that claim or its class does. */
function route({ pods, claims, volumes, classes }: VolumeCaches, controllers: readonly Controller[]): void {
  const enqueue = (key: string): void => {
    for (const controller of controllers) controller.enqueue(key);
  };
  const enqueueUsersOf = (claim: string): void => {
    for (const { metadata } of pods.byIndex('claim', claim)) enqueue(keyOf(metadata));
  };
  pods.onChange(({ key }) => enqueue(key));
  claims.onChange(({ key }) => enqueueUsersOf(key));
  volumes.onChange(({ key }) => {
    for (const { metadata } of claims.byIndex('volumeName', key)) enqueueUsersOf(keyOf(metadata));
  });
  classes.onChange(() => {
    for (const { metadata, spec } of pods.list()) if (!spec.nodeName) enqueue(keyOf(metadata));
  });
}

function answer(path: string, state: { node: string; startTime: string; kubelet: Kubelet }): NodeAnswer {
  const [pathname] = path.split('?', 1);
  switch (pathname) {
    case '/stats/summary': {
      const body = renderSummary(state.node, state.startTime, state.kubelet.usages());
      return { status: 200, contentType: 'application/json', body };
    }
    case '/metrics': {
      const contentType = 'text/plain; version=0.0.4; charset=utf-8';
      return { status: 200, contentType, body: renderMetrics(state.kubelet.usages()) };
    }
    case '/healthz':
      return { status: 200, contentType: 'text/plain; charset=utf-8', body: 'ok' };
    default:
      return { status: 404, contentType: 'text/plain; charset=utf-8', body: '404 page not found\n' };
  }
}

/** A look at a disk that hangs holds a thread of this process: whoever asks meanwhile waits for the same one. */
function createLook(): (path: string) => Promise<boolean> {
  const underway = new Map<string, Promise<boolean>>();
  return (path) => {
    const known = underway.get(path);
    if (known) return known;
    const look = isDirectory(path).finally(() => underway.delete(path));
    underway.set(path, look);
    return look;
  };
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false; // absent or out of reach: either way it cannot be mounted now
  }
}
