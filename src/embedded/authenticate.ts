/** Who may speak to the API: whoever has the token. */
import { createHash, timingSafeEqual } from 'node:crypto';

/** Whether the headers (lower-case names) are those of somebody who may speak. */
export type Authenticate = (headers: Readonly<Record<string, string>>) => boolean;

export const allow: Authenticate = () => true;

/** Compares in constant time, whatever the length. */
export function bearerToken(token: string): Authenticate {
  const wanted = digest(token);
  return (headers) => {
    const match = /^bearer +(\S+)$/i.exec(headers['authorization'] ?? '');
    return timingSafeEqual(digest(match?.[1] ?? ''), wanted) && match !== null;
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
