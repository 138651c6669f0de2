/** Removes what a run made on a cluster, and nothing else: what is its own is known by the name of the run. */
import { type Client, isKubeError, kinds, type PersistentVolume } from '../../src/kube/index.ts';
import { eventually } from '../e2e/larder.ts';

const LABEL = 'larder.dev/cluster-test';

export const labelOf = (run: string): Readonly<Record<string, string>> => ({ [LABEL]: run });

/** What all runs left behind, for `kubectl delete`. */
export const ANY_RUN = LABEL;

/** As `beginSweep`, and resolves when all of it is gone. `prefix`: of the names of namespaces and classes. */
export async function sweep(client: Client, prefix: string): Promise<void> {
  await beginSweep(client, prefix);
  await eventually(`the namespaces ${prefix}* to be gone`, async () => {
    const left = await namesOf(client, prefix);
    return left.length === 0 ? true : undefined;
  });
}

/** The namespaces are still ending when it resolves; all else is gone. */
export async function beginSweep(client: Client, prefix: string): Promise<void> {
  const namespaces = await namesOf(client, prefix);
  for (const namespace of namespaces) {
    const pods = await client.list(kinds.Pod, { namespace });
    for (const { metadata } of pods.items) {
      await client.delete(kinds.Pod, { namespace, name: metadata.name }, { gracePeriodSeconds: 0 }).catch(absent);
    }
    const { items } = await client.list(kinds.PersistentVolumeClaim, { namespace });
    for (const { metadata } of items) {
      await client.delete(kinds.PersistentVolumeClaim, { namespace, name: metadata.name }).catch(absent);
    }
    await eventually(`the claims of ${namespace} to be gone`, async () => {
      const left = await client.list(kinds.PersistentVolumeClaim, { namespace });
      return left.items.length === 0 ? true : undefined;
    });
  }
  for (const volume of await volumesOf(client, prefix)) await removeVolume(client, volume);
  const classes = await client.list(kinds.StorageClass);
  for (const { metadata } of classes.items.filter(({ metadata }) => metadata.name.startsWith(prefix))) {
    await client.delete(kinds.StorageClass, { name: metadata.name }).catch(absent);
  }
  for (const name of namespaces) await client.delete(kinds.Namespace, { name }).catch(absent);
}

/** What is still there of a run: `namespaces/NAME` and the like. */
export async function remainsOf(client: Client, prefix: string): Promise<readonly string[]> {
  const namespaces = await namesOf(client, prefix);
  const volumes = await volumesOf(client, prefix);
  const classes = (await client.list(kinds.StorageClass)).items.filter(({ metadata }) =>
    metadata.name.startsWith(prefix),
  );
  return [
    ...namespaces.map((name) => `namespace/${name}`),
    ...volumes.map(({ metadata }) => `pv/${metadata.name}`),
    ...classes.map(({ metadata }) => `storageclass/${metadata.name}`),
  ];
}

async function namesOf(client: Client, prefix: string): Promise<readonly string[]> {
  const { items } = await client.list(kinds.Namespace);
  return items.map(({ metadata }) => metadata.name).filter((name) => name.startsWith(prefix));
}

async function volumesOf(client: Client, prefix: string): Promise<readonly PersistentVolume[]> {
  const { items } = await client.list(kinds.PersistentVolume);
  return items.filter(({ spec }) => spec.storageClassName?.startsWith(prefix) === true);
}

/** Its data is in a folder that is removed with the test; the operator may be gone, so its finalizers are taken off. */
async function removeVolume(client: Client, { metadata }: PersistentVolume): Promise<void> {
  const { name } = metadata;
  await client.delete(kinds.PersistentVolume, { name }).catch(absent);
  const value = { metadata: { finalizers: null } };
  await client.patch(kinds.PersistentVolume, { name }, { kind: 'merge', value }).catch(absent);
}

function absent(failure: unknown): undefined {
  if (isKubeError(failure, 'KUBE_NOT_FOUND')) return undefined;
  throw failure;
}
