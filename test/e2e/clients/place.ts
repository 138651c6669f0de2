/** A namespace for one client, which is ready for pods. */
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import { eventually } from '../larder.ts';

export interface Place {
  /** Path. */
  readonly kubeconfig: string;
  readonly namespace: string;
}

export async function makePlace(kubeconfig: string, namespace: string): Promise<Place> {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const core = config.makeApiClient(CoreV1Api);
  await core.createNamespace({ body: { metadata: { name: namespace } } });
  await eventually('the account of the namespace', async () => {
    const { items } = await core.listNamespacedServiceAccount({ namespace });
    return items.length > 0 || undefined;
  });
  return { kubeconfig, namespace };
}
