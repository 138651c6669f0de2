/**
 * Reads protobuf bodies: kubectl sends new objects in no other form. The envelope is `k8s\0` and runtime.Unknown; what is
 * in it is described in protobuf.generated.json. A member is `name type`, where `?` marks a pointer, `*` a list and `#`
 * a map, and a member without a name stands for its own members.
 */
import { isList, isObject, type Json, type JsonObject, objectAt, parseJson, stringsAt, textAt } from './json.ts';
import generated from './protobuf.generated.json' with { type: 'json' };
import { badRequest, unsupportedMediaType } from './refusal.ts';

interface Field {
  readonly name: string;
  readonly type: string;
  readonly shape: 'plain' | 'pointer' | 'list' | 'map';
}

type Message = ReadonlyMap<number, Field>;

const MAGIC = Buffer.from('k8s\0');
const SHAPES: Readonly<Record<string, Field['shape']>> = { '?': 'pointer', '*': 'list', '#': 'map' };

const read = new Map<string, Message>();

function messageOf(name: string): Message {
  const known = read.get(name);
  if (known) return known;
  const members = stringsAt(generated, 'messages', name) ?? {};
  const message = new Map(Object.entries(members).map(([number, text]) => [Number(number), fieldOf(text)] as const));
  read.set(name, message);
  return message;
}

function fieldOf(text: string): Field {
  const [name = '', type = ''] = text.split(' ');
  const shape = SHAPES[type.slice(0, 1)];
  return shape ? { name, type: type.slice(1), shape } : { name, type, shape: 'plain' };
}

/** @throws Refusal 400 for bytes that are no such message, 415 for a kind that is not understood in this form. */
export function decodeProtobuf(bytes: Uint8Array): JsonObject {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!buffer.subarray(0, MAGIC.length).equals(MAGIC)) throw malformed();
  const { 1: typeMeta, 2: raw } = partsOf(buffer.subarray(MAGIC.length));
  const { 1: version, 2: name } = partsOf(typeMeta ?? Buffer.alloc(0));
  const apiVersion = version?.toString('utf8') ?? '';
  const kind = name?.toString('utf8') ?? '';
  // the options of a deletion come in every group
  const found =
    kind === 'DeleteOptions' ? generated.deleteOptions : textAt(generated, 'kinds', `${apiVersion}/${kind}`);
  if (found === undefined) {
    throw unsupportedMediaType(
      `${apiVersion}/${kind} is not understood as protobuf; send JSON, for example with kubectl apply`,
    );
  }
  return { apiVersion, kind, ...readMessage(found, raw ?? Buffer.alloc(0)) };
}

/** The last of each field that has a length, by number. */
function partsOf(buffer: Buffer): Readonly<Record<number, Buffer>> {
  const parts: Record<number, Buffer> = {};
  for (const [number, value] of fieldsIn(buffer)) if (typeof value !== 'bigint') parts[number] = value;
  return parts;
}

type Raw = bigint | Buffer;

function* fieldsIn(buffer: Buffer): Generator<readonly [number: number, value: Raw]> {
  const cursor = { buffer, at: 0 };
  while (cursor.at < buffer.length) {
    const tag = readVarint(cursor);
    yield [Number(tag >> 3n), readValue(cursor, Number(tag & 7n))];
  }
}

function readMessage(name: string, buffer: Buffer): JsonObject {
  const message = messageOf(name);
  const object: Record<string, Json> = {};
  for (const [number, raw] of fieldsIn(buffer)) {
    const field = message.get(number);
    if (field) put(object, field, raw);
  }
  return object;
}

function put(object: Record<string, Json>, { name, type, shape }: Field, raw: Raw): void {
  const before = object[name];
  if (shape === 'map') {
    object[name] = { ...(isObject(before) ? before : {}), ...readEntry(type, bytesOf(raw)) };
    return;
  }
  const value = convert(type, raw);
  if (name === '') Object.assign(object, value);
  else if (shape === 'list') object[name] = isList(before) ? [...before, value] : [value];
  // zero is what Go writes for a member that was not set, unless it is pointed at
  else if (shape === 'pointer' || !isZero(value)) object[name] = value;
}

function isZero(value: Json): boolean {
  return value === '' || value === 0 || value === false || value === null;
}

function convert(type: string, raw: Raw): Json {
  switch (type) {
    case 'string':
      return bytesOf(raw).toString('utf8');
    case 'bytes':
      return bytesOf(raw).toString('base64');
    case 'int':
      return Number(BigInt.asIntN(64, numberOf(raw)));
    case 'bool':
      return numberOf(raw) !== 0n;
    case 'quantity':
      return partsOf(bytesOf(raw))[1]?.toString('utf8') ?? '';
    case 'port':
      return readPort(bytesOf(raw));
    case 'time':
    case 'microtime':
      return readTime(type, bytesOf(raw));
    case 'raw':
    case 'fields':
      return readJson(partsOf(bytesOf(raw))[1]);
    case 'list:string':
      return [...fieldsIn(bytesOf(raw))].map(([, item]) => bytesOf(item).toString('utf8'));
    default:
      return readMessage(type, bytesOf(raw));
  }
}

/** @throws Refusal 400 where the message has another form than its kind. */
function bytesOf(raw: Raw): Buffer {
  if (typeof raw === 'bigint') throw malformed();
  return raw;
}

function numberOf(raw: Raw): bigint {
  if (typeof raw !== 'bigint') throw malformed();
  return raw;
}

function readEntry(type: string, buffer: Buffer): JsonObject {
  let key = '';
  let value: Json = convert(type, type === 'int' || type === 'bool' ? 0n : Buffer.alloc(0));
  for (const [number, raw] of fieldsIn(buffer)) {
    if (number === 1) key = bytesOf(raw).toString('utf8');
    else value = convert(type, raw);
  }
  return { [key]: value };
}

/** A number, or the name of a port. */
function readPort(buffer: Buffer): Json {
  const parts = new Map(fieldsIn(buffer));
  const [type = 0n, number = 0n, text = Buffer.alloc(0)] = [parts.get(1), parts.get(2), parts.get(3)];
  return type === 0n ? Number(BigInt.asIntN(32, numberOf(number))) : bytesOf(text).toString('utf8');
}

/** Null for the zero time. */
function readTime(type: 'time' | 'microtime', buffer: Buffer): Json {
  const parts = new Map(fieldsIn(buffer));
  const seconds = Number(BigInt.asIntN(64, numberOf(parts.get(1) ?? 0n)));
  const micros = Number(numberOf(parts.get(2) ?? 0n) / 1000n);
  if (seconds <= 0) return null;
  const text = new Date(seconds * 1000).toISOString().slice(0, 19);
  return type === 'time' ? `${text}Z` : `${text}.${String(micros).padStart(6, '0')}Z`;
}

function readJson(buffer: Buffer | undefined): Json {
  try {
    return buffer === undefined || buffer.length === 0 ? null : parseJson(buffer.toString('utf8'));
  } catch {
    throw malformed();
  }
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

/** The kinds that are understood in this form, as `apiVersion/kind`. */
export const protobufKinds: readonly string[] = Object.keys(objectAt(generated, 'kinds'));
