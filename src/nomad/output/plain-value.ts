import type { Plain } from '../source/node.ts';

/** A map, or an empty one where there is something else. */
export function mapOf(value: Plain | undefined): { readonly [key: string]: Plain } {
  return isMap(value) ? value : {};
}

/** A list, or an empty one where there is something else. */
export function listOf(value: Plain | undefined): readonly Plain[] {
  return isList(value) ? value : [];
}

export function textOf(value: Plain | undefined): string {
  return typeof value === 'string' ? value : '';
}

export function isMap(value: Plain | undefined): value is { readonly [key: string]: Plain } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isList(value: Plain | undefined): value is readonly Plain[] {
  return Array.isArray(value);
}
