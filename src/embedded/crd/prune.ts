/** What a schema does not name is dropped, and told (apiextensions' schema/pruning). */
import { isList, isObject, type Json, type JsonObject } from '../json.ts';
import { childPath, memberOf, type Structural } from './structural.ts';

/** Members that every object has; the API itself looks after them. */
const OWN = ['apiVersion', 'kind', 'metadata'];

export interface Pruned {
  readonly object: JsonObject;
  /** Sorted, as `spec.items[0].foo`. */
  readonly unknown: readonly string[];
}

/** The root of an object is `embedded`: the members that every object has are kept. */
export function prune(root: Structural, object: JsonObject): Pruned {
  const unknown: string[] = [];
  const pruned = pruneObject(root, object, '', unknown);
  return { object: pruned, unknown: unknown.sort() };
}

function pruneValue(node: Structural, value: Json, path: string, unknown: string[]): Json {
  if (isList(value)) {
    const { items } = node;
    if (!items) return value;
    return value.map((item, index) => pruneValue(items, item, `${path}[${index}]`, unknown));
  }
  return isObject(value) ? pruneObject(node, value, path, unknown) : value;
}

function pruneObject(node: Structural, object: JsonObject, path: string, unknown: string[]): JsonObject {
  const kept: [string, Json][] = [];
  for (const [name, value] of Object.entries(object)) {
    const inner = childPath(path, name);
    if (node.embedded && OWN.includes(name)) {
      kept.push([name, value]);
      continue;
    }
    const below = memberOf(node, name);
    if (below) kept.push([name, pruneValue(below, value, inner, unknown)]);
    else if (node.preserve) kept.push([name, value]);
    else unknown.push(inner);
  }
  return Object.fromEntries(kept);
}
