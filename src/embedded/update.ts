/** Changing an object: replacing it, or patching it, in whole or in its status. */
import { sameJson } from '../kube/patch.ts';
import type { TransportResponse } from '../kube/transport.ts';
import { admit } from './admission.ts';
import { readBody } from './body.ts';
import type { Call, Target } from './call.ts';
import { checkAddress, checkType, decodeFor, insert } from './create.ts';
import type { FieldProblem } from './field.ts';
import { invalidValue } from './field.ts';
import { at, type JsonObject, member, numberAt, textAt, textsAt, withAt, without } from './json.ts';
import type { Kind } from './kind.ts';
import { NAMESPACES, shelfName } from './kinds.ts';
import {
  finalizersOf,
  isTerminating,
  metadataOf,
  metadataUpdateProblems,
  raisedGeneration,
  updatedMetadata,
} from './metadata.ts';
import { ownUpdated } from './ownership.ts';
import { conflict, invalid, MODIFIED, notFound } from './refusal.ts';
import { renderObject } from './render.ts';
import { replyJson, warningHeader } from './reply.ts';
import type { Served } from './served.ts';
import type { Transaction } from './store.ts';
import { keyFor, type Stored } from './stored.ts';
import { readView } from './view.ts';
import { readParameters, type WriteParameters } from './write-options.ts';

/** Kinds that a PUT makes when they are not there. */
const CREATED_BY_PUT: readonly string[] = ['events', 'leases.coordination.k8s.io'];
/** Kinds whose PUT must say which version it replaces. */
const VERSION_NEEDED: readonly string[] = ['leases.coordination.k8s.io'];

export async function update(served: Served, call: Call, target: Target): Promise<TransportResponse> {
  const { kind } = target;
  const view = readView(call.headers['accept'], call.query);
  const parameters = readParameters(call, 'UpdateOptions');
  const raw = readBody(call);
  checkType(kind, raw);
  const { object, warnings } = decodeFor(kind, raw, parameters.fieldValidation);
  checkAddress(target, object);
  const { stored, created } = await served.store.transact(
    (transaction) => replace(transaction, { served, target, object, parameters }),
    { discard: parameters.dryRun },
  );
  const text = renderObject({ kind, view, nowMs: served.clock.now() }, stored);
  return replyJson(created ? 201 : 200, text, warningHeader(warnings));
}

interface Replacement {
  readonly served: Served;
  readonly target: Target;
  readonly object: JsonObject;
  readonly parameters: WriteParameters;
}

function replace(transaction: Transaction, change: Replacement): { stored: Stored; created: boolean } {
  const { target, object } = change;
  const { kind, namespace, name, subresource } = target;
  const shelf = shelfName(kind);
  const current = transaction.get(shelf, keyFor(namespace, name));
  if (!current) {
    if (subresource !== '' || !CREATED_BY_PUT.includes(shelf)) throw notFound(kind, name);
    return {
      stored: insert(transaction, { ...change, object: withAt(object, ['metadata', 'name'], name) }),
      created: true,
    };
  }
  if (VERSION_NEEDED.includes(shelf) && !textAt(object, 'metadata', 'resourceVersion')) {
    throw invalid(kind, name, [invalidValue('metadata.resourceVersion', 0, 'must be specified for an update')]);
  }
  return { stored: store(transaction, { ...change, current }), created: false };
}

export interface Change extends Replacement {
  readonly current: Stored;
  /** Ownership is recorded already, as server-side apply does. */
  readonly ownershipDone?: boolean;
}

/**
 * Puts the wanted object in place of the current one, inside a transaction. Writes nothing when nothing changes, and
 * removes an object whose last finalizer went.
 * @throws Refusal
 */
export function store(transaction: Transaction, change: Change): Stored {
  const { served, target, object, current, parameters } = change;
  const { kind, namespace, name } = target;
  checkPreconditions(kind, object, current);
  const nowMs = served.clock.now();
  const prepared = prepare(kind, target.subresource, { object, current: current.object, nowMs });
  const owned = change.ownershipDone
    ? prepared
    : ownUpdated(
        kind,
        { object: prepared, current: current.object, subresource: target.subresource },
        parameters,
        nowMs,
      );
  const problems = problemsOf(kind, target.subresource, owned, current.object);
  if (problems.length > 0) throw invalid(kind, name, problems);
  if (sameJson(comparable(owned), comparable(current.object))) return current;
  if (target.subresource === '') admit(transaction, { kind, namespace, name, object: owned, current: current.object });
  const shelf = shelfName(kind);
  if (isFinished(kind, owned)) return transaction.remove(shelf, current.key) ?? current;
  return transaction.put(shelf, { namespace, name }, owned);
}

function checkPreconditions(kind: Kind, object: JsonObject, current: Stored): void {
  const uid = textAt(object, 'metadata', 'uid') ?? '';
  const own = textAt(current.object, 'metadata', 'uid') ?? '';
  if (uid !== '' && uid !== own) {
    throw conflict(kind, current.name, `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${own}`);
  }
  const version = textAt(object, 'metadata', 'resourceVersion') ?? '';
  if (version !== '' && version !== '0' && version !== String(current.revision)) {
    throw conflict(kind, current.name, MODIFIED);
  }
}

interface Versions {
  readonly object: JsonObject;
  readonly current: JsonObject;
  readonly nowMs: number;
}

/** The wanted object with everything that this address may not change taken from the current one. */
function prepare(kind: Kind, subresource: string, { object, current, nowMs }: Versions): JsonObject {
  const metadata = updatedMetadata(object, current);
  const { rules } = kind;
  switch (subresource) {
    case 'status': {
      const mixed = { ...without(current, 'status'), metadata, ...part('status', object) };
      const filled = rules.defaults?.(mixed) ?? mixed;
      return rules.updateStatus?.(filled, current, nowMs) ?? filled;
    }
    case 'finalize':
      return { ...current, metadata, ...part('spec', object) };
    default: {
      const status = kind.subresources.includes('status') ? part('status', current) : part('status', object);
      const mixed = { ...without(object, 'status'), metadata, ...status };
      const filled = rules.defaults?.(mixed) ?? mixed;
      const kept = rules.update?.(filled, current) ?? filled;
      const changed = kind.counted && !sameJson(at(kept, 'spec'), at(current, 'spec'));
      return changed ? { ...kept, metadata: raisedGeneration(metadata) } : kept;
    }
  }
}

function part(name: string, object: JsonObject): JsonObject {
  const value = member(object, name);
  return value === undefined ? {} : { [name]: value };
}

function problemsOf(kind: Kind, subresource: string, object: JsonObject, current: JsonObject): readonly FieldProblem[] {
  const shared = metadataUpdateProblems(object, current);
  const { rules } = kind;
  if (subresource === 'status') return [...shared, ...(rules.statusProblems?.(object, current) ?? [])];
  if (subresource !== '') return shared;
  return [...shared, ...(rules.problems?.(object) ?? []), ...(rules.updateProblems?.(object, current) ?? [])];
}

/** Without what changes with every write. */
function comparable(object: JsonObject): JsonObject {
  return { ...object, metadata: without(metadataOf(object), 'resourceVersion') };
}

/** Nothing keeps an object that is being deleted any more. */
export function isFinished(kind: Kind, object: JsonObject): boolean {
  if (!isTerminating(object) || finalizersOf(object).length > 0) return false;
  if (shelfName(kind) === NAMESPACES && textsAt(object, 'spec', 'finalizers').length > 0) return false;
  return (numberAt(object, 'metadata', 'deletionGracePeriodSeconds') ?? 0) === 0;
}
