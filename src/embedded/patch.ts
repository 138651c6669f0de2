/** Changing an object by a patch of one of the four kinds. */
import { isKubeError } from '../kube/error.ts';
import { applyJsonPatch, applyMergePatch, parseJsonPatch } from '../kube/patch.ts';
import type { TransportResponse } from '../kube/transport.ts';
import { apply } from './apply.ts';
import { bodyText, mediaTypeOf, parsedJson, parsedYaml, typeOf } from './body.ts';
import type { Call, Target } from './call.ts';
import { checkAddress, withReset } from './create.ts';
import { decodeAs, unknownFields } from './decode.ts';
import { forbiddenField } from './field.ts';
import { isList, isObject, type Json, type JsonObject, parseJson, textAt } from './json.ts';
import { groupVersion, type Kind } from './kind.ts';
import { shelfName } from './kinds.ts';
import { patchedText } from './patched-text.ts';
import { presented } from './present.ts';
import {
  badRequest,
  invalid,
  notFound,
  patchInvalid,
  Refusal,
  tooManyOperations,
  unprocessable,
  unsupportedMediaType,
  unsupportedPatch,
} from './refusal.ts';
import { renderObject } from './render.ts';
import { replyJson, warningHeader } from './reply.ts';
import { shapeFor } from './schema.ts';
import type { Served } from './served.ts';
import type { Transaction } from './store.ts';
import { keyFor, type Stored } from './stored.ts';
import { applyStrategicPatch } from './strategic.ts';
import { store } from './update.ts';
import { readView } from './view.ts';
import { readParameters, type WriteParameters } from './write-options.ts';

export type Edit = (current: JsonObject) => Json;

/** As the API server limits a JSON patch (k8s.io/apiserver maxJSONPatchOperations). */
const MOST_OPERATIONS = 10_000;

const OPTIONS = { group: 'meta.k8s.io', kind: 'PatchOptions' };
const NO_FORCE = 'may not be specified for non-apply patch';
const DECODING = 'error decoding patch:';
const NOT_STRATEGIC =
  'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml';

interface Outcome {
  readonly stored: Stored;
  readonly created: boolean;
  readonly warnings: readonly string[];
}

export async function patch(served: Served, call: Call, target: Target): Promise<TransportResponse> {
  const { kind } = target;
  const view = readView(call.headers['accept'], call.query);
  const parameters = readParameters(call, 'PatchOptions');
  const text = bodyText(call);
  const work = readWork(mediaTypeOf(call), text, { served, target, parameters });
  const outcome = await served.store.transact(work, { discard: parameters.dryRun });
  const rendered = renderObject({ kind, view, nowMs: served.clock.now() }, outcome.stored);
  return replyJson(outcome.created ? 201 : 200, rendered, warningHeader(outcome.warnings));
}

interface Context {
  readonly served: Served;
  readonly target: Target;
  readonly parameters: WriteParameters;
}

/** @throws Refusal 400 when the patch cannot be read, 415 for another kind of patch. */
function readWork(type: string, text: string, context: Context): (transaction: Transaction) => Outcome {
  if (type === 'application/apply-patch+yaml') {
    const { raw, warnings } = readApplied(text, context.parameters);
    return (transaction) => ({ ...apply(transaction, context, raw), warnings });
  }
  if (context.parameters.force) throw invalid(OPTIONS, '', [forbiddenField('force', NO_FORCE)]);
  const change = readEdit(type, text, context.target.kind);
  return (transaction) => edit(transaction, context, text, change);
}

/** A patch as a function of what is there. @throws Refusal 400 when it cannot be read, 415 for another kind of patch. */
export function readEdit(type: string, text: string, kind: Kind): Edit {
  switch (type) {
    case 'application/json-patch+json': {
      const list = readOperations(text);
      if (list.length > MOST_OPERATIONS) throw tooManyOperations(MOST_OPERATIONS, list.length);
      const operations = mapErrors(() => parseJsonPatch(list));
      return (current) => mapErrors(() => toJson(applyJsonPatch(current, operations)));
    }
    case 'application/merge-patch+json': {
      const value = readObject(parsedJson(text, DECODING).value, DECODING);
      return (current) => toJson(applyMergePatch(current, value));
    }
    case 'application/strategic-merge-patch+json': {
      if (kind.custom) throw unsupportedMediaType(NOT_STRATEGIC);
      const value = readObject(parsedJson(text, '').value, '');
      const shape = shapeFor(kind);
      return (current) => applyStrategicPatch(shape, current, value);
    }
    default:
      throw unsupportedPatch();
  }
}

