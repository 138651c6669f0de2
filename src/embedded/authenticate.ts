/** Who speaks to the API: the holder of the administrator's token, a ServiceAccount with a signed one, or nobody in particular. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../telemetry/clock.ts';
import { checkTokenClaims, ISSUER } from './access/account-token.ts';
import { createSigning, type Signing } from './access/signing.ts';
import { administrator, anonymousUser, type User } from './access/user.ts';
import type { Reading } from './store.ts';

export type Authentication =
  | { readonly kind: 'user'; readonly user: User; readonly audiences: readonly string[] }
  /** `reason` is what a TokenReview says. */
  | { readonly kind: 'refused'; readonly reason: string };

export interface Identity {
  readonly signing: Signing;
  /** Whose token it is, if it is meant for one of the audiences. */
  authenticate(token: string, audiences: readonly string[]): Authentication;
}

export interface IdentityOptions {
  readonly reading: Reading;
  readonly clock: Clock;
  /** Of the administrator; absent: nobody has it. */
  readonly token?: string;
  /** Default: tokens last as long as the process. */
  readonly signing?: Signing;
}

const UNKNOWN = 'invalid bearer token';

export function createIdentity({ reading, clock, token, signing = createSigning() }: IdentityOptions): Identity {
  const wanted = token === undefined ? undefined : digest(token);
  return {
    signing,
    authenticate(given, audiences) {
      // compared in constant time, whatever the length
      if (wanted && timingSafeEqual(digest(given), wanted)) {
        const meant = audiences.filter((audience) => audience === ISSUER);
        return meant.length > 0
          ? { kind: 'user', user: administrator, audiences: meant }
          : { kind: 'refused', reason: UNKNOWN };
      }
      const verified = signing.verify(given, ISSUER);
      if (verified.kind === 'foreign') return { kind: 'refused', reason: UNKNOWN };
      const claimed =
        verified.kind === 'claims'
          ? checkTokenClaims(reading, verified.claims, { nowMs: clock.now(), audiences })
          : verified;
      return claimed.kind === 'user' ? claimed : { kind: 'refused', reason: `[${UNKNOWN}, ${claimed.reason}]` };
    },
  };
}

/** Undefined when the caller shows a token that nobody knows. `header` is the one of the name Authorization. */
export function authenticate(identity: Identity, header: string | undefined): User | undefined {
  const token = /^bearer +(\S+)\s*$/i.exec(header ?? '')?.[1];
  if (token === undefined) return anonymousUser;
  const found = identity.authenticate(token, [ISSUER]);
  return found.kind === 'user' ? found.user : undefined;
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
