/** Definitions that the suite makes: of a group of their own, so that no two files meet. */
import { randomBytes } from 'node:crypto';
import { type Answer, type Api, eventually } from './target.ts';

export const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

export type Schema = Readonly<Record<string, unknown>>;

export interface Shape {
  readonly kind?: string;
  /** Default `Namespaced`. */
  readonly scope?: string;
  /** Of the whole object. */
  readonly schema?: Schema;
  /** Of the only version. */
  readonly version?: object;
  readonly versions?: readonly object[];
  readonly names?: object;
  /** The version to wait for. Default `v1`. */
  readonly served?: string;
  /** Of the spec. */
  readonly more?: object;
}

/** A group that no other file uses. */
export function newGroup(): string {
  return `t${randomBytes(5).toString('hex')}.example.com`;
}

/** An object whose `spec` has the schema. */
export function withSpec(spec: Schema, more: Schema = {}): Schema {
  return { type: 'object', properties: { spec, ...more } };
}

export function definition(group: string, plural: string, shape: Shape = {}): Definition {
  const { scope = 'Namespaced', schema = { type: 'object' }, version = {}, names = {}, more = {} } = shape;
  const kind = shape.kind ?? `${plural.charAt(0).toUpperCase()}${plural.slice(1, -1)}`;
  const only = { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema }, ...version };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: { group, scope, names: { plural, kind, ...names }, versions: shape.versions ?? [only], ...more },
  };
}

interface Definition {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: object;
}

export const create = (api: Api, body: object): Promise<Answer> => api.call(DEFINITIONS, { method: 'POST', body });

/** Makes the definition, and waits until its objects can be listed. */
export async function define(api: Api, group: string, plural: string, shape: Shape = {}): Promise<void> {
  const body = definition(group, plural, shape);
  const { status, text } = await create(api, body);
  if (status !== 201) throw new Error(text);
  await served(api, `/apis/${group}/${shape.served ?? 'v1'}/${plural}`);
}

export async function served(api: Api, path: string): Promise<void> {
  await eventually(async () => (await api.call(path)).status === 200, `${path} is not served`);
}

/** What a refusal blames, one line per cause, in an order of its own. */
export function causesOf({ json }: Answer): readonly string[] {
  const causes: readonly Cause[] = json?.details?.causes ?? [];
  return causes.map(({ reason, field, message }) => `${reason} ${field}: ${message}`).sort();
}

interface Cause {
  readonly reason?: string;
  readonly field?: string;
  readonly message?: string;
}
