import { decimalText, parseDecimal } from './decimal.ts';
import {
  boolValue,
  isMapping,
  isSequence,
  listValue,
  type MappingValue,
  mapValue,
  NULL,
  numberValue,
  objectValue,
  setValue,
  stringValue,
  tupleValue,
  type Value,
} from './value.ts';
import { type AttributeType, kindText, type Type, typeOf, unify } from './value-type.ts';

export type Converted =
  | { readonly kind: 'value'; readonly value: Value }
  /** `message` says what was needed, such as `a number is required`, and inside what: `attribute "port": …`. */
  | { readonly kind: 'refused'; readonly message: string };

/**
 * As HCL converts where a type is asked for: scalars from and to strings, tuples to lists and sets, objects to maps and
 * back. What is null stays null. What an object has beyond its type is dropped. The position stays.
 */
export function convert(value: Value, type: Type): Converted {
  if (type.kind === 'any' || value.kind === 'null') return given(value);
  const converted = convertPresent(value, type);
  if (converted.kind === 'refused' || converted.value.at || !value.at) return converted;
  return given({ ...converted.value, at: value.at });
}

function convertPresent(value: Value, type: Type): Converted {
  switch (type.kind) {
    case 'any':
      return given(value);
    case 'string':
      return toText(value);
    case 'number':
      return toNumber(value);
    case 'bool':
      return toBool(value);
    case 'list':
    case 'set':
      return toCollection(value, type.kind, type.element);
    case 'map':
      return isMapping(value) ? toMap(value, type.element) : required('map', value);
    case 'tuple':
      return toTuple(value, type.items);
    case 'object':
      return isMapping(value) ? toObject(value, type.attributes) : required('object', value);
    default:
      return type satisfies never;
  }
}

function given(value: Value): Converted {
  return { kind: 'value', value };
}

function refused(message: string): Converted {
  return { kind: 'refused', message };
}

function required(what: string, value: Value): Converted {
  return refused(`${/^[aeiou]/.test(what) ? 'an' : 'a'} ${what} is required, not ${kindText(value)}`);
}

function toText(value: Value): Converted {
  if (value.kind === 'string') return given(value);
  if (value.kind === 'number') return given(stringValue(decimalText(value.value)));
  return value.kind === 'bool' ? given(stringValue(String(value.value))) : required('string', value);
}

function toNumber(value: Value): Converted {
  if (value.kind === 'number') return given(value);
  if (value.kind !== 'string') return required('number', value);
  const parsed = parseDecimal(value.value);
  return parsed ? given(numberValue(parsed)) : refused('a number is required');
}

function toBool(value: Value): Converted {
  if (value.kind === 'bool') return given(value);
  if (value.kind !== 'string') return required('bool', value);
  if (value.value === 'true' || value.value === '1') return given(boolValue(true));
  if (value.value === 'false' || value.value === '0') return given(boolValue(false));
  const lower = value.value.toLowerCase();
  return lower === 'true' || lower === 'false'
    ? refused(`a bool is required; from a string it is written in small letters, "${lower}"`)
    : refused('a bool is required');
}

function toCollection(value: Value, kind: 'list' | 'set', element: Type): Converted {
  if (!isSequence(value)) return required(kind, value);
  const made = each(
    value.items.map((item, index): Part => [`element ${index}`, item]),
    element,
  );
  if (made.kind === 'refused') return made;
  return given(kind === 'set' ? setValue(made.values) : listValue(made.values));
}

function toMap(value: MappingValue, element: Type): Converted {
  const names = [...value.entries.keys()];
  const made = each(
    [...value.entries].map(([name, inner]): Part => [`element ${JSON.stringify(name)}`, inner]),
    element,
  );
  return made.kind === 'refused'
    ? made
    : given(mapValue(names.map((name, index) => [name, made.values[index] ?? NULL])));
}

type Part = readonly [where: string, value: Value];

/** Elements of one collection share one type: for `any` the one that all convert to. */
function each(
  parts: readonly Part[],
  element: Type,
): { readonly kind: 'values'; readonly values: readonly Value[] } | Extract<Converted, { kind: 'refused' }> {
  const common = element.kind === 'any' ? unify(parts.map(([, value]) => typeOf(value))) : element;
  if (!common) return { kind: 'refused', message: 'all elements must be of one type' };
  const values: Value[] = [];
  for (const [where, value] of parts) {
    const converted = convert(value, common);
    if (converted.kind === 'refused') return { kind: 'refused', message: `${where}: ${converted.message}` };
    values.push(converted.value);
  }
  return { kind: 'values', values };
}

function toTuple(value: Value, types: readonly Type[]): Converted {
  if (value.kind !== 'tuple') return required('tuple', value);
  if (value.items.length !== types.length)
    return refused(`a tuple of ${types.length} elements is required, not of ${value.items.length}`);
  const items: Value[] = [];
  for (const [index, type] of types.entries()) {
    const converted = convert(value.items[index] ?? NULL, type);
    if (converted.kind === 'refused') return refused(`element ${index}: ${converted.message}`);
    items.push(converted.value);
  }
  return given(tupleValue(items));
}

function toObject(value: MappingValue, attributes: ReadonlyMap<string, AttributeType>): Converted {
  const made: (readonly [string, Value])[] = [];
  for (const [name, { type, optional }] of attributes) {
    const inner = value.entries.get(name);
    if (inner === undefined && !optional) return refused(`attribute ${JSON.stringify(name)} is required`);
    const chosen = inner === undefined || inner.kind === 'null' ? (optional?.otherwise ?? inner ?? NULL) : inner;
    const converted = convert(chosen, type);
    if (converted.kind === 'refused') return refused(`attribute ${JSON.stringify(name)}: ${converted.message}`);
    made.push([name, converted.value]);
  }
  return given(objectValue(made));
}
