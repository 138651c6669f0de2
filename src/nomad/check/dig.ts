/** Looking into parsed YAML, of which nothing is known: hand-edited trees hold anything. */
import { isObject } from '../../kube/reader.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** What stands below the keys; undefined where one of them is missing. */
export function dig(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((found, key) => {
    if (Array.isArray(found)) return typeof key === 'number' ? found[key] : undefined;
    return isObject(found) && Object.hasOwn(found, key) ? found[key] : undefined;
  }, value);
}

/** A map, or an empty one. */
export function fields(value: unknown): Fields {
  return isObject(value) ? value : {};
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The maps of a list; what is none is passed over. */
export function maps(value: unknown): readonly Fields[] {
  return list(value).filter(isObject);
}

/** Text, or the text of a number or truth value; empty where there is none. */
export function word(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

export function words(value: unknown): readonly string[] {
  return list(value).map(word);
}

/** Every text below a value, with the path that leads there. */
export function texts(value: unknown, path: readonly (string | number)[] = []): readonly Found[] {
  if (typeof value === 'string') return [{ text: value, path }];
  if (Array.isArray(value)) return value.flatMap((each, index) => texts(each, [...path, index]));
  return isObject(value) ? Object.entries(value).flatMap(([key, each]) => texts(each, [...path, key])) : [];
}

export interface Found {
  readonly text: string;
  readonly path: readonly (string | number)[];
}
