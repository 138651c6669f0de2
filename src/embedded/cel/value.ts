/** JSON as the values that expressions work with, and back. */
import { Optional } from '@marcbachmann/cel-js';
import type { CelType } from '../cel.ts';
import { isList, isObject, type Json, type JsonObject } from '../json.ts';
import { readDuration } from './duration.ts';
import { constructorOf, writtenName } from './environment.ts';

/** @throws when a text is no time or duration although its type says so. */
export function celValue(type: CelType, value: Json | undefined): unknown {
  if (type.kind === 'optional') return value === undefined ? Optional.none() : Optional.of(celValue(type.of, value));
  if (value === undefined || value === null) return null;
  switch (type.kind) {
    case 'list':
      return isList(value) ? value.map((item) => celValue(type.items, item)) : untyped(value);
    case 'map':
      return isObject(value)
        ? new Map(Object.entries(value).map(([name, inner]) => [name, celValue(type.values, inner)]))
        : untyped(value);
    case 'object':
      return isObject(value) ? structOf(type, value) : untyped(value);
    case 'double':
      return value;
    case 'timestamp':
      return typeof value === 'string' ? new Date(value) : untyped(value);
    case 'duration':
      return typeof value === 'string' ? readDuration(value) : untyped(value);
    case 'bytes':
      return typeof value === 'string' ? Uint8Array.from(Buffer.from(value, 'base64')) : untyped(value);
    case 'dyn':
    case 'bool':
    case 'int':
    case 'string':
    case 'null':
      return untyped(value);
    default:
      return type satisfies never;
  }
}

/** Members that the type does not name, or that are null, cannot be seen. */
function structOf(type: Extract<CelType, { kind: 'object' }>, value: JsonObject): unknown {
  const Struct = constructorOf(type);
  const struct = new Struct();
  for (const [name, fieldType] of Object.entries(type.fields)) {
    const inner = Object.hasOwn(value, name) ? value[name] : undefined;
    if (inner === undefined || (inner === null && fieldType.kind !== 'dyn')) continue;
    struct.set(writtenName(type, name), celValue(fieldType, inner));
  }
  return struct;
}

/** Whole numbers are integers, as the API server reads JSON. */
function untyped(value: Json): unknown {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (isList(value)) return value.map(untyped);
  if (!isObject(value)) return value;
  return new Map(Object.entries(value).map(([name, inner]) => [name, untyped(inner)]));
}

/** What JSON cannot say, such as a quantity, becomes its text. */
export function jsonValue(value: unknown): Json {
  if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (value === null || value === undefined) return null;
  if (Array.isArray(value)) return value.map((item) => jsonValue(item));
  if (value instanceof Map) {
    return Object.fromEntries([...value].map(([name, inner]) => [String(name), jsonValue(inner)]));
  }
  return value instanceof Optional ? jsonValue(value.orValue(null)) : String(value);
}

/** The number of items of the largest list or object, however deep. */
export function largestIn(values: readonly (Json | undefined)[]): number {
  let largest = 1;
  let level: readonly (Json | undefined)[] = values;
  while (level.length > 0) {
    const next: Json[] = [];
    for (const value of level) {
      if (typeof value !== 'object' || value === null) continue;
      const items = isList(value) ? value : Object.values(value);
      if (items.length > largest) largest = items.length;
      for (const item of items) next.push(item);
    }
    level = next;
  }
  return largest;
}
