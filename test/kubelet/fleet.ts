/** Many claims on many nodes of a cluster: their nodes, volumes and pods as objects, and their usage in fake kubelets. */
import { type Client, kinds } from '../../src/kube/index.ts';
import { post } from '../e2e/account.ts';
import type { FakeKubelets, FakeNode, VolumeState } from './kubelet.ts';

export interface FleetClaim {
  readonly name: string;
  readonly gib: number;
  /** Used share at first. */
  readonly used: number;
  /** Beside `enabled: "true"`; keys with their prefix. */
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface FleetOptions {
  readonly client: Client;
  readonly kubelets: FakeKubelets;
  readonly namespace: string;
  readonly nodes: number;
  /** Dealt to the nodes in turn. */
  readonly claims: readonly FleetClaim[];
  /** Of the class, which is made too. */
  readonly provisioner: string;
  /** Nodes, by number, whose kubelet shows the certificate of somebody else; default none. */
  readonly foreign?: readonly number[];
  /** Requests at a time. */
  readonly inFlight: number;
}

export interface Fleet {
  readonly nodes: readonly FakeNode[];
  /** The node of a claim. */
  nodeOf(name: string): FakeNode;
  /** Used share of a claim from now on. */
  use(name: string, share: number): void;
  /** The filesystem behind a claim (`namespace/name`) has that size now; what is used stays. */
  grow(key: string, toBytes: bigint): void;
}

interface Filesystem {
  capacityBytes: bigint;
  usedBytes: bigint;
}

const GIB = 2n ** 30n;
const CLASS = 'fleet';
const MILLION = 1_000_000;

export async function startFleet(options: FleetOptions): Promise<Fleet> {
  const { client, kubelets, namespace, claims, provisioner } = options;
  await prepare(options);
  const filesystems = new Map<string, Filesystem>();
  const nodes: FakeNode[] = [];
  for (let index = 0; index < options.nodes; index += 1) {
    nodes.push(await kubelets.add(`node-${index}`, { foreign: options.foreign?.includes(index) === true }));
  }
  await each(nodes, options.inFlight, (node) => makeNode(client, node));
  const dealt = claims.map((claim, index) => ({ claim, node: nodes[index % nodes.length] }));
  for (const [node, mine] of Map.groupBy(dealt, ({ node }) => node)) {
    if (!node) continue;
    for (const { claim } of mine) {
      const capacityBytes = BigInt(claim.gib) * GIB;
      filesystems.set(claim.name, { capacityBytes, usedBytes: shareOf(capacityBytes, claim.used) });
    }
    node.volumes = () => mine.map(({ claim }): VolumeState => stateOf(namespace, claim.name, filesystems));
  }
  await each(dealt, options.inFlight, ({ claim, node }) =>
    makeClaim({ client, namespace, provisioner, node: node?.name ?? '' }, claim),
  );
  const of = (name: string): Filesystem => {
    const filesystem = filesystems.get(name);
    if (!filesystem) throw new Error(`no claim ${name}`);
    return filesystem;
  };
  const nodeOfName = new Map(dealt.map(({ claim, node }) => [claim.name, node]));
  return {
    nodes,
    nodeOf(name) {
      const node = nodeOfName.get(name);
      if (!node) throw new Error(`no claim ${name}`);
      return node;
    },
    use(name, share) {
      const filesystem = of(name);
      filesystem.usedBytes = shareOf(filesystem.capacityBytes, share);
    },
    grow(key, toBytes) {
      of(key.slice(namespace.length + 1)).capacityBytes = toBytes;
    },
  };
}

const shareOf = (bytes: bigint, share: number): bigint =>
  (bytes * BigInt(Math.round(share * MILLION))) / BigInt(MILLION);

function stateOf(namespace: string, claim: string, filesystems: ReadonlyMap<string, Filesystem>): VolumeState {
  const { capacityBytes = 0n, usedBytes = 0n } = filesystems.get(claim) ?? {};
  return { namespace, claim, capacityBytes, usedBytes, inodes: { total: 1_000_000n, used: 1_000n } };
}

async function prepare({ client, namespace, provisioner }: FleetOptions): Promise<void> {
  await client.create(kinds.StorageClass, {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: CLASS },
    provisioner,
    allowVolumeExpansion: true,
  });
  if (namespace !== 'default') {
    await client.create(kinds.Namespace, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  }
  // Where kube-controller-manager does not run, nobody makes the account that every pod needs.
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } };
  await post(client, `/api/v1/namespaces/${namespace}/serviceaccounts`, account).catch((failure: unknown) => {
    if (!String(failure).includes(': 409 ')) throw failure;
  });
}

async function makeNode(client: Client, { name, port }: FakeNode): Promise<void> {
  await client.create(kinds.Node, { apiVersion: 'v1', kind: 'Node', metadata: { name } });
  const status = {
    addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
    daemonEndpoints: { kubeletEndpoint: { Port: port } },
  };
  await client.patch(kinds.Node, { name }, { kind: 'merge', value: { status } }, { subresource: 'status' });
}

interface Where {
  readonly client: Client;
  readonly namespace: string;
  readonly provisioner: string;
  readonly node: string;
}

/** A claim that is Bound, as one that a driver provisioned, and a pod that runs with it. */
async function makeClaim({ client, namespace, provisioner, node }: Where, claim: FleetClaim): Promise<void> {
  const { name, gib, annotations = {} } = claim;
  const storage = `${gib}Gi`;
  const volumeName = `pv-${namespace}-${name}`;
  const accessModes = ['ReadWriteOnce'] as const;
  const metadata = { namespace, name };
  const made = await client.create(kinds.PersistentVolumeClaim, {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { ...metadata, annotations: { 'pvc-chonker.io/enabled': 'true', ...annotations } },
    spec: { accessModes: [...accessModes], storageClassName: CLASS, volumeName, resources: { requests: { storage } } },
  });
  await client.create(kinds.PersistentVolume, {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: volumeName },
    spec: {
      capacity: { storage },
      accessModes: [...accessModes],
      persistentVolumeReclaimPolicy: 'Retain',
      storageClassName: CLASS,
      claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', ...metadata, uid: made.metadata.uid },
      csi: { driver: provisioner, volumeHandle: volumeName },
    },
  });
  const bound = { status: { phase: 'Bound', accessModes, capacity: { storage } } };
  await client.patch(kinds.PersistentVolumeClaim, metadata, { kind: 'merge', value: bound }, { subresource: 'status' });
  const pod = { namespace, name: `${name}-pod` };
  await post(client, `/api/v1/namespaces/${namespace}/pods`, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: pod,
    spec: {
      nodeName: node,
      containers: [{ name: 'main', image: 'example.com/main' }],
      volumes: [{ name: 'data', persistentVolumeClaim: { claimName: name } }],
    },
  });
  const running = { status: { phase: 'Running' } };
  await client.patch(kinds.Pod, pod, { kind: 'merge', value: running }, { subresource: 'status' });
}

async function each<T>(items: readonly T[], inFlight: number, work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  const worker = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
}
