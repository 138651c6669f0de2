/** Deleting an object, or all that a selection names: at once, or when its finalizers are gone. */
import type { TransportResponse } from '../kube/transport.ts';
import { readOptionalBody } from './body.ts';
import { type Call, integerOf, type Target } from './call.ts';
import { type JsonObject, numberAt, objectAt, textAt, withAt } from './json.ts';
import { DEFINITIONS, NAMESPACES, shelfName } from './kinds.ts';
import { finalizersOf, isTerminating, raisedGeneration, timestamp } from './metadata.ts';
import { forbidden, methodNotAllowed, notFound, preconditionFailed } from './refusal.ts';
import { renderList, renderObject } from './render.ts';
import { replyJson, replyValue } from './reply.ts';
import { readSelection } from './selection.ts';
import type { Served } from './served.ts';
import type { Transaction } from './store.ts';
import { keyFor, makeStored, type Stored } from './stored.ts';
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
      return take(transaction, { target, current, parameters, nowMs, served });
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
  const possible = namespace !== '' || (!kind.namespaced && shelfName(kind) !== NAMESPACES);
  if (!possible) throw methodNotAllowed();
  integerOf(call.query, 'limit');
  const view = readView(call.headers['accept'], call.query);
  const selection = readSelection(target, call.query);
  const parameters = readDeleteParameters(call, readOptionalBody(call));
  const nowMs = served.clock.now();
  const removed = await served.store.transact(
    (transaction) => {
      const found = transaction.list(shelfName(kind), namespace === '' ? undefined : namespace);
      const chosen = found.filter((stored) => selection.matches(stored));
      consultAbout(transaction, served, target, chosen);
      for (const current of chosen) take(transaction, { target, current, parameters, nowMs });
      return chosen; // the answer shows them as they were
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
  /** Whom the request asks before; absent: the API's own removals ask nobody. */
  readonly served?: Served;
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
  if (taking.served) consultAbout(transaction, taking.served, target, [current]);
  const grace = graceOf(taking);
  if (isTerminating(current.object)) return takeAgain(transaction, taking, grace);
  const ready = kind.rules.beforeDelete?.(current.object, nowMs) ?? current.object;
  if (shelf !== NAMESPACES && finalizersOf(ready).length === 0 && grace === 0) {
    const removed = transaction.remove(shelf, current.key) ?? current;
    // who may ask for time to end is shown with the time it got
    return { stored: kind.rules.graceSeconds ? remade(removed, counted(mark(ready, nowMs, 0))) : removed, gone: true };
  }
  const marked = mark(ready, nowMs, grace);
  // the API server has a removal of its own for definitions, which knows no grace
  if (shelf === DEFINITIONS) {
    const object = withAt(marked, ['metadata', 'deletionGracePeriodSeconds'], undefined);
    return { stored: transaction.put(shelf, current, object), gone: false };
  }
  const phase = shelf === NAMESPACES ? withAt(marked, ['status', 'phase'], 'Terminating') : counted(marked);
  return { stored: transaction.put(shelf, current, phase), gone: false };
}

/** Asks about all at once whoever wants to be asked. What is on its way out was asked about before. @throws Refusal */
function consultAbout(transaction: Transaction, { consult }: Served, target: Target, found: readonly Stored[]): void {
  const { name } = target; // empty for each object of a collection
  const questions = found
    .filter(({ object }) => !isTerminating(object))
    .map(({ object: current }) => ({ target, name, operation: 'DELETE', object: undefined, current }) as const);
  consult?.validate(transaction, ...questions);
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

/** The end of an object counts as a change of it. */
function counted(object: JsonObject): JsonObject {
  return numberAt(object, 'metadata', 'generation') === undefined
    ? object
    : { ...object, metadata: raisedGeneration(objectAt(object, 'metadata')) };
}

function remade({ namespace, name, revision }: Stored, object: JsonObject): Stored {
  return makeStored(namespace, name, revision, object);
}

function graceOf({ target, current, parameters }: Taking): number {
  return target.kind.rules.graceSeconds?.(current.object, parameters.graceSeconds) ?? 0;
}

function checkPreconditions({ target, current, parameters }: Taking): void {
  const { uid, resourceVersion } = parameters;
  const own = textAt(current.object, 'metadata', 'uid') ?? '';
  if (uid !== undefined && uid !== own) {
    const why = `the UID in the precondition (${uid}) does not match the UID in record (${own}). The object might have been deleted and then recreated`;
    throw preconditionFailed(target.kind, current.name, why);
  }
  const version = String(current.revision);
  if (resourceVersion !== undefined && resourceVersion !== version) {
    const why = `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${version}). The object might have been modified`;
    throw preconditionFailed(target.kind, current.name, why);
  }
}
