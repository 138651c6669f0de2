/** Who wrote the request of a claim, as the API server keeps it in `managedFields`. */
import { z } from 'zod';

const owned = z.object({
  metadata: z.object({
    resourceVersion: z.string(),
    managedFields: z
      .array(z.object({ manager: z.string().default(''), subresource: z.string().default(''), fieldsV1: z.unknown() }))
      .default([]),
  }),
});

const REQUEST = ['f:spec', 'f:resources', 'f:requests', 'f:storage'];

/**
 * The field managers beside our own that have a say in `spec.resources.requests.storage`, or somebody unknown when not
 * even we are named. `changed`: the object is not the one that was decided on.
 */
export function otherWriters(
  body: unknown,
  { resourceVersion, own }: { readonly resourceVersion: string; readonly own: string },
): readonly string[] | 'changed' {
  const read = owned.safeParse(body);
  if (!read.success || read.data.metadata.resourceVersion !== resourceVersion) return 'changed';
  const writers = read.data.metadata.managedFields
    .filter(({ subresource, fieldsV1 }) => subresource === '' && holds(fieldsV1))
    .map(({ manager }) => manager);
  if (!writers.includes(own)) return writers.length > 0 ? writers : ['somebody unknown'];
  return writers.filter((manager) => manager !== own);
}

function holds(fields: unknown): boolean {
  let level = fields;
  for (const step of REQUEST) {
    if (typeof level !== 'object' || level === null || !Object.hasOwn(level, step)) return false;
    level = Reflect.get(level, step);
  }
  return true;
}
