/** One request, taken apart: what it addresses and how the answer is wanted. */
import type { TransportRequest } from '../kube/transport.ts';
import type { Catalog } from './catalog.ts';
import type { Kind } from './kind.ts';
import { badRequest, notFound } from './refusal.ts';

export interface Call {
  readonly method: TransportRequest['method'];
  /** Percent-decoded, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | undefined;
  readonly signal: AbortSignal | undefined;
}

/** What of a kind is addressed. */
export interface Target {
  readonly kind: Kind;
  /** Empty for kinds without a namespace, and for all namespaces. */
  readonly namespace: string;
  /** Empty for the collection. */
  readonly name: string;
  /** Empty for the object itself. */
  readonly subresource: string;
}

/** Of a path of the API, where it says nothing; elsewhere it would name another document. */
const TRAILING_SLASH = /(?<=^\/(?:apis?|version)\b.*)\/$/;

/** @throws Refusal 400 when the path cannot be decoded. */
export function readCall(request: TransportRequest, signal: AbortSignal | undefined): Call {
  const mark = request.path.indexOf('?');
  const path = mark < 0 ? request.path : request.path.slice(0, mark);
  return {
    method: request.method,
    path: decoded(path.replace(TRAILING_SLASH, '')),
    query: new URLSearchParams(mark < 0 ? '' : request.path.slice(mark + 1)),
    headers: request.headers ?? {},
    body: request.body,
    signal,
  };
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw badRequest(`the path ${path} is not percent-encoded`);
  }
}

/** Undefined when no kind is served at the path. @throws Refusal 404 */
export function readTarget(path: string, kinds: Pick<Catalog, 'find'>): Target | undefined {
  const [, root, ...rest] = path.split('/');
  if (root === 'api') return resolve(kinds, '', rest);
  const [group = '', ...parts] = rest;
  return root === 'apis' && group !== '' ? resolve(kinds, group, parts) : undefined;
}

function resolve(kinds: Pick<Catalog, 'find'>, group: string, parts: readonly string[]): Target | undefined {
  const [version = '', first = '', ...rest] = parts;
  const inNamespace = first === 'namespaces' && rest.length >= 2;
  const [namespace = '', plural = '', ...tail] = inNamespace ? rest : ['', first, ...rest];
  const kind = kinds.find(group, version, plural);
  if (kind && kind.namespaced === inNamespace) return targetOf(kind, namespace, tail);
  if (kind?.namespaced && tail.length === 0) return targetOf(kind, '', tail); // all namespaces
  // namespaces/NAME/status
  const namespaces = inNamespace ? kinds.find(group, version, 'namespaces') : undefined;
  return namespaces ? targetOf(namespaces, '', rest) : undefined;
}

function targetOf(kind: Kind, namespace: string, tail: readonly string[]): Target | undefined {
  const [name = '', subresource = '', ...more] = tail;
  if (more.length > 0 || (tail.length > 0 && name === '')) return undefined;
  const known = subresource === '' || kind.subresources.some((served) => served === subresource);
  // of what is defined the API server looks for the object first
  if (!known && kind.custom && (subresource === 'status' || subresource === 'scale')) throw notFound(kind, name);
  return known ? { kind, namespace, name, subresource } : undefined;
}

/** Whatever is neither `0` nor `false` is true, as apimachinery's query decoder takes it. */
export function flagOf(query: URLSearchParams, name: string): boolean | undefined {
  const text = query.get(name);
  return text === null ? undefined : text !== '0' && text.toLowerCase() !== 'false';
}

/** @throws Refusal 400 */
export function integerOf(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  if (!/^-?\d{1,15}$/.test(text)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  return Number(text);
}
