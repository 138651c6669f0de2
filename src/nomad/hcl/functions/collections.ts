import { convert } from '../convert.ts';
import {
  boolValue,
  equal,
  identityText,
  inKeyOrder,
  isMapping,
  isSequence,
  listValue,
  mapValue,
  NULL,
  objectValue,
  type SequenceValue,
  stringValue,
  tupleValue,
  type Value,
  wholeValue,
} from '../value.ts';
import { type Type, typeOf, unify } from '../value-type.ts';
import {
  type HclFunction,
  list,
  many,
  nullable,
  type Outcome,
  one,
  present,
  refuse,
  stringList,
  text,
  texts,
  three,
  two,
  whole,
} from './hcl-function.ts';

export const collectionFunctions: Readonly<Record<string, HclFunction>> = {
  chunklist: two(list, whole, chunks),
  coalesce: many(nullable, coalesce),
  coalescelist: many(nullable, firstFilled),
  compact: one(texts, (items) => stringList(items.filter((item) => item !== undefined && item !== '').map(String))),
  concat: many(present, concat),
  contains: two(present, nullable, (within, value) =>
    isSequence(within) ? boolValue(within.items.some((item) => equal(item, value))) : refuse(SEQUENCE, 0),
  ),
  distinct: one(list, (items) => listValue(distinct(items))),
  element: two(present, whole, element),
  flatten: one(present, (value) => (isSequence(value) ? tupleValue(flat(value)) : refuse(SEQUENCE, 0))),
  index: two(present, present, index),
  keys: one(present, keys),
  length: one(present, length),
  lookup: three([present, text, present], lookup),
  merge: many(nullable, merge),
  slice: three([present, whole, whole], slice),
  values: one(present, values),
  zipmap: two(texts, present, zip),
};

const SEQUENCE = 'a list, a set or a tuple is required';
const MAPPING = 'a map or an object is required';
const ONE_TYPE = 'all arguments must be of one type';

function chunks(items: readonly Value[], size: number): Outcome {
  if (size < 0) return refuse('the size must not be negative', 1);
  if (items.length === 0) return listValue([]);
  const length = size === 0 ? items.length : size;
  const count = Math.ceil(items.length / length);
  return listValue(
    Array.from({ length: count }, (_, chunk) => listValue(items.slice(chunk * length, (chunk + 1) * length))),
  );
}

function coalesce(all: readonly Value[]): Outcome {
  const type = unify(all.map(typeOf));
  const first = all.find(({ kind }) => kind !== 'null');
  if (!type) return refuse(ONE_TYPE);
  if (!first) return refuse('every argument is null');
  return converted(first, type);
}

function converted(value: Value, type: Type): Outcome {
  const result = convert(value, type);
  return result.kind === 'refused' ? refuse(result.message) : result.value;
}

function firstFilled(all: readonly Value[]): Outcome {
  const wrong = all.findIndex(({ kind }) => kind !== 'list' && kind !== 'tuple' && kind !== 'null');
  if (wrong >= 0) return refuse('a list or a tuple is required', wrong);
  return all.filter(isSequence).find(({ items }) => items.length > 0) ?? refuse('every argument is null or empty');
}

/** Lists of one type make a list, everything else a tuple. */
function concat(all: readonly Value[]): Outcome {
  if (all.length === 0) return refuse('at least one list is needed');
  const sequences = all.filter(isSequence);
  const wrong = all.findIndex(({ kind }) => kind !== 'list' && kind !== 'tuple');
  if (wrong >= 0) return refuse('a list or a tuple is required', wrong);
  const items = sequences.flatMap((sequence) => sequence.items);
  const type = sequences.every(({ kind }) => kind === 'list') ? unify(sequences.map(typeOf)) : undefined;
  return type ? converted(listValue(items), type) : tupleValue(items);
}

function distinct(items: readonly Value[]): readonly Value[] {
  const seen = new Set<string>();
  return items.filter((item) => {
    const text = identityText(item);
    const isNew = !seen.has(text);
    seen.add(text);
    return isNew;
  });
}

/** Beyond the end it starts over; below zero it counts from the end. */
function element(within: Value, wanted: number): Outcome {
  if (within.kind !== 'list' && within.kind !== 'tuple') return refuse('a list or a tuple is required', 0);
  const count = within.items.length;
  if (count === 0) return refuse('an empty list has no element', 0);
  return within.items[((wanted % count) + count) % count] ?? NULL;
}

