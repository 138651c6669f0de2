import { convert } from '../convert.ts';
import { type Decimal, wholeOf } from '../decimal.ts';
import { isSequence, type SequenceValue, stringValue, type Value } from '../value.ts';

/** Why a call has no value. */
export interface Refused {
  readonly kind: 'refused';
  /** A sentence without its end, such as `a number is required`. */
  readonly message: string;
  /** From 0; absent where the call as a whole is meant. */
  readonly argument?: number;
  /** `file` where something about a file is wrong. */
  readonly about?: 'file';
  /**
   * Nomad had a value here and a conversion cannot have the same one, such as a random identifier. It is no failure of
   * the expression: `try` and `can` must not step over it.
   */
  readonly final?: true;
}

/** What an expression sees of the files beside its job. The reader decides what is inside the directory that was given. */
export interface JobFiles {
  /** `path` is as written in the job, relative to the directory of the job's file. */
  readonly read: (path: string) => FileContent;
  /** The regular files below a directory, however deep, relative to it and with `/`. */
  readonly below: (path: string) => FilesBelow;
}
export type FileContent =
  | { readonly kind: 'file'; readonly bytes: Uint8Array }
  | { readonly kind: 'missing' }
  | { readonly kind: 'directory' }
  /** Outside of the directory that was given, or not readable. */
  | { readonly kind: 'refused'; readonly message: string };
export type FilesBelow =
  | { readonly kind: 'files'; readonly paths: readonly string[] }
  | { readonly kind: 'refused'; readonly message: string };

export interface FunctionContext {
  readonly files: JobFiles;
}

export type Outcome = Value | Refused;

export interface HclFunction {
  readonly atLeast: number;
  /** Absent where any number is taken. */
  readonly atMost?: number;
  readonly run: (args: readonly Value[], context: FunctionContext) => Outcome;
}

/** Reads one argument as HCL converts it to the type of the parameter. */
export type Parameter<T> = (value: Value) => Read<T>;
type Read<T> = { readonly kind: 'read'; readonly value: T } | Refused;

export function refuse(message: string, argument?: number): Refused {
  return argument === undefined ? { kind: 'refused', message } : { kind: 'refused', message, argument };
}

export function one<A>(a: Parameter<A>, run: (a: A, context: FunctionContext) => Outcome): HclFunction {
  return {
    atLeast: 1,
    atMost: 1,
    run: (args, context) => {
      const first = read(a, args, 0);
      return first.kind === 'refused' ? first : run(first.value, context);
    },
  };
}

export function two<A, B>(
  a: Parameter<A>,
  b: Parameter<B>,
  run: (a: A, b: B, context: FunctionContext) => Outcome,
): HclFunction {
  return {
    atLeast: 2,
    atMost: 2,
    run: (args, context) => {
      const first = read(a, args, 0);
      if (first.kind === 'refused') return first;
      const second = read(b, args, 1);
      return second.kind === 'refused' ? second : run(first.value, second.value, context);
    },
  };
}

export function three<A, B, C>(
  [a, b, c]: readonly [Parameter<A>, Parameter<B>, Parameter<C>],
  run: (a: A, b: B, c: C) => Outcome,
): HclFunction {
  return {
    atLeast: 3,
    atMost: 3,
    run: (args) => {
      const first = read(a, args, 0);
      if (first.kind === 'refused') return first;
      const second = read(b, args, 1);
      if (second.kind === 'refused') return second;
      const third = read(c, args, 2);
      return third.kind === 'refused' ? third : run(first.value, second.value, third.value);
    },
  };
}

/** Any number of arguments of one kind. */
export function many<A>(a: Parameter<A>, run: (all: readonly A[]) => Outcome): HclFunction {
  return {
    atLeast: 0,
    run: (args) => {
      const all = readRest(a, args, 0);
      return all.kind === 'refused' ? all : run(all.value);
    },
  };
}

/** One argument, then any number of another kind. */
export function oneThenMany<A, B>(
  a: Parameter<A>,
  b: Parameter<B>,
  run: (first: A, rest: readonly B[]) => Outcome,
): HclFunction {
  return {
    atLeast: 1,
    run: (args) => {
      const first = read(a, args, 0);
      if (first.kind === 'refused') return first;
      const rest = readRest(b, args, 1);
      return rest.kind === 'refused' ? rest : run(first.value, rest.value);
    },
  };
}

function read<T>(parameter: Parameter<T>, args: readonly Value[], index: number): Read<T> {
  const value = args[index];
  if (!value) return refuse('an argument is missing', index);
  const got = parameter(value);
  return got.kind === 'refused' ? { ...got, argument: index } : got;
}

function readRest<T>(parameter: Parameter<T>, args: readonly Value[], from: number): Read<readonly T[]> {
  const values: T[] = [];
  for (let index = from; index < args.length; index += 1) {
    const got = read(parameter, args, index);
    if (got.kind === 'refused') return got;
    values.push(got.value);
  }
  return { kind: 'read', value: values };
}

const NOT_NULL = refuse('the argument must not be null');

function given<T>(value: T): Read<T> {
  return { kind: 'read', value };
}

/** Any value, null too. */
export const nullable: Parameter<Value> = given;

export const present: Parameter<Value> = (value) => (value.kind === 'null' ? NOT_NULL : given(value));

export const text: Parameter<string> = (value) => {
  if (value.kind === 'null') return NOT_NULL;
  const converted = convert(value, { kind: 'string' });
  if (converted.kind === 'refused') return refuse(converted.message);
  return converted.value.kind === 'string' ? given(converted.value.value) : refuse('a string is required');
};

export const number: Parameter<Decimal> = (value) => {
  if (value.kind === 'null') return NOT_NULL;
  const converted = convert(value, { kind: 'number' });
  if (converted.kind === 'refused') return refuse(converted.message);
  return converted.value.kind === 'number' ? given(converted.value.value) : refuse('a number is required');
};

/** A number without a fraction that counts, measures or numbers something. */
export const whole: Parameter<number> = (value) => {
  const got = number(value);
  if (got.kind === 'refused') return got;
  const integer = wholeOf(got.value);
  if (integer === undefined) return refuse('a whole number is required');
  return Number.isSafeInteger(Number(integer)) ? given(Number(integer)) : refuse('the number is too large');
};

/** The items of a list of one type; tuples and sets become one. */
export const list: Parameter<readonly Value[]> = (value) => collection(value, 'list');

/** The items of a set of one type; tuples and lists become one. */
export const set: Parameter<readonly Value[]> = (value) => collection(value, 'set');

function collection(value: Value, kind: 'list' | 'set'): Read<readonly Value[]> {
  if (value.kind === 'null') return NOT_NULL;
  const converted = convert(value, { kind, element: { kind: 'any' } });
  if (converted.kind === 'refused') return refuse(converted.message);
  return isSequence(converted.value) ? given(converted.value.items) : refuse(`a ${kind} is required`);
}

/** The items of a list of strings; undefined stands for null. */
export const texts: Parameter<readonly (string | undefined)[]> = (value) => {
  if (value.kind === 'null') return NOT_NULL;
  const converted = convert(value, { kind: 'list', element: { kind: 'string' } });
  if (converted.kind === 'refused') return refuse(converted.message);
  if (!isSequence(converted.value)) return refuse('a list of strings is required');
  return given(converted.value.items.map((item) => (item.kind === 'string' ? item.value : undefined)));
};

export function stringList(items: readonly string[]): SequenceValue {
  return { kind: 'list', items: items.map(stringValue) };
}
