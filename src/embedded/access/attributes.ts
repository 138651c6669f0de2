/**
 * What a request asks for, in the words of authorization: a verb on a resource, or on a path. Read from the request's
 * head alone (k8s.io/apiserver/pkg/endpoints/request/requestinfo.go, read in 0.36), so that nothing of a request that is
 * refused needs to be read.
 */
import { Refusal } from '../refusal.ts';
import type { User } from './user.ts';

export interface ResourceAttributes {
  readonly kind: 'resource';
  readonly verb: string;
  /** Empty for the core group. */
  readonly group: string;
  readonly resource: string;
  /** Empty for the object itself. */
  readonly subresource: string;
  /** Empty for all namespaces and for resources without one. */
  readonly namespace: string;
  /** Empty for the collection. */
  readonly name: string;
}

export interface PathAttributes {
  readonly kind: 'path';
  readonly verb: string;
  readonly path: string;
}

export type Attributes = ResourceAttributes | PathAttributes;

export interface Asked {
  readonly method: string;
  /** Percent-decoded, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
}

const VERBS: Readonly<Record<string, string>> = {
  POST: 'create',
  GET: 'get',
  HEAD: 'get',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

/** What follows a namespace's name and is no resource in it. */
const NAMESPACE_SUBRESOURCES = ['status', 'finalize'];

export function attributesOf({ method, path, query }: Asked): Attributes {
  const [root = '', ...rest] = path.split('/').filter((part) => part !== '');
  const inGroup = root === 'apis';
  const least = inGroup ? 3 : 2;
  if ((root !== 'api' && !inGroup) || rest.length < least) {
    return { kind: 'path', verb: method.toLowerCase(), path };
  }
  const [group = ''] = inGroup ? rest : [''];
  const parts = rest.slice(inGroup ? 2 : 1);
  const byPath = parts[0] === 'watch' || parts[0] === 'proxy';
  const verb = byPath ? (parts.shift() ?? '') : (VERBS[method] ?? '');
  return narrowed({ kind: 'resource', verb, group, ...placeOf(parts, verb) }, query);
}

function placeOf(
  parts: readonly string[],
  verb: string,
): Pick<ResourceAttributes, 'resource' | 'name' | 'subresource' | 'namespace'> {
  const namespace = parts[0] === 'namespaces' ? (parts[1] ?? '') : '';
  const inside = namespace !== '' && parts.length > 2 && !NAMESPACE_SUBRESOURCES.includes(parts[2] ?? '');
  const [resource = '', name = '', subresource = ''] = inside ? parts.slice(2) : parts;
  return { resource, name, subresource: verb === 'proxy' ? '' : subresource, namespace };
}

/** A request without a name is one for a collection, unless a field selector names the object. */
function narrowed(attributes: ResourceAttributes, query: URLSearchParams): ResourceAttributes {
  if (attributes.name !== '') return attributes;
  if (attributes.verb === 'delete') return { ...attributes, verb: 'deletecollection' };
  if (attributes.verb !== 'get') return attributes;
  const watch = query.get('watch');
  const isWatch = watch !== null && !['0', 'f', 'F', 'false', 'False', 'FALSE'].includes(watch);
  return { ...attributes, verb: isWatch ? 'watch' : 'list', name: selectedName(query.get('fieldSelector') ?? '') };
}

function selectedName(selector: string): string {
  for (const term of selector.split(',')) {
    const match = /^metadata\.name==?([^=/%]+)$/.exec(term);
    if (match?.[1] && match[1] !== '.' && match[1] !== '..') return match[1];
  }
  return '';
}

/** `pods/log` */
export function combined({ resource, subresource }: ResourceAttributes): string {
  return subresource === '' ? resource : `${resource}/${subresource}`;
}

/** The API server's answer to whoever may not do something, with the reason of the authorizer when it has one. */
export function forbiddenTo({ name: userName }: User, attributes: Attributes, reason: string): Refusal {
  const message = sanitized(`User ${JSON.stringify(userName)} cannot ${describe(attributes)}`);
  const why = reason === '' ? message : `${message}: ${reason}`;
  if (attributes.kind === 'path') return new Refusal(403, 'Forbidden', `forbidden: ${why}`, {});
  const { group, resource, name } = attributes;
  const qualified = group === '' ? resource : `${resource}.${group}`;
  const subject = name === '' ? qualified : `${qualified} ${JSON.stringify(name)}`;
  return new Refusal(403, 'Forbidden', `${subject} is forbidden: ${why}`, {
    ...(name && { name }),
    ...(group && { group }),
    kind: resource,
  });
}

function describe(attributes: Attributes): string {
  const { verb } = attributes;
  if (attributes.kind === 'path') return `${verb} path ${JSON.stringify(attributes.path)}`;
  const { group, namespace } = attributes;
  const place = namespace === '' ? 'at the cluster scope' : `in the namespace ${JSON.stringify(namespace)}`;
  const resource = JSON.stringify(combined(attributes));
  return `${verb} resource ${resource} in API group ${JSON.stringify(group)} ${place}`;
}

/** The API server keeps its errors from looking like HTML. */
function sanitized(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
