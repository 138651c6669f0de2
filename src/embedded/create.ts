/** Making a new object. */
import type { TransportResponse } from '../kube/transport.ts';
import { checkCreation } from './access/creation.ts';
import { checkEscalation } from './access/escalation.ts';
import { admit, admitNew } from './admission.ts';
import { readDocument } from './body.ts';
import type { Call, Target } from './call.ts';
import { decodeAs, unknownFields } from './decode.ts';
import { invalidValue } from './field.ts';
import type { JsonObject } from './json.ts';
import { at, isList, textAt, withAt, without } from './json.ts';
import { groupVersion, type Kind } from './kind.ts';
import { DEFINITIONS, shelfName } from './kinds.ts';
import {
  generatedName,
  isTerminating,
  metadataOf,
  metadataProblems,
  newMetadata,
  withoutEnd,
  withSingleOwners,
} from './metadata.ts';
import { ownCreated } from './ownership.ts';
import { alreadyExists, badRequest, forbidden, invalid, Refusal } from './refusal.ts';
import { renderObject } from './render.ts';
import { replyJson, warningHeader } from './reply.ts';
import type { Served } from './served.ts';
import type { Transaction } from './store.ts';
import { keyFor, type Stored } from './stored.ts';
import { readView } from './view.ts';
import { readParameters, type WriteParameters } from './write-options.ts';

const ATTEMPTS = 8; // as the API server tries generated names

export async function create(served: Served, call: Call, target: Target): Promise<TransportResponse> {
  const { kind } = target;
  const view = readView(call.headers['accept'], call.query);
  const parameters = readParameters(call, 'CreateOptions');
  const { object: raw, repeated } = readDocument(call);
  checkType(kind, raw);
  const { object, warnings } = decodeFor(kind, raw, parameters.fieldValidation, repeated);
  checkAddress(target, object);
  checkServed(served, kind, object);
  checkNoVersion(object);
  const stored = await served.store.transact(
    (transaction) => insert(transaction, { served, target, object, parameters }),
    { discard: parameters.dryRun },
  );
  const text = renderObject({ kind, view, nowMs: served.clock.now() }, stored);
  return replyJson(201, text, warningHeader(warnings));
}

export interface Insertion {
  readonly served: Served;
  readonly target: Target;
  /** Decoded. */
  readonly object: JsonObject;
  readonly parameters: WriteParameters;
  /** Ownership is recorded already, as server-side apply does. */
  readonly ownershipDone?: boolean;
}

/** Inside a transaction. @throws Refusal */
export function insert(transaction: Transaction, insertion: Insertion): Stored {
  const { served, target, object: decoded, parameters } = insertion;
  const { kind, namespace } = target;
  const nowMs = served.clock.now();
  const alive = withoutEnd(decoded);
  const filled = kind.rules.defaults?.(alive) ?? alive;
  const draft = insertion.ownershipDone ? filled : ownCreated(kind, filled, parameters, nowMs);
  const admitted = admittedDraft(transaction, insertion, draft);
  const name = nameOf(admitted) || unusedName(transaction, served, target, prefixOf(admitted));
  const metadata = newMetadata(admitted, {
    name,
    namespace,
    uid: served.random.uuid(),
    nowMs,
    counted: kind.counted && kind.counting !== 'late',
  });
  const prepared = kind.rules.create?.({ ...admitted, metadata }, nowMs) ?? { ...admitted, metadata };
  const filledAgain = kind.rules.defaults?.(prepared) ?? prepared;
  const complete = kind.rules.allocate?.(filledAgain, transaction, undefined) ?? filledAgain;
  const problems = [...metadataProblems(complete, kind), ...(kind.rules.problems?.(complete) ?? [])];
  if (problems.length > 0) throw invalid(kind, name, problems);
  for (const text of kind.rules.warnings?.(complete) ?? []) served.warn?.(text);
  if (served.user) checkCreation(transaction, served.user, target);
  served.consult?.validate(transaction, { target, name, operation: 'CREATE', object: complete, current: undefined });
  admit(transaction, { kind, namespace, name, object: complete, current: undefined });
  if (transaction.get(shelfName(kind), keyFor(namespace, name))) throw alreadyExists(kind, name);
  const stored = transaction.put(shelfName(kind), { namespace, name }, kind.custom?.store(complete) ?? complete);
  return parameters.dryRun ? unversioned(stored) : stored;
}

/** As everybody wants it who may change a new object before it is looked at. */
function admittedDraft(transaction: Transaction, { served, target }: Insertion, draft: JsonObject): JsonObject {
  const { kind, namespace } = target;
  const write = { kind, namespace, name: nameOf(draft), object: draft, current: undefined };
  const own = admitNew(transaction, write, () => served.random.next());
  const object = namespace === '' ? own : withAt(own, ['metadata', 'namespace'], namespace);
  const question = { target, name: write.name, operation: 'CREATE', object, current: undefined } as const;
  const admitted = served.consult?.mutate(transaction, question) ?? own;
  if (served.user) checkEscalation(transaction, served.user, { ...write, object: admitted });
  return admitted;
}

