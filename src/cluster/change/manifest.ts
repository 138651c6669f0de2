/** An object that somebody wrote down for the cluster. */
import { isObject } from '../../kube/reader.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/** What an object is called, whichever version of its kind is asked for. */
export interface ObjectId {
  readonly apiVersion: string;
  readonly kind: string;
  /** Absent: its kind has none, or it was written without one. */
  readonly namespace?: string;
  readonly name: string;
}

export interface Manifest extends ObjectId {
  /** As it was written, without what `namespace` says beside it. */
  readonly object: JsonObject;
  /** Where it was written, for messages: `cluster/apps/web.yaml:12`. */
  readonly from: string;
}

/** `apps` of `apps/v1`; empty for the core group. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? '' : apiVersion.slice(0, slash);
}

/** One object has one key; versions of a kind are the same object. */
export function keyOfObject({ apiVersion, kind, namespace = '', name }: ObjectId): string {
  return [groupOf(apiVersion), kind, namespace, name].join('/');
}

/** For people: `Deployment shop/web`. */
export function subjectOf({ kind, namespace, name }: Omit<ObjectId, 'apiVersion'>): string {
  return `${kind} ${namespace === undefined || namespace === '' ? '' : `${namespace}/`}${name}`;
}

/** The four words and no more, for records. */
export function idOf({ apiVersion, kind, namespace, name }: ObjectId): ObjectId {
  return { apiVersion, kind, name, ...(namespace === undefined ? {} : { namespace }) };
}

/** The member at a path; undefined where there is none. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (current, step) => (isObject(current) && Object.hasOwn(current, step) ? current[step] : undefined),
    value,
  );
}

export function textAt(value: unknown, ...path: readonly string[]): string {
  const found = at(value, ...path);
  return typeof found === 'string' ? found : '';
}

export function objectAt(value: unknown, ...path: readonly string[]): JsonObject {
  const found = at(value, ...path);
  return isObject(found) ? found : {};
}

export function listAt(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
}
