/**
 * A JSON schema made into the form that CustomResourceDefinitions demand: every node has a type, unions of types are
 * int-or-string, and members that are not named are refused by leaving them out.
 */
import { isObject } from '../../kube/reader.ts';

export type Schema = Readonly<Record<string, unknown>>;

/** Those of every number that JavaScript can hold; they say nothing. */
const BOUNDS: readonly unknown[] = [Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER];
const SCHEMAS: readonly string[] = ['items', 'additionalProperties'];
/** What a reader looks for first; the rest follows as it comes, the members last. */
const ORDER: readonly string[] = ['description', 'type', 'format', 'default', 'enum', 'required'];

/** @throws TypeError on a form that has no structural equivalent; tests call this for every schema there is. */
export function toStructural(schema: Schema): Schema {
  const { anyOf, properties, $schema: _, ...rest } = schema;
  const kept = Object.entries(rest).filter(([name, value]) => {
    if (name === 'minimum' || name === 'maximum') return !BOUNDS.includes(value);
    return !(name === 'additionalProperties' && value === false) && value !== undefined;
  });
  const node = Object.fromEntries(
    kept.map(([name, value]) => [name, SCHEMAS.includes(name) && isObject(value) ? toStructural(value) : value]),
  );
  if (anyOf !== undefined) return ordered({ ...node, ...intOrString(anyOf) });
  if (!isObject(properties)) return typed(node);
  const members = Object.entries(properties).map(([name, value]) => {
    if (!isObject(value)) throw new TypeError(`${name} is not a schema`);
    return [name, toStructural(value)];
  });
  return typed({ ...node, properties: Object.fromEntries(members) });
}

function typed(node: Schema): Schema {
  if (typeof node['type'] !== 'string') throw new TypeError(`a schema has no type: ${JSON.stringify(node)}`);
  return ordered(node);
}

function ordered(node: Schema): Schema {
  const first = ORDER.filter((name) => name in node).map((name) => [name, node[name]] as const);
  return Object.fromEntries([...first, ...Object.entries(node).filter(([name]) => !ORDER.includes(name))]);
}

/** The one union that there is; what bounds its texts stands on the node itself. */
function intOrString(alternatives: unknown): Schema {
  const all = Array.isArray(alternatives) ? alternatives.filter(isObject) : [];
  const types = all.map(({ type }) => type);
  if (types.join() !== 'integer,string') throw new TypeError(`not an integer or a string: ${types.join()}`);
  const { type: _type, ...bounds } = all[1] ?? {};
  return { ...bounds, anyOf: [{ type: 'integer' }, { type: 'string' }], 'x-kubernetes-int-or-string': true };
}
