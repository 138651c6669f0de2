/** The end of a namespace: everything in it is deleted, and when nothing is left, the namespace goes. */
import { sameJson } from '../kube/patch.ts';
import { type Catalog, storedKinds } from './catalog.ts';
import type { Chore } from './housekeeping.ts';
import { textsAt, withAt } from './json.ts';
import type { Kind } from './kind.ts';
import { NAMESPACES, shelfName } from './kinds.ts';
import { finalizersOf, isTerminating } from './metadata.ts';
import { take } from './remove.ts';
import type { Served } from './served.ts';
import type { Reading, Transaction } from './store.ts';
import type { Stored } from './stored.ts';
import type { Question } from './webhook/question.ts';

/** The most objects that one transaction removes, so that others get their turn. */
const BATCH = 200;
const FINALIZER = 'kubernetes';

export function endNamespaces(reading: Reading, catalog: Catalog): readonly Chore[] {
  return reading
    .list(NAMESPACES)
    .filter((namespace) => isTerminating(namespace.object) && isDue(reading, catalog, namespace))
    .map(
      ({ name }) =>
        (transaction, served) =>
          purge(transaction, served, name),
    );
}

/** Everything that is in a namespace, kind by kind. */
function* contentOf(
  reading: Reading,
  catalog: Catalog,
  namespace: string,
): Generator<{ readonly kind: Kind; readonly stored: Stored }> {
  for (const kind of storedKinds(catalog)) {
    if (!kind.namespaced) continue;
    for (const stored of reading.list(shelfName(kind), namespace)) yield { kind, stored };
  }
}

/** Whether something in the namespace is not being deleted yet, or nothing is left in it. */
function isDue(reading: Reading, catalog: Catalog, { name, object }: Stored): boolean {
  let empty = true;
  for (const { stored } of contentOf(reading, catalog, name)) {
    if (!isTerminating(stored.object)) return true;
    empty = false;
  }
  return empty && textsAt(object, 'spec', 'finalizers').includes(FINALIZER);
}

const PARAMETERS = { dryRun: false, graceSeconds: undefined, uid: undefined, resourceVersion: undefined };

function purge(transaction: Transaction, served: Served, namespace: string): void {
  const { catalog } = served;
  const nowMs = served.clock.now();
  const found = transaction.get(NAMESPACES, namespace);
  if (!found || !isTerminating(found.object)) return;
  askAbout(transaction, served, namespace);
  let left = BATCH;
  let empty = true;
  for (const { kind, stored } of contentOf(transaction, catalog, namespace)) {
    if (isTerminating(stored.object)) {
      empty = false;
      continue;
    }
    if (left === 0) return; // what was removed wakes the next round
    left -= 1;
    const target = { kind, namespace, name: stored.name, subresource: '' };
    const { gone } = take(transaction, { target, current: stored, parameters: PARAMETERS, nowMs, served });
    if (!gone) empty = false;
  }
  if (empty) finish(transaction, found);
}

/** About all of the batch, so that the work ends only once for want of answers. */
function askAbout(transaction: Transaction, served: Served, namespace: string): void {
  if (!served.consult) return;
  const questions: Question[] = [];
  for (const { kind, stored } of contentOf(transaction, served.catalog, namespace)) {
    if (isTerminating(stored.object)) continue;
    const target = { kind, namespace, name: stored.name, subresource: '' };
    questions.push({ target, name: stored.name, operation: 'DELETE', object: undefined, current: stored.object });
    if (questions.length === BATCH) break;
  }
  served.consult.validate(transaction, ...questions);
}

function finish(transaction: Transaction, found: Stored): void {
  const finalizers = textsAt(found.object, 'spec', 'finalizers').filter((name) => name !== FINALIZER);
  const object = withAt(found.object, ['spec', 'finalizers'], finalizers.length === 0 ? undefined : finalizers);
  if (finalizers.length === 0 && finalizersOf(object).length === 0) transaction.remove(NAMESPACES, found.key);
  else if (!sameJson(object, found.object)) transaction.put(NAMESPACES, found, object);
}
