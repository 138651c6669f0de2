/**
 * Reads the protobuf bodies of the kinds that kubectl sends in no other form. The envelope is `k8s\0` and
 * runtime.Unknown; the field numbers are those of the generated.proto files of k8s.io/api (read in 0.36).
 */
import { isObject, type Json, type JsonObject, textAt } from './json.ts';
import { badRequest, unsupportedMediaType } from './refusal.ts';

type FieldType =
  | 'string'
  | 'bytes'
  | 'bool'
  | 'int'
  | 'time'
  | { readonly message: string }
  | { readonly map: 'string' | 'bytes' | 'quantity' };

interface Field {
  readonly name: string;
  readonly type: FieldType;
  readonly repeated?: true;
}

type Message = Readonly<Record<number, Field>>;

const META: Field = { name: 'metadata', type: { message: 'ObjectMeta' } };
const TEXT = (name: string): Field => ({ name, type: 'string' });

const MESSAGES: Readonly<Record<string, Message>> = {
  ObjectMeta: {
    1: TEXT('name'),
    2: TEXT('generateName'),
    3: TEXT('namespace'),
    4: TEXT('selfLink'),
    5: TEXT('uid'),
    6: TEXT('resourceVersion'),
    7: { name: 'generation', type: 'int' },
    8: { name: 'creationTimestamp', type: 'time' },
    9: { name: 'deletionTimestamp', type: 'time' },
    10: { name: 'deletionGracePeriodSeconds', type: 'int' },
    11: { name: 'labels', type: { map: 'string' } },
    12: { name: 'annotations', type: { map: 'string' } },
    13: { name: 'ownerReferences', type: { message: 'OwnerReference' }, repeated: true },
    14: { name: 'finalizers', type: 'string', repeated: true },
  },
  OwnerReference: {
    1: TEXT('kind'),
    3: TEXT('name'),
    4: TEXT('uid'),
    5: TEXT('apiVersion'),
    6: { name: 'controller', type: 'bool' },
    7: { name: 'blockOwnerDeletion', type: 'bool' },
  },
  'v1/Namespace': {
    1: META,
    2: { name: 'spec', type: { message: 'NamespaceSpec' } },
    3: { name: 'status', type: { message: 'NamespaceStatus' } },
  },
  NamespaceSpec: { 1: { name: 'finalizers', type: 'string', repeated: true } },
  NamespaceStatus: { 1: TEXT('phase') },
  'v1/ConfigMap': {
    1: META,
    2: { name: 'data', type: { map: 'string' } },
    3: { name: 'binaryData', type: { map: 'bytes' } },
    4: { name: 'immutable', type: 'bool' },
  },
  'v1/Secret': {
    1: META,
    2: { name: 'data', type: { map: 'bytes' } },
    3: TEXT('type'),
    4: { name: 'stringData', type: { map: 'string' } },
    5: { name: 'immutable', type: 'bool' },
  },
  'v1/ServiceAccount': {
    1: META,
    2: { name: 'secrets', type: { message: 'ObjectReference' }, repeated: true },
    3: { name: 'imagePullSecrets', type: { message: 'LocalObjectReference' }, repeated: true },
    4: { name: 'automountServiceAccountToken', type: 'bool' },
  },
  ObjectReference: {
    1: TEXT('kind'),
    2: TEXT('namespace'),
    3: TEXT('name'),
    4: TEXT('uid'),
    5: TEXT('apiVersion'),
    6: TEXT('resourceVersion'),
    7: TEXT('fieldPath'),
  },
  LocalObjectReference: { 1: TEXT('name') },
  'v1/ResourceQuota': {
    1: META,
    2: { name: 'spec', type: { message: 'ResourceQuotaSpec' } },
  },
  ResourceQuotaSpec: {
    1: { name: 'hard', type: { map: 'quantity' } },
    2: { name: 'scopes', type: 'string', repeated: true },
  },
  Quantity: { 1: TEXT('string') },
  'authorization.k8s.io/v1/SelfSubjectAccessReview': {
    1: META,
    2: { name: 'spec', type: { message: 'SelfSubjectAccessReviewSpec' } },
  },
  SelfSubjectAccessReviewSpec: {
    1: { name: 'resourceAttributes', type: { message: 'ResourceAttributes' } },
    2: { name: 'nonResourceAttributes', type: { message: 'NonResourceAttributes' } },
  },
  ResourceAttributes: {
    1: TEXT('namespace'),
    2: TEXT('verb'),
    3: TEXT('group'),
    4: TEXT('version'),
    5: TEXT('resource'),
    6: TEXT('subresource'),
    7: TEXT('name'),
  },
  NonResourceAttributes: { 1: TEXT('path'), 2: TEXT('verb') },
  Timestamp: { 1: { name: 'seconds', type: 'int' }, 2: { name: 'nanos', type: 'int' } },
  Unknown: {
    1: { name: 'typeMeta', type: { message: 'TypeMeta' } },
    2: { name: 'raw', type: 'bytes' },
  },
  TypeMeta: { 1: TEXT('apiVersion'), 2: TEXT('kind') },
};

