import { isMapping, isSequence, type Value } from './value.ts';

/** What a value may be, as `variable` blocks and `convert` name it. `any` takes everything as it is. */
export type Type =
  | { readonly kind: 'string' | 'number' | 'bool' | 'any' }
  | { readonly kind: 'list' | 'set' | 'map'; readonly element: Type }
  | { readonly kind: 'tuple'; readonly items: readonly Type[] }
  | { readonly kind: 'object'; readonly attributes: ReadonlyMap<string, AttributeType> };

export interface AttributeType {
  readonly type: Type;
  /** Present on `optional(…)`: what a missing attribute becomes, null without a second argument. */
  readonly optional?: { readonly otherwise: Value };
}

const ANY: Type = { kind: 'any' };

/** As `type = …` would be written. */
export function typeText(type: Type): string {
  switch (type.kind) {
    case 'string':
    case 'number':
    case 'bool':
    case 'any':
      return type.kind;
    case 'list':
    case 'set':
    case 'map':
      return `${type.kind}(${typeText(type.element)})`;
    case 'tuple':
      return `tuple([${type.items.map(typeText).join(', ')}])`;
    case 'object':
      return `object({${[...type.attributes].map(([name, inner]) => `${name} = ${attributeText(inner)}`).join(', ')}})`;
    default:
      return type satisfies never;
  }
}

function attributeText({ type, optional }: AttributeType): string {
  return optional ? `optional(${typeText(type)})` : typeText(type);
}

/** The narrowest type; null and empty collections say nothing about theirs. */
export function typeOf(value: Value): Type {
  switch (value.kind) {
    case 'null':
      return ANY;
    case 'string':
    case 'number':
    case 'bool':
      return { kind: value.kind };
    case 'tuple':
      return { kind: 'tuple', items: value.items.map(typeOf) };
    case 'object':
      return {
        kind: 'object',
        attributes: new Map([...value.entries].map(([name, inner]) => [name, { type: typeOf(inner) }])),
      };
    case 'list':
    case 'set':
      return { kind: value.kind, element: unify(value.items.map(typeOf)) ?? ANY };
    case 'map':
      return { kind: 'map', element: unify([...value.entries.values()].map(typeOf)) ?? ANY };
    default:
      return value satisfies never;
  }
}

/** A kind in words, for messages. */
export function kindText(value: Value): string {
  if (value.kind === 'null') return 'null';
  if (isSequence(value) || isMapping(value)) return value.kind === 'object' ? 'an object' : `a ${value.kind}`;
  return `a ${value.kind}`;
}

/** The one type that all convert to without a loss; undefined where there is none. Nothing unifies to `any`. */
export function unify(types: readonly Type[]): Type | undefined {
  const known = types.filter((type) => type.kind !== 'any');
  const [first] = known;
  if (!first) return ANY;
  if (known.every((type) => isScalarType(type))) return unifyScalars(known);
  if (known.every((type) => type.kind === 'map' || type.kind === 'object')) return unifyMappings(known);
  if (known.every((type) => type.kind === 'list' || type.kind === 'tuple' || type.kind === 'set'))
    return unifySequences(known);
  return undefined;
}

function isScalarType(type: Type): boolean {
  return type.kind === 'string' || type.kind === 'number' || type.kind === 'bool';
}

function unifyScalars(types: readonly Type[]): Type | undefined {
  const kinds = new Set(types.map(({ kind }) => kind));
  if (kinds.size === 1) return types[0];
  return kinds.has('string') ? { kind: 'string' } : undefined;
}

/** Objects of the same names stay objects; a map among them, or other names, makes a map of all. */
function unifyMappings(types: readonly Type[]): Type | undefined {
  const objects = types.filter((type) => type.kind === 'object');
  const names = objects.map(({ attributes }) => [...attributes.keys()].sort().join('\0'));
  if (objects.length === types.length && new Set(names).size === 1) {
    const attributes = [...(objects[0]?.attributes.keys() ?? [])].map((name): readonly [string, Type | undefined] => [
      name,
      unify(objects.flatMap((object) => object.attributes.get(name)?.type ?? [])),
    ]);
    const unified = attributes.flatMap(([name, type]): (readonly [string, AttributeType])[] =>
      type ? [[name, { type }]] : [],
    );
    return unified.length === attributes.length ? { kind: 'object', attributes: new Map(unified) } : undefined;
  }
  const element = unify(types.flatMap(elementsOf));
  return element && { kind: 'map', element };
}

function unifySequences(types: readonly Type[]): Type | undefined {
  const tuples = types.filter((type) => type.kind === 'tuple');
  const [first] = tuples;
  if (first && tuples.length === types.length && tuples.every(({ items }) => items.length === first.items.length)) {
    const items = first.items.map((_, index) => unify(tuples.flatMap((tuple) => tuple.items[index] ?? [])));
    const known = items.filter((item) => item !== undefined);
    return known.length === items.length ? { kind: 'tuple', items: known } : undefined;
  }
  const element = unify(types.flatMap(elementsOf));
  return element && { kind: types.every(({ kind }) => kind === 'set') ? 'set' : 'list', element };
}

function elementsOf(type: Type): readonly Type[] {
  if (type.kind === 'object') return [...type.attributes.values()].map((inner) => inner.type);
  if (type.kind === 'tuple') return type.items;
  return type.kind === 'list' || type.kind === 'set' || type.kind === 'map' ? [type.element] : [];
}
