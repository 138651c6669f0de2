/**
 * What every request from outside passes first: who sends it, as whom, and whether that is allowed. It looks at the head
 * alone, so a request that is refused is answered before its body is read.
 */
import { authenticate, type Identity } from '../authenticate.ts';
import { type Refusal, unauthorized } from '../refusal.ts';
import type { Reading } from '../store.ts';
import { attributesOf, forbiddenTo } from './attributes.ts';
import { authorize } from './authorize.ts';
import { type Headers, impersonate, type Mode, readImpersonation } from './impersonate.ts';
import { MASTERS, type User } from './user.ts';

export interface Head {
  readonly method: string;
  /** As it was sent, with the query. */
  readonly path: string;
  readonly headers: Headers;
}

export type Entrance =
  | { readonly kind: 'entered'; readonly user: User }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

export interface Gate {
  enter(head: Head): Entrance;
}

/** Names of users are what others choose, so only so many are remembered. */
const MOST_REMEMBERED = 1000;

export function createGate(reading: Reading, identity: Identity): Gate {
  const modes = new Map<string, Mode>();
  return {
    enter({ method, path, headers }) {
      const own = authenticate(identity, headers['authorization']?.[0]);
      if (!own) return { kind: 'refused', refusal: unauthorized() };
      const impersonation = readImpersonation(headers);
      if (impersonation.kind === 'refused') return impersonation;
      const { wanted } = impersonation;
      if (!wanted && own.groups.includes(MASTERS)) return { kind: 'entered', user: own };
      const attributes = attributesOf({ method, ...split(path) });
      let user = own;
      if (wanted) {
        const lastMode = modes.get(own.name);
        const impersonated = impersonate(reading, { requestor: own, wanted, attributes, lastMode });
        if (impersonated.kind === 'refused') return impersonated;
        if (modes.size >= MOST_REMEMBERED) modes.clear();
        modes.set(own.name, impersonated.mode);
        user = impersonated.user;
      }
      const { allowed, reason } = authorize(reading, user, attributes);
      return allowed ? { kind: 'entered', user } : { kind: 'refused', refusal: forbiddenTo(user, attributes, reason) };
    },
  };
}

function split(path: string): { readonly path: string; readonly query: URLSearchParams } {
  const mark = path.indexOf('?');
  const bare = mark < 0 ? path : path.slice(0, mark);
  return { path: decoded(bare), query: new URLSearchParams(mark < 0 ? '' : path.slice(mark + 1)) };
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path; // nothing is served there; whoever may ask is told so
  }
}
