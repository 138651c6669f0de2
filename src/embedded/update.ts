/** Changing an object: replacing it, or patching it, in whole or in its status. */
import { sameJson } from '../kube/patch.ts';
import type { TransportResponse } from '../kube/transport.ts';
import { checkEscalation } from './access/escalation.ts';
import { admit, admitChange } from './admission.ts';
import { readDocument } from './body.ts';
import type { Call, Target } from './call.ts';
import { checkAddress, checkType, decodeFor, insert } from './create.ts';
import type { FieldProblem } from './field.ts';
import { invalidValue } from './field.ts';
import { isObject, type JsonObject, listAt, member, numberAt, textAt, textsAt, withAt, without } from './json.ts';
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
import { presented } from './present.ts';
import { conflict, invalid, MODIFIED, notFound, Refusal } from './refusal.ts';
import { renderObject } from './render.ts';
import { replyJson, warningHeader } from './reply.ts';
import type { Served } from './served.ts';
import type { Transaction } from './store.ts';
import { keyFor, makeStored, type Stored } from './stored.ts';
import { readView } from './view.ts';
import { readParameters, type WriteParameters } from './write-options.ts';

export async function update(served: Served, call: Call, target: Target): Promise<TransportResponse> {
  const { kind } = target;
  const view = readView(call.headers['accept'], call.query);
  const parameters = readParameters(call, 'UpdateOptions');
  const { object: raw, repeated } = readDocument(call);
  checkType(kind, raw);
  const { object, warnings } = decodeFor(kind, raw, parameters.fieldValidation, repeated);
  checkAddress(target, object);
  const { stored, created } = await served.store.transact(
    (transaction) => replace(transaction, { served, target, object, parameters, identified: true }),
    { discard: parameters.dryRun },
  );
  const text = renderObject({ kind, view, nowMs: served.clock.now() }, stored);
  return replyJson(created ? 201 : 200, text, warningHeader(warnings));
}

interface Replacement {
  /** The uid in the object says which object is meant, and is no change of it. */
  readonly identified?: boolean;
  readonly served: Served;
  readonly target: Target;
  readonly object: JsonObject;
  readonly parameters: WriteParameters;
}

