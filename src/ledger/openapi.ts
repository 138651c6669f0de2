/** The OpenAPI document of the HTTP API, from the schemas that its requests are checked by. */
import { z } from 'zod';
import type { Operation } from './api/operation.ts';
import { operations } from './api/operations.ts';
import { problemView } from './api/view.ts';
import type { Json, JsonObject } from './canonical.ts';
import { TEXT_AT_MOST } from './event.ts';
import { NEW_ID_PATTERN } from './new-id.ts';

/** Of the API, not of Larder: its second number grows with each addition. */
const API_VERSION = '1.1.0';
/** An id in a path may be as long as one in a body; twelve bytes of percent-encoding for each fit into a request. */
export const PATH_TEXT_AT_MOST = TEXT_AT_MOST;

const PROBLEM = 'application/problem+json';

/** The path of the document itself, which is served without a token: it says nothing about a ledger. */
export const DOCUMENT_PATH = '/openapi.json';

export function openapi(): JsonObject {
  const { schemas } = z.toJSONSchema(registered(), {
    io: 'input',
    uri: (name) => `#/components/schemas/${name}`,
    override: ({ jsonSchema }) => readable(jsonSchema),
  });
  return {
    openapi: '3.1.0',
    info: {
      title: 'Larder ledger',
      version: API_VERSION,
      description:
        'What operators did to a cluster, recorded in their git repository. Every record is signed and follows the one before it. Sending the same again is safe: it is answered with what is there.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ token: [] }],
    tags: [...new Set(operations.map(({ tag }) => tag))].map((name) => ({ name })),
    paths: paths(),
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'As `larder ledger serve` prints it.' },
      },
      responses: Object.fromEntries(
        Object.entries(problems).map(([status, why]) => [`Problem${status}`, problemResponse(why)]),
      ),
      schemas: Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, plainSchema(schema)])),
    },
  };
}

const problems: Readonly<Record<string, string>> = {
  400: 'The request, its query or its path is malformed, or its body is no JSON.',
  401: 'The request carries no valid token.',
  403: 'The token may only read, or the request was addressed to another host.',
  404: 'There is no such thing in the ledger.',
  409: 'It contradicts the ledger or itself, another body has this id, or the ledger is broken and read-only. `code` says which.',
  413: 'The body is too large.',
  415: 'The body is not application/json.',
  422: 'A field of the body is not as its schema says, or holds what looks like a secret.',
  429: 'Too many requests in a minute.',
  503: 'The ledger cannot be used now: a full disk, another writer that does not end, a clock that is behind. `code` says which.',
};

function problemResponse(description: string): JsonObject {
  return { description, content: { [PROBLEM]: { schema: reference('Problem') } } };
}

function registered() {
  const registry = z.registry<{ readonly id: string }>();
  registry.add(problemView, { id: 'Problem' });
  for (const { body, answer } of operations) {
    for (const { name, schema } of [body, answer])
      if (name !== '' && !registry.has(schema)) registry.add(schema, { id: name });
  }
  return registry;
}

/** zod says each of these as a pattern too; the format says it to people. */
const readableFormats: readonly unknown[] = ['date-time', 'uuid', 'ipv4', 'ipv6'];

function readable(schema: z.core.JSONSchema.BaseSchema): void {
  if (readableFormats.includes(schema.format)) delete schema.pattern;
  const names = schema.propertyNames;
  if (typeof names === 'object' && names.type === 'string' && Object.keys(names).length === 1)
    delete schema.propertyNames;
}

/** Without what only a schema that stands alone needs. */
function plainSchema(schema: unknown): Json {
  const { $schema: _draft, $id: _id, ...rest } = JSON.parse(JSON.stringify(schema));
  return rest;
}

function reference(name: string): JsonObject {
  return { $ref: `#/components/schemas/${name}` };
}

