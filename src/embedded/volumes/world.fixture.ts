/** An embedded API in this process with its volume controllers and node, in time that a test moves. */
import { type Client, createClient } from '../../kube/client.ts';
import {
  type Event,
  kinds,
  type PersistentVolume,
  type PersistentVolumeClaim,
  type StorageClass,
} from '../../kube/kinds.ts';
import { createManager } from '../../kube/manager.ts';
import type { KubeObject } from '../../kube/object.ts';
import type { Resource } from '../../kube/resource.ts';
import type { Transport } from '../../kube/transport.ts';
import type { Random } from '../../telemetry/clock.ts';
import { silentLog } from '../../telemetry/log.ts';
import { createManualClock, type ManualClock } from '../../telemetry/manual-clock.ts';
import { createEmbedded } from '../cluster.ts';
import { type NodePod, nodePods } from '../nodes/pod.ts';
import { createNode, type NodeOptions, type NodeStandIn } from '../nodes.ts';
import { createVolumeControllers } from '../volumes.ts';

export interface World {
  readonly client: Client;
  readonly clock: ManualClock;
  readonly node: NodeStandIn;
  /** Requests that were not reads, as `METHOD path`. */
  readonly writes: string[];
  /** Lets everything that is under way, and due within two seconds, come to its end. */
  settle(): Promise<void>;
  claim(name: string): Promise<PersistentVolumeClaim>;
  volume(name: string): Promise<PersistentVolume>;
  /** `reason: message` of the events about an object, in the order of their names. */
  told(name: string): Promise<readonly string[]>;
  addClaim(name: string, spec?: Partial<PersistentVolumeClaim['spec']>): Promise<PersistentVolumeClaim>;
  addVolume(name: string, spec?: Partial<PersistentVolume['spec']>, metadata?: object): Promise<PersistentVolume>;
  addClass(name: string, rest?: Partial<StorageClass>, metadata?: object): Promise<StorageClass>;
  addPod(name: string, claimName: string): Promise<NodePod>;
  remove(resource: Resource<KubeObject>, name: string): Promise<void>;
  stop(): Promise<void>;
}

const NAMESPACE = 'shop';

export async function createWorld(options: Partial<NodeOptions> = {}): Promise<World> {
  const clock = createManualClock();
  const random = createCountingRandom();
  const embedded = await createEmbedded({ clock, random });
  const writes: string[] = [];
  const transport: Transport = {
    ...embedded.transport,
    send(request, signal) {
      if (request.method !== 'GET') writes.push(`${request.method} ${request.path.split('?', 1)[0]}`);
      return embedded.transport.send(request, signal);
    },
  };
  const client = createClient({ transport, clock, random });
  await client.create(kinds.Namespace, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } });

  const { node, run } = createControllers({ client, clock, random, log: silentLog }, options);
  const end = new AbortController();
  const running = run(end.signal);
  const settle = async (): Promise<void> => {
    for (let step = 0; step < 20; step += 1) await clock.advance(100);
  };
  await settle();
  return {
    ...accessTo(client),
    client,
    clock,
    node,
    writes,
    settle,
    async stop() {
      end.abort();
      await settle();
      await running;
      embedded.close();
    },
  };
}

function createCountingRandom(): Random {
  let drawn = 0;
  return {
    next: () => 0.5,
    uuid() {
      drawn += 1;
      return `00000000-0000-4000-8000-${String(drawn).padStart(12, '0')}`;
    },
  };
}

type Base = Pick<NodeOptions, 'client' | 'clock' | 'random' | 'log'>;

function createControllers(base: Base, options: Partial<NodeOptions>) {
  const volumes = createVolumeControllers(base);
  const node = createNode({
    ...base,
    caches: volumes.shared,
    name: 'here',
    version: 'v1.36.3',
    directoryOf: ({ spec }) => spec.local?.path,
    isDirectory: async () => true,
    measure: async () => ({ kind: 'measured', usedBytes: 4096n, inodesUsed: 2n, inodes: 100n, inodesFree: 90n }),
    ...options,
  });
  const manager = createManager({ log: silentLog });
  for (const cache of volumes.caches) manager.addCache(cache);
  for (const controller of [...volumes.controllers, ...node.controllers]) manager.addController(controller);
  manager.onLeading(({ signal }) => node.run(signal));
  return { node, run: (signal: AbortSignal) => manager.run(signal) };
}

type Access = Omit<World, 'client' | 'clock' | 'node' | 'writes' | 'settle' | 'stop'>;

function accessTo(client: Client): Access {
  return {
    claim: (name) => client.get(kinds.PersistentVolumeClaim, { namespace: NAMESPACE, name }),
    volume: (name) => client.get(kinds.PersistentVolume, { name }),
    async told(name) {
      const { items } = await client.list(kinds.Event, { fieldSelector: `involvedObject.name=${name}` });
      return items.map(({ reason, message }: Event) => `${reason}: ${message}`);
    },
    addClaim: (name, spec) =>
      client.create(kinds.PersistentVolumeClaim, {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { namespace: NAMESPACE, name },
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec },
      }),
    addVolume: (name, spec, metadata) =>
      client.create(kinds.PersistentVolume, {
        apiVersion: 'v1',
        kind: 'PersistentVolume',
        metadata: { name, ...metadata },
        spec: { ...localVolume(name), ...spec },
      }),
    addClass: (name, rest, metadata) =>
      client.create(kinds.StorageClass, {
        apiVersion: 'storage.k8s.io/v1',
        kind: 'StorageClass',
        metadata: { name, ...metadata },
        provisioner: 'example.org/disk',
        ...rest,
      }),
    addPod: (name, claimName) =>
      client.create(nodePods, {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { namespace: NAMESPACE, name },
        spec: {
          containers: [{ name: 'main', image: 'example.org/image:1' }],
          volumes: [{ name: 'data', persistentVolumeClaim: { claimName } }],
        },
      }),
    remove: (resource, name) =>
      client.delete(resource, resource.namespaced ? { namespace: NAMESPACE, name } : { name }),
  };
}

/** Of 1 GiB, on the node of this world. */
function localVolume(name: string): PersistentVolume['spec'] {
  const here = { key: 'kubernetes.io/hostname', operator: 'In', values: ['here'] };
  return {
    capacity: { storage: '1Gi' },
    accessModes: ['ReadWriteOnce'],
    persistentVolumeReclaimPolicy: 'Retain',
    local: { path: `/data/${name}` },
    nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [here] }] } },
  };
}
