/** Deleting an object, or all that a selection names: at once, or when its finalizers are gone. */
import type { TransportResponse } from '../kube/transport.ts';
import { readOptionalBody } from './body.ts';
import type { Call, Target } from './call.ts';
import { type JsonObject, numberAt, objectAt, textAt, withAt } from './json.ts';
import { NAMESPACES, shelfName } from './kinds.ts';
import { finalizersOf, isTerminating, timestamp } from './metadata.ts';
import { badRequest, conflict, forbidden, notFound } from './refusal.ts';
import { renderList, renderObject } from './render.ts';
import { replyJson, replyValue } from './reply.ts';
import { readSelection } from './selection.ts';
import type { Served } from './served.ts';
import type { Transaction } from './store.ts';
import { keyFor, type Stored } from './stored.ts';
import { isFinished } from './update.ts';
import { readView } from './view.ts';
import { type DeleteParameters, readDeleteParameters } from './write-options.ts';

/** `gone`: the object went; otherwise it waits for its finalizers or its grace period. */
interface Removal {
  readonly stored: Stored;
  readonly gone: boolean;
}

export async function remove(served: Served, call: Call, target: Target): Promise<TransportResponse> {
  const { kind, namespace, name } = target;
  const view = readView(call.headers['accept'], call.query);
  const parameters = readDeleteParameters(call, readOptionalBody(call));
  const nowMs = served.clock.now();
  const { stored, gone } = await served.store.transact(
    (transaction) => {
      const current = transaction.get(shelfName(kind), keyFor(namespace, name));
      if (!current) throw notFound(kind, name);
      return take(transaction, { target, current, parameters, nowMs });
    },
    { discard: parameters.dryRun },
  );
  if (!gone || kind.returnsDeleted) return replyJson(200, renderObject({ kind, view, nowMs }, stored));
  const { group, plural } = kind;
  const uid = textAt(stored.object, 'metadata', 'uid') ?? '';
  const details = { name, ...(group && { group }), kind: plural, uid };
  return replyValue(200, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details });
}

/** All objects of the collection that the selectors name; each as if it were deleted alone. */
export async function removeCollection(served: Served, call: Call, target: Target): Promise<TransportResponse> {
  const { kind, namespace } = target;
  if (kind.namespaced && namespace === '') throw badRequest('a namespace is needed to delete a collection');
  const view = readView(call.headers['accept'], call.query);
  const selection = readSelection(target, call.query);
  const parameters = readDeleteParameters(call, readOptionalBody(call));
  const nowMs = served.clock.now();
  const removed = await served.store.transact(
    (transaction) => {
      const found = transaction.list(shelfName(kind), namespace === '' ? undefined : namespace);
      return found
        .filter((stored) => selection.matches(stored))
        .map((current) => take(transaction, { target, current, parameters, nowMs }).stored);
    },
    { discard: parameters.dryRun },
  );
  const meta = { resourceVersion: String(served.store.revision()) };
  return replyJson(200, renderList({ kind, view, nowMs }, removed, meta));
}

export interface Taking {
  readonly target: Target;
  readonly current: Stored;
  readonly parameters: DeleteParameters;
  readonly nowMs: number;
}

/** Namespaces that the API itself needs. */
const PERMANENT = new Set(['default', 'kube-system', 'kube-public']);

/** Inside a transaction. @throws Refusal */
export function take(transaction: Transaction, taking: Taking): Removal {
  const { target, current, nowMs } = taking;
  const { kind } = target;
  const shelf = shelfName(kind);
  checkPreconditions(taking);
  if (shelf === NAMESPACES && PERMANENT.has(current.name)) {
    throw forbidden(kind, current.name, 'this namespace may not be deleted');
  }
  const grace = graceOf(taking);
  if (isTerminating(current.object)) return takeAgain(transaction, taking, grace);
  if (shelf !== NAMESPACES && finalizersOf(current.object).length === 0 && grace === 0) {
    return { stored: transaction.remove(shelf, current.key) ?? current, gone: true };
  }
  const marked = mark(current.object, nowMs, grace);
  const phase = shelf === NAMESPACES ? withAt(marked, ['status', 'phase'], 'Terminating') : marked;
  return { stored: transaction.put(shelf, current, phase), gone: false };
}

/** A second delete can only shorten the grace period. */
function takeAgain(transaction: Transaction, { target, current, nowMs }: Taking, grace: number): Removal {
  const before = numberAt(current.object, 'metadata', 'deletionGracePeriodSeconds') ?? 0;
  if (grace >= before) return { stored: current, gone: false };
  const marked = mark(current.object, nowMs, grace);
  const shelf = shelfName(target.kind);
  if (isFinished(target.kind, marked)) return { stored: transaction.remove(shelf, current.key) ?? current, gone: true };
  return { stored: transaction.put(shelf, current, marked), gone: false };
}

function mark(object: JsonObject, nowMs: number, graceSeconds: number): JsonObject {
  const metadata = {
    ...objectAt(object, 'metadata'),
    deletionTimestamp: timestamp(nowMs + graceSeconds * 1000),
    deletionGracePeriodSeconds: graceSeconds,
  };
  return { ...object, metadata };
}

function graceOf({ target, current, parameters }: Taking): number {
  return target.kind.rules.graceSeconds?.(current.object, parameters.graceSeconds) ?? 0;
}

function checkPreconditions({ target, current, parameters }: Taking): void {
  const { uid, resourceVersion } = parameters;
  const own = textAt(current.object, 'metadata', 'uid') ?? '';
  if (uid !== undefined && uid !== own) {
    const why = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${own}`;
    throw conflict(target.kind, current.name, why);
  }
  const version = String(current.revision);
  if (resourceVersion !== undefined && resourceVersion !== version) {
    const why = `Precondition failed: ResourceVersion in precondition: ${resourceVersion}, ResourceVersion in object meta: ${version}`;
    throw conflict(target.kind, current.name, why);
  }
}
