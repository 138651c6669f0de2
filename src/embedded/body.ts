/** What a client sent: JSON, YAML or, for a few kinds, protobuf, as an object. */
import { parse as parseYaml } from 'yaml';
import type { Call } from './call.ts';
import { isList, isObject, type Json, type JsonObject, parseJson } from './json.ts';
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
  const value = type === PROTOBUF ? readProtobuf(call) : readText(type, bodyText(call));
  if (!isObject(value)) throw badRequest('the body is not an object');
  return value;
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

function readText(type: string, text: string): Json {
  switch (type) {
    case 'application/json':
    case '':
      return readJson(text);
    case 'application/yaml':
      return readYaml(text);
    default:
      throw unsupportedMediaType(
        `the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, ${PROTOBUF}`,
      );
  }
}

export function readJson(text: string): Json {
  let value: Json;
  try {
    value = parseJson(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw badRequest(`couldn't get version/kind; json parse error: ${reason}`);
  }
  return shallow(value, text);
}

export function readYaml(text: string): Json {
  let value: Json;
  try {
    value = parseYaml(text, { maxAliasCount: 100 });
  } catch (cause) {
    const reason = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause);
    throw badRequest(`error converting YAML to JSON: ${reason}`);
  }
  return shallow(value, text);
}

/** Level by level, because what walks a body afterwards does so by recursion. */
function shallow(value: Json, text: string): Json {
  if (text.length < DEEPEST) return value; // each level takes a character at least
  let level: readonly Json[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > DEEPEST) throw badRequest(`the body is nested deeper than ${DEEPEST} levels`);
    level = level.flatMap((each) => (isList(each) ? each : isObject(each) ? Object.values(each) : []));
  }
  return value;
}
