/** Requests in somebody else's name, and rights that the server has heard of. */
import type { Answer, Api, Call } from './target.ts';

export const ROLES = '/apis/rbac.authorization.k8s.io/v1';
export const AUTHORIZATION = '/apis/authorization.k8s.io/v1';
export const AUTHENTICATION = '/apis/authentication.k8s.io/v1';

/** The API as a user without any role sees it, unless some binding names them. */
export function as(api: Api, user: string, more: Readonly<Record<string, string>> = {}): Api['call'] {
  const own = { 'impersonate-user': user, ...more };
  return (path, call = {}) => api.call(path, { ...call, headers: { ...own, ...call.headers } });
}

export function post(body: unknown): Call {
  return { method: 'POST', body };
}

const LIMIT_MS = 10_000;

/** Roles and bindings reach a server's authorizer a moment after they are written. */
export async function until(ask: () => Promise<Answer>, good: (answer: Answer) => boolean): Promise<Answer> {
  const limit = performance.now() + LIMIT_MS;
  for (;;) {
    const answer = await ask();
    if (good(answer) || performance.now() > limit) return answer;
    await new Promise((resolve) => void setImmediate(resolve));
  }
}

export const settled =
  (status: number) =>
  (answer: Answer): boolean =>
    answer.status === status;

export interface Grant {
  readonly name: string;
  readonly user: string;
  readonly rules: readonly object[];
}

/** A role in the namespace, bound to a user. */
export async function grant(api: Api, namespace: string, { name, user, rules }: Grant): Promise<void> {
  const place = `${ROLES}/namespaces/${namespace}`;
  await api.call(`${place}/roles`, post({ metadata: { name }, rules }));
  await api.call(
    `${place}/rolebindings`,
    post({
      metadata: { name },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: user }],
    }),
  );
}
