/** Browsers that signed in with an account of the cluster. In memory only: a restart of the operator ends them all. */
import { createHash } from 'node:crypto';
import type { Clock, Random } from '../../telemetry/clock.ts';

export interface Sessions {
  /** The id, which the browser keeps. */
  begin(token: string, username: string): string;
  /** Undefined: there is no such session, or it is over. */
  tokenOf(id: string): string | undefined;
  end(id: string): void;
}

interface Session {
  /** Looked at again as long as the session lasts; goes nowhere else. */
  readonly token: string;
  readonly username: string;
  /** Epoch ms: a machine that slept has lived on. */
  readonly until: number;
}

const LIFE_MS = 8 * 60 * 60 * 1000;
const AT_MOST = 1_000;
const OF_ONE_AT_MOST = 20;

export function createSessions({ clock, random }: { readonly clock: Clock; readonly random: Random }): Sessions {
  /** By the digest of the id, oldest first. */
  const sessions = new Map<string, Session>();
  return {
    begin(token, username) {
      for (const [key, { until }] of sessions) if (until <= clock.now()) sessions.delete(key);
      const own = [...sessions].filter(([, session]) => session.username === username);
      if (own.length >= OF_ONE_AT_MOST) dropFirst(sessions, own);
      if (sessions.size >= AT_MOST) dropFirst(sessions, sessions);
      const id = `${random.uuid()}${random.uuid()}`.replaceAll('-', '');
      sessions.set(digest(id), { token, username, until: clock.now() + LIFE_MS });
      return id;
    },
    tokenOf(id) {
      const key = digest(id);
      const session = sessions.get(key);
      if (session && session.until > clock.now()) return session.token;
      sessions.delete(key);
      return undefined;
    },
    end(id) {
      sessions.delete(digest(id));
    },
  };
}

function dropFirst(sessions: Map<string, Session>, from: Iterable<readonly [string, Session]>): void {
  for (const [key] of from) {
    sessions.delete(key);
    return;
  }
}

/** Looked up by what cannot be approached letter by letter. */
function digest(id: string): string {
  return createHash('sha256').update(id).digest('base64');
}
