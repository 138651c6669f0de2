/** For tests: the room on a real folder with the real process of an export, against an API in memory. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { createEmbedded } from '../embedded/cluster.ts';
import { createVolumeControllers } from '../embedded/volumes.ts';
import { type Client, createClient } from '../kube/client.ts';
import { createEventRecorder } from '../kube/events.ts';
import {
  kinds,
  type Namespace,
  type PersistentVolume,
  type PersistentVolumeClaim,
  type Pod,
  type StorageClass,
} from '../kube/kinds.ts';
import type { Draft } from '../kube/object.ts';
import type { Transport, TransportRequest, TransportResponse } from '../kube/transport.ts';
import { systemClock, systemRandom } from '../telemetry/clock.ts';
import { silentLog } from '../telemetry/log.ts';
import { createManualClock, type ManualClock } from '../telemetry/manual-clock.ts';
import { MetricsRegistry } from '../telemetry/metrics.ts';
import { createExport } from './export/export.ts';
import { createProvision, type Provision } from './provision.ts';
import type { ExportDescription, Storage } from './storage.ts';
import type { CleanRequest } from './trash/clean.ts';

export const PROVISIONER = 'larder.dev/directory';

/** What a test puts between the room and the API; undefined lets the request through, `answer-lost` only the request. */
export type Intercept = (request: TransportRequest) => Intercepted | Promise<Intercepted>;
type Intercepted = TransportResponse | 'no-answer' | 'answer-lost' | undefined;

export interface World {
  readonly folder: string;
  readonly client: Client;
  readonly provision: Provision;
  readonly storages: readonly Storage[];
  readonly clock: ManualClock;
  readonly metrics: MetricsRegistry;
  /** Set by a test. */
  intercept: Intercept | undefined;
  fence: boolean;
  /** Requests that changed something, by the room alone, as `POST persistentvolumes`. */
  readonly writes: string[];
  /** Waits until `check` gives something. */
  until<T>(check: () => T | undefined | false): Promise<T>;
  /** Waits until no controller has anything to do now and all events are written. */
  settle(): Promise<void>;
  events(name: string): Promise<readonly string[]>;
  /** Stops the room, leaving the API as it is. */
  stop(): Promise<void>;
  /** A second room on the same folder and API, as after a restart. */
  restart(): Promise<World>;
}

interface Setting {
  readonly folder: string;
  readonly transport: Transport;
  readonly exports: readonly ExportDescription[];
  readonly storages?: ((description: ExportDescription) => Storage) | undefined;
  readonly finalizers: boolean;
  readonly cleaning: CleanRequest | undefined;
  /** Stop the rooms that were started; each may be called twice. */
  readonly ends: (() => Promise<void>)[];
}

