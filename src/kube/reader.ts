/**
 * Readers turn parsed JSON into narrow types, dropping everything that the type does not name. This is the edge at which
 * kinds are parsed: past it nothing is cast. A reader throws a TypeError whose message ends in the path of the field.
 */

import { intern } from './intern.ts';

export type Reader<T> = (value: unknown) => T;

/** A field that is always there: read, or `fallback` when absent; without a fallback its absence throws. */
interface Field<T> {
  readonly read: Reader<T>;
  readonly fallback?: T;
}

/** Required members of T are `required(…)`; optional ones are bare readers. */
type Shape<T> = {
  readonly [Name in keyof T]-?: undefined extends T[Name] ? Reader<Exclude<T[Name], undefined>> : Field<T[Name]>;
};

/** Thrown through nested readers, each of which adds its step to the front of the path. */
class Mismatch extends TypeError {
  readonly expected: string;
  path = '';
  constructor(expected: string) {
    super(`expected ${expected}`);
    this.expected = expected;
  }
  within(step: string): this {
    this.path = this.path === '' || this.path.startsWith('[') ? `${step}${this.path}` : `${step}.${this.path}`;
    this.message = `expected ${this.expected} at ${this.path}`;
    return this;
  }
}

export function required<T>(read: Reader<T>, fallback?: T): Field<T> {
  return fallback === undefined ? { read } : { read, fallback };
}

/** Null counts as absent, as it does in the API. */
export function object<T extends object>(shape: Shape<T>): Reader<T> {
  const members = Object.entries<Reader<unknown> | Field<unknown>>(shape).map(([name, field]) =>
    typeof field === 'function'
      ? { name, read: field, needed: false, fallback: undefined }
      : { name, read: field.read, needed: true, fallback: field.fallback },
  );
  return (value) => {
    if (!isObject(value)) throw new Mismatch('an object');
    const result: Record<string, unknown> = {};
    for (const { name, read, needed, fallback } of members) {
      const member = value[name];
      if (member !== undefined && member !== null) result[name] = readMember(name, read, member);
      else if (fallback !== undefined) result[name] = fallback;
      else if (needed) throw new Mismatch('a value').within(name);
    }
    return result as T; // every member of Shape<T> has been read
  };
}

function readMember(name: string, read: Reader<unknown>, value: unknown): unknown {
  try {
    return read(value);
  } catch (error) {
    throw error instanceof Mismatch ? error.within(name) : error;
  }
}

export function listOf<T>(read: Reader<T>): Reader<readonly T[]> {
  return (value) => {
    if (!Array.isArray(value)) throw new Mismatch('a list');
    return value.map((item: unknown, index) => {
      try {
        return read(item);
      } catch (error) {
        throw error instanceof Mismatch ? error.within(`[${index}]`) : error;
      }
    });
  };
}

export type StringMap = Readonly<Record<string, string>>;

/** A map of strings. `omit` names one key to leave out. */
export function stringMap(read: Reader<string>, omit?: string): Reader<StringMap> {
  return (value) => {
    if (!isObject(value)) throw new Mismatch('an object');
    const result: Record<string, string> = {};
    for (const name of Object.keys(value)) {
      if (name === omit || name === '__proto__') continue; // neither is ever a valid label, annotation or resource
      const text = readMember(name, read, value[name]);
      if (typeof text === 'string') result[name] = text;
    }
    return result;
  };
}

export const text: Reader<string> = (value) => {
  if (typeof value !== 'string') throw new Mismatch('a string');
  return value;
};

/** A name or an identity, which other objects and later versions of the same one carry too: kept once. */
export const identifier: Reader<string> = (value) => intern(text(value));

export const integer: Reader<number> = (value) => {
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw new Mismatch('an integer');
  return value;
};

export const flag: Reader<boolean> = (value) => {
  if (typeof value !== 'boolean') throw new Mismatch('true or false');
  return value;
};

export function oneOf<const Word extends string>(...words: readonly Word[]): Reader<Word> {
  return (value) => {
    const word = words.find((candidate) => candidate === value);
    if (word === undefined) throw new Mismatch(`one of ${words.join(', ')}`);
    return word;
  };
}

/**
 * One copy of a string that many objects carry (namespaces, classes, sizes). The table only ever saves memory; it starts
 * anew when it is full, so that strings which turn out not to repeat cannot pile up.
 */
export const repeated: Reader<string> = (value) => {
  const string = text(value);
  const known = interned.get(string);
  if (known !== undefined) return known;
  if (interned.size >= MOST_INTERNED) interned.clear();
  interned.set(string, string);
  return string;
};
const MOST_INTERNED = 10_000;
const interned = new Map<string, string>();

/**
 * One copy of a small value that many objects carry alike (access modes, labels, the status of a bound claim): what was
 * read before is not read again. Sound because what readers return is never mutated.
 */
export function shared<T>(read: Reader<T>): Reader<T> {
  const known = new Map<string, T>();
  return (value) => {
    const source = JSON.stringify(value);
    const before = known.get(source);
    if (before !== undefined) return before;
    const result = read(value);
    if (known.size >= MOST_INTERNED) known.clear();
    known.set(source, result);
    return result;
  };
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
