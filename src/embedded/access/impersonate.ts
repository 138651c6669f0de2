/**
 * Acting as somebody else, by the Impersonate-… headers. Since 1.36 there are narrow modes beside the old verb
 * `impersonate`: `impersonate:serviceaccount` and so on, together with `impersonate-on:MODE:VERB` for what is done
 * meanwhile (k8s.io/apiserver/pkg/endpoints/filters/impersonation, read in 0.36).
 */
import { badRequest, type Refusal } from '../refusal.ts';
import type { Reading } from '../store.ts';
import { type Attributes, forbiddenTo, type ResourceAttributes } from './attributes.ts';
import { authorize } from './authorize.ts';
import { AUTHENTICATED, accountGroups, accountOf, anonymousUser, MASTERS, UNAUTHENTICATED, type User } from './user.ts';

/** By lower-case name; every occurrence of a header is a value of its own. */
export type Headers = Readonly<Record<string, readonly string[] | undefined>>;

export type Impersonation =
  /** Undefined when the request is made in the caller's own name. */
  | { readonly kind: 'wanted'; readonly wanted: User | undefined }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

const EXTRA = 'impersonate-extra-';

export function readImpersonation(headers: Headers): Impersonation {
  const name = headers['impersonate-user']?.[0] ?? '';
  const uid = headers['impersonate-uid']?.[0] ?? '';
  const groups = headers['impersonate-group'] ?? [];
  const extra: Record<string, readonly string[]> = {};
  for (const [header, values = []] of Object.entries(headers)) {
    if (header.startsWith(EXTRA)) extra[unescaped(header.slice(EXTRA.length).toLowerCase())] = values;
  }
  const wanted: User = { name, uid, groups, extra };
  if (name !== '') return { kind: 'wanted', wanted };
  if (uid === '' && groups.length === 0 && Object.keys(extra).length === 0)
    return { kind: 'wanted', wanted: undefined };
  return { kind: 'refused', refusal: badRequest(`requested ${goText(wanted)} without impersonating a user name`) };
}

function unescaped(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key; // taken as it was sent, as the API server does
  }
}

/** As Go prints the struct with %#v. */
function goText({ name, uid, groups, extra }: User): string {
  const list = (values: readonly string[]): string =>
    `[]string{${values.map((each) => JSON.stringify(each)).join(', ')}}`;
  const keys = Object.keys(extra).sort();
  const pairs = keys.map((key) => `${JSON.stringify(key)}:${list(extra[key] ?? [])}`);
  const groupText = groups.length === 0 ? '[]string(nil)' : list(groups);
  const extraText = keys.length === 0 ? 'map[string][]string(nil)' : `map[string][]string{${pairs.join(', ')}}`;
  return `&user.DefaultInfo{Name:${JSON.stringify(name)}, UID:${JSON.stringify(uid)}, Groups:${groupText}, Extra:${extraText}}`;
}

export type Impersonated =
  | { readonly kind: 'user'; readonly user: User; readonly mode: Mode }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

const MODES = ['associated-node', 'arbitrary-node', 'serviceaccount', 'user-info', 'legacy'] as const;
export type Mode = (typeof MODES)[number];

export interface Wish {
  readonly requestor: User;
  readonly wanted: User;
  readonly attributes: Attributes;
  /** The mode that last let this requestor through: it is tried first, and its refusal is the one that is told. */
  readonly lastMode: Mode | undefined;
}

export function impersonate(reading: Reading, wish: Wish): Impersonated {
  const order = wish.lastMode ? [wish.lastMode, ...MODES.filter((mode) => mode !== wish.lastMode)] : MODES;
  let first: Refusal | undefined;
  for (const mode of order) {
    if (!applies(mode, wish)) continue;
    const refusal = refusalIn(mode, reading, wish);
    if (!refusal) return { kind: 'user', user: completed(mode, wish.wanted), mode };
    first ??= refusal;
  }
  return { kind: 'refused', refusal: first ?? forbiddenTo(wish.requestor, wish.attributes, '') };
}

function applies(mode: Mode, { requestor, wanted }: Wish): boolean {
  const bare = wanted.uid === '' && wanted.groups.length === 0 && Object.keys(wanted.extra).length === 0;
  const node = nodeOf(wanted.name);
  switch (mode) {
    case 'associated-node':
      return bare && node !== undefined && ownNode(requestor) === node;
    case 'arbitrary-node':
      return bare && node !== undefined;
    case 'serviceaccount':
      return bare && accountOf(wanted.name) !== undefined;
    case 'user-info':
      return node === undefined && accountOf(wanted.name) === undefined;
    case 'legacy':
      return true;
    default:
      return mode satisfies never;
  }
}