/** Starts an API, its volume controllers and the room. Everything stops with the test. */
export async function startWorld(
  t: TestContext,
  options: {
    readonly exports?: (folder: string) => readonly ExportDescription[];
    readonly storages?: (description: ExportDescription) => Storage;
    /** False: as where volumes may not be patched. */
    readonly finalizers?: boolean;
    readonly cleaning?: CleanRequest;
  } = {},
): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'larder-provision-'));
  const exports = options.exports?.(folder) ?? [
    { backend: 'nfs', server: '127.0.0.1', path: '/storage/v', root: folder } as const,
  ];
  const api = await createEmbedded({ clock: systemClock, random: systemRandom });
  // One hook, because the order matters: who still works in the folder stops before it goes.
  const ends: (() => Promise<void>)[] = [];
  t.after(async () => {
    for (const end of ends) await end();
    api.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return startRoom(t, {
    folder,
    transport: api.transport,
    exports,
    storages: options.storages,
    finalizers: options.finalizers ?? true,
    cleaning: options.cleaning,
    ends,
  });
}

async function startRoom(t: TestContext, setting: Setting): Promise<World> {
  const stop = new AbortController();
  const clock = createManualClock();
  const world = { clock, random: systemRandom, log: silentLog };
  const metrics = new MetricsRegistry();
  const direct = createClient({ ...world, transport: setting.transport });
  const writes: string[] = [];
  const state: { intercept: Intercept | undefined; fence: boolean } = { intercept: undefined, fence: true };
  const client = createClient({ ...world, transport: watched(setting.transport, state, writes) });
  const recorder = createEventRecorder({ ...world, client, component: 'larder' });
  const storages = setting.exports.map(
    setting.storages ??
      ((description) => createExport({ ...world, clock: systemClock, description, allowLocal: true })),
  );
  const provision = createProvision({
    ...world,
    client,
    storages,
    recorder,
    metrics,
    fence: async () => state.fence,
    leads: () => state.fence,
    cleaning: setting.cleaning,
    provisionerNames: [PROVISIONER],
    defaultOwner: { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 },
    nodeName: 'node-1',
    allowLocal: true,
    finalizers: setting.finalizers,
  });
  const binder = createVolumeControllers({ ...world, client: direct });
  const caches = [...Object.values(provision.caches), ...binder.caches];
  const running = [...caches, ...storages].map((part) => part.run(stop.signal));
  await Promise.all(caches.map((cache) => cache.synced(stop.signal)));
  const controllers = [...provision.controllers, ...binder.controllers];
  running.push(...controllers.map((controller) => controller.run(stop.signal)));
  const end = async (): Promise<void> => {
    stop.abort();
    await Promise.all(running);
  };
  setting.ends.push(end);

  // The room's time follows the real one while a test waits, and jumps only where a test says so.
  const until = async <T>(check: () => T | undefined | false): Promise<T> => {
    for (let beforeMs = Math.floor(systemClock.monotonic()); ; ) {
      t.signal.throwIfAborted();
      const found = check();
      if (found) return found;
      const nowMs = Math.floor(systemClock.monotonic());
      await clock.advance(nowMs - beforeMs);
      beforeMs = nowMs;
    }
  };
  const settle = async (): Promise<void> => {
    let quiet = 0;
    await until(() => {
      quiet = controllers.every((controller) => controller.idle()) ? quiet + 1 : 0;
      return quiet > 20;
    });
    await recorder.flush();
  };
  const self: World = {
    folder: setting.folder,
    client: direct,
    provision,
    storages,
    clock,
    metrics,
    writes,
    get intercept() {
      return state.intercept;
    },
    set intercept(value) {
      state.intercept = value;
    },
    get fence() {
      return state.fence;
    },
    set fence(value) {
      state.fence = value;
    },
    until,
    settle,
    async events(name) {
      await settle();
      const { items } = await direct.list(kinds.Event);
      return items
        .filter(({ involvedObject }) => involvedObject.name === name)
        .filter(({ source, reportingComponent }) => (source?.component ?? reportingComponent) === 'larder')
        .map(({ reason, message }) => `${reason}: ${message}`);
    },
    stop: end,
    async restart() {
      await end();
      return startRoom(t, setting);
    },
  };
  return self;
}

/** Records writes and lets a test answer in place of the API. */
function watched(transport: Transport, state: { intercept: Intercept | undefined }, writes: string[]): Transport {
  return {
    async send(request, signal) {
      const plural = pluralOf(request.path);
      if (request.method !== 'GET') writes.push(`${request.method} ${plural}`);
      const found = state.intercept?.(request);
      const answer = found instanceof Promise ? await found : found;
      if (answer === 'answer-lost') await transport.send(request, signal);
      if (answer === 'no-answer' || answer === 'answer-lost') throw new Error('connection reset');
      return answer ?? transport.send(request, signal);
    },
    close: () => transport.close(),
  };
}

const pluralOf = (path: string): string =>
  /\/(persistentvolumes|persistentvolumeclaims|events|storageclasses|pods|namespaces)\b/g.exec(
    path.replace(/\/namespaces\/[^/]+\//, '/'),
  )?.[1] ?? path;

/** A response of the API, for interceptors. */
export function answer(status: number, body: object): TransportResponse {
  const text = JSON.stringify(body);
  return {
    status,
    headers: { 'content-type': 'application/json' },
    text: () => Promise.resolve(text),
    async *chunks() {
      yield text;
    },
  };
}

export const refusal = (code: number, reason: string): TransportResponse =>
  answer(code, { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message: reason });

export const classDraft = (
  name: string,
  parameters: Record<string, string>,
  more: Partial<Draft<StorageClass>> = {},
): Draft<StorageClass> => ({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name },
  provisioner: PROVISIONER,
  reclaimPolicy: 'Retain',
  allowVolumeExpansion: true,
  volumeBindingMode: 'Immediate',
  parameters,
  ...more,
});

export const claimDraft = (
  name: string,
  className: string,
  more: {
    readonly namespace?: string;
    readonly annotations?: Record<string, string>;
    readonly spec?: Partial<PersistentVolumeClaim['spec']>;
  } = {},
): Draft<PersistentVolumeClaim> => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name, namespace: more.namespace ?? 'default', annotations: more.annotations ?? {} },
  spec: {
    accessModes: ['ReadWriteMany'],
    storageClassName: className,
    resources: { requests: { storage: '1Gi' } },
    ...more.spec,
  },
});

export const namespaceDraft = (name: string): Draft<Namespace> => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name },
});

export function podDraft(name: string, claimName: string): Draft<Pod> {
  const containers = [{ name: 'app', image: 'example.com/app' }];
  const spec = { containers, volumes: [{ name: 'v', persistentVolumeClaim: { claimName } }] };
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default' }, spec };
}

/** The volume of a claim as the room's cache shows it. */
export function volumeOf({ provision: { caches } }: World, claimKey: string): PersistentVolume | undefined {
  const claim = caches.claims.get(claimKey);
  return claim?.status?.phase === 'Bound' ? caches.volumes.get(claim.spec.volumeName ?? '') : undefined;
}
