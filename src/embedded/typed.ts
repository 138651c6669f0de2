/**
 * Whether what a client applies fits the schema (sigs.k8s.io/structured-merge-diff typed/validate.go, read in 6.4). An
 * apply that does not fit is refused whatever field validation was asked for, because nobody could own its fields.
 */
import { describePath, itemsByElement } from './field-set.ts';
import { isList, isObject, type Json, type JsonObject, member } from './json.ts';
import { type LeafShape, type ListShape, memberShape, type Shape, seenAs } from './schema.ts';

/** All that does not fit, such as `.spec.replicas: expected numeric (int or float), got …`. */
export function typedProblems(shape: Shape, value: Json): readonly string[] {
  return [...problemsIn(shape, value, '')];
}

function* problemsIn(given: Shape, value: Json, path: string): Generator<string> {
  if (value === null) return;
  const shape = seenAs(given, value);
  switch (shape.kind) {
    case 'struct':
    case 'map':
      if (isObject(value)) yield* memberProblems(shape, value, path);
      else yield `${path}: expected map, got &${shown(value)}`;
      return;
    case 'list':
      if (isList(value)) yield* itemProblems(shape, value, path);
      else yield `${path}: expected list, got &${shown(value)}`;
      return;
    case 'leaf':
      yield* leafProblems(shape.type, value, path);
      return;
    default:
      shape satisfies never;
  }
}

function* memberProblems(shape: Shape, value: JsonObject, path: string): Generator<string> {
  for (const [name, inner] of Object.entries(value)) {
    const below = memberShape(shape, name);
    if (below) yield* problemsIn(below, inner, `${path}.${name}`);
    else yield `${path}.${name}: field not declared in schema`;
  }
}

function* itemProblems(shape: ListShape, list: readonly Json[], path: string): Generator<string> {
  if (shape.owned === 'map') yield* keyProblems(shape, list, path);
  if (shape.owned === 'atomic') {
    for (const [index, item] of list.entries()) yield* problemsIn(shape.items, item, `${path}[${index}]`);
    return;
  }
  for (const [element, items] of itemsByElement(shape, list)) {
    const place = describePath([element]);
    if (items.length > 1) yield `${path}: duplicate entries for key ${place}`;
    else yield* problemsIn(shape.items, items[0] ?? null, `${path}${place}`);
  }
}

function* keyProblems({ keys, items }: ListShape, list: readonly Json[], path: string): Generator<string> {
  for (const [index, item] of list.entries()) {
    const missing = keys.find(
      (key) =>
        member(item, key) === undefined && (items.kind !== 'struct' || items.members.get(key)?.fallback === undefined),
    );
    if (missing === undefined) continue;
    const why = `associative list with keys has an element that omits key field ${JSON.stringify(missing)}`;
    yield `${path}: element ${index}: ${why} (and doesn't have default value)`;
  }
}

const EXPECTED: Readonly<Partial<Record<LeafShape['type'], readonly [expected: string, types: readonly string[]]>>> = {
  string: ['string', ['string']],
  bytes: ['string', ['string']],
  time: ['string', ['string']],
  microtime: ['string', ['string']],
  boolean: ['boolean', ['boolean']],
  integer: ['numeric (int or float)', ['number']],
  number: ['numeric (int or float)', ['number']],
};

function* leafProblems(type: LeafShape['type'], value: Json, path: string): Generator<string> {
  const [expected, types] = EXPECTED[type] ?? [];
  if (types && !types.includes(typeof value)) yield `${path}: expected ${expected}, got &${shown(value)}`;
}

/** As Go prints the value. */
function shown(value: Json): string {
  if (isList(value)) return `{[${value.map((item) => String(item)).join(' ')}]}`;
  const text = typeof value === 'string' ? JSON.stringify(value) : isObject(value) ? 'map[…]' : String(value);
  return `value.valueUnstructured{Value:${text}}`;
}
