/** Whose token is this? */
import type { Identity } from '../authenticate.ts';
import { type JsonObject, textAt, textsAt } from '../json.ts';
import { badRequest } from '../refusal.ts';
import { ISSUER } from './account-token.ts';
import { userInfo } from './user.ts';

/** The status of a TokenReview. @throws Refusal 400 without a token. */
export function reviewToken(identity: Identity, object: JsonObject): JsonObject {
  const token = textAt(object, 'spec', 'token') ?? '';
  if (token === '') throw badRequest('token is required for TokenReview in authentication');
  const asked = textsAt(object, 'spec', 'audiences');
  const found = identity.authenticate(token, asked.length === 0 ? [ISSUER] : asked);
  if (found.kind === 'refused') return { user: {}, error: found.reason };
  return { authenticated: true, user: userInfo(found.user), audiences: found.audiences };
}
