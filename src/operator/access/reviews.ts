/** Asks the API server whose a token is and what an account may do. What it does not answer is not allowed. */
import { createHash } from 'node:crypto';
import { HttpError } from '../../http/registry.ts';
import type { Client } from '../../kube/client.ts';
import { messageOf } from '../../kube/error.ts';
import { type Clock, withDeadline } from '../../telemetry/clock.ts';
import {
  type Account,
  accessReviewOf,
  accountIn,
  allowedIn,
  keyOfAccount,
  tokenReviewOf,
  type Verdict,
} from './account.ts';
import { createAnswers } from './answers.ts';
import { isScope, keyOfNeed, type Need } from './need.ts';
import { createTurnstile } from './turnstile.ts';

export interface Reviews {
  /** Undefined: nobody has this token. Rejects with HttpError 503 when that is not known. */
  whose(token: string): Promise<Account | undefined>;
  /** Rejects with HttpError 503 when that is not known. */
  allows(account: Account, need: Need): Promise<boolean>;
}

export interface ReviewsOptions {
  /** Asks as the operator. */
  readonly client: Pick<Client, 'request'>;
  readonly clock: Clock;
}

/** So long a token that was revoked, and a right that was taken away, may count yet. */
const TOKEN_MS = 10_000;
const RIGHT_MS = 15_000;
/** A token that is not valid now may be of an account that is just being made. */
const UNKNOWN_MS = 5_000;
const PATIENCE_MS = 5_000;
/** The operator has work of its own with the same API server. */
const AT_ONCE = 16;
const TOKENS_AT_MOST = 2_000;
const RIGHTS_AT_MOST = 50_000;
/** Many times what a token with hundreds of groups takes; a longer one is nobody's, and the API server is not sent it. */
const TOKEN_CHARACTERS = 64 * 1024;

export function createReviews({ client, clock }: ReviewsOptions): Reviews {
  const tokens = createAnswers<Account | undefined>({
    ...{ clock, atMost: TOKENS_AT_MOST },
    keptMs: (account) => (account ? TOKEN_MS : UNKNOWN_MS),
  });
  const rights = createAnswers<boolean>({ clock, atMost: RIGHTS_AT_MOST, keptMs: () => RIGHT_MS });
  const inTurn = createTurnstile(AT_ONCE);
  const review = async <T>(path: string, body: object, read: (answer: unknown) => Verdict<T>): Promise<T> => {
    const answer = await withDeadline(clock, 'asking the API server', PATIENCE_MS, (signal) =>
      inTurn(() => post(client, path, body, signal)),
    ).catch((cause: unknown) => {
      throw notKnown(messageOf(cause), cause);
    });
    const verdict = read(answer);
    if (verdict.kind === 'unreadable') throw notKnown(`it answered ${path} with something else`);
    return verdict.value;
  };
  return {
    whose: async (token) =>
      token.length > TOKEN_CHARACTERS
        ? undefined
        : tokens.of(digest(token), () =>
            review('/apis/authentication.k8s.io/v1/tokenreviews', tokenReviewOf(token), accountIn),
          ),
    // What is asked about comes from requests: what is no namespace is neither asked about nor remembered.
    allows: async (account, need) =>
      isScope(need.namespace) &&
      rights.of(digest(`${keyOfNeed(need)} ${keyOfAccount(account)}`), () =>
        review('/apis/authorization.k8s.io/v1/subjectaccessreviews', accessReviewOf(account, need), allowedIn),
      ),
  };
}

/** However long a name or a list of groups is, what is remembered of it is short. */
function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}

async function post(client: ReviewsOptions['client'], path: string, body: object, signal: AbortSignal) {
  signal.throwIfAborted();
  const headers = { 'content-type': 'application/json', accept: 'application/json' };
  const request = { method: 'POST', path, headers, body: JSON.stringify(body) } as const;
  const response = await client.request(request, { signal });
  const text = await response.text();
  // The text of a refusal may repeat what was sent; the status says enough.
  if (response.status !== 200 && response.status !== 201)
    throw new Error(`${path} was answered with ${response.status}`);
  const answer: unknown = JSON.parse(text);
  return answer;
}

function notKnown(why: string, cause?: unknown): HttpError {
  const said = `the Kubernetes API did not say who you are or what you may do, so nothing is shown or done: ${why}`;
  return new HttpError('LARDER_HTTP_ACCESS_UNKNOWN', 503, said, { cause });
}
