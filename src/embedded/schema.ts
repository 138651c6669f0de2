/** The published schema of the served kinds, compiled into shapes that decoding, patching and ownership walk. */
import { at, isObject, type Json, type JsonObject, listAt, member, objectAt, textAt, textsAt } from './json.ts';
import type { Kind } from './kind.ts';
import { nullTimes } from './null-times.ts';
import published from './pointers.generated.json' with { type: 'json' };
import generated from './schema.generated.json' with { type: 'json' };
import { leftOut, zeroValues } from './zero-values.ts';

export type Shape = StructShape | MapShape | ListShape | LeafShape;

export interface Member {
  readonly shape: Shape;
  /** What an absent member becomes; undefined = it stays absent; null is what Go writes for a list, map or pointer that must be there. */
  readonly fallback: Json | undefined;
  readonly required: boolean;
  /** An empty text, a zero and a false are not written: in Go the member is no pointer. */
  readonly dropsZero?: boolean;
  /** A strategic merge patch puts its value in place of what is there. Default false. */
  readonly replaced?: boolean;
}

export interface StructShape {
  readonly kind: 'struct';
  /** The name of the Go type, for error texts. */
  readonly name: string;
  readonly members: ReadonlyMap<string, Member>;
  /** Of members that are not named; absent: there are none. */
  readonly rest?: Shape;
  /** Owned and replaced as a whole. */
  readonly atomic: boolean;
}

export interface MapShape {
  readonly kind: 'map';
  /** Of a value of which nothing is known: only if it is an object is it one of this shape. */
  readonly deduced?: boolean;
  readonly values: Shape;
  readonly atomic: boolean;
}

export interface ListShape {
  readonly kind: 'list';
  readonly items: Shape;
  /** How server-side apply sees it. */
  readonly owned: 'atomic' | 'set' | 'map';
  /** The members that identify an item when `owned` is `map`. */
  readonly keys: readonly string[];
  /** How a strategic merge patch sees it; `mergeKey` is absent for lists of scalars. */
  readonly patched: { readonly kind: 'replace' } | { readonly kind: 'merge'; readonly mergeKey: string | undefined };
  /** Members of an item that a patch does not name are dropped when it says `$retainKeys`. */
  readonly retainKeys: boolean;
}

export interface LeafShape {
  readonly kind: 'leaf';
  /** An integer of 64 bits. */
  readonly long?: boolean;
  readonly type:
    | 'string'
    | 'bytes'
    | 'integer'
    | 'number'
    | 'boolean'
    | 'time'
    | 'microtime'
    | 'quantity'
    | 'port'
    | 'any';
}

const PREFIX = '#/components/schemas/';
const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const LEAVES: Readonly<Record<string, LeafShape['type']>> = {
  [`${META}.Time`]: 'time',
  [`${META}.MicroTime`]: 'microtime',
  [`${META}.FieldsV1`]: 'any',
  'io.k8s.apimachinery.pkg.api.resource.Quantity': 'quantity',
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': 'port',
};

/** Definitions by name, as published. */
export const definitions: Readonly<Record<string, JsonObject>> = Object.fromEntries(
  Object.entries(objectAt(generated, 'definitions')).flatMap(([name, schema]) =>
    isObject(schema) ? [[name, schema] as const] : [],
  ),
);

const pointers: ReadonlySet<string> = new Set(published.pointers);

const compiled = new Map<string, Shape>();

/** @throws Error when there is no such definition: the schema was not generated for that kind. */
function shapeOf(name: string): Shape {
  const known = compiled.get(name);
  if (known) return known;
  const schema = definitions[name];
  if (!schema) throw new Error(`the schema has no definition of ${name}`);
  const shape = compile(schema, name);
  compiled.set(name, shape);
  return shape;
}

/** As `shapeOf`, for the definition of a kind. @throws Error when it is not a struct. */
export function structOf(name: string): StructShape {
  const shape = shapeOf(name);
  if (shape.kind !== 'struct') throw new Error(`${name} is not an object`);
  return shape;
}

function compile(schema: JsonObject, name = ''): Shape {
  const leaf = LEAVES[name];
  if (leaf) return { kind: 'leaf', type: leaf };
  const reference = referenceOf(schema);
  if (reference !== undefined) return shapeOf(reference);
  const atomic = schema['x-kubernetes-map-type'] === 'atomic';
  const values = member(schema, 'additionalProperties');
  if (isObject(values)) return { kind: 'map', values: compile(values), atomic };
  if (isObject(member(schema, 'properties'))) return compileStruct(schema, name, atomic);
  const type = textAt(schema, 'type');
  if (type === 'array') return compileList(schema);
  const format = textAt(schema, 'format');
  return { kind: 'leaf', type: leafOf(type, format), ...(format === 'int64' && { long: true }) };
}