function flat({ items }: SequenceValue): readonly Value[] {
  return items.flatMap((item) => (isSequence(item) ? flat(item) : [item]));
}

function index(within: Value, key: Value): Outcome {
  if (within.kind === 'map') {
    if (key.kind !== 'string') return refuse('the key of a map must be a string', 1);
    return within.entries.get(key.value) ?? refuse(`the map has no key ${JSON.stringify(key.value)}`, 1);
  }
  if (within.kind !== 'list' && within.kind !== 'tuple') return refuse('a list, a map or a tuple is required', 0);
  if (key.kind !== 'number') return refuse('the key must be a number', 1);
  const wanted = whole(key);
  if (wanted.kind === 'refused') return refuse(wanted.message, 1);
  return within.items[wanted.value] ?? refuse(`there is no element ${wanted.value} among ${within.items.length}`, 1);
}

function keys(value: Value): Outcome {
  if (!isMapping(value)) return refuse(MAPPING, 0);
  const names = inKeyOrder(value).map(([name]) => stringValue(name));
  return value.kind === 'map' ? listValue(names) : tupleValue(names);
}

function values(value: Value): Outcome {
  if (!isMapping(value)) return refuse(MAPPING, 0);
  const items = inKeyOrder(value).map(([, inner]) => inner);
  return value.kind === 'map' ? listValue(items) : tupleValue(items);
}

/** Objects have no length in HCL, although maps do. */
function length(value: Value): Outcome {
  if (isSequence(value)) return wholeValue(value.items.length);
  return value.kind === 'map'
    ? wholeValue(value.entries.size)
    : refuse('a list, a set, a tuple or a map is required', 0);
}

function lookup(within: Value, key: string, otherwise: Value): Outcome {
  if (!isMapping(within)) return refuse(MAPPING, 0);
  const found = within.entries.get(key);
  if (within.kind === 'object') return found ?? otherwise;
  const type = typeOf(within);
  const fitting = convert(otherwise, type.kind === 'map' ? type.element : { kind: 'any' });
  if (fitting.kind === 'refused') return refuse('the default must be of the type of the elements', 2);
  return found ?? fitting.value;
}

/** Maps of one type make a map, everything else an object. A key that comes again keeps its place and takes the new value. */
function merge(all: readonly Value[]): Outcome {
  const wrong = all.findIndex((value) => value.kind !== 'null' && !isMapping(value));
  if (wrong >= 0) return refuse(MAPPING, wrong);
  const mappings = all.filter(isMapping);
  const entries = mappings.flatMap((mapping) => [...mapping.entries]);
  const alike =
    mappings.length > 0 && mappings.every(({ kind }) => kind === 'map') && sameElements(mappings.map(typeOf));
  return alike ? mapValue(entries) : objectValue(entries);
}

function sameElements(types: readonly Type[]): boolean {
  const elements = types.flatMap((type) =>
    type.kind === 'map' && type.element.kind !== 'any' ? [type.element.kind] : [],
  );
  return new Set(elements).size <= 1;
}

function slice(within: Value, start: number, end: number): Outcome {
  if (within.kind !== 'list' && within.kind !== 'tuple')
    return refuse('a list or a tuple is required; a set has no order', 0);
  if (start < 0 || start > within.items.length) return refuse(`the start must be from 0 to ${within.items.length}`, 1);
  if (end < start || end > within.items.length)
    return refuse(`the end must be from ${start} to ${within.items.length}`, 2);
  const items = within.items.slice(start, end);
  return within.kind === 'list' ? listValue(items) : tupleValue(items);
}

function zip(names: readonly (string | undefined)[], within: Value): Outcome {
  if (within.kind !== 'list' && within.kind !== 'tuple') return refuse('a list or a tuple is required', 1);
  const known = names.filter((name) => name !== undefined);
  if (known.length < names.length) return refuse(`key ${names.indexOf(undefined)} is null`, 0);
  if (known.length !== within.items.length)
    return refuse(`there are ${known.length} keys and ${within.items.length} values`);
  const entries = known.map((name, at): readonly [string, Value] => [name, within.items[at] ?? NULL]);
  return within.kind === 'list' ? mapValue(entries) : objectValue(entries);
}
