/** Values for what was left out, and the end of nulls that nothing allows (apiextensions' schema/defaulting). */
import { isList, isObject, type Json, type JsonObject } from '../json.ts';
import type { Structural } from './structural.ts';

interface Filling {
  /** Nulls stay, even where nothing allows them. Default false. */
  readonly keepNulls?: boolean;
}

/** The same object when there was nothing to do. */
export function fillDefaults(node: Structural, object: JsonObject, filling: Filling = {}): JsonObject {
  const filled = new Map(Object.entries(object));
  let changed = false;
  const set = (name: string, value: Json | undefined): void => {
    changed = true;
    if (value === undefined) filled.delete(name);
    else filled.set(name, value);
  };
  for (const [name, { fallback, nullable }] of node.properties) {
    const value = filled.get(name);
    if (value === undefined ? fallback !== undefined : value === null && !nullable && !filling.keepNulls) {
      set(name, fallback);
    }
  }
  for (const [name, value] of filled) {
    const below = node.properties.get(name) ?? node.additional;
    if (!below) continue;
    if (value === null && !below.nullable && !filling.keepNulls) {
      set(name, below.fallback);
      continue;
    }
    const inner = fillValue(below, value, filling);
    if (inner !== value) set(name, inner);
  }
  return changed ? Object.fromEntries(filled) : object;
}

function fillValue(node: Structural, value: Json, filling: Filling): Json {
  if (isObject(value)) return fillDefaults(node, value, filling);
  const { items } = node;
  if (!isList(value) || !items) return value;
  const filled = value.map((item) => {
    const absent = item === null && !items.nullable && items.fallback !== undefined;
    return fillValue(items, absent ? (items.fallback ?? null) : item, filling);
  });
  return filled.some((item, index) => item !== value[index]) ? filled : value;
}
