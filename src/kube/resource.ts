import { type KubeObject, keyOf, type ObjectName } from './object.ts';

/** A kind that the client can address. `project` narrows a parsed object on arrival: what it drops is never kept in memory. */
export interface Resource<T extends KubeObject> {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
  /**
   * Reads untrusted JSON into the narrow type: missing optional fields become absent, wrong types throw a TypeError that
   * names the field. managedFields and the last-applied annotation are dropped; strings that repeat are interned.
   */
  project(raw: unknown): T;
}

/** `v1` or `group/version`. */
export function apiVersionOf(resource: { group: string; version: string }): string {
  return resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
}

/** The URL path of a collection or, with a name, of an object; all parts percent-encoded. */
export function pathOf(
  resource: { group: string; version: string; plural: string; namespaced: boolean },
  where: { namespace?: string; name?: string; subresource?: string } = {},
): string {
  const root = resource.group === '' ? `/api/${resource.version}` : `/apis/${resource.group}/${resource.version}`;
  const scope = resource.namespaced && where.namespace ? `/namespaces/${encodeURIComponent(where.namespace)}` : '';
  const name = where.name === undefined ? '' : `/${encodeURIComponent(where.name)}`;
  const subresource = where.subresource ? `/${where.subresource}` : '';
  return `${root}${scope}/${resource.plural}${name}${subresource}`;
}

/** Leaves out what is undefined; empty when nothing is left. */
export function queryOf(parameters: Readonly<Record<string, string | undefined>>): string {
  const pairs = Object.entries(parameters).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`],
  );
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}

/** What an error message calls a request, for example `get persistentvolumeclaims shop/data`. */
export function describeRequest(verb: string, resource: { plural: string }, name: Partial<ObjectName>): string {
  const { namespace, name: object } = name;
  if (object === undefined) return `${verb} ${resource.plural}${namespace === undefined ? '' : ` in ${namespace}`}`;
  return `${verb} ${resource.plural} ${keyOf(namespace === undefined ? { name: object } : { namespace, name: object })}`;
}
