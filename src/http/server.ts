import { timingSafeEqual } from 'node:crypto';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import type { Log } from '../telemetry/log.ts';
import { CodedError } from '../telemetry/registry.ts';
import { problem } from './problem.ts';
import { HttpError } from './registry.ts';

export interface HttpServerOptions {
  readonly log: Log;
  /** Bearer token of everything but `openPaths`; at least 32 characters. */
  readonly token: string;
  /** Paths that answer without a token. */
  readonly openPaths: readonly string[];
  /** Host names (without port) that requests may be addressed to; protects open tabs from DNS rebinding. Empty: any. */
  readonly hosts: readonly string[];
  /** Requests per minute and client address, default 1,200. */
  readonly requestsPerMinute?: number;
}

const COOKIE = 'larder_token';
const BODY_LIMIT_BYTES = 1024 * 1024;
const REQUEST_TIMEOUT_MS = 30_000;

/**
 * A fastify instance with Larder's rules on it: security headers (no inline script), problem+json for every failure,
 * token by header, cookie or the `token` query (which a browser's first visit trades for a cookie), Host and Origin
 * checks, body and rate limits. Routes are added by the caller; `listen` starts it.
 */
export async function createHttpServer(options: HttpServerOptions): Promise<FastifyInstance> {
  const app = fastify({ bodyLimit: BODY_LIMIT_BYTES, requestTimeout: REQUEST_TIMEOUT_MS, forceCloseConnections: true });
  await app.register(helmet, {
    contentSecurityPolicy: {
      directives: {
        defaultSrc: ["'none'"],
        styleSrc: ["'self'"],
        scriptSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        connectSrc: ["'self'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        baseUri: ["'none'"],
        upgradeInsecureRequests: null, // loopback speaks plain HTTP
      },
    },
    strictTransportSecurity: false,
  });
  await app.register(rateLimit, { max: options.requestsPerMinute ?? 1_200, timeWindow: 60_000 });
  app.addHook('onRequest', async (request, reply) => {
    checkHost(request, options.hosts);
    if (options.openPaths.includes(pathOf(request))) return;
    const way = authenticated(request, options.token);
    if (way === 'query') {
      reply.header('set-cookie', `${COOKIE}=${options.token}; HttpOnly; SameSite=Strict; Path=/`);
    }
  });
  app.setNotFoundHandler((request, reply) => {
    reply
      .code(404)
      .type('application/problem+json')
      .send(problem(404, 'LARDER_HTTP_NOT_FOUND', `nothing is served at ${pathOf(request)}`));
  });
  app.setErrorHandler((error, request, reply) => {
    const answer = problemOf(error);
    if (answer.status >= 500) options.log.error({ path: pathOf(request), err: error }, 'request failed');
    reply.code(answer.status).type('application/problem+json').send(answer);
  });
  return app;
}

/** Listens on loopback. Throws HttpError LARDER_PORT_IN_USE or LARDER_CANNOT_LISTEN. */
export async function listen(app: FastifyInstance, address: { host: string; port: number }): Promise<number> {
  try {
    await app.listen({ host: address.host, port: address.port });
  } catch (cause) {
    throw listenError(address, cause);
  }
  const bound = app.server.address();
  return typeof bound === 'object' && bound !== null ? bound.port : address.port;
}

/** The same clear failure for every server of ours that could not listen. */
export function listenError(address: { host: string; port: number }, cause: unknown): HttpError {
  const where = `${address.host}:${address.port}`;
  const errno = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
  if (errno === 'EADDRINUSE') {
    const next = 'end the process that has it, or choose another port';
    return new HttpError('LARDER_PORT_IN_USE', 503, `port ${address.port} is in use on ${address.host}: ${next}`, {
      cause,
    });
  }
  return new HttpError('LARDER_CANNOT_LISTEN', 503, `cannot listen on ${where} (${errno})`, { cause });
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0] ?? '/';
}

function checkHost(request: FastifyRequest, hosts: readonly string[]): void {
  if (hosts.length === 0) return;
  const host = hostNameOf(`http://${request.headers.host ?? ''}`);
  const origin = request.headers.origin;
  const foreignOrigin = origin !== undefined && !hosts.includes(hostNameOf(origin));
  if (!hosts.includes(host) || foreignOrigin) {
    throw new HttpError('LARDER_HTTP_FORBIDDEN_HOST', 403, `requests must be addressed to ${hosts.join(' or ')}`);
  }
}

function hostNameOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname : '';
}

function authenticated(request: FastifyRequest, token: string): 'header' | 'cookie' | 'query' {
  const header = request.headers.authorization;
  if (header?.startsWith('Bearer ') && same(header.slice('Bearer '.length), token)) return 'header';
  const cookie = /(?:^|;\s*)larder_token=([^;]*)/.exec(request.headers.cookie ?? '')?.[1];
  if (cookie !== undefined && same(cookie, token)) return 'cookie';
  const query = new URL(request.url, 'http://localhost').searchParams.get('token');
  if (query !== null && same(query, token)) return 'query';
  throw new HttpError('LARDER_HTTP_UNAUTHENTICATED', 401, 'the request carries no valid token');
}

function same(given: string, expected: string): boolean {
  const a = Buffer.from(given);
  const b = Buffer.from(expected);
  return a.length === b.length && timingSafeEqual(a, b);
}

function problemOf(error: unknown): ReturnType<typeof problem> {
  if (error instanceof HttpError) return problem(error.status, error.code, error.message);
  if (error instanceof CodedError) return problem(500, error.code, error.message);
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
  if (status >= 400 && status < 500 && error instanceof Error) {
    return problem(status, 'LARDER_HTTP_BAD_REQUEST', error.message);
  }
  return problem(500, 'LARDER_HTTP_INTERNAL', 'the request failed; the log has the cause');
}
