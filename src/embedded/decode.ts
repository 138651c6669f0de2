/**
 * Untrusted JSON becomes an object of a kind: types are checked, unknown members left out and reported, quantities and
 * times brought into the form in which the API stores them, absent members filled in where Go would write them.
 */
import { canonicalQuantity } from '../kube/quantity.ts';
import { isList, isObject, type Json, type JsonObject } from './json.ts';
import type { Kind } from './kind.ts';
import { badRequest } from './refusal.ts';
import { type LeafShape, type ListShape, type MapShape, type Shape, type StructShape, shapeFor } from './schema.ts';

export interface Decoded {
  readonly object: JsonObject;
  /** Paths such as `spec.containers[0].foo`, in the order in which they were met. */
  readonly unknown: readonly string[];
}

interface Walk {
  readonly unknown: string[];
  readonly fill: boolean;
  readonly refuse: (why: string) => Error;
  /** The struct whose member is being read. */
  holder: string;
}

export interface DecodeOptions {
  /** What cannot be handled, for messages: `PersistentVolumeClaim in version "v1" cannot be handled as a PersistentVolumeClaim`. */
  readonly subject: string;
  /** Makes the refusal of what cannot be read. Default: 400, after the subject. */
  readonly refuse?: (why: string) => Error;
  /** Fills in absent members and writes values in their canonical form. Default true; false for what a client applies. */
  readonly fill?: boolean;
}

/** @throws Refusal 400 naming the member whose type is wrong. */
export function decode(shape: StructShape, raw: JsonObject, options: DecodeOptions): Decoded {
  const { subject, fill = true, refuse = (why) => badRequest(`${subject}: ${why}`) } = options;
  const walk: Walk = { unknown: [], fill, refuse, holder: shape.name };
  return { object: decodeStruct(shape, raw, '', walk), unknown: walk.unknown };
}

/** What strict and warning field validation say about unknown members. */
export function unknownFields(unknown: readonly string[]): readonly string[] {
  return unknown.map((path) => `unknown field ${JSON.stringify(path)}`);
}

/** As `decode`, for an object of a kind. */
export function decodeAs(kind: Kind, raw: JsonObject, options: DecodeOptions): Decoded {
  return kind.custom ? kind.custom.decode(raw, options.fill ?? true) : decode(shapeFor(kind), raw, options);
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
    case 'leaf': {
      const value = decodeLeaf(shape, raw, path, walk);
      return walk.fill ? value : raw; // an apply is compared as it was written
    }
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
    walk.holder = shape.name;
    const decoded = decodeAny(member.shape, value, inner, walk);
    if (walk.fill && !member.required && isEmptyContainer(member.shape, decoded)) continue;
    if (walk.fill && member.dropsZero && isZero(decoded)) continue;
    object[name] = decoded;
  }
  if (walk.fill) fillIn(shape, object, path, walk);
  return object;
}

function fillIn(shape: StructShape, object: Record<string, Json>, path: string, walk: Walk): void {
  for (const [name, { fallback, required, shape: inner }] of shape.members) {
    if (fallback === undefined || object[name] !== undefined) continue;
    if (!required && isZero(fallback)) continue;
    object[name] = fallback === null ? null : decodeAny(inner, fallback, `${path}.${name}`, walk);
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
    // a key is no member: what is wrong with a plain value is said of the whole
    const place = shape.values.kind === 'leaf' ? path : `${path}.${name}`;
    object.push([name, value === null ? '' : decodeAny(shape.values, value, place, walk)]);
  }
  return Object.fromEntries(object);
}

function decodeList(shape: ListShape, raw: readonly Json[], path: string, walk: Walk): readonly Json[] {
  return raw.map((item, index) => {
    const value = item === null && shape.items.kind === 'struct' ? {} : item;
    return decodeAny(shape.items, value, `${path}[${index}]`, walk);
  });
}

function decodeLeaf(shape: LeafShape, raw: Json, path: string, walk: Walk): Json {
  const { type } = shape;
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
      if (typeof raw !== 'number' || !Number.isSafeInteger(raw)) throw mismatch(raw, path, goType(shape), walk);
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

const MICROTIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{6})(Z|[+-]\d{2}:\d{2})$/;
const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

function decodeTime(type: 'time' | 'microtime', raw: Json, path: string, walk: Walk): string {
  if (typeof raw !== 'string') throw mismatch(raw, path, 'string', walk);
  const form = type === 'time' ? '2006-01-02T15:04:05Z07:00' : '2006-01-02T15:04:05.000000Z07:00';
  const fraction = (type === 'time' ? TIME : MICROTIME).exec(raw);
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
  const field = `${walk.holder}.${path.replaceAll(/\[\d+\]/g, '')}`;
  const named = NAMED[`${walk.holder}.${field.split('.').at(-1)}`];
  const type = named === undefined ? wanted : wanted.replace('string', named);
  return refuse(walk, `json: cannot unmarshal ${jsonType(raw)} into Go struct field ${field} of type ${type}`);
}

/** Texts that have a type of their own in Go, which the schema does not tell. */
const NAMED: Readonly<Record<string, string>> = {
  'PersistentVolumeClaimSpec.accessModes': 'v1.PersistentVolumeAccessMode',
  'PersistentVolumeClaimSpec.volumeMode': 'v1.PersistentVolumeMode',
  'PersistentVolumeSpec.accessModes': 'v1.PersistentVolumeAccessMode',
  'PersistentVolumeSpec.persistentVolumeReclaimPolicy': 'v1.PersistentVolumeReclaimPolicy',
  'PersistentVolumeSpec.volumeMode': 'v1.PersistentVolumeMode',
  'StorageClass.reclaimPolicy': 'v1.PersistentVolumeReclaimPolicy',
  'StorageClass.volumeBindingMode': 'v1.VolumeBindingMode',
};

function refuse(walk: Walk, why: string): Error {
  return walk.refuse(why);
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
      if (shape.type === 'integer') return shape.long ? 'int64' : 'int32';
      return shape.type === 'boolean' ? 'bool' : 'string';
    default:
      return shape satisfies never;
  }
}
