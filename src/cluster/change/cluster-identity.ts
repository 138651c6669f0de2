/** Which cluster it is that was asked. */
import { type Client, errorOfResponse, isKubeError, kinds } from '../../kube/index.ts';
import { textAt } from './manifest.ts';

export interface ClusterIdentity {
  /** `v1.36.3+k3s1`, as the API server says it. */
  readonly version: string;
  /** The uid of kube-system, which no other cluster has; empty where it may not be read. */
  readonly uid: string;
}

/** Throws KubeError where the cluster does not answer. */
export async function clusterIdentity(client: Client, signal?: AbortSignal): Promise<ClusterIdentity> {
  const calling = signal === undefined ? {} : { signal };
  const response = await client.request({ method: 'GET', path: '/version' }, calling);
  const body = await response.text();
  if (response.status !== 200) throw errorOfResponse('get the version of the cluster', { ...response, body });
  return { version: textAt(JSON.parse(body), 'gitVersion'), uid: await uidOf(client, calling) };
}

async function uidOf(client: Client, calling: { readonly signal?: AbortSignal }): Promise<string> {
  try {
    return (await client.get(kinds.Namespace, { name: 'kube-system' }, calling)).metadata.uid;
  } catch (cause) {
    if (isKubeError(cause, 'KUBE_FORBIDDEN', 'KUBE_NOT_FOUND')) return ''; // compared all the same: nothing with nothing
    throw cause;
  }
}
