/**
 * What the API server's own controllers do for CustomResourceDefinitions: they say which names were accepted, and when
 * a definition goes they remove everything that it defined.
 */
import { sameJson } from '../kube/patch.ts';
import type { Catalog } from './catalog.ts';
import { shelfOf } from './catalog.ts';
import { acceptNames, withAcceptance } from './crd/acceptance.ts';
import { withCondition } from './crd/condition.ts';
import { CLEANUP } from './crd/definition.ts';
import type { Chore } from './housekeeping.ts';
import { type JsonObject, withAt } from './json.ts';
import type { Kind } from './kind.ts';
import { DEFINITIONS } from './kinds.ts';
import { finalizersOf, isTerminating, timestamp } from './metadata.ts';
import { ownUpdated } from './ownership.ts';
import { take } from './remove.ts';
import type { Served } from './served.ts';
import type { Reading, Transaction } from './store.ts';
import type { Stored } from './stored.ts';

/** The most objects that one transaction removes, so that others get their turn. */
const BATCH = 200;
const PARAMETERS = { dryRun: false, graceSeconds: undefined, uid: undefined, resourceVersion: undefined };

/** The status of each definition says what became of its names. */
export function nameDefinitions(served: Served): readonly Chore[] {
  if (decide(served, served.store).length === 0) return [];
  return [
    (transaction) => {
      for (const { stored, object } of decide(served, transaction)) transaction.put(DEFINITIONS, stored, object);
    },
  ];
}

/** What a definition that is being deleted described goes first. */
export function endDefinitions(served: Served): readonly Chore[] {
  const { store } = served;
  const ending = store.list(DEFINITIONS).filter(({ object }) => isTerminating(object));
  return ending
    .filter((definition) => isDue(store, definition))
    .map(
      ({ key }) =>
        (transaction) =>
          end(transaction, served, key),
    );
}

interface Decided {
  readonly stored: Stored;
  readonly object: JsonObject;
}

/** The definitions whose status does not say yet what became of their names. */
function decide({ clock, catalog }: Served, reading: Reading): readonly Decided[] {
  const kind = definitionKind(catalog);
  const stored = new Map(reading.list(DEFINITIONS).map((definition) => [definition.object, definition]));
  return acceptNames([...stored.keys()]).flatMap((acceptance) => {
    const before = stored.get(acceptance.definition);
    const nowMs = clock.now();
    const wanted = withAcceptance(acceptance, nowMs);
    if (!before || isTerminating(before.object) || sameJson(wanted, before.object)) return [];
    return [{ stored: before, object: owned(kind, wanted, { current: before.object, nowMs }) }];
  });
}

function definitionKind(catalog: Catalog): Kind {
  const kind = catalog.find('apiextensions.k8s.io', 'v1', 'customresourcedefinitions');
  if (!kind) throw new Error('definitions are not served');
  return kind;
}

function owned(
  kind: Kind,
  object: JsonObject,
  { current, nowMs }: { readonly current: JsonObject; readonly nowMs: number },
): JsonObject {
  const parameters = { fieldManager: 'kube-apiserver' };
  return ownUpdated({ kind, subresource: 'status', parameters, nowMs }, object, current);
}

/** Whether a definition that is being deleted has something left to remove, or nothing at all. */
function isDue(reading: Reading, { object }: Stored): boolean {
  if (!isTerminating(object) || !finalizersOf(object).includes(CLEANUP)) return false;
  const left = reading.list(shelfOf(object));
  return left.length === 0 || left.some((instance) => !isTerminating(instance.object));
}

function end(transaction: Transaction, { catalog, clock }: Served, key: string): void {
  const found = transaction.get(DEFINITIONS, key);
  if (!found || !isTerminating(found.object)) return;
  const nowMs = clock.now();
  const shelf = shelfOf(found.object);
  const instanceKind = catalog.stored().get(shelf);
  const instances = transaction.list(shelf);
  const waiting = instances.filter(({ object }) => !isTerminating(object)).slice(0, BATCH);
  for (const current of waiting) {
    if (!instanceKind) break;
    const target = { kind: instanceKind, namespace: current.namespace, name: current.name, subresource: '' };
    take(transaction, { target, current, parameters: PARAMETERS, nowMs });
  }
  if (transaction.list(shelf).length === 0) {
    finish(transaction, found);
    return;
  }
  const told = withCondition(found.object, {
    type: 'Terminating',
    status: 'True',
    reason: 'InstanceDeletionInProgress',
    message: 'CustomResource deletion is in progress',
    lastTransitionTime: timestamp(nowMs),
  });
  if (!sameJson(told, found.object)) {
    const kind = definitionKind(catalog);
    transaction.put(DEFINITIONS, found, owned(kind, told, { current: found.object, nowMs }));
  }
}

function finish(transaction: Transaction, found: Stored): void {
  const finalizers = finalizersOf(found.object).filter((name) => name !== CLEANUP);
  if (finalizers.length === 0) transaction.remove(DEFINITIONS, found.key);
  else transaction.put(DEFINITIONS, found, withAt(found.object, ['metadata', 'finalizers'], finalizers));
}
