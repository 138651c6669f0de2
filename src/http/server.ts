import type { Socket } from 'node:net';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { type Clock, systemClock } from '../telemetry/clock.ts';
import type { Log } from '../telemetry/log.ts';
import { CodedError } from '../telemetry/registry.ts';
import { limitConnections, OF_ONE_ADDRESS } from './connections.ts';
import { addSignIn, askForToken, checkBearer, type EntranceOptions, enter, wantsPage } from './entrance.ts';
import { createFailedTries } from './failed-tries.ts';
import { type Hosts, hostProblem } from './hosts.ts';
import type { People } from './people.ts';
import { type Problem, problem } from './problem.ts';
import { type HttpCode, HttpError } from './registry.ts';
import { type SignInHint, signInPaths } from './sign-in.ts';

/** Not imported: an import of node:http asks for all of its members, and one of them is the whole of WebSockets and fetch, 10 MB. */
const { STATUS_CODES } = process.getBuiltinModule('node:http');

export interface HttpServerOptions {
  readonly log: Log;
  /**
   * What everything but `openPaths` asks for: one token of at least 32 characters, which a browser may also bring as query
   * or cookie, or a test of bearer tokens, which come in the Authorization header only.
   */
  readonly token: string | ((bearer: string) => boolean);
  /** Paths that answer without a token. */
  readonly openPaths: readonly string[];
  /** Host names that requests may be addressed to; protects open tabs from DNS rebinding. Empty: any. */
  readonly hosts: Hosts;
  /** Requests per minute and client address, default 1,200. */
  readonly requestsPerMinute?: number;
  /** The methods of a path, so that another one answers 405; empty: nothing is served there. Default: no path is known. */
  readonly methodsAt?: (path: string) => readonly string[];
  /**
   * A person's browser is led: the token goes out of the address once it is in a cookie, and without one there is a form.
   * `hints`: where a token comes from. Default: whoever asks is a program.
   */
  readonly signIn?: { readonly hints: readonly SignInHint[] };
  /** Beside the holder of the one token. Default: nobody. */
  readonly people?: People;
  /** Default: the system's. */
  readonly clock?: Clock;
}

const BODY_LIMIT_BYTES = 1024 * 1024;
/** Of headers and body: 3 MiB of jobs come through a line of half a megabit. */
const REQUEST_TIMEOUT_MS = 60_000;
/** Less than of the whole request: Node takes the larger of the two for the body, whatever each is called. */
const HEADERS_TIMEOUT_MS = 15_000;
/** How often it is looked who is late; by default a slow sender has half a minute more. */
const LATE_LOOK_MS = 5_000;
/** A path with a text of 4,096 characters, each of which may be twelve bytes of percent-encoding, and the headers. */
const HEADER_LIMIT_BYTES = 64 * 1024;
const PARAMETER_LIMIT_BYTES = 48 * 1024;
const PROBLEM_TYPE = 'application/problem+json';

/**
 * A fastify instance with Larder's rules on it: security headers (no inline script), problem+json for every failure,
 * token by header, cookie or the `token` query (which a browser's first visit trades for a cookie), Host and Origin
 * checks, body and rate limits. Routes are added by the caller; `listen` starts it.
 */
