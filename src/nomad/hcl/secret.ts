import { isMapping, isSequence, type Value } from './value.ts';

/** Marked all through: its text must not be shown. */
export function secretly(value: Value): Value {
  if (isSequence(value)) return { ...value, items: value.items.map(secretly), sensitive: true };
  if (!isMapping(value)) return { ...value, sensitive: true };
  const entries = [...value.entries].map(([name, inner]): readonly [string, Value] => [name, secretly(inner)]);
  return { ...value, entries: new Map(entries), sensitive: true };
}

export function containsSecret(value: Value): boolean {
  if (value.sensitive) return true;
  if (isSequence(value)) return value.items.some(containsSecret);
  return isMapping(value) && [...value.entries.values()].some(containsSecret);
}
