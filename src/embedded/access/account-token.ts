/** What a ServiceAccount's token claims, and whether that still holds (kubernetes/pkg/serviceaccount/claims.go, read in 1.36). */
import { at, type JsonObject, numberAt, objectAt, textAt, textsAt } from '../json.ts';
import { SERVICE_ACCOUNTS } from '../kinds.ts';
import { notFound } from '../refusal.ts';
import type { Reading } from '../store.ts';
import { keyFor } from '../stored.ts';
import { quotedList } from './rule.ts';
import { AUTHENTICATED, accountGroups, accountUserName, type User } from './user.ts';

/** Of the tokens, and the audience that this API is. */
export const ISSUER = 'https://kubernetes.default.svc';

/** How far the clocks of those who sign and check may be apart. */
const LEEWAY_SECONDS = 60;

export interface Bound {
  readonly namespace: string;
  readonly account: Reference;
  readonly pod?: Reference;
  readonly secret?: Reference;
  readonly node?: Reference;
}

export interface Reference {
  readonly name: string;
  readonly uid: string;
}

export interface Lifetime {
  readonly id: string;
  readonly nowMs: number;
  readonly seconds: number;
  readonly audiences: readonly string[];
}

export function tokenClaims(
  { namespace, account, pod, secret, node }: Bound,
  { id, nowMs, seconds, audiences }: Lifetime,
): JsonObject {
  const now = Math.floor(nowMs / 1000);
  const reference = ({ name, uid }: Reference): JsonObject => ({ name, ...(uid === '' ? {} : { uid }) });
  return {
    aud: audiences,
    exp: now + seconds,
    iat: now,
    iss: ISSUER,
    jti: id,
    'kubernetes.io': {
      namespace,
      ...(node && { node: reference(node) }),
      ...(pod && { pod: reference(pod) }),
      ...(secret && { secret: reference(secret) }),
      serviceaccount: reference(account),
    },
    nbf: now,
    sub: accountUserName({ namespace, name: account.name }),
  };
}

export type Claimed =
  | { readonly kind: 'user'; readonly user: User; readonly audiences: readonly string[] }
  | { readonly kind: 'refused'; readonly reason: string };

/** `audiences`: for whom the token must be, one of them at least. */
export function checkTokenClaims(
  reading: Reading,
  claims: JsonObject,
  { nowMs, audiences }: { readonly nowMs: number; readonly audiences: readonly string[] },
): Claimed {
  const own = textsAt(claims, 'aud');
  const meant = own.filter((audience) => audiences.includes(audience));
  if (meant.length === 0) {
    const reason = `token audiences ${quotedList(own)} is invalid for the target audiences ${quotedList(audiences)}`;
    return { kind: 'refused', reason };
  }
  const reason = timeProblem(claims, nowMs / 1000) ?? bindingProblem(reading, claims);
  return reason === undefined ? { kind: 'user', user: userOf(claims), audiences: meant } : { kind: 'refused', reason };
}

function timeProblem(claims: JsonObject, now: number): string | undefined {
  if (now - LEEWAY_SECONDS > (numberAt(claims, 'exp') ?? 0)) return 'service account token has expired';
  if (now + LEEWAY_SECONDS < (numberAt(claims, 'nbf') ?? 0)) return 'service account token is not valid yet';
  return undefined;
}

function bindingProblem(reading: Reading, claims: JsonObject): string | undefined {
  const bound = objectAt(claims, 'kubernetes.io');
  const namespace = textAt(bound, 'namespace') ?? '';
  const name = textAt(bound, 'serviceaccount', 'name') ?? '';
  const account = reading.get(SERVICE_ACCOUNTS, keyFor(namespace, name));
  if (!account) return notFound({ group: '', plural: 'serviceaccounts', kind: 'ServiceAccount' }, name).message;
  const uid = textAt(account.object, 'metadata', 'uid') ?? '';
  const claimed = textAt(bound, 'serviceaccount', 'uid') ?? '';
  if (uid !== claimed) return `service account UID (${uid}) does not match claim (${claimed})`;
  return OBJECTS.map(({ claim, shelf, title, global }) => {
    const reference = at(bound, claim);
    // the node of a pod's token is only told, not checked
    if (reference === undefined || (claim === 'node' && at(bound, 'pod') !== undefined)) return undefined;
    const found = reading.get(shelf, keyFor(global ? '' : namespace, textAt(reference, 'name') ?? ''));
    if (!found) return 'service account token has been invalidated';
    const [own, wanted] = [textAt(found.object, 'metadata', 'uid') ?? '', textAt(reference, 'uid') ?? ''];
    return own === wanted
      ? undefined
      : `${title} UID (${own}) does not match service account ${claim} ref claim (${wanted})`;
  }).find((problem) => problem !== undefined);
}

const OBJECTS = [
  { claim: 'secret', shelf: 'secrets', title: 'secret', global: false },
  { claim: 'pod', shelf: 'pods', title: 'pod', global: false },
  { claim: 'node', shelf: 'nodes', title: 'node', global: true },
] as const;

function userOf(claims: JsonObject): User {
  const bound = objectAt(claims, 'kubernetes.io');
  const namespace = textAt(bound, 'namespace') ?? '';
  const name = textAt(bound, 'serviceaccount', 'name') ?? '';
  const told = [
    ['credential-id', `JTI=${textAt(claims, 'jti') ?? ''}`],
    ['node-name', textAt(bound, 'node', 'name')],
    ['node-uid', textAt(bound, 'node', 'uid')],
    ['pod-name', textAt(bound, 'pod', 'name')],
    ['pod-uid', textAt(bound, 'pod', 'uid')],
  ] as const;
  const extra = told.flatMap(([key, value]) =>
    value ? [[`authentication.kubernetes.io/${key}`, [value]] as const] : [],
  );
  return {
    name: accountUserName({ namespace, name }),
    uid: textAt(bound, 'serviceaccount', 'uid') ?? '',
    groups: [...accountGroups(namespace), AUTHENTICATED],
    extra: Object.fromEntries(extra),
  };
}