export async function createHttpServer(options: HttpServerOptions): Promise<FastifyInstance> {
  const app = fastify({
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: PARAMETER_LIMIT_BYTES },
    http: {
      maxHeaderSize: HEADER_LIMIT_BYTES,
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      connectionsCheckingInterval: LATE_LOOK_MS,
    },
    clientErrorHandler: answerNoRequest,
    frameworkErrors: (error, _request, reply) => {
      const answer = problemOf(error); // an address that is no address: no hook and no route ever sees it
      reply.raw.writeHead(answer.status, { 'content-type': PROBLEM_TYPE }).end(JSON.stringify(answer));
    },
  });
  limitConnections(app.server, OF_ONE_ADDRESS);
  await app.register(helmet, {
    contentSecurityPolicy: {
      directives: {
        defaultSrc: ["'none'"],
        styleSrc: ["'self'"],
        scriptSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        fontSrc: ["'self'"],
        connectSrc: ["'self'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        baseUri: ["'none'"],
        upgradeInsecureRequests: null, // loopback speaks plain HTTP
      },
    },
    // `no-referrer` would also take the Origin from a form of our own, and it is by that that foreign ones are known.
    referrerPolicy: { policy: 'same-origin' },
    strictTransportSecurity: false,
  });
  await app.register(rateLimit, { max: options.requestsPerMinute ?? 1_200, timeWindow: 60_000 });
  const entrance = entranceOf(options);
  app.addHook('onRequest', async (request, reply) => {
    const foreign = isGuarded(options)
      ? hostProblem(options.hosts, request.headers.host, request.headers.origin)
      : undefined;
    if (foreign !== undefined) throw new HttpError('LARDER_HTTP_FORBIDDEN_HOST', 403, foreign);
    if (isOpen(options, pathOf(request))) return undefined;
    if (typeof options.token === 'function') return checkBearer(request, options.token);
    return entrance && enter(entrance, request, reply);
  });
  app.addHook('onRequest', async (request, reply) => {
    const methods = options.methodsAt?.(pathOf(request)) ?? [];
    if (methods.length === 0 || methods.includes(request.method)) return;
    const answer = methodProblem(request, methods);
    return reply.code(answer.status).header('allow', methods.join(', ')).type(PROBLEM_TYPE).send(answer);
  });
  if (options.signIn && entrance) addSignIn(app, entrance);
  app.setNotFoundHandler((request, reply) => {
    const detail = `nothing is served at ${pathOf(request)}`;
    reply
      .code(404)
      .type(PROBLEM_TYPE)
      .send(problem(404, 'LARDER_HTTP_NOT_FOUND', detail));
  });
  app.setErrorHandler((error, request, reply) => {
    const answer = problemOf(error);
    if (answer.status >= 500) options.log.error({ path: pathOf(request), err: error }, 'request failed');
    if (answer.status === 401) reply.header('www-authenticate', 'Bearer');
    if (answer.status === 401 && options.signIn && entrance && wantsPage(request)) {
      return askForToken(entrance, request, reply);
    }
    return reply.code(answer.status).type(PROBLEM_TYPE).send(answer);
  });
  return app;
}

function entranceOf({ token, people, signIn, clock = systemClock }: HttpServerOptions): EntranceOptions | undefined {
  return typeof token === 'string' ? { token, people, signIn, failed: createFailedTries(clock) } : undefined;
}

function isOpen({ openPaths, signIn }: HttpServerOptions, path: string): boolean {
  return openPaths.includes(path) || (signIn !== undefined && signInPaths.includes(path));
}

/** What only programs with a token of their own ask is no use to a foreign page. */
function isGuarded({ hosts, signIn }: HttpServerOptions): boolean {
  return hosts.length > 0 || signIn !== undefined;
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

function methodProblem(request: FastifyRequest, methods: readonly string[]): Problem {
  const detail = `${request.method} is not served at ${pathOf(request)}; these are: ${methods.join(', ')}`;
  return problem(405, 'LARDER_HTTP_METHOD_NOT_ALLOWED', detail);
}

/** What came is no request of HTTP, or its headers are too large: no route ever sees it. */
function answerNoRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return;
  const status = noRequest[error.code ?? ''] ?? 400;
  const text = JSON.stringify(problem(status, 'LARDER_HTTP_BAD_REQUEST', 'what was sent is no request of HTTP/1.1'));
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: ${PROBLEM_TYPE}\r\nConnection: close`;
  socket.end(`${head}\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
}

const noRequest: Readonly<Record<string, number>> = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 };

function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0] ?? '/';
}

const codes: Readonly<Record<number, HttpCode>> = {
  413: 'LARDER_HTTP_TOO_LARGE',
  415: 'LARDER_HTTP_MEDIA_TYPE',
  429: 'LARDER_HTTP_TOO_MANY',
};

function problemOf(error: unknown): Problem {
  if (error instanceof HttpError) return problem(error.status, error.code, error.message);
  if (error instanceof CodedError) return problem(500, error.code, error.message);
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
  if (status >= 400 && status < 500 && error instanceof Error) {
    return problem(status, codes[status] ?? 'LARDER_HTTP_BAD_REQUEST', error.message);
  }
  return problem(500, 'LARDER_HTTP_INTERNAL', 'the request failed; the log has the cause');
}