const nameOf = (object: JsonObject): string => textAt(object, 'metadata', 'name') ?? '';
const prefixOf = (object: JsonObject): string => textAt(object, 'metadata', 'generateName') ?? '';

function unusedName(transaction: Transaction, served: Served, { kind, namespace }: Target, prefix: string): string {
  if (prefix === '') return '';
  let name = '';
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    name = generatedName(prefix, () => served.random.next());
    if (!transaction.get(shelfName(kind), keyFor(namespace, name))) break;
  }
  return name;
}

/** @throws Refusal 403 when the kind is on its way out. */
function checkServed({ store }: Served, kind: Kind, object: JsonObject): void {
  const definition = kind.custom && store.get(DEFINITIONS, `${kind.plural}.${kind.group}`);
  if (!definition || !isTerminating(definition.object)) return;
  const name = textAt(object, 'metadata', 'name') ?? '';
  throw forbidden(kind, name, 'create not allowed while custom resource definition is terminating');
}

/** An empty list of managers is a word of its own: nobody owns anything any more. */
export function withReset(object: JsonObject, raw: JsonObject): JsonObject {
  const managers = at(raw, 'metadata', 'managedFields');
  return isList(managers) && managers.length === 0 ? withAt(object, ['metadata', 'managedFields'], managers) : object;
}

/** @throws Refusal 400 when the body is of another kind or version than the address. */
export function checkType(kind: Kind, raw: JsonObject): void {
  const version = textAt(raw, 'apiVersion') ?? '';
  const expected = groupVersion(kind);
  const name = textAt(raw, 'kind') ?? '';
  if (version !== '' && version !== expected) {
    if (!kind.custom) throw unregistered(kind, name || kind.kind, version);
    throw badRequest(`the API version in the data (${version}) does not match the expected API version (${expected})`);
  }
  if (name === '' && kind.custom) throw kindMissing(kind, raw);
  if (name !== '' && name !== kind.kind) {
    if (kind.custom) {
      const problem = invalidValue('kind', name, `must be ${kind.kind}`);
      throw invalid({ group: kind.group, kind: name }, textAt(raw, 'metadata', 'name') ?? '', [problem]);
    }
    throw unregistered(kind, name, expected);
  }
}

function unregistered(kind: Kind, name: string, version: string): Refusal {
  const what = `${name} in version ${JSON.stringify(version.split('/').at(-1))} cannot be handled as a ${kind.kind}`;
  return badRequest(
    `${what}: no kind ${JSON.stringify(name)} is registered for version ${JSON.stringify(version)} here`,
  );
}

/** The API server cannot guess the kind of what a definition describes. */
function kindMissing(kind: Kind, raw: JsonObject): Refusal {
  const text = JSON.stringify(raw);
  const short = text.length > 30 ? `${text.slice(0, 30)} ...` : text;
  const why = `Object 'Kind' is missing in '${text}' (${short})`;
  return badRequest(`the object provided is unrecognized (must be of type ${kind.kind}): ${why}`);
}

/** @throws Refusal 400 when name or namespace are not those of the address. */
export function checkAddress({ kind, namespace, name }: Target, object: JsonObject): void {
  const given = textAt(object, 'metadata', 'namespace') ?? '';
  if (kind.namespaced && given !== '' && given !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  const own = textAt(object, 'metadata', 'name') ?? '';
  if (name !== '' && own !== '' && own !== name) {
    throw badRequest(`the name of the object (${own}) does not match the name on the URL (${name})`);
  }
}

/** @throws Refusal 400 for wrong types, and for unknown members when validation is strict. */
export function decodeFor(
  kind: Kind,
  raw: JsonObject,
  validation: WriteParameters['fieldValidation'],
  repeated: readonly string[] = [],
): { readonly object: JsonObject; readonly warnings: readonly string[] } {
  const subject = `${kind.kind} in version ${JSON.stringify(kind.version)} cannot be handled as a ${kind.kind}`;
  const { object, unknown } = decodeAs(kind, raw, { subject });
  const texts = [...repeated, ...unknownFields(unknown)];
  if (validation === 'Strict' && texts.length > 0) {
    throw badRequest(`${subject}: strict decoding error: ${texts.join(', ')}`);
  }
  const typed = { ...withReset(object, raw), kind: kind.kind, apiVersion: groupVersion(kind) };
  const { object: single, warnings } = withSingleOwners(typed);
  return { object: single, warnings: [...(validation === 'Warn' ? texts : []), ...warnings] };
}

/** What would have been made has no version yet. */
function unversioned(stored: Stored): Stored {
  const object = { ...stored.object, metadata: without(metadataOf(stored.object), 'resourceVersion') };
  return { ...stored, object, text: JSON.stringify(object) };
}

/** @throws Refusal 500, as the API server answers a version on a new object. */
function checkNoVersion(object: JsonObject): void {
  if (!textAt(object, 'metadata', 'resourceVersion')) return;
  throw new Refusal(500, '', 'resourceVersion should not be set on objects to be created');
}