function nodeOf(userName: string): string | undefined {
  return /^system:node:([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?)$/.exec(userName)?.[1];
}

/** The node that a ServiceAccount's token was made for. */
function ownNode({ name, extra }: User): string | undefined {
  const values = extra['authentication.kubernetes.io/node-name'] ?? [];
  return accountOf(name) && values.length === 1 ? values[0] : undefined;
}

function refusalIn(mode: Mode, reading: Reading, { requestor, wanted, attributes }: Wish): Refusal | undefined {
  const check = (asked: Attributes): Refusal | undefined => {
    const { allowed, reason } = authorize(reading, requestor, asked);
    return allowed ? undefined : forbiddenTo(requestor, asked, reason);
  };
  if (mode !== 'legacy') {
    const refused = check({ ...attributes, verb: `impersonate-on:${mode}:${attributes.verb}` });
    if (refused) return refused;
  }
  for (const { asked, problem } of partsOf(mode, wanted)) {
    const refused = problem === '' ? check(asked) : forbiddenTo(requestor, asked, problem);
    if (refused) return refused;
  }
  return undefined;
}

interface Part {
  readonly asked: ResourceAttributes;
  /** Why it is refused whatever the roles say; empty when they decide. */
  readonly problem: string;
}

const AUTHENTICATION = 'authentication.k8s.io';

function partsOf(mode: Mode, { name, uid, groups, extra }: User): readonly Part[] {
  const legacy = mode === 'legacy';
  const verb = legacy ? 'impersonate' : `impersonate:${mode}`;
  const group = legacy ? '' : AUTHENTICATION;
  const base = { kind: 'resource', verb, group, subresource: '', namespace: '' } as const;
  const masters = !legacy && groups.includes(MASTERS);
  const oddKey = legacy ? undefined : Object.keys(extra).find((key) => !/^[a-z0-9.-]+\/\S+$/.test(key));
  const forbiddenGroup = 'impersonating the system:masters group is not allowed';
  return [
    { asked: { ...base, ...whoIs(mode, name) }, problem: '' },
    ...(uid === '' ? [] : [{ asked: { ...base, group: AUTHENTICATION, resource: 'uids', name: uid }, problem: '' }]),
    ...(masters ? [{ asked: { ...base, resource: 'groups', name: MASTERS }, problem: forbiddenGroup }] : []),
    ...groups.map((each) => ({ asked: { ...base, resource: 'groups', name: each }, problem: '' })),
    ...(oddKey === undefined
      ? []
      : [
          {
            asked: { ...base, group: AUTHENTICATION, resource: 'userextras', name: '' },
            problem: `impersonating an invalid key in extra is not allowed: ${JSON.stringify(oddKey)}`,
          },
        ]),
    ...Object.entries(extra).flatMap(([key, values]) =>
      values.map((value) => ({
        asked: { ...base, group: AUTHENTICATION, resource: 'userextras', subresource: key, name: value },
        problem: '',
      })),
    ),
  ];
}

function whoIs(mode: Mode, name: string): Pick<ResourceAttributes, 'resource' | 'name' | 'namespace'> {
  const account = accountOf(name);
  if (account) return { resource: 'serviceaccounts', ...account };
  const node = mode === 'legacy' ? undefined : nodeOf(name);
  if (node === undefined) return { resource: 'users', name, namespace: '' };
  return { resource: 'nodes', name: mode === 'associated-node' ? '*' : node, namespace: '' };
}

function completed(mode: Mode, wanted: User): User {
  const account = accountOf(wanted.name);
  const isNode = mode === 'associated-node' || mode === 'arbitrary-node';
  const fixed = isNode ? ['system:nodes'] : account ? accountGroups(account.namespace) : [];
  const groups = wanted.groups.length > 0 ? wanted.groups : fixed;
  const own = wanted.name === anonymousUser.name ? UNAUTHENTICATED : AUTHENTICATED;
  const complete = groups.includes(own) || groups.includes(UNAUTHENTICATED);
  return { ...wanted, groups: complete ? groups : [...groups, own] };
}