function paths(): JsonObject {
  const byPath = Map.groupBy(operations, ({ path }) => path);
  const entries = [...byPath].map(([path, those]) => [
    path,
    Object.fromEntries(those.map((each) => [each.method, described(each)])),
  ]);
  return { ...Object.fromEntries(entries), [DOCUMENT_PATH]: { get: documentOperation } };
}

const documentOperation: JsonObject = {
  operationId: 'getDocument',
  tags: ['Ledger'],
  summary: 'This document',
  security: [],
  responses: {
    200: { description: 'OpenAPI 3.1', content: { 'application/json': { schema: { type: 'object' } } } },
    429: { $ref: '#/components/responses/Problem429' },
  },
};

function described(operation: Operation): JsonObject {
  const { id, tag, summary, description, body } = operation;
  const parameters = [...pathParameters(operation), ...queryParameters(operation)];
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body.name === '' ? {} : { requestBody: requestBody(body) }),
    responses: responses(operation),
  };
}

function requestBody({ name, examples }: Operation['body']): JsonObject {
  const shown = examples.map(({ summary, value }, index) => [`example${index + 1}`, { summary, value }] as const);
  const schema = reference(name);
  const media: JsonObject = shown.length === 0 ? { schema } : { schema, examples: Object.fromEntries(shown) };
  return { required: true, content: { 'application/json': media } };
}

const pathExamples: Readonly<Record<string, string>> = {
  changeId: '6f1c2a9e-4f6b-4c1d-9a53-0d7be2c1b001',
  runId: '6f1c2a9e-4f6b-4c1d-9a53-0d7be2c1a001',
  routeId: 'node-offline-pager',
  fingerprint: 'a1b2c3d4e5f60718',
  nodeId: 'pi-cluster-1.local',
  incidentId: 'INC-2026-03-09',
  rotationId: '6f1c2a9e-4f6b-4c1d-9a53-0d7be2c1e001',
  id: '6f1c2a9e-4f6b-4c1d-9a53-0d7be2c1f001',
};

/** Names in braces. */
export function parameterNames(path: string): readonly string[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
}

/** What a request with such a path begins. */
const begins: ReadonlySet<string> = new Set(['nodeId', 'rotationId']);

function pathParameters({ path, method }: Operation): readonly JsonObject[] {
  const schema = { type: 'string', minLength: 1, maxLength: PATH_TEXT_AT_MOST };
  return parameterNames(path).map((name) => {
    const pattern: JsonObject = begins.has(name) && method === 'put' ? { pattern: NEW_ID_PATTERN } : {};
    const example = pathExamples[name] ?? 'example';
    return { name, in: 'path', required: true, schema: { ...schema, ...pattern }, example };
  });
}

function queryParameters({ query }: Operation): readonly JsonObject[] {
  const { properties = {}, required = [] } = z.toJSONSchema(query, { io: 'input' });
  return Object.entries(properties).map(([name, schema]) => {
    const { description, ...rest } = JSON.parse(JSON.stringify(schema));
    const parameter: JsonObject = { name, in: 'query', required: required.includes(name), schema: rest };
    return description === undefined ? parameter : { ...parameter, description };
  });
}

function responses(operation: Operation): JsonObject {
  const { makes, answer, method, path, body, query } = operation;
  const content = { 'application/json': { schema: reference(answer.name) } };
  const done = makes
    ? { 200: { description: 'It was recorded before', content }, 201: { description: 'Recorded', content } }
    : { 200: { description: method === 'get' ? 'What the ledger says' : 'Recorded', content } };
  const statuses = new Set([401, 403, 429, 503, ...(operation.problems ?? [])]);
  if (parameterNames(path).length > 0 || Object.keys(query.shape).length > 0) statuses.add(400);
  if (body.name !== '') for (const status of [400, 409, 413, 415, 422]) statuses.add(status);
  const refusals = [...statuses]
    .toSorted((a, b) => a - b)
    .map((status) => [status, { $ref: `#/components/responses/Problem${status}` }]);
  return { ...done, ...Object.fromEntries(refusals) };
}
