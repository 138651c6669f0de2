import type { Scalar } from '../source/node.ts';
import type { ObjectNode } from './form.ts';
import { scalarFrom } from './node.ts';
import type { JsonNode, Member } from './parse.ts';

/** By its name in the API, whatever the case: so Go reads them. */
export function memberOf(object: ObjectNode | undefined, name: string): Member | undefined {
  return object?.members.find(({ key }) => key.toLowerCase() === name.toLowerCase());
}

export function objectOf(object: ObjectNode | undefined, name: string): ObjectNode | undefined {
  const value = memberOf(object, name)?.value;
  return value?.kind === 'object' ? value : undefined;
}

/** Undefined for what is no text, or empty. */
export function textOf(node: JsonNode | undefined): string | undefined {
  return node?.kind === 'scalar' && typeof node.value === 'string' && node.value !== '' ? node.value : undefined;
}

/** The members that are no lists or objects, and not null. */
export function scalarsOf(object: ObjectNode | undefined): Readonly<Record<string, Scalar>> {
  const entries = (object?.members ?? []).flatMap(({ key, value }): readonly (readonly [string, Scalar])[] => {
    if (value.kind !== 'scalar' && value.kind !== 'number') return [];
    const scalar = scalarFrom(value);
    return scalar === null ? [] : [[key, scalar]];
  });
  return Object.fromEntries(entries);
}
