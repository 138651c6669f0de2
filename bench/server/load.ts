/** What benches ask of a server, and how many of it at a time. */
import {
  type Client,
  type Draft,
  kinds,
  type PersistentVolume,
  type PersistentVolumeClaim,
} from '../../src/kube/index.ts';

export const IN_FLIGHT = 32;

/** Runs `work` for 0 … count-1, as many at a time as the provisioner does. */
export async function each(
  count: number,
  work: (index: number) => Promise<unknown>,
  inFlight: number = IN_FLIGHT,
): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) {
      const index = next;
      next += 1;
      await work(index);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
}

/** How often per second. */
export async function rateOf(
  count: number,
  work: (index: number) => Promise<unknown>,
  inFlight?: number,
): Promise<number> {
  const startMs = performance.now();
  await each(count, work, inFlight);
  return count / ((performance.now() - startMs) / 1000);
}

/** PersistentVolumes that a client alone saves per second: the limit of any provisioner on this server. */
export async function bareRate(client: Client, count: number): Promise<number> {
  await each(200, (index) => client.create(kinds.PersistentVolume, bareVolume(`warm-${index}`)));
  return rateOf(count, (index) => client.create(kinds.PersistentVolume, bareVolume(`bare-${index}`)));
}

/** As a provisioner saves them, of a claim that is elsewhere. */
const bareVolume = (name: string): Draft<PersistentVolume> => ({
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: {
    name,
    annotations: { 'pv.kubernetes.io/provisioned-by': 'example.com/bare', 'larder.dev/on-delete': 'archive' },
  },
  spec: {
    capacity: { storage: '1Gi' },
    accessModes: ['ReadWriteMany'],
    persistentVolumeReclaimPolicy: 'Retain',
    storageClassName: 'bare',
    claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace: 'default', name, uid: name },
    nfs: { server: '127.0.0.1', path: `/elsewhere/${name}` },
  },
});

export const claimOf = (name: string, storageClassName: string): Draft<PersistentVolumeClaim> => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name, namespace: 'default', annotations: { 'volume-name': name } },
  spec: { accessModes: ['ReadWriteMany'], storageClassName, resources: { requests: { storage: '1Gi' } } },
});
