/** The words in which the schemas are written. The name of the API comes first, then Nomad's default where it has one. */
import type { Plain } from '../../source/node.ts';

export type Kind = 'text' | 'integer' | 'flag' | 'duration' | 'texts' | 'integers' | 'any';

/** What a value of a kind is after reading. */
export interface ValueOf {
  readonly text: string;
  readonly integer: number;
  readonly flag: boolean;
  /** Milliseconds. */
  readonly duration: number;
  readonly texts: readonly string[];
  readonly integers: readonly number[];
  readonly any: Plain;
}

export interface FieldSpec<K extends Kind = Kind, D extends ValueOf[K] | undefined = ValueOf[K] | undefined> {
  readonly is: 'field';
  readonly kind: K;
  /** In Nomad's HTTP API, which is also the form of a JSON job. */
  readonly api: string;
  readonly fallback: D;
}

export interface BlockSpec<S extends Schema = Schema, M extends Many = Many> {
  readonly is: 'block';
  readonly api: string;
  readonly many: M;
  /** A function, because blocks contain each other. */
  readonly schema: () => S;
}
/** How often a block may stand: once, several times, or several times with a label each. */
export type Many = 'one' | 'many' | 'labelled';

/** `entries`: a map of text (`env`). `lists`: of lists of text (`header` of a check). `free`: a plugin's own. */
export interface MapSpec<F extends 'entries' | 'lists' | 'free' = 'entries' | 'lists' | 'free'> {
  readonly is: F;
  readonly api: string;
}

export type Spec = FieldSpec | BlockSpec | MapSpec;
export interface Schema {
  readonly [name: string]: Spec;
}

export function text(api: string): FieldSpec<'text', undefined>;
export function text(api: string, fallback: string): FieldSpec<'text', string>;
export function text(api: string, fallback?: string): FieldSpec<'text'> {
  return { is: 'field', kind: 'text', api, fallback };
}

export function integer(api: string): FieldSpec<'integer', undefined>;
export function integer(api: string, fallback: number): FieldSpec<'integer', number>;
export function integer(api: string, fallback?: number): FieldSpec<'integer'> {
  return { is: 'field', kind: 'integer', api, fallback };
}

export function flag(api: string): FieldSpec<'flag', undefined>;
export function flag(api: string, fallback: boolean): FieldSpec<'flag', boolean>;
export function flag(api: string, fallback?: boolean): FieldSpec<'flag'> {
  return { is: 'field', kind: 'flag', api, fallback };
}

/** Text with a unit, or whole nanoseconds; read as milliseconds. */
export function duration(api: string): FieldSpec<'duration', undefined>;
export function duration(api: string, fallbackMs: number): FieldSpec<'duration', number>;
export function duration(api: string, fallback?: number): FieldSpec<'duration'> {
  return { is: 'field', kind: 'duration', api, fallback };
}

export function texts(api: string): FieldSpec<'texts', undefined> {
  return { is: 'field', kind: 'texts', api, fallback: undefined };
}

export function integers(api: string): FieldSpec<'integers', undefined> {
  return { is: 'field', kind: 'integers', api, fallback: undefined };
}

/** Of any type: what a plugin reads, or what has several. */
export function any(api: string): FieldSpec<'any', undefined> {
  return { is: 'field', kind: 'any', api, fallback: undefined };
}

export function one<S extends Schema>(api: string, schema: () => S): BlockSpec<S, 'one'> {
  return { is: 'block', api, many: 'one', schema };
}

export function many<S extends Schema>(api: string, schema: () => S): BlockSpec<S, 'many'> {
  return { is: 'block', api, many: 'many', schema };
}

export function labelled<S extends Schema>(api: string, schema: () => S): BlockSpec<S, 'labelled'> {
  return { is: 'block', api, many: 'labelled', schema };
}

export function entries(api: string): MapSpec<'entries'> {
  return { is: 'entries', api };
}

export function lists(api: string): MapSpec<'lists'> {
  return { is: 'lists', api };
}

export function free(api: string): MapSpec<'free'> {
  return { is: 'free', api };
}
