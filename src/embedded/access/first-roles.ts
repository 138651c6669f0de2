/** The roles that users expect of every cluster: made when they are not there, and kept gathered. */
import type { Log } from '../../telemetry/log.ts';
import { insert } from '../create.ts';
import { isObject, type Json, listAt, parseJson, textAt } from '../json.ts';
import { findKind, shelfName } from '../kinds.ts';
import type { Served } from '../served.ts';
import type { Transaction } from '../store.ts';
import { aggregateRoles, isAggregated } from './aggregate.ts';
import { CLUSTER_ROLES, RBAC_GROUP } from './authorize.ts';
import generated from './first-roles.generated.json' with { type: 'json' };

/** Through text, because every row of the table has a type of its own. */
const table = parseJson(JSON.stringify(generated));

const PARAMETERS = {
  dryRun: false,
  fieldManager: 'kube-apiserver',
  named: true,
  fieldValidation: 'Ignore',
  force: false,
} as const;

/** Resolves when the first roles are there. Returns how to stop gathering. */
export async function startRoles(served: Served, log: Log): Promise<() => void> {
  const { store } = served;
  await store.transact((transaction) => {
    makeAll(transaction, served, 'clusterroles', listAt(table, 'roles'));
    makeAll(transaction, served, 'clusterrolebindings', listAt(table, 'bindings'));
    aggregateRoles(transaction, served);
  });
  return store.onChange(CLUSTER_ROLES, () => {
    if (isAggregated(store)) return;
    store
      .transact((transaction) => aggregateRoles(transaction, served))
      .catch((cause: unknown) => log.error({ err: cause }, 'the rules of a role could not be gathered'));
  });
}

function makeAll(transaction: Transaction, served: Served, plural: string, objects: readonly Json[]): void {
  const kind = findKind(RBAC_GROUP, 'v1', plural);
  if (!kind) throw new Error(`${plural} are not served`);
  const target = { kind, namespace: '', name: '', subresource: '' };
  for (const object of objects.filter(isObject)) {
    const name = textAt(object, 'metadata', 'name') ?? '';
    if (!transaction.get(shelfName(kind), name))
      insert(transaction, { served, target, object, parameters: PARAMETERS });
  }
}