/** Members are compiled when they are first asked for: a schema may contain itself, and most are never met. */
function compileStruct(schema: JsonObject, name: string, atomic: boolean): StructShape {
  let members: ReadonlyMap<string, Member> | undefined;
  return {
    kind: 'struct',
    name: name.split('.').at(-1) ?? name,
    atomic,
    get members() {
      members ??= compileMembers(schema, name.split('.').at(-1) ?? name);
      return members;
    },
  };
}

function compileMembers(schema: JsonObject, name: string): ReadonlyMap<string, Member> {
  const required = new Set(textsAt(schema, 'required'));
  const members = new Map<string, Member>();
  for (const [field, inner] of Object.entries(objectAt(schema, 'properties'))) {
    if (!isObject(inner)) continue;
    const shape = compile(inner);
    const place = `${name}.${field}`;
    const zero = zeroValues.get(place);
    const isRequired = zero !== undefined || (required.has(field) && !leftOut.has(place));
    const absent = nullTimes.has(place) || (isRequired && shape.kind !== 'leaf') ? null : zero;
    const replaced = inner['x-kubernetes-patch-strategy'] === 'replace';
    const fallback = member(inner, 'default') ?? absent;
    const dropsZero = !isRequired && shape.kind === 'leaf' && !pointers.has(place);
    members.set(field, { shape, fallback, required: isRequired, replaced, dropsZero });
  }
  return members;
}

function compileList(schema: JsonObject): ListShape {
  const strategies = (textAt(schema, 'x-kubernetes-patch-strategy') ?? '').split(',');
  const listType = textAt(schema, 'x-kubernetes-list-type');
  const mergeKey = textAt(schema, 'x-kubernetes-patch-merge-key');
  return {
    kind: 'list',
    items: compile(objectAt(schema, 'items')),
    owned: listType === 'set' || listType === 'map' ? listType : 'atomic',
    keys: textsAt(schema, 'x-kubernetes-list-map-keys'),
    patched: strategies.includes('merge') ? { kind: 'merge', mergeKey } : { kind: 'replace' },
    retainKeys: strategies.includes('retainKeys'),
  };
}

function referenceOf(schema: JsonObject): string | undefined {
  const direct = textAt(schema, '$ref') ?? textAt(listAt(schema, 'allOf')[0], '$ref');
  return direct?.startsWith(PREFIX) ? direct.slice(PREFIX.length) : undefined;
}

function leafOf(type: string | undefined, format: string | undefined): LeafShape['type'] {
  switch (type) {
    case 'string':
      return format === 'byte' ? 'bytes' : 'string';
    case 'integer':
    case 'number':
    case 'boolean':
      return type;
    default:
      return 'any';
  }
}

const ANY: LeafShape = { kind: 'leaf', type: 'any' };

/** The shape in which values are seen; for what nothing is known about, that depends on the values. */
export function seenAs(shape: Shape, ...values: readonly (Json | undefined)[]): Shape {
  return shape.kind === 'map' && shape.deduced && !values.some(isObject) ? ANY : shape;
}

/** The shape of a kind's objects. */
export function shapeFor({ schema, custom }: Pick<Kind, 'schema' | 'custom'>): StructShape {
  return custom?.shape ?? structOf(schema);
}

/** The member at the end of a path of names; undefined when the schema has none. */
export function memberShape(shape: Shape, name: string): Shape | undefined {
  switch (shape.kind) {
    case 'struct':
      return shape.members.get(name)?.shape ?? shape.rest;
    case 'map':
      return shape.values;
    case 'list':
    case 'leaf':
      return undefined;
    default:
      return shape satisfies never;
  }
}

/** The names of the definitions that a definition refers to, itself included. */
export function reachableFrom(names: Iterable<string>): ReadonlySet<string> {
  const seen = new Set<string>();
  const visit = (name: string): void => {
    if (seen.has(name)) return;
    seen.add(name);
    for (const reference of referencesIn(definitions[name])) visit(reference);
  };
  for (const name of names) visit(name);
  return seen;
}

function referencesIn(value: Json | undefined): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((item: Json) => referencesIn(item));
  if (!isObject(value)) return [];
  const own = textAt(value, '$ref');
  const inner = Object.values(value).flatMap((item) => referencesIn(item));
  return own?.startsWith(PREFIX) ? [own.slice(PREFIX.length), ...inner] : inner;
}

/** For the generated document: what the schema says about itself. */
export const origin: string = String(at(generated, 'comment') ?? '');
