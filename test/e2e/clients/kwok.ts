/** What kwok, which is built on client-go's informers and typed clients, does to the nodes and pods of a server. */
import { CoordinationV1Api, CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import { startKwok } from '../../tools/kwok.ts';
import { eventually, temporaryFolder } from '../larder.ts';
import type { Place } from './place.ts';

const NODES = ['kwok-a', 'kwok-b', 'kwok-c'];

/** Needs the program. Lines that are the same wherever it is told the truth. */
export async function tellKwok({ kubeconfig, namespace }: Place): Promise<readonly string[]> {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const core = config.makeApiClient(CoreV1Api);
  const removals: (() => void)[] = [];
  const folder = temporaryFolder((remove) => removals.push(remove), 'larder-kwok-');
  for (const name of NODES) await core.createNode({ body: { metadata: { name, labels: { story: 'kwok' } } } });
  const kwok = await startKwok({ folder, kubeconfig }, ['--node-lease-duration-seconds=40']);
  try {
    return [...(await nodesOf(core)), ...(await leasesOf(config)), ...(await podsOf(core, namespace))];
  } finally {
    await kwok.close();
    for (const name of NODES) await core.deleteNode({ name });
    for (const remove of removals) remove();
  }
}

async function nodesOf(core: CoreV1Api): Promise<readonly string[]> {
  const nodes = await eventually('ready nodes', async () => {
    const { items } = await core.listNode({ labelSelector: 'story=kwok' });
    const ready = items.filter(({ status }) =>
      status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True'),
    );
    return ready.length === NODES.length ? ready : undefined;
  });
  return nodes.map(({ metadata, status }) => {
    const conditions = status?.conditions?.map(({ type, status: value, reason }) => `${type}=${value} ${reason}`);
    return `node ${metadata?.name}: ${conditions}`;
  });
}

/** kwok shares nodes with others of its kind by a lease for each. */
async function leasesOf(config: KubeConfig): Promise<readonly string[]> {
  const leases = config.makeApiClient(CoordinationV1Api);
  const found = await eventually('leases that were renewed', async () => {
    const { items } = await leases.listNamespacedLease({ namespace: 'kube-node-lease' });
    const held = items.filter(({ metadata, spec }) => NODES.includes(metadata?.name ?? '') && spec?.renewTime);
    return held.length === NODES.length ? held : undefined;
  });
  return found.map(({ metadata, spec }) => {
    const owners = metadata?.ownerReferences?.map(({ kind, name }) => `${kind} ${name}`);
    return `lease ${metadata?.name}: ${spec?.leaseDurationSeconds} s, of ${owners}`;
  });
}

async function podsOf(core: CoreV1Api, namespace: string): Promise<readonly string[]> {
  const spec = (nodeName: string) => ({
    nodeName,
    automountServiceAccountToken: false,
    containers: [{ name: 'main', image: 'example.org/main:1' }],
  });
  for (const name of NODES) {
    await core.createNamespacedPod({ namespace, body: { metadata: { name }, spec: spec(name) } });
  }
  const lines: string[] = [];
  for (const name of NODES) {
    const { status } = await eventually('a running pod', async () => {
      const pod = await core.readNamespacedPod({ name, namespace });
      return pod.status?.phase === 'Running' ? pod : undefined;
    });
    const conditions = status?.conditions?.map(({ type, status: value }) => `${type}=${value}`);
    const containers = status?.containerStatuses?.map((each) => `${each.name} ready=${each.ready}`);
    lines.push(`pod ${name}: ${conditions}; ${containers}; ${status?.qosClass}`);
  }
  await core.deleteCollectionNamespacedPod({ namespace });
  await eventually('the end of the pods', async () => {
    const { items } = await core.listNamespacedPod({ namespace });
    return items.length === 0 || undefined;
  });
  lines.push('pods: gone, each after its time');
  return lines;
}
