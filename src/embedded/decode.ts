/**
 * Untrusted JSON becomes an object of a kind: types are checked, unknown members left out and reported, quantities and
 * times brought into the form in which the API stores them, absent members filled in where Go would write them.
 */
import { canonicalQuantity } from '../kube/quantity.ts';
import { isList, isObject, type Json, type JsonObject } from './json.ts';
import { badRequest } from './refusal.ts';
import type { LeafShape, ListShape, MapShape, Shape, StructShape } from './schema.ts';

export interface Decoded {
  readonly object: JsonObject;
  /** Paths such as `spec.containers[0].foo`, in the order in which they were met. */
  readonly unknown: readonly string[];
}

interface Walk {
  readonly unknown: string[];
  readonly fill: boolean;
  /** What the message begins with. */
  readonly subject: string;
}

export interface DecodeOptions {
  /** What cannot be handled, for messages: `PersistentVolumeClaim in version "v1" cannot be handled as a PersistentVolumeClaim`. */
  readonly subject: string;
  /** Fills in absent members. Default true; false for what a client applies, where absent means "not mine". */
  readonly fill?: boolean;
}

/** @throws Refusal 400 naming the member whose type is wrong. */
export function decode(shape: StructShape, raw: JsonObject, options: DecodeOptions): Decoded {
  const walk: Walk = { unknown: [], fill: options.fill ?? true, subject: options.subject };
  return { object: decodeStruct(shape, raw, '', walk), unknown: walk.unknown };
}

/** What strict and warning field validation say about unknown members. */
export function unknownFields(unknown: readonly string[]): readonly string[] {
  return unknown.map((path) => `unknown field ${JSON.stringify(path)}`);
}

function decodeAny(shape: Shape, raw: Json, path: string, walk: Walk): Json {
  switch (shape.kind) {
    case 'struct':
      if (!isObject(raw)) throw mismatch(raw, path, `v1.${shape.name}`, walk);
      return decodeStruct(shape, raw, path, walk);
    case 'map':
      if (!isObject(raw)) throw mismatch(raw, path, goType(shape), walk);
      return decodeMap(shape, raw, path, walk);
    case 'list':
      if (!isList(raw)) throw mismatch(raw, path, goType(shape), walk);
      return decodeList(shape, raw, path, walk);
    case 'leaf':
      return decodeLeaf(shape.type, raw, path, walk);
    default:
      return shape satisfies never;
  }
}

function decodeStruct(shape: StructShape, raw: JsonObject, path: string, walk: Walk): JsonObject {
  const object: Record<string, Json> = {};
  for (const [name, value] of Object.entries(raw)) {
    const member = shape.members.get(name);
    const inner = path === '' ? name : `${path}.${name}`;
    if (!member) {
      walk.unknown.push(inner);
      continue;
    }
    if (value === null) continue;
    const decoded = decodeAny(member.shape, value, inner, walk);
    if (walk.fill && !member.required && isEmptyContainer(member.shape, decoded)) continue;
    object[name] = decoded;
  }
  if (walk.fill) fillIn(shape, object, path, walk);
  return object;
}

function fillIn(shape: StructShape, object: Record<string, Json>, path: string, walk: Walk): void {
  for (const [name, { fallback, required, shape: inner }] of shape.members) {
    if (fallback === undefined || object[name] !== undefined) continue;
    if (!required && isZero(fallback)) continue;
    object[name] = decodeAny(inner, fallback, `${path}.${name}`, walk);
  }
}

/** Zero values of optional members are not written. */
function isZero(value: Json): boolean {
  return value === '' || value === 0 || value === false;
}

function isEmptyContainer(shape: Shape, value: Json): boolean {
  if (shape.kind === 'map') return isObject(value) && Object.keys(value).length === 0;
  return shape.kind === 'list' && isList(value) && value.length === 0;
}

function decodeMap(shape: MapShape, raw: JsonObject, path: string, walk: Walk): JsonObject {
  const object: [string, Json][] = [];
  for (const [name, value] of Object.entries(raw)) {
    if (value === null && !walk.fill) continue;
    object.push([name, value === null ? '' : decodeAny(shape.values, value, `${path}.${name}`, walk)]);
  }
  return Object.fromEntries(object);
}

