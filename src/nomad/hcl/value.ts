import type { Entry, Node, Plain, Scalar } from '../source/node.ts';
import type { Position } from '../source/position.ts';
import { compareDecimals, type Decimal, decimalText, ofInteger, toDouble } from './decimal.ts';

/**
 * What an expression of HCL is worth. HCL tells a tuple from a list and an object from a map: literals and `for` make
 * tuples and objects, whose items may differ in type; conversions and most functions make lists, sets and maps. A null
 * has no type here. `at` is where it was written; what a function makes has none, what it passes on keeps its own.
 */
export type Value = NullValue | StringValue | NumberValue | BoolValue | SequenceValue | MappingValue;

interface Located {
  readonly at?: Position;
  /** Made from a variable that is marked `sensitive`. */
  readonly sensitive?: true;
}
export interface NullValue extends Located {
  readonly kind: 'null';
}
export interface StringValue extends Located {
  readonly kind: 'string';
  readonly value: string;
}
export interface NumberValue extends Located {
  readonly kind: 'number';
  readonly value: Decimal;
}
export interface BoolValue extends Located {
  readonly kind: 'bool';
  readonly value: boolean;
}
export interface SequenceValue extends Located {
  readonly kind: 'tuple' | 'list' | 'set';
  /** Those of a set are distinct and stand in the order in which HCL goes through them. */
  readonly items: readonly Value[];
}
export interface MappingValue extends Located {
  readonly kind: 'object' | 'map';
  /** In the order of the source; HCL goes through them by `inKeyOrder`. */
  readonly entries: ReadonlyMap<string, Value>;
}

export const NULL: NullValue = { kind: 'null' };

/** HCL keeps every string in Unicode's normal form C. */
export function stringValue(value: string): StringValue {
  return { kind: 'string', value: value.normalize('NFC') };
}

export function numberValue(value: Decimal): NumberValue {
  return { kind: 'number', value };
}

export function wholeValue(value: bigint | number): NumberValue {
  return numberValue(ofInteger(value));
}

export function boolValue(value: boolean): BoolValue {
  return { kind: 'bool', value };
}

export function listValue(items: readonly Value[]): SequenceValue {
  return { kind: 'list', items };
}

export function tupleValue(items: readonly Value[]): SequenceValue {
  return { kind: 'tuple', items };
}

/** Without duplicates, in HCL's order. */
export function setValue(items: readonly Value[]): SequenceValue {
  const sorted = items.toSorted(inSetOrder);
  const distinct = sorted.filter((item, index) => {
    const before = sorted[index - 1];
    return before === undefined || !equal(before, item);
  });
  return { kind: 'set', items: distinct };
}

export function mapValue(entries: Iterable<readonly [string, Value]>): MappingValue {
  return { kind: 'map', entries: new Map(entries) };
}

export function objectValue(entries: Iterable<readonly [string, Value]>): MappingValue {
  return { kind: 'object', entries: new Map(entries) };
}

export function isSequence(value: Value): value is SequenceValue {
  return value.kind === 'tuple' || value.kind === 'list' || value.kind === 'set';
}

export function isMapping(value: Value): value is MappingValue {
  return value.kind === 'object' || value.kind === 'map';
}

/** The entries as `for`, `keys` and everything else in HCL goes through them: by the bytes of their names. */
export function inKeyOrder({ entries }: MappingValue): readonly (readonly [string, Value])[] {
  return [...entries].sort(([one], [other]) => byteOrder(one, other));
}

/** By the bytes of UTF-8, which is by code points: characters beyond the first plane come last. */
export function byteOrder(one: string, other: string): number {
  const length = Math.min(one.length, other.length);
  for (let at = 0; at < length; at += 1) {
    const difference = rank(one.charCodeAt(at)) - rank(other.charCodeAt(at));
    if (difference !== 0) return difference;
  }
  return one.length - other.length;
}

function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x2800 : unit;
}

/** As the evaluator's `==` has it: the kinds of collection must be the same too. */
export function equal(one: Value, other: Value): boolean {
  if (one.kind === 'string' || one.kind === 'bool') return one.kind === other.kind && one.value === other.value;
  if (one.kind === 'number') return other.kind === 'number' && compareDecimals(one.value, other.value) === 0;
  if (one.kind === 'null') return other.kind === 'null';
  if (isSequence(one)) {
    return (
      one.kind === other.kind &&
      one.items.length === other.items.length &&
      one.items.every((item, index) => equal(item, other.items[index] ?? NULL))
    );
  }
  if (one.kind !== other.kind || one.entries.size !== other.entries.size) return false;
  return [...one.entries].every(([key, value]) => {
    const twin = other.entries.get(key);
    return twin !== undefined && equal(value, twin);
  });
}

/** Strings by their bytes, numbers by size, false before true, null last. What else is in a set has no order in HCL; here it goes by its text. */
function inSetOrder(one: Value, other: Value): number {
  if (one.kind === 'null' || other.kind === 'null') return Number(one.kind === 'null') - Number(other.kind === 'null');
  if (one.kind === 'string' && other.kind === 'string') return byteOrder(one.value, other.value);
  if (one.kind === 'number' && other.kind === 'number') return compareDecimals(one.value, other.value);
  if (one.kind === 'bool' && other.kind === 'bool') return Number(one.value) - Number(other.value);
  return byteOrder(identityText(one), identityText(other));
}

/** Equal for equal values of one type: the entries of a map in the order of their names. */
export function identityText(value: Value): string {
  if (isSequence(value)) return `[${value.items.map(identityText).join(',')}]`;
  if (!isMapping(value)) return JSON.stringify(scalarOf(value));
  return `{${inKeyOrder(value)
    .map(([key, inner]) => `${JSON.stringify(key)}:${identityText(inner)}`)
    .join(',')}}`;
}

/** With a position for everything: its own, or that of the expression which made it. */
export function nodeOf(value: Value, within: Position): Node {
  const at = value.at ?? within;
  if (isSequence(value)) return { kind: 'list', items: value.items.map((item) => nodeOf(item, at)), at };
  if (!isMapping(value)) {
    return { kind: 'scalar', value: scalarOf(value), at, ...(value.sensitive && { sensitive: true }) };
  }
  const entries = [...value.entries].map(
    ([key, inner]): Entry => ({ key, value: nodeOf(inner, at), at: inner.at ?? at }),
  );
  return { kind: 'map', entries, at };
}

export function plainOf(value: Value): Plain {
  if (isSequence(value)) return value.items.map(plainOf);
  if (!isMapping(value)) return scalarOf(value);
  return Object.fromEntries([...value.entries].map(([key, inner]) => [key, plainOf(inner)]));
}

/** A number that a double cannot hold, or that would be written with an exponent, is given as its digits: nothing is rounded silently. */
function scalarOf(value: Exclude<Value, SequenceValue | MappingValue>): Scalar {
  if (value.kind === 'null') return null;
  if (value.kind !== 'number') return value.value;
  const [double, text] = [toDouble(value.value), decimalText(value.value)];
  return String(double) === text ? double : text;
}
