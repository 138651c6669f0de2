/** An object as the API has it, as text to be read and copied. */

import { z } from 'zod';
import { HttpError } from '../../http/registry.ts';
import type { Client } from '../../kube/client.ts';
import { isKubeError } from '../../kube/error.ts';
import { kinds } from '../../kube/kinds.ts';
import type { KubeObject } from '../../kube/object.ts';
import type { Resource } from '../../kube/resource.ts';
import { yamlText } from '../../kube/yaml-text.ts';

export const objectText = z.object({
  /** YAML, without managedFields. */
  text: z.string(),
  /** These alone, in YAML; empty where there are none. */
  managedFields: z.string(),
});
export type ObjectText = z.infer<typeof objectText>;

const whole = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({
    name: z.string(),
    uid: z.string(),
    resourceVersion: z.string(),
    managedFields: z.unknown().optional(),
  }),
});

type Whole = z.infer<typeof whole>;

/** Nothing is left out of it, unlike of what is kept in memory. */
function wholeOf(resource: Resource<KubeObject>): Resource<Whole> {
  return { ...resource, project: (raw) => whole.parse(raw) };
}

const asKubectl = { sortMapEntries: true } as const;

const claims = wholeOf(kinds.PersistentVolumeClaim);
const volumes = wholeOf(kinds.PersistentVolume);

/** `namespace`: empty for a PersistentVolume. Throws HttpError when it is not there, or may not be read. */
export async function readObjectText(
  client: Client,
  { namespace, name }: { readonly namespace: string; readonly name: string },
  signal: AbortSignal,
): Promise<ObjectText> {
  const resource = namespace === '' ? volumes : claims;
  try {
    const object = await client.get(resource, namespace === '' ? { name } : { namespace, name }, { signal });
    const { managedFields, ...metadata } = object.metadata;
    return {
      text: yamlText({ ...object, metadata }, asKubectl),
      managedFields: managedFields === undefined ? '' : yamlText({ managedFields }, asKubectl),
    };
  } catch (failure) {
    if (!isKubeError(failure)) throw failure;
    if (failure.code === 'KUBE_NOT_FOUND') throw new HttpError('LARDER_HTTP_NOT_FOUND', 404, failure.message);
    throw new HttpError('LARDER_HTTP_REFUSED', 409, failure.message, { cause: failure });
  }
}
