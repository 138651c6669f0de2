/** The end of a namespace: everything in it is deleted, and when nothing is left, the namespace goes. */
import { sameJson } from '../kube/patch.ts';
import type { Clock } from '../telemetry/clock.ts';
import type { Chore } from './housekeeping.ts';
import { textsAt, withAt } from './json.ts';
import type { Kind } from './kind.ts';
import { kinds, NAMESPACES, shelfName } from './kinds.ts';
import { finalizersOf, isTerminating } from './metadata.ts';
import { take } from './remove.ts';
import type { Reading, Transaction } from './store.ts';
import type { Stored } from './stored.ts';

/** The most objects that one transaction removes, so that others get their turn. */
const BATCH = 200;
const FINALIZER = 'kubernetes';

export function endNamespaces(reading: Reading, clock: Clock): readonly Chore[] {
  return reading
    .list(NAMESPACES)
    .filter((namespace) => isTerminating(namespace.object) && isDue(reading, namespace))
    .map(
      ({ name }) =>
        (transaction) =>
          purge(transaction, name, clock.now()),
    );
}

/** Everything that is in a namespace, kind by kind. */
function* contentOf(reading: Reading, namespace: string): Generator<{ readonly kind: Kind; readonly stored: Stored }> {
  for (const kind of kinds) {
    if (!kind.namespaced) continue;
    for (const stored of reading.list(shelfName(kind), namespace)) yield { kind, stored };
  }
}

/** Whether something in the namespace is not being deleted yet, or nothing is left in it. */
function isDue(reading: Reading, { name, object }: Stored): boolean {
  let empty = true;
  for (const { stored } of contentOf(reading, name)) {
    if (!isTerminating(stored.object)) return true;
    empty = false;
  }
  return empty && textsAt(object, 'spec', 'finalizers').includes(FINALIZER);
}

const PARAMETERS = { dryRun: false, graceSeconds: undefined, uid: undefined, resourceVersion: undefined };

function purge(transaction: Transaction, namespace: string, nowMs: number): void {
  const found = transaction.get(NAMESPACES, namespace);
  if (!found || !isTerminating(found.object)) return;
  let left = BATCH;
  let empty = true;
  for (const { kind, stored } of contentOf(transaction, namespace)) {
    if (isTerminating(stored.object)) {
      empty = false;
      continue;
    }
    if (left === 0) return; // what was removed wakes the next round
    left -= 1;
    const target = { kind, namespace, name: stored.name, subresource: '' };
    const { gone } = take(transaction, { target, current: stored, parameters: PARAMETERS, nowMs });
    if (!gone) empty = false;
  }
  if (empty) finish(transaction, found);
}

function finish(transaction: Transaction, found: Stored): void {
  const finalizers = textsAt(found.object, 'spec', 'finalizers').filter((name) => name !== FINALIZER);
  const object = withAt(found.object, ['spec', 'finalizers'], finalizers.length === 0 ? undefined : finalizers);
  if (finalizers.length === 0 && finalizersOf(object).length === 0) transaction.remove(NAMESPACES, found.key);
  else if (!sameJson(object, found.object)) transaction.put(NAMESPACES, found, object);
}
