/** What a browser keeps: the server's own token, or the id of a session. Pure. */
import { createHash } from 'node:crypto';

export type CookieKind = 'token' | 'session';

/** Cookies are shared by all ports of a host: each server has names of its own, so that two Larders do not undo each other. */
function nameOf(kind: CookieKind, token: string): string {
  const own = createHash('sha256').update(token).digest('hex').slice(0, 12);
  return kind === 'token' ? `larder_${own}` : `larder_session_${own}`;
}

export interface CookieOptions {
  /** Of the server: what makes the name. */
  readonly token: string;
  /** Only over TLS. */
  readonly secure: boolean;
}

const RULES = 'HttpOnly; SameSite=Strict; Path=/';

/** Whoever comes in newly is no longer whom the browser was known as before. */
export function cookiesFor(kind: CookieKind, value: string, options: CookieOptions): readonly string[] {
  return [cookieText(kind, value, options), endedCookie(kind === 'token' ? 'session' : 'token', options)];
}

function cookieText(kind: CookieKind, value: string, { token, secure }: CookieOptions): string {
  return `${nameOf(kind, token)}=${value}; ${RULES}${secure ? '; Secure' : ''}`;
}

/** Takes it away from the browser. */
export function endedCookie(kind: CookieKind, options: CookieOptions): string {
  return `${cookieText(kind, '', options)}; Max-Age=0`;
}

/** All values that a request brings under the name: a neighbour on another port or path may have set one more. */
export function cookieValues(kind: CookieKind, header: string | undefined, token: string): readonly string[] {
  const prefix = `${nameOf(kind, token)}=`;
  const cookies = (header ?? '').split(/;\s*/).filter((cookie) => cookie.startsWith(prefix));
  return cookies.map((cookie) => cookie.slice(prefix.length)).filter((value) => value !== '');
}
