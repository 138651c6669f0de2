/** Lists that are sets, or maps by keys: no item twice (apiextensions' schema/listtype). */
import { duplicate, type FieldProblem, invalidValue } from '../field.ts';
import { isList, isObject, type Json, type JsonObject, member } from '../json.ts';
import { memberOf, type Structural } from './structural.ts';

export function listTypeProblems(node: Structural, object: JsonObject, path = ''): readonly FieldProblem[] {
  return Object.entries(object).flatMap(([name, value]) => {
    const below = memberOf(node, name);
    if (!below) return [];
    return valueProblems(below, value, node.properties.has(name) ? childOf(path, name) : `${path}[${name}]`);
  });
}

function childOf(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

function valueProblems(node: Structural, value: Json, path: string): readonly FieldProblem[] {
  if (isObject(value)) return listTypeProblems(node, value, path);
  if (!isList(value)) return [];
  const { items } = node;
  const inner = items ? value.flatMap((item, index) => valueProblems(items, item, `${path}[${index}]`)) : [];
  return [...ownProblems(node, value, path), ...inner];
}

function ownProblems(
  { listType, listKeys }: Structural,
  value: readonly Json[],
  path: string,
): readonly FieldProblem[] {
  if (listType === 'set') return repeated(value).map((index) => duplicate(`${path}[${index}]`, value[index] ?? null));
  if (listType !== 'map') return [];
  const wrong = value.findIndex((item) => item !== null && !isObject(item));
  if (wrong >= 0) {
    const text = 'must be an object for an array of list-type map';
    return [invalidValue(`${path}[${wrong}]`, value[wrong] ?? null, text)];
  }
  const keys = value.map((item) => keyOf(item, listKeys));
  return repeated(keys).map((index) => duplicate(`${path}[${index}]`, keys[index] ?? null));
}

function keyOf(item: Json, names: readonly string[]): JsonObject {
  const sorted = [...names].sort();
  return Object.fromEntries(
    sorted.flatMap((name): [string, Json][] => {
      const value = member(item, name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/** Where a value comes for the second time; a third is not told. */
function repeated(values: readonly Json[]): readonly number[] {
  const seen = new Map<string, number>();
  return values.flatMap((value, index) => {
    const text = JSON.stringify(value);
    const times = (seen.get(text) ?? 0) + 1;
    seen.set(text, times);
    return times === 2 ? [index] : [];
  });
}