function decodeList(shape: ListShape, raw: readonly Json[], path: string, walk: Walk): readonly Json[] {
  return raw.map((item, index) => {
    const value = item === null && shape.items.kind === 'struct' ? {} : item;
    return decodeAny(shape.items, value, `${path}[${index}]`, walk);
  });
}

function decodeLeaf(type: LeafShape['type'], raw: Json, path: string, walk: Walk): Json {
  switch (type) {
    case 'any':
      return raw;
    case 'string':
      if (typeof raw !== 'string') throw mismatch(raw, path, 'string', walk);
      return raw;
    case 'boolean':
      if (typeof raw !== 'boolean') throw mismatch(raw, path, 'bool', walk);
      return raw;
    case 'integer':
      if (typeof raw !== 'number' || !Number.isSafeInteger(raw)) throw mismatch(raw, path, 'int32', walk);
      return raw;
    case 'number':
      if (typeof raw !== 'number') throw mismatch(raw, path, 'float64', walk);
      return raw;
    case 'port':
      if (typeof raw !== 'string' && typeof raw !== 'number') throw mismatch(raw, path, 'intstr.IntOrString', walk);
      return raw;
    case 'bytes':
      return decodeBytes(raw, path, walk);
    case 'quantity':
      return decodeQuantity(raw, walk);
    case 'time':
    case 'microtime':
      return decodeTime(type, raw, path, walk);
    default:
      return type satisfies never;
  }
}

const QUANTITY = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

function decodeQuantity(raw: Json, walk: Walk): string {
  const canonical = typeof raw === 'string' || typeof raw === 'number' ? canonicalQuantity(String(raw)) : undefined;
  if (canonical === undefined) throw refuse(walk, QUANTITY);
  return canonical;
}

function decodeBytes(raw: Json, path: string, walk: Walk): string {
  if (typeof raw !== 'string') throw mismatch(raw, path, '[]uint8', walk);
  const text = raw.replace(/[\r\n]/g, '');
  const wrong = /[^A-Za-z0-9+/=]/.exec(text)?.index ?? (text.length % 4 === 0 ? -1 : text.length - (text.length % 4));
  if (wrong >= 0) throw refuse(walk, `illegal base64 data at input byte ${wrong}`);
  return text;
}

const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

function decodeTime(type: 'time' | 'microtime', raw: Json, path: string, walk: Walk): string {
  if (typeof raw !== 'string') throw mismatch(raw, path, 'string', walk);
  const form = type === 'time' ? '2006-01-02T15:04:05Z07:00' : '2006-01-02T15:04:05.000000Z07:00';
  const fraction = TIME.exec(raw);
  const ms = fraction ? Date.parse(raw) : Number.NaN;
  if (!fraction || Number.isNaN(ms)) {
    throw refuse(
      walk,
      `parsing time ${JSON.stringify(raw)} as ${JSON.stringify(form)}: cannot parse ${JSON.stringify(raw)}`,
    );
  }
  const seconds = new Date(ms).toISOString().slice(0, 19);
  if (type === 'time') return `${seconds}Z`;
  return `${seconds}.${(fraction[1] ?? '.').slice(1, 7).padEnd(6, '0')}Z`;
}

/** As encoding/json names what it found and what it wanted. */
function mismatch(raw: Json, path: string, wanted: string, walk: Walk): Error {
  return refuse(walk, `json: cannot unmarshal ${jsonType(raw)} into Go struct field ${path} of type ${wanted}`);
}

function refuse(walk: Walk, why: string): Error {
  return badRequest(`${walk.subject}: ${why}`);
}

function jsonType(value: Json): string {
  if (isList(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'number' : `number ${value}`;
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

function goType(shape: Shape): string {
  switch (shape.kind) {
    case 'struct':
      return `v1.${shape.name}`;
    case 'map':
      return `map[string]${goType(shape.values)}`;
    case 'list':
      return `[]${goType(shape.items)}`;
    case 'leaf':
      return shape.type === 'integer' ? 'int32' : shape.type === 'boolean' ? 'bool' : 'string';
    default:
      return shape satisfies never;
  }
}
