/** Who comes in: the holder of the server's own token by header, cookie or query, or one of the people beside them. */
import { timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type CookieOptions, cookiesFor, cookieValues, endedCookie } from './cookie.ts';
import type { FailedTries } from './failed-tries.ts';
import type { People } from './people.ts';
import { HttpError } from './registry.ts';
import {
  SIGN_IN_PATH,
  SIGN_IN_STYLE_PATH,
  SIGN_OUT_PATH,
  type SignInForm,
  type SignInHint,
  signInOf,
  signInPage,
  signInReasons,
  signInStyle,
  tokenIn,
  withoutToken,
} from './sign-in.ts';

export interface EntranceOptions {
  readonly token: string;
  readonly people?: People | undefined;
  readonly failed: FailedTries;
  /** Of a person's browser; absent: whoever asks is a program. */
  readonly signIn?: { readonly hints: readonly SignInHint[] } | undefined;
}

/** Throws HttpError 401 where nobody is known by what the request brings. A browser with the token in its address is led on. */
export async function enter(options: EntranceOptions, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const { token, people, signIn } = options;
  const way = ownWay(request, token);
  if (way !== undefined) {
    people?.owner(request);
    if (way !== 'query') return undefined;
    reply.header('set-cookie', cookiesFor('token', token, cookieOptions(options, request)));
    return signIn && wantsPage(request) ? reply.redirect(withoutToken(request.url), 303) : undefined;
  }
  if (people) await enterAsPerson(options, people, request);
  else throw unauthenticated('the request carries no valid token');
}

async function enterAsPerson({ token, failed }: EntranceOptions, people: People, request: FastifyRequest) {
  const bearer = bearerOf(request);
  if (bearer !== undefined) {
    if (await failed.known(request.ip, () => people.byToken(request, bearer))) return;
    throw unauthenticated('the request carries no valid token');
  }
  const sessions = cookieValues('session', request.headers.cookie, token);
  for (const id of sessions) if (await people.bySession(request, id)) return;
  throw unauthenticated(sessions.length === 0 ? 'the request carries no valid token' : signInReasons.over);
}

/** The form and what it leads to; both are open, and need the address of our own. */
export function addSignIn(app: FastifyInstance, options: EntranceOptions): void {
  const { token, people, signIn, failed } = options;
  const hints = signIn?.hints ?? [];
  app.get(SIGN_IN_STYLE_PATH, async (_request, reply) => reply.type('text/css').send(signInStyle));
  app.post(SIGN_IN_PATH, async (request, reply) => {
    const given = signInOf(request.body);
    const next = given?.next ?? '/';
    const cookies = cookieOptions(options, request);
    if (given && same(given.token, token)) {
      return reply.header('set-cookie', cookiesFor('token', token, cookies)).redirect(next, 303);
    }
    try {
      const id = given && people && (await failed.known(request.ip, () => people.begin(given.token)));
      if (id !== undefined) return reply.header('set-cookie', cookiesFor('session', id, cookies)).redirect(next, 303);
      return formReply(reply, 401, { hints, next, said: signInReasons.wrong, failed: true });
    } catch (failure) {
      if (!(failure instanceof HttpError)) throw failure;
      return formReply(reply, failure.status, { hints, next, said: failure.message, failed: true });
    }
  });
  app.post(SIGN_OUT_PATH, async (request, reply) => {
    for (const id of cookieValues('session', request.headers.cookie, token)) people?.end(id);
    const cookies = cookieOptions(options, request);
    reply.header('set-cookie', [endedCookie('session', cookies), endedCookie('token', cookies)]);
    return formReply(reply, 200, { hints, next: '/', said: signInReasons.out, failed: false });
  });
}

/** For a page that was asked for without a token that counts. */
export function askForToken(options: EntranceOptions, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { token, signIn } = options;
  const hadSession = cookieValues('session', request.headers.cookie, token).length > 0;
  const wrong = 'token' in Object(request.query);
  return formReply(reply, 401, {
    hints: signIn?.hints ?? [],
    failed: wrong,
    next: withoutToken(request.url),
    said: signInReasons[wrong ? 'wrong' : hadSession ? 'over' : 'new'],
  });
}

function formReply(reply: FastifyReply, status: number, form: SignInForm): FastifyReply {
  return reply.code(status).type('text/html').header('cache-control', 'no-store').send(signInPage(form));
}

/**
 * TLS may end before us. What a stranger can reach with that header is a cookie that their own browser keeps more
 * strictly, so it needs no trust.
 */
function cookieOptions({ token }: EntranceOptions, { headers }: FastifyRequest): CookieOptions {
  const [first = ''] = String(headers['x-forwarded-proto'] ?? '').split(',', 1);
  return { token, secure: first.trim() === 'https' };
}

/** A person's browser opens an address; scripts and programs do not ask for HTML. */
export function wantsPage({ method, headers }: FastifyRequest): boolean {
  return method === 'GET' && (headers.accept ?? '').includes('text/html');
}

/** The token of a request as RFC 6750 sends it in a header. */
export function bearerOf(request: FastifyRequest): string | undefined {
  return /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
}

export function checkBearer(request: FastifyRequest, known: (bearer: string) => boolean): void {
  const bearer = bearerOf(request);
  if (bearer === undefined) throw unauthenticated('the request carries no token: send Authorization: Bearer TOKEN');
  if (!known(bearer)) throw unauthenticated('the request carries no valid token: it may be of an earlier start');
}

function unauthenticated(detail: string): HttpError {
  return new HttpError('LARDER_HTTP_UNAUTHENTICATED', 401, detail);
}

function ownWay(request: FastifyRequest, token: string): 'header' | 'cookie' | 'query' | undefined {
  const bearer = bearerOf(request);
  if (bearer !== undefined && same(bearer, token)) return 'header';
  if (cookieValues('token', request.headers.cookie, token).some((value) => same(value, token))) return 'cookie';
  const query = tokenIn(request.url);
  return query !== null && same(query, token) ? 'query' : undefined;
}

/** In a time that says nothing about where they differ. */
function same(given: string, expected: string): boolean {
  const a = Buffer.from(given);
  const b = Buffer.from(expected);
  return a.length === b.length && timingSafeEqual(a, b);
}
