/** Claims as the end-to-end tests make and read them, over the network with the product's own client. */
import {
  type Client,
  connect,
  createClient,
  type Event,
  isKubeError,
  kinds,
  type PersistentVolume,
  type PersistentVolumeClaim,
} from '../../src/kube/index.ts';
import { systemClock, systemRandom } from '../../src/telemetry/clock.ts';
import { eventually, type Larder } from './larder.ts';

export async function clientOf(larder: Pick<Larder, 'kubeconfig'>): Promise<Client> {
  const { transport } = await connect({ kubeconfig: larder.kubeconfig, clock: systemClock });
  return createClient({ transport, clock: systemClock, random: systemRandom });
}

export interface ClaimSpec {
  readonly name: string;
  readonly namespace?: string;
  readonly size: string;
  /** Absent: the default class. */
  readonly storageClass?: string | undefined;
  readonly annotations?: Readonly<Record<string, string>>;
}

export async function applyClaim(client: Client, spec: ClaimSpec): Promise<PersistentVolumeClaim> {
  return client.create(kinds.PersistentVolumeClaim, {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name: spec.name,
      namespace: spec.namespace ?? 'default',
      ...(spec.annotations ? { annotations: spec.annotations } : {}),
    },
    spec: {
      accessModes: ['ReadWriteMany'],
      ...(spec.storageClass ? { storageClassName: spec.storageClass } : {}),
      resources: { requests: { storage: spec.size } },
    },
  });
}

/** Waits until the claim is Bound. */
export async function bound(
  client: Client,
  namespace: string,
  name: string,
): Promise<{ readonly claim: PersistentVolumeClaim; readonly volume: PersistentVolume }> {
  return eventually(`${namespace}/${name} to be Bound`, async () => {
    const claim = await client.get(kinds.PersistentVolumeClaim, { namespace, name }).catch(absent);
    if (claim?.status?.phase !== 'Bound') return undefined;
    const volume = await client.get(kinds.PersistentVolume, { name: claim.spec.volumeName ?? '' });
    return { claim, volume };
  });
}

export async function eventsOf(client: Client, namespace: string, name: string): Promise<readonly Event[]> {
  const { items } = await client.list(kinds.Event, { namespace });
  return items.filter((event) => event.involvedObject.name === name);
}

function absent(failure: unknown): undefined {
  if (isKubeError(failure, 'KUBE_NOT_FOUND')) return undefined;
  throw failure;
}