function replace(transaction: Transaction, change: Replacement): { stored: Stored; created: boolean } {
  const { target, object } = change;
  const { kind, namespace, name, subresource } = target;
  const shelf = shelfName(kind);
  const current = presented(kind, transaction.get(shelf, keyFor(namespace, name)));
  if (!current) {
    if (subresource !== '' || !kind.putCreates) throw notFound(kind, name);
    return {
      stored: insert(transaction, { ...change, object: withAt(object, ['metadata', 'name'], name) }),
      created: true,
    };
  }
  if (kind.putNeedsVersion && !textAt(object, 'metadata', 'resourceVersion')) {
    // the real server names the resource here, where it names the kind everywhere else
    throw invalid({ group: kind.group, kind: kind.plural }, name, [
      invalidValue('metadata.resourceVersion', 0, 'must be specified for an update'),
    ]);
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
  if (change.identified) checkUid(kind, object, current);
  checkRevision(kind, object, current);
  const nowMs = served.clock.now();
  const owned = change.ownershipDone ? object : ownWrite(change, nowMs);
  const admitted = target.subresource === '' ? admitChange(kind, owned) : owned;
  const question = { target, name, operation: 'UPDATE', object: admitted, current: current.object } as const;
  const wanted = served.consult?.mutate(transaction, question) ?? admitted;
  const mixed = prepare(kind, target.subresource, { object: wanted, current: current.object, nowMs });
  const prepared = kind.rules.allocate?.(mixed, transaction, current.object) ?? mixed;
  const write = { kind, namespace, name, object: prepared, current: current.object };
  if (served.user && target.subresource === '') checkEscalation(transaction, served.user, write);
  const problems = problemsOf(kind, target.subresource, prepared, current.object);
  if (problems.length > 0) throw invalid(kind, name, problems);
  for (const text of kind.rules.warnings?.(prepared, current.object) ?? []) served.warn?.(text);
  served.consult?.validate(transaction, { ...question, object: prepared });
  if (sameJson(comparable(prepared), comparable(current.object))) return current;
  if (target.subresource === '') admit(transaction, write);
  const shelf = shelfName(kind);
  if (isFinished(kind, prepared)) {
    transaction.remove(shelf, current.key);
    return makeStored(namespace, name, current.revision, prepared); // as it would have been
  }
  const stored = transaction.put(shelf, { namespace, name }, kind.custom?.store(prepared) ?? prepared);
  // what would have been changed keeps the version that it has
  return parameters.dryRun ? makeStored(namespace, name, current.revision, stored.object) : stored;
}

/** The object as it was sent, with its defaults, and with its writer among the owners. */
function ownWrite({ target, object, current, parameters }: Change, nowMs: number): JsonObject {
  const { kind, subresource } = target;
  const wanted = kind.rules.defaults?.(object) ?? object;
  return ownUpdated({ kind, subresource, parameters, nowMs }, wanted, current.object);
}

function checkUid(kind: Kind, object: JsonObject, current: Stored): void {
  const uid = textAt(object, 'metadata', 'uid') ?? '';
  const own = textAt(current.object, 'metadata', 'uid') ?? '';
  if (uid !== '' && uid !== own) {
    throw conflict(kind, current.name, `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${own}`);
  }
}

function checkRevision(kind: Kind, object: JsonObject, current: Stored): void {
  const version = textAt(object, 'metadata', 'resourceVersion') ?? '';
  if (!/^\d*$/.test(version)) {
    throw new Refusal(500, '', `strconv.ParseUint: parsing ${JSON.stringify(version)}: invalid syntax`);
  }
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
      return counts(kind, kept, current) ? { ...kept, metadata: raisedGeneration(metadataOf(kept)) } : kept;
    }
  }
}

function counts(kind: Kind, object: JsonObject, current: JsonObject): boolean {
  if (!kind.counted || kind.counting === 'once') return false;
  // without a status of its own, it is content like everything else
  const left = kind.custom && !kind.subresources.includes('status') ? ['metadata'] : ['metadata', 'status'];
  return !sameJson(without(object, ...left), without(current, ...left));
}

function part(name: string, object: JsonObject): JsonObject {
  const value = member(object, name);
  return value === undefined ? {} : { [name]: value };
}

function problemsOf(kind: Kind, subresource: string, object: JsonObject, current: JsonObject): readonly FieldProblem[] {
  const shared = metadataUpdateProblems(object, current, kind);
  const { rules } = kind;
  if (subresource === 'status') return [...shared, ...(rules.statusProblems?.(object, current) ?? [])];
  const whole = subresource === '' || (subresource === 'scale' && kind.custom !== undefined);
  if (!whole) return shared;
  return [...shared, ...(rules.problems?.(object, current) ?? []), ...(rules.updateProblems?.(object, current) ?? [])];
}

/** Without what changes with every write: the version, and when the managers wrote last. */
function comparable(object: JsonObject): JsonObject {
  const timeless = listAt(object, 'metadata', 'managedFields').map((entry) =>
    isObject(entry) ? without(entry, 'time') : entry,
  );
  return { ...object, metadata: { ...without(metadataOf(object), 'resourceVersion'), managedFields: timeless } };
}

/** Nothing keeps an object that is being deleted any more. */
export function isFinished(kind: Kind, object: JsonObject): boolean {
  if (!isTerminating(object) || finalizersOf(object).length > 0) return false;
  if (shelfName(kind) === NAMESPACES && textsAt(object, 'spec', 'finalizers').length > 0) return false;
  return (numberAt(object, 'metadata', 'deletionGracePeriodSeconds') ?? 0) === 0;
}
