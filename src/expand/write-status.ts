import type { Client } from '../kube/client.ts';
import { isKubeError } from '../kube/error.ts';
import type { KubeObject } from '../kube/object.ts';
import type { Resource } from '../kube/resource.ts';

/**
 * With the version that was read: a status is never written over one that was not seen. What the new one no longer says is
 * taken out; left there it would differ for ever from what is to be said, and be written again for ever.
 */
export async function writeStatus<T extends KubeObject & { readonly status?: object }>(
  client: Client,
  resource: Resource<T>,
  { object: { metadata, status: before }, status }: { readonly object: T; readonly status: NonNullable<T['status']> },
  signal: AbortSignal,
): Promise<void> {
  const { name, namespace = '', resourceVersion } = metadata;
  const unsaid = Object.keys(before ?? {}).map((key) => [key, null]);
  const value = { metadata: { resourceVersion }, status: { ...Object.fromEntries(unsaid), ...status } };
  try {
    await client.patch(resource, { namespace, name }, { kind: 'merge', value }, { subresource: 'status', signal });
  } catch (failure) {
    if (!isKubeError(failure, 'KUBE_NOT_FOUND')) throw failure; // gone meanwhile: nothing to say of it
  }
}
