/** Role-based access control: which roles a user has, and whether one of their rules allows a request. */
import { type JsonObject, listAt, objectAt, textAt } from '../json.ts';
import { notFound } from '../refusal.ts';
import type { Reading } from '../store.ts';
import { keyFor } from '../stored.ts';
import type { Attributes } from './attributes.ts';
import { type Rule, readRule, ruleAllows } from './rule.ts';
import { accountUserName, MASTERS, type User } from './user.ts';

export const RBAC_GROUP = 'rbac.authorization.k8s.io';
export const ROLES = `roles.${RBAC_GROUP}`;
export const CLUSTER_ROLES = `clusterroles.${RBAC_GROUP}`;
const ROLE_BINDINGS = `rolebindings.${RBAC_GROUP}`;
const CLUSTER_ROLE_BINDINGS = `clusterrolebindings.${RBAC_GROUP}`;

export interface Decision {
  readonly allowed: boolean;
  /** Which binding allows it, or which roles could not be read; empty when there is nothing to say. */
  readonly reason: string;
}

export function authorize(reading: Reading, user: User, attributes: Attributes): Decision {
  if (user.groups.includes(MASTERS)) return { allowed: true, reason: '' };
  const problems: string[] = [];
  const namespace = attributes.kind === 'resource' ? attributes.namespace : '';
  for (const grant of grantsOf(reading, user, namespace)) {
    if (grant.problem !== '') problems.push(grant.problem);
    if (grant.rules.some((rule) => ruleAllows(rule, attributes))) {
      return { allowed: true, reason: `RBAC: allowed by ${grant.describe()}` };
    }
  }
  return { allowed: false, reason: problems.length === 0 ? '' : `RBAC: ${aggregate(problems)}` };
}

export interface Held {
  readonly rules: readonly Rule[];
  /** What could not be resolved; empty when all was. */
  readonly problem: string;
}

/** Every rule that the user has in the namespace, those of the whole cluster first. */
export function rulesOf(reading: Reading, user: User, namespace: string): Held {
  const grants = [...grantsOf(reading, user, namespace)];
  const problems = grants.map(({ problem }) => problem).filter((problem) => problem !== '');
  return { rules: grants.flatMap(({ rules }) => rules), problem: problems.length === 0 ? '' : aggregate(problems) };
}

/** As utilerrors.NewAggregate writes several. */
function aggregate(problems: readonly string[]): string {
  const own = [...new Set(problems)];
  return own.length === 1 ? (own[0] ?? '') : `[${own.join(', ')}]`;
}

interface Grant {
  readonly rules: readonly Rule[];
  readonly problem: string;
  readonly describe: () => string;
}

function* grantsOf(reading: Reading, user: User, namespace: string): Generator<Grant> {
  const shelves = namespace === '' ? [CLUSTER_ROLE_BINDINGS] : [CLUSTER_ROLE_BINDINGS, ROLE_BINDINGS];
  for (const shelf of shelves) {
    const place = shelf === ROLE_BINDINGS ? namespace : '';
    for (const binding of reading.list(shelf, place === '' ? undefined : place)) {
      const subject = listAt(binding.object, 'subjects').find((each) => isMeant(each, user, place));
      if (subject === undefined) continue;
      const role = objectAt(binding.object, 'roleRef');
      const found = rulesOfRole(reading, role, place);
      const title = place === '' ? 'ClusterRoleBinding' : 'RoleBinding';
      const name = place === '' ? binding.name : `${binding.name}/${place}`;
      const describe = (): string =>
        `${title} ${JSON.stringify(name)} of ${textAt(role, 'kind')} ${JSON.stringify(textAt(role, 'name'))} to ${describeSubject(subject, place)}`;
      yield { ...found, describe };
    }
  }
}

function isMeant(subject: JsonObject[string], user: User, bindingNamespace: string): boolean {
  const name = textAt(subject, 'name') ?? '';
  switch (textAt(subject, 'kind')) {
    case 'User':
      return user.name === name;
    case 'Group':
      return user.groups.includes(name);
    case 'ServiceAccount': {
      const namespace = textAt(subject, 'namespace') || bindingNamespace;
      return namespace !== '' && user.name === accountUserName({ namespace, name });
    }
    default:
      return false;
  }
}

function describeSubject(subject: JsonObject[string], bindingNamespace: string): string {
  const name = textAt(subject, 'name') ?? '';
  const kind = textAt(subject, 'kind') ?? '';
  const full = kind === 'ServiceAccount' ? `${name}/${textAt(subject, 'namespace') || bindingNamespace}` : name;
  return `${kind} ${JSON.stringify(full)}`;
}

/** The rules of the role that a binding in a namespace (empty: of the cluster) refers to. */
export function rulesOfRole(reading: Reading, roleRef: JsonObject, bindingNamespace: string): Held {
  const name = textAt(roleRef, 'name') ?? '';
  const kind = textAt(roleRef, 'kind') ?? '';
  if (kind !== 'Role' && kind !== 'ClusterRole') {
    return { rules: [], problem: `unsupported role reference kind: ${JSON.stringify(kind)}` };
  }
  const role = kind === 'Role' ? reading.get(ROLES, keyFor(bindingNamespace, name)) : reading.get(CLUSTER_ROLES, name);
  if (role) return { rules: parsed(role.object), problem: '' };
  const missing = notFound({ group: RBAC_GROUP, plural: kind.toLowerCase(), kind }, name);
  return { rules: [], problem: missing.message };
}

/** Objects are never changed, so each is read once. */
const known = new WeakMap<JsonObject, readonly Rule[]>();

function parsed(role: JsonObject): readonly Rule[] {
  const rules = known.get(role) ?? listAt(role, 'rules').map(readRule);
  known.set(role, rules);
  return rules;
}
