/** Who asks: what authentication found out, and what the reviews and webhooks are told. */
import type { JsonObject } from '../json.ts';

export interface User {
  readonly name: string;
  /** Empty when whoever vouches for the user knows none. */
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

/** Its members may do everything, whatever the roles say. */
export const MASTERS = 'system:masters';
export const AUTHENTICATED = 'system:authenticated';
export const UNAUTHENTICATED = 'system:unauthenticated';

/** Whoever holds the administrator's token, and every caller in this process. */
export const administrator: User = { name: 'admin', uid: 'admin', groups: [MASTERS, AUTHENTICATED], extra: {} };

/** Who the API's own chores are done by. */
export const controllers: User = {
  name: 'system:kube-controller-manager',
  uid: '',
  groups: [AUTHENTICATED],
  extra: {},
};

export const anonymousUser: User = { name: 'system:anonymous', uid: '', groups: [UNAUTHENTICATED], extra: {} };

const ACCOUNT = 'system:serviceaccount:';

export interface AccountName {
  readonly namespace: string;
  readonly name: string;
}

export function accountUserName({ namespace, name }: AccountName): string {
  return `${ACCOUNT}${namespace}:${name}`;
}

export function accountGroups(namespace: string): readonly string[] {
  return ['system:serviceaccounts', `system:serviceaccounts:${namespace}`];
}

/** Undefined when the name is not that of a ServiceAccount. */
export function accountOf(userName: string): AccountName | undefined {
  if (!userName.startsWith(ACCOUNT)) return undefined;
  const [namespace = '', name = '', ...rest] = userName.slice(ACCOUNT.length).split(':');
  return namespace === '' || name === '' || rest.length > 0 ? undefined : { namespace, name };
}

/** As authentication.k8s.io/v1 UserInfo: what is empty is absent. */
export function userInfo({ name, uid, groups, extra }: User): JsonObject {
  const keys = Object.keys(extra).sort();
  return {
    username: name,
    ...(uid === '' ? {} : { uid }),
    ...(groups.length === 0 ? {} : { groups }),
    ...(keys.length === 0 ? {} : { extra: Object.fromEntries(keys.map((key) => [key, extra[key] ?? []])) }),
  };
}
