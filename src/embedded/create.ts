/** Making a new object. */
import type { TransportResponse } from '../kube/transport.ts';
import { admit, admitNew } from './admission.ts';
import { readBody } from './body.ts';
import type { Call, Target } from './call.ts';
import { decode, unknownFields } from './decode.ts';
import type { JsonObject } from './json.ts';
import { textAt, without } from './json.ts';
import { groupVersion, type Kind } from './kind.ts';
import { shelfName } from './kinds.ts';
import { generatedName, metadataOf, metadataProblems, newMetadata } from './metadata.ts';
import { ownCreated } from './ownership.ts';
import { alreadyExists, badRequest, invalid, Refusal } from './refusal.ts';
import { renderObject } from './render.ts';
import { replyJson, warningHeader } from './reply.ts';
import { structOf } from './schema.ts';
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
  const raw = readBody(call);
  checkType(kind, raw);
  const { object, warnings } = decodeFor(kind, raw, parameters.fieldValidation);
  checkAddress(target, object);
  checkNoVersion(object);
  const stored = await served.store.transact(
    (transaction) => insert(transaction, { served, target, object, parameters }),
    { discard: parameters.dryRun },
  );
  const text = renderObject(
    { kind, view, nowMs: served.clock.now() },
    parameters.dryRun ? unversioned(stored) : stored,
  );
  return replyJson(201, text, warningHeader(warnings));
}

export interface Insertion {
  readonly served: Served;
  readonly target: Target;
  /** Decoded. */
  readonly object: JsonObject;
  readonly parameters: WriteParameters;
}

/** Inside a transaction. @throws Refusal */
export function insert(transaction: Transaction, { served, target, object: decoded, parameters }: Insertion): Stored {
  const { kind, namespace } = target;
  const nowMs = served.clock.now();
  const given = textAt(decoded, 'metadata', 'name') ?? '';
  const draft = ownCreated(kind, kind.rules.defaults?.(decoded) ?? decoded, parameters, nowMs);
  const admitted = admitNew(transaction, { kind, namespace, name: given, object: draft, current: undefined });
  const name = given || unusedName(transaction, served, target, textAt(decoded, 'metadata', 'generateName') ?? '');
  if (name !== '' && transaction.get(shelfName(kind), keyFor(namespace, name))) throw alreadyExists(kind, name);
  const metadata = newMetadata(admitted, { name, namespace, uid: served.random.uuid(), nowMs, counted: kind.counted });
  const prepared = kind.rules.create?.({ ...admitted, metadata }, nowMs) ?? { ...admitted, metadata };
  const complete = kind.rules.defaults?.(prepared) ?? prepared;
  const problems = [...metadataProblems(complete, kind), ...(kind.rules.problems?.(complete) ?? [])];
  if (problems.length > 0) throw invalid(kind, name, problems);
  admit(transaction, { kind, namespace, name, object: complete, current: undefined });
  return transaction.put(shelfName(kind), { namespace, name }, complete);
}

function unusedName(transaction: Transaction, served: Served, { kind, namespace }: Target, prefix: string): string {
  if (prefix === '') return '';
  let name = '';
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    name = generatedName(prefix, () => served.random.next());
    if (!transaction.get(shelfName(kind), keyFor(namespace, name))) break;
  }
  return name;
}

/** @throws Refusal 400 when the body is of another kind or version than the address. */
export function checkType(kind: Kind, raw: JsonObject): void {
  const version = textAt(raw, 'apiVersion') ?? '';
  const expected = groupVersion(kind);
  if (version !== '' && version !== expected) {
    throw badRequest(`the API version in the data (${version}) does not match the expected API version (${expected})`);
  }
  const name = textAt(raw, 'kind') ?? '';
  if (name !== '' && name !== kind.kind) {
    throw badRequest(`${name} in version ${JSON.stringify(kind.version)} cannot be handled as a ${kind.kind}`);
  }
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
): { readonly object: JsonObject; readonly warnings: readonly string[] } {
  const subject = `${kind.kind} in version ${JSON.stringify(kind.version)} cannot be handled as a ${kind.kind}`;
  const { object, unknown } = decode(structOf(kind.schema), raw, { subject });
  const texts = unknownFields(unknown);
  if (validation === 'Strict' && texts.length > 0) {
    throw badRequest(`${subject}: strict decoding error: ${texts.join(', ')}`);
  }
  const typed = { ...object, kind: kind.kind, apiVersion: groupVersion(kind) };
  return { object: typed, warnings: validation === 'Warn' ? texts : [] };
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