/** Kinds that are understood in this form. */
const protobufKinds: readonly string[] = Object.keys(MESSAGES).filter((name) => name.includes('/'));

const MAGIC = Buffer.from('k8s\0');

/** @throws Refusal 400 for bytes that are no such message, 415 for a kind that is not understood in this form. */
export function decodeProtobuf(bytes: Uint8Array): JsonObject {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!buffer.subarray(0, MAGIC.length).equals(MAGIC)) throw malformed();
  const { typeMeta, raw } = readMessage('Unknown', buffer.subarray(MAGIC.length));
  const apiVersion = textAt(typeMeta, 'apiVersion') ?? '';
  const kind = textAt(typeMeta, 'kind') ?? '';
  const name = `${apiVersion}/${kind}`;
  if (!(name in MESSAGES)) {
    throw unsupportedMediaType(
      `${name} is not understood as protobuf, only ${protobufKinds.join(', ')}; send JSON, for example with kubectl apply`,
    );
  }
  const object = readMessage(name, Buffer.from(typeof raw === 'string' ? raw : '', 'base64'));
  return { apiVersion, kind, ...object };
}

function readMessage(name: string, buffer: Buffer): JsonObject {
  const fields = MESSAGES[name] ?? {};
  const object: Record<string, Json> = {};
  const cursor = { buffer, at: 0 };
  while (cursor.at < buffer.length) {
    const tag = readVarint(cursor);
    const value = readValue(cursor, Number(tag & 7n));
    const field = fields[Number(tag >> 3n)];
    if (field) put(object, field, convert(field.type, value));
  }
  return object;
}

function put(object: Record<string, Json>, field: Field, value: Json): void {
  const before = object[field.name];
  if (field.repeated) object[field.name] = Array.isArray(before) ? [...before, value] : [value];
  else if (typeof field.type === 'object' && 'map' in field.type) {
    object[field.name] = { ...(isObject(before) ? before : {}), ...(isObject(value) ? value : {}) };
  }
  // an empty scalar is what Go writes for a member that was not set
  else if (value !== '' && value !== 0 && value !== null) object[field.name] = value;
}

type Raw = bigint | Buffer;

function convert(type: FieldType, raw: Raw): Json {
  if (typeof raw === 'bigint') {
    return type === 'bool' ? raw !== 0n : Number(BigInt.asIntN(64, raw));
  }
  if (typeof type === 'object') return 'message' in type ? readMessage(type.message, raw) : readEntry(type.map, raw);
  if (type === 'time') return readTime(raw);
  return type === 'bytes' ? raw.toString('base64') : raw.toString('utf8');
}

function readEntry(type: 'string' | 'bytes' | 'quantity', buffer: Buffer): JsonObject {
  const cursor = { buffer, at: 0 };
  let key = '';
  let value: Json = '';
  while (cursor.at < buffer.length) {
    const tag = readVarint(cursor);
    const raw = readValue(cursor, Number(tag & 7n));
    if (tag >> 3n === 1n) key = String(convert('string', raw));
    else value = type === 'quantity' ? quantityOf(raw) : convert(type, raw);
  }
  return { [key]: value };
}

function quantityOf(raw: Raw): Json {
  return textAt(convert({ message: 'Quantity' }, raw), 'string') ?? '';
}

/** Null for the zero time. */
function readTime(buffer: Buffer): Json {
  const { seconds = 0 } = readMessage('Timestamp', buffer);
  const ms = Number(seconds) * 1000;
  return ms <= 0 ? null : new Date(ms).toISOString();
}

interface Cursor {
  readonly buffer: Buffer;
  at: number;
}

function readValue(cursor: Cursor, wire: number): Raw {
  switch (wire) {
    case 0:
      return readVarint(cursor);
    case 1:
      return readBytes(cursor, 8);
    case 2:
      return readBytes(cursor, Number(readVarint(cursor)));
    case 5:
      return readBytes(cursor, 4);
    default:
      throw malformed();
  }
}

function readVarint(cursor: Cursor): bigint {
  let value = 0n;
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const byte = cursor.buffer[cursor.at];
    if (byte === undefined) throw malformed();
    cursor.at += 1;
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  throw malformed();
}

function readBytes(cursor: Cursor, length: number): Buffer {
  const end = cursor.at + length;
  if (end > cursor.buffer.length) throw malformed();
  const bytes = cursor.buffer.subarray(cursor.at, end);
  cursor.at = end;
  return bytes;
}

function malformed(): Error {
  return badRequest('the body is not a protobuf message of Kubernetes');
}
