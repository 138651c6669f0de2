/** What a client sent: JSON, YAML or, for a few kinds, protobuf, as an object. */
import { isScalar, LineCounter, type Node, parseAllDocuments, type Tags } from 'yaml';
import type { Call } from './call.ts';
import { isList, isObject, type Json, type JsonObject, parseJson } from './json.ts';
import { inspectJson, TOO_DEEP } from './json-text.ts';
import { decodeProtobuf } from './protobuf.ts';
import { badRequest, tooLarge, unsupportedMediaType } from './refusal.ts';

/** As the API server limits request bodies (k8s.io/apiserver MaxRequestBodyBytes, 3 MiB). */
export const LARGEST_BODY = 3 * 1024 * 1024;

/** No kind comes near; the API server's own limit, Go's, is 10,000. */
const DEEPEST = 500;

const PROTOBUF = 'application/vnd.kubernetes.protobuf';

export function mediaTypeOf(call: Call): string {
  return (call.headers['content-type'] ?? 'application/json').split(';')[0]?.trim().toLowerCase() ?? '';
}

export function bodyText(call: Call): string {
  checkSize(call);
  return typeof call.body === 'string' ? call.body : Buffer.from(call.body ?? '').toString('utf8');
}

function checkSize({ body = '' }: Call): void {
  const bytes = typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength;
  if (bytes > LARGEST_BODY) throw tooLarge(LARGEST_BODY);
}

/**
 * The object in the body.
 * @throws Refusal 400 when there is none, 413 when it is too large, 415 when its form is not known.
 */
export function readBody(call: Call): JsonObject {
  const type = mediaTypeOf(call);
  return type === PROTOBUF ? readProtobuf(call) : readText(type, bodyText(call)).object;
}

export interface Document {
  readonly object: JsonObject;
  /** What strict field validation refuses in the text itself: members that come twice. */
  readonly repeated: readonly string[];
}

/** As `readBody`, with what strict validation says about the text. */
export function readDocument(call: Call): Document {
  const type = mediaTypeOf(call);
  return type === PROTOBUF ? { object: readProtobuf(call), repeated: [] } : readText(type, bodyText(call));
}

/** The options of a delete; undefined when none were sent. */
export function readOptionalBody(call: Call): JsonObject | undefined {
  const empty = call.body === undefined || call.body.length === 0;
  return empty ? undefined : readBody(call);
}

function readProtobuf(call: Call): JsonObject {
  checkSize(call);
  return decodeProtobuf(typeof call.body === 'string' ? Buffer.from(call.body, 'latin1') : (call.body ?? Buffer.of()));
}

function readText(type: string, text: string): Document {
  switch (type) {
    case 'application/json':
    case '':
      return documentOf(parsedJson(text));
    case 'application/yaml':
      return documentOf(parsedYaml(text));
    default:
      throw unsupportedMediaType(
        `the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, ${PROTOBUF}`,
      );
  }
}

/** What Go unmarshals into: null is the same as nothing said. */
function documentOf({ value, repeated }: Parsed): Document {
  if (value === null) return { object: {}, repeated };
  if (!isObject(value)) throw badRequest(`${UNREADABLE} json: cannot unmarshal ${typeOf(value)} into Go value`);
  return { object: value, repeated };
}

/** `array`, `string`, as encoding/json names what it found. */
export function typeOf(value: Json): string {
  return isList(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
}

export interface Parsed {
  readonly value: Json;
  readonly repeated: readonly string[];
}

const UNREADABLE = "couldn't get version/kind; json parse error:";

export function readJson(text: string): Json {
  return parsedJson(text).value;
}

export function readYaml(text: string): Json {
  return parsedYaml(text).value;
}

/** @throws Refusal 400 saying `lead` and what is wrong, in the words of Go. */
export function parsedJson(text: string, lead = UNREADABLE): Parsed {
  const inspection = inspectJson(text);
  if (inspection.kind === 'broken' && inspection.reason === TOO_DEEP) throw tooDeep();
  if (inspection.kind === 'broken') throw badRequest(lead === '' ? inspection.reason : `${lead} ${inspection.reason}`);
  const repeated = inspection.duplicates.map((path) => `duplicate field ${JSON.stringify(path)}`);
  return { value: shallow(parseJson(text), text), repeated };
}

/** As in YAML 1.1, which Kubernetes reads, but with times and numbers to the base of sixty as texts. */
const customTags = (tags: Tags): Tags =>
  tags.filter((tag) => typeof tag === 'string' || (tag.format !== 'TIME' && !tag.tag.endsWith(':timestamp')));

/** Of several documents the first. */
export function parsedYaml(text: string): Parsed {
  const repeated: string[] = [];
  const lines = new LineCounter();
  const uniqueKeys = (left: Node, right: Node): boolean => {
    if (!isScalar(left) || !isScalar(right) || left.value !== right.value) return false;
    const { line } = lines.linePos(right.range?.[0] ?? 0);
    repeated.push(`line ${line}: key ${JSON.stringify(String(right.value))} already set in map`);
    return false;
  };
  const [document] = parseAllDocuments(text, { lineCounter: lines, uniqueKeys, version: '1.1', customTags });
  const [error] = document?.errors ?? [];
  if (error) throw badRequest(`error converting YAML to JSON: yaml: ${error.message.split('\n')[0] ?? ''}`);
  return { value: shallow(plainOf(document), text), repeated };
}

/** @throws Refusal 400 for aliases that multiply. */
function plainOf(document: ReturnType<typeof parseAllDocuments>[number] | undefined): Json {
  try {
    const value: Json = document?.toJS({ maxAliasCount: 100 }) ?? null;
    return value;
  } catch (cause) {
    throw badRequest(`error converting YAML to JSON: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}

function tooDeep(): Error {
  return badRequest(`the body is nested deeper than ${DEEPEST} levels`);
}

/** Level by level, because what walks a body afterwards does so by recursion. */
function shallow(value: Json, text: string): Json {
  if (text.length < DEEPEST) return value; // each level takes a character at least
  let level: readonly Json[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > DEEPEST) throw tooDeep();
    level = level.flatMap((each) => (isList(each) ? each : isObject(each) ? Object.values(each) : []));
  }
  return value;
}
