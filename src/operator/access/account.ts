/** An account of the cluster, and what the API server is asked about it: TokenReview and SubjectAccessReview. Pure. */
import { z } from 'zod';
import type { Need } from './need.ts';

const words = z.array(z.string()).default([]);

const account = z.object({
  username: z.string().min(1),
  uid: z.string().default(''),
  groups: words,
  extra: z.record(z.string(), words).default({}),
});
/** As the TokenReview describes it: all of it counts when it is asked what the account may do. */
export type Account = z.infer<typeof account>;

const tokenReview = z.object({ status: z.object({ authenticated: z.boolean().default(false), user: z.unknown() }) });
const accessReview = z.object({ status: z.object({ allowed: z.boolean(), denied: z.boolean().default(false) }) });

/** For the audience of the API server itself: a token that was made for another service is refused. */
export function tokenReviewOf(token: string): object {
  return { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token } };
}

export type Verdict<T> = { readonly kind: 'said'; readonly value: T } | { readonly kind: 'unreadable' };

/** `value` undefined: nobody has this token. */
export function accountIn(review: unknown): Verdict<Account | undefined> {
  const read = tokenReview.safeParse(review);
  if (!read.success) return { kind: 'unreadable' };
  if (!read.data.status.authenticated) return { kind: 'said', value: undefined };
  const user = account.safeParse(read.data.status.user);
  return user.success ? { kind: 'said', value: user.data } : { kind: 'unreadable' };
}

export function accessReviewOf({ username, uid, groups, extra }: Account, need: Need): object {
  const { verb, group, resource, namespace } = need;
  return {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    spec: { user: username, uid, groups, extra, resourceAttributes: { verb, group, resource, namespace } },
  };
}

export function allowedIn(review: unknown): Verdict<boolean> {
  const read = accessReview.safeParse(review);
  if (!read.success) return { kind: 'unreadable' };
  const { allowed, denied } = read.data.status;
  return { kind: 'said', value: allowed && !denied };
}

/** The same for accounts that are asked about alike. */
export function keyOfAccount({ username, uid, groups, extra }: Account): string {
  return JSON.stringify([
    username,
    uid,
    groups,
    Object.entries(extra).sort(([one], [other]) => (one < other ? -1 : 1)),
  ]);
}
