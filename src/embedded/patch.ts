/** Changing an object by a patch of one of the four kinds. */
import { isKubeError } from '../kube/error.ts';
import { applyJsonPatch, applyMergePatch, parseJsonPatch } from '../kube/patch.ts';
import type { TransportResponse } from '../kube/transport.ts';
import { apply } from './apply.ts';
import { bodyText, mediaTypeOf, readJson, readYaml } from './body.ts';
import type { Call, Target } from './call.ts';
import { decode, unknownFields } from './decode.ts';
import { invalidValue } from './field.ts';
import { isObject, type Json, type JsonObject } from './json.ts';
import { groupVersion, type Kind } from './kind.ts';
import { shelfName } from './kinds.ts';
import {
  badRequest,
  invalid,
  notFound,
  Refusal,
  tooManyOperations,
  unprocessable,
  unsupportedMediaType,
} from './refusal.ts';
import { renderObject } from './render.ts';
import { replyJson, warningHeader } from './reply.ts';
import { structOf } from './schema.ts';
import type { Served } from './served.ts';
import type { Transaction } from './store.ts';
import { keyFor, type Stored } from './stored.ts';
import { applyStrategicPatch } from './strategic.ts';
import { store } from './update.ts';
import { readView } from './view.ts';
import { readParameters, type WriteParameters } from './write-options.ts';

type Edit = (current: JsonObject) => Json;

/** As the API server limits a JSON patch (k8s.io/apiserver maxJSONPatchOperations). */
const MOST_OPERATIONS = 10_000;

const MEDIA_TYPES = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/apply-patch+yaml',
  'application/strategic-merge-patch+json',
];

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
  const { kind } = context.target;
  switch (type) {
    case 'application/json-patch+json': {
      const operations = mapErrors(400, () => parseJsonPatch(readJson(text)));
      if (operations.length > MOST_OPERATIONS) throw tooManyOperations(MOST_OPERATIONS, operations.length);
      return (transaction) =>
        edit(transaction, context, text, (current) => toJson(applyJsonPatch(current, operations)));
    }
    case 'application/merge-patch+json': {
      const value = readObject(readJson(text));
      return (transaction) => edit(transaction, context, text, (current) => toJson(applyMergePatch(current, value)));
    }
    case 'application/strategic-merge-patch+json': {
      const value = readObject(readJson(text));
      const shape = structOf(kind.schema);
      return (transaction) => edit(transaction, context, text, (current) => applyStrategicPatch(shape, current, value));
    }
    case 'application/apply-patch+yaml':
    case 'application/apply-patch+json': {
      const value = readObject(readYaml(text));
      return (transaction) => apply(transaction, context, value);
    }
    default:
      throw unsupportedMediaType(
        `the body of the request was in an unknown format - accepted media types include: ${MEDIA_TYPES.join(', ')}`,
      );
  }
}

function edit(transaction: Transaction, context: Context, text: string, change: Edit): Outcome {
  const { served, target, parameters } = context;
  const { kind, namespace, name } = target;
  const current = transaction.get(shelfName(kind), keyFor(namespace, name));
  if (!current) throw notFound(kind, name);
  const raw = mapErrors(422, () => change(current.object));
  if (!isObject(raw)) throw badRequest('the patch makes something other than an object');
  const { object, warnings } = decodePatched(kind, raw, text, parameters);
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
  const { object, unknown } = decode(structOf(kind.schema), raw, { subject });
  const texts = unknownFields(unknown);
  if (fieldValidation === 'Strict' && texts.length > 0) {
    const problem = invalidValue('patch', text, `strict decoding error: ${texts.join(', ')}`);
    throw invalid({ group: '', kind: '' }, '', [problem]);
  }
  const typed = { ...object, kind: kind.kind, apiVersion: groupVersion(kind) };
  return { object: typed, warnings: fieldValidation === 'Warn' ? texts : [] };
}

function readObject(value: Json): JsonObject {
  if (!isObject(value)) throw badRequest('a patch must be an object');
  return value;
}

/** What the client's patch functions return is JSON, because what goes in is. */
function toJson(value: unknown): Json {
  const json: Json = JSON.parse(JSON.stringify(value ?? null));
  return json;
}

function mapErrors<T>(code: 400 | 422, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof Refusal || !isKubeError(cause)) throw cause;
    throw code === 400
      ? badRequest(cause.message)
      : unprocessable(`the server rejected our request due to an error in our request: ${cause.message}`);
  }
}