function edit(transaction: Transaction, context: Context, text: string, change: Edit): Outcome {
  const { served, target, parameters } = context;
  const { kind, namespace, name } = target;
  const current = presented(kind, transaction.get(shelfName(kind), keyFor(namespace, name)));
  if (!current) throw notFound(kind, name);
  const raw = change(current.object);
  if (!isObject(raw)) throw patchInvalid(JSON.stringify(raw), 'json: cannot unmarshal it into an object');
  checkPatchedType(kind, raw);
  const { object, warnings } = decodePatched(kind, raw, text, parameters);
  checkNamed(target, object);
  const stored = store(transaction, { served, target, object, parameters, current });
  return { stored, created: false, warnings };
}

/** As `decodeFor`, but unknown members are blamed on the patch. */
function decodePatched(
  kind: Kind,
  raw: JsonObject,
  text: string,
  { fieldValidation }: WriteParameters,
): { readonly object: JsonObject; readonly warnings: readonly string[] } {
  const subject = `${kind.kind} in version ${JSON.stringify(kind.version)} cannot be handled as a ${kind.kind}`;
  const { object, unknown } = decodeAs(kind, raw, {
    subject,
    refuse: (why) => patchInvalid(patchedText(raw, text), why),
  });
  const repeated = isList(parseJson(text)) ? [] : parsedJson(text).repeated;
  const texts = [...repeated, ...unknownFields(unknown)];
  if (fieldValidation === 'Strict' && texts.length > 0) {
    throw patchInvalid(patchedText(raw, text), `strict decoding error: ${texts.join(', ')}`);
  }
  const typed = { ...withReset(object, raw), kind: kind.kind, apiVersion: groupVersion(kind) };
  return { object: typed, warnings: fieldValidation === 'Warn' ? texts : [] };
}

/** @throws Refusal 422 when the patch makes another kind of thing of the object. */
function checkPatchedType(kind: Kind, raw: JsonObject): void {
  const [version, name] = [textAt(raw, 'apiVersion') ?? groupVersion(kind), textAt(raw, 'kind') ?? kind.kind];
  if (version === groupVersion(kind) && name === kind.kind) return;
  throw patchInvalid(JSON.stringify(raw), `${name} in version ${JSON.stringify(version)} is not a ${kind.kind}`);
}

/** @throws Refusal 400 when the object has another name than the address, or none. */
function checkNamed(target: Target, object: JsonObject): void {
  if (!textAt(object, 'metadata', 'name')) {
    throw badRequest(`the name of the object (${target.name} based on URL) was undeterminable: name must be provided`);
  }
  checkAddress(target, object);
}

/** What is applied. @throws Refusal 400 when it cannot be read. */
function readApplied(
  text: string,
  { fieldValidation }: WriteParameters,
): { readonly raw: JsonObject; readonly warnings: readonly string[] } {
  const strict = fieldValidation === 'Strict';
  const lead = `error ${strict ? 'strict ' : ''}decoding YAML:`;
  const { value, repeated } = mapLead(lead, () => parsedYaml(text));
  if (strict && repeated.length > 0) {
    throw badRequest(`${lead} error converting YAML to JSON: yaml: unmarshal errors:\n  ${repeated.join('\n  ')}`);
  }
  const raw = value === null ? {} : readObject(value, `${lead} error unmarshaling JSON: while decoding JSON:`);
  return { raw, warnings: fieldValidation === 'Warn' ? repeated : [] };
}

function mapLead<T>(lead: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw cause instanceof Refusal ? badRequest(`${lead} ${cause.message}`) : cause;
  }
}

/** No operations at all when the text says null. */
function readOperations(text: string): readonly Json[] {
  const { value } = parsedJson(text, DECODING);
  if (isList(value)) return value;
  if (value === null) return [];
  throw badRequest(`${DECODING} json: cannot unmarshal ${typeOf(value)} into Go value of type []handlers.jsonPatchOp`);
}

function readObject(value: Json, lead: string): JsonObject {
  if (isObject(value)) return value;
  if (value === null) throw badRequest('Invalid JSON Patch');
  const why = `json: cannot unmarshal ${typeOf(value)} into Go value of type map[string]interface {}`;
  throw badRequest(lead === '' ? why : `${lead} ${why}`);
}

/** What the client's patch functions return is JSON, because what goes in is. */
function toJson(value: unknown): Json {
  const json: Json = JSON.parse(JSON.stringify(value ?? null));
  return json;
}

function mapErrors<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof Refusal || !isKubeError(cause)) throw cause;
    throw unprocessable('the server rejected our request due to an error in our request');
  }
}
