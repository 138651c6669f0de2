/** A ClusterRole with an aggregation rule has the rules of all those that its selectors name, kept up to date. */
import { sameJson } from '../../kube/patch.ts';
import { matchesRequirements } from '../../kube/selector.ts';
import { apply } from '../apply.ts';
import { type Json, type JsonObject, listAt, stringsAt } from '../json.ts';
import { findKind } from '../kinds.ts';
import { labelRequirements } from '../label-selector.ts';
import type { Served } from '../served.ts';
import type { Reading, Transaction } from '../store.ts';
import { CLUSTER_ROLES, RBAC_GROUP } from './authorize.ts';

const PARAMETERS = {
  dryRun: false,
  fieldManager: 'clusterrole-aggregation-controller',
  named: true,
  fieldValidation: 'Ignore',
  force: true,
} as const;

/** Inside a transaction. One role may gather from another that gathers, so it goes on until nothing changes. */
export function aggregateRoles(transaction: Transaction, served: Served): void {
  for (const { name, rules } of staleRoles(transaction)) {
    const kind = findKind(RBAC_GROUP, 'v1', 'clusterroles');
    if (!kind) throw new Error('clusterroles are not served');
    const target = { kind, namespace: '', name, subresource: '' };
    const configuration = { apiVersion: `${RBAC_GROUP}/v1`, kind: kind.kind, metadata: { name }, rules };
    apply(transaction, { served, target, parameters: PARAMETERS }, configuration);
  }
}

interface Stale {
  readonly name: string;
  readonly rules: readonly Json[];
}

/** Each as it is when its turn comes, after those before it were written. */
function* staleRoles(reading: Reading): Generator<Stale> {
  const gathering = reading.list(CLUSTER_ROLES).filter(({ object }) => selectorsOf(object).length > 0);
  for (let round = 0, changed = true; changed && round <= gathering.length; round += 1) {
    changed = false;
    for (const { key, name } of gathering) {
      const role = reading.get(CLUSTER_ROLES, key);
      const rules = role ? gathered(reading, name, role.object) : [];
      if (!role || sameJson(rules, listAt(role.object, 'rules'))) continue;
      changed = true;
      yield { name, rules };
    }
  }
}

/** Whether some role does not have the rules that it should. */
export function isAggregated(reading: Reading): boolean {
  return staleRoles(reading).next().done === true;
}

function selectorsOf(role: JsonObject): readonly Json[] {
  return listAt(role, 'aggregationRule', 'clusterRoleSelectors');
}

function gathered(reading: Reading, own: string, role: JsonObject): readonly Json[] {
  const selectors = selectorsOf(role).map(labelRequirements);
  const rules: Json[] = [];
  for (const { name, object } of reading.list(CLUSTER_ROLES)) {
    const labels = stringsAt(object, 'metadata', 'labels');
    if (name === own || !selectors.some((selector) => matchesRequirements(selector, labels))) continue;
    for (const rule of listAt(object, 'rules')) {
      if (!rules.some((known) => sameJson(known, rule))) rules.push(rule);
    }
  }
  return rules;
}
