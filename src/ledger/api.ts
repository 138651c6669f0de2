/** The HTTP API of a ledger: every operation of the document at its path, behind bearer tokens. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { bearerOf } from '../http/entrance.ts';
import { createHttpServer } from '../http/server.ts';
import type { Log } from '../telemetry/log.ts';
import { type Answer, type Refusal, refused } from './api/answer.ts';
import { readBody } from './api/body.ts';
import type { Desk } from './api/desk.ts';
import type { Operation } from './api/operation.ts';
import { operations } from './api/operations.ts';
import type { Json } from './canonical.ts';
import { DOCUMENT_PATH, openapi, PATH_TEXT_AT_MOST } from './openapi.ts';
import { type LedgerCode, LedgerError } from './registry.ts';
import type { Tokens } from './tokens.ts';

interface ApiOptions {
  readonly desk: Desk;
  readonly tokens: Tokens;
  /** Host names that requests may be addressed to; empty: any. */
  readonly hosts: readonly string[];
  readonly log: Log;
}

/** A client that sends one request after the other, as a test does, stays below; one that was left running does not. */
const REQUESTS_PER_MINUTE = 60_000;

export async function ledgerApi({ desk, tokens, hosts, log }: ApiOptions): Promise<FastifyInstance> {
  const app = await createHttpServer({
    log,
    token: (bearer) => tokens.find(bearer) !== undefined,
    openPaths: [DOCUMENT_PATH],
    hosts,
    requestsPerMinute: REQUESTS_PER_MINUTE,
    methodsAt,
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, asSent);
  const document = JSON.stringify(openapi());
  app.get(DOCUMENT_PATH, async (_request, reply) => reply.type('application/json').send(document));
  for (const operation of operations) {
    const limit = operation.bodyLimitBytes;
    app.route({
      method: operation.method.toUpperCase(),
      url: operation.path.replaceAll(/\{(\w+)\}/g, ':$1'),
      ...(limit === undefined ? {} : { bodyLimit: limit }),
      async handler(request, reply) {
        const caller = tokens.find(bearerOf(request) ?? '');
        const mayDoIt = operation.method === 'get' || caller?.may === 'write';
        const answer = mayDoIt ? await carriedOut(operation, desk, request).catch(failed(log)) : readOnly();
        if (answer.kind === 'done' && answer.record !== undefined) {
          log.info({ operation: operation.id, record: answer.record, caller: caller?.name }, 'recorded');
        }
        return send(reply, answer);
      },
    });
  }
  return app;
}

/** Read when the operation is known: fastify's own reading would drop what is there twice. */
async function asSent(_request: FastifyRequest, body: Buffer): Promise<Buffer> {
  return body;
}

const templates = [...Map.groupBy(operations, ({ path }) => path)].map(([path, those]) => ({
  pattern: new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}/?$`),
  methods: allowed(those.map(({ method }) => method.toUpperCase())),
}));

function allowed(methods: readonly string[]): readonly string[] {
  return methods.includes('GET') ? [...methods, 'HEAD'].toSorted() : methods.toSorted();
}

function methodsAt(path: string): readonly string[] {
  if (path === DOCUMENT_PATH) return allowed(['GET']);
  return templates.find(({ pattern }) => pattern.test(path))?.methods ?? [];
}

/** Failures that somebody can do something about; what they say about the record is true. */
const failures: Readonly<Partial<Record<LedgerCode, number>>> = {
  LARDER_LEDGER_INVALID: 422,
  LARDER_LEDGER_BROKEN: 409,
  LARDER_LEDGER_EVIDENCE: 409,
  LARDER_LEDGER_LOCKED: 503,
  LARDER_LEDGER_FILES: 503,
  LARDER_LEDGER_CLOCK: 503,
  LARDER_LEDGER_HIDDEN: 503,
  LARDER_LEDGER_GIT: 503,
  LARDER_LEDGER_KEY_UNUSABLE: 503,
};

function failed(log: Log): (failure: unknown) => Answer {
  return (failure) => {
    const status = failure instanceof LedgerError ? failures[failure.code] : undefined;
    if (!(failure instanceof LedgerError) || status === undefined) throw failure;
    if (status >= 500) log.error({ code: failure.code, err: failure }, 'the ledger could not be used');
    return refused(status, failure.code, failure.message);
  };
}

async function carriedOut(operation: Operation, desk: Desk, request: FastifyRequest): Promise<Answer> {
  const params = Object.entries(record(request.params)).map(([name, value]) => [name, String(value)] as const);
  const long = params.find(([, value]) => [...value].length > PATH_TEXT_AT_MOST);
  if (long !== undefined)
    return refused(
      400,
      'LARDER_LEDGER_INVALID',
      `${long[0]} in the path is longer than ${PATH_TEXT_AT_MOST} characters`,
    );
  const body = bodyOf(operation, request.body);
  if (body.kind === 'problem') return body;
  // Nothing is added to what somebody changed a moment ago, whatever it costs to look at every file.
  await (operation.method === 'get' ? desk.fresh() : desk.ledger.refresh());
  return operation.run(desk, { params: Object.fromEntries(params), query: record(request.query), body: body.value });
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

type Given = { readonly kind: 'given'; readonly value: Json | undefined } | Refusal;

function bodyOf(operation: Operation, sent: unknown): Given {
  if (operation.body.name === '' || !(sent instanceof Uint8Array)) return { kind: 'given', value: undefined };
  const read = readBody(sent);
  switch (read.kind) {
    case 'body':
      return { kind: 'given', value: read.value };
    case 'malformed':
      return refused(400, 'LARDER_LEDGER_INVALID', read.why);
    case 'unfit':
      return refused(409, 'LARDER_LEDGER_UNFIT', read.why);
    default:
      return read satisfies never;
  }
}

function readOnly(): Answer {
  return refused(403, 'LARDER_LEDGER_READ_TOKEN', 'this token may only read: use one that may write');
}

/** Clients give up at headers of 16 KiB; the id is in the body anyway. */
const LOCATION_AT_MOST = 4_096;

function send(reply: FastifyReply, answer: Answer): FastifyReply {
  if (answer.kind === 'problem') {
    return reply.code(answer.problem.status).type('application/problem+json').send(answer.problem);
  }
  const { location } = answer;
  if (location !== undefined && location.length <= LOCATION_AT_MOST) reply.header('location', location);
  if (answer.record !== undefined) reply.header('larder-record', answer.record);
  return reply.code(answer.status).type('application/json').send(JSON.stringify(answer.body));
}
