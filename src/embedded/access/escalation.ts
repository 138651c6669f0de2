/**
 * Nobody grants what they do not have: a role or binding is only written by somebody who holds every right in it, or
 * may `escalate` the role or `bind` it (kubernetes/pkg/registry/rbac, read in 1.36).
 */
import { sameJson } from '../../kube/patch.ts';
import { at, type JsonObject, listAt, objectAt, textAt, withAt } from '../json.ts';
import type { Kind } from '../kind.ts';
import { shelfName } from '../kinds.ts';
import { forbidden, notFound } from '../refusal.ts';
import type { Reading } from '../store.ts';
import { authorize, CLUSTER_ROLES, RBAC_GROUP, ROLES, rulesOf, rulesOfRole } from './authorize.ts';
import { describeRules, fullAuthority, quotedList, type Rule, readRule, uncovered } from './rule.ts';
import { MASTERS, type User } from './user.ts';

export interface Granting {
  readonly kind: Kind;
  readonly namespace: string;
  readonly name: string;
  readonly object: JsonObject;
  /** Undefined for a new object. */
  readonly current: JsonObject | undefined;
}

/** @throws Refusal 403, or 404 when a binding names a role that is not there. */
export function checkEscalation(reading: Reading, user: User, granting: Granting): void {
  const { kind, object, current } = granting;
  if (kind.group !== RBAC_GROUP || user.groups.includes(MASTERS)) return;
  if (current && isBookkeeping(object, current)) return;
  const shelf = shelfName(kind);
  if (shelf === ROLES || shelf === CLUSTER_ROLES) checkRole(reading, user, granting);
  else checkBinding(reading, user, granting);
}

/** What the garbage collector writes. */
function isBookkeeping(object: JsonObject, current: JsonObject): boolean {
  const stripped = (from: JsonObject): JsonObject =>
    ['ownerReferences', 'finalizers', 'selfLink', 'managedFields', 'resourceVersion'].reduce(
      (left, name) => withAt(left, ['metadata', name], undefined),
      from,
    );
  return sameJson(stripped(object), stripped(current));
}

function checkRole(reading: Reading, user: User, { kind, namespace, name, object, current }: Granting): void {
  const { group, plural } = kind;
  const base = { kind: 'resource', group, resource: plural, subresource: '', namespace } as const;
  // a new object's name is in the body, which authorization does not look into
  if (authorize(reading, user, { ...base, verb: 'escalate', name: current ? name : '' }).allowed) return;
  checkHeld(reading, user, { kind, namespace, name }, listAt(object, 'rules').map(readRule));
  if (!gathers(object) && !gathers(current)) return;
  // an aggregation rule can gather anything
  if (uncovered(rulesOf(reading, user, namespace).rules, fullAuthority).length === 0) return;
  throw forbidden(kind, name, 'must have cluster-admin privileges to use the aggregationRule');
}

function gathers(role: JsonObject | undefined): boolean {
  return listAt(at(role, 'aggregationRule'), 'clusterRoleSelectors').length > 0;
}

function checkBinding(reading: Reading, user: User, { kind, namespace, name, object }: Granting): void {
  const role = objectAt(object, 'roleRef');
  const roleName = textAt(role, 'name') ?? '';
  const resource = textAt(role, 'kind') === 'Role' ? 'roles' : 'clusterroles';
  const base = { kind: 'resource', group: RBAC_GROUP, resource, subresource: '', namespace } as const;
  if (authorize(reading, user, { ...base, verb: 'bind', name: roleName }).allowed) return;
  const { rules, problem } = rulesOfRole(reading, role, namespace);
  if (problem !== '') throw notFound(kind, roleName);
  checkHeld(reading, user, { kind, namespace, name }, rules);
}

function checkHeld(
  reading: Reading,
  user: User,
  { kind, namespace, name }: Pick<Granting, 'kind' | 'namespace' | 'name'>,
  wanted: readonly Rule[],
): void {
  const { rules, problem } = rulesOf(reading, user, namespace);
  const missing = uncovered(rules, wanted);
  if (missing.length === 0) return;
  const who = `user ${JSON.stringify(user.name)} (groups=${quotedList(user.groups)})`;
  const resolution = problem === '' ? '' : `; resolution errors: [${problem}]`;
  const what = `is attempting to grant RBAC permissions not currently held:\n${describeRules(missing)}`;
  throw forbidden(kind, name, `${who} ${what}${resolution}`);
}
