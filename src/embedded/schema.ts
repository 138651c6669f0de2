/** The published schema of the served kinds, compiled into shapes that decoding, patching and ownership walk. */
import { at, isObject, type Json, type JsonObject, listAt, member, objectAt, textAt, textsAt } from './json.ts';
import generated from './schema.generated.json' with { type: 'json' };

export type Shape = StructShape | MapShape | ListShape | LeafShape;

export interface Member {
  readonly shape: Shape;
  /** What an absent member becomes; undefined = it stays absent. */
  readonly fallback: Json | undefined;
  readonly required: boolean;
}

export interface StructShape {
  readonly kind: 'struct';
  /** The name of the Go type, for error texts. */
  readonly name: string;
  readonly members: ReadonlyMap<string, Member>;
  /** Owned and replaced as a whole. */
  readonly atomic: boolean;
}

export interface MapShape {
  readonly kind: 'map';
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
  return { kind: 'leaf', type: leafOf(type, textAt(schema, 'format')) };
}

function compileStruct(schema: JsonObject, name: string, atomic: boolean): StructShape {
  const required = new Set(textsAt(schema, 'required'));
  const members = new Map<string, Member>();
  for (const [field, inner] of Object.entries(objectAt(schema, 'properties'))) {
    if (!isObject(inner)) continue;
    members.set(field, { shape: compile(inner), fallback: member(inner, 'default'), required: required.has(field) });
  }
  return { kind: 'struct', name: name.split('.').at(-1) ?? name, members, atomic };
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

/** The member at the end of a path of names; undefined when the schema has none. */
export function memberShape(shape: Shape, name: string): Shape | undefined {
  switch (shape.kind) {
    case 'struct':
      return shape.members.get(name)?.shape;
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
