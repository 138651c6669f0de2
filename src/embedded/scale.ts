/** How many there are of something: the part `scale` of an object, read and written as autoscaling/v1 Scale. */
import type { TransportResponse } from '../kube/transport.ts';
import { apply } from './apply.ts';
import { bodyText, mediaTypeOf, readBody, readYaml } from './body.ts';
import type { Call, Target } from './call.ts';
import { checkAddress, checkType, decodeFor } from './create.ts';
import { at, isObject, type JsonObject, numberAt, objectAt, withAt } from './json.ts';
import type { Scaling } from './kind.ts';
import { negativeProblems } from './kinds/integer.ts';
import { scaleKind } from './kinds/scale.ts';
import { shelfName } from './kinds.ts';
import { readEdit } from './patch.ts';
import { badRequest, invalid, methodNotAllowed, notFound } from './refusal.ts';
import { renderObject } from './render.ts';
import { replyJson } from './reply.ts';
import type { Served } from './served.ts';
import type { Transaction } from './store.ts';
import { keyFor, makeStored, type Stored } from './stored.ts';
import { store } from './update.ts';
import { readView } from './view.ts';
import { readParameters, type WriteParameters } from './write-options.ts';

export async function answerScale(served: Served, call: Call, target: Target): Promise<TransportResponse> {
  const { kind, namespace, name } = target;
  const scaling = kind.scaling;
  if (!scaling) throw methodNotAllowed();
  switch (call.method) {
    case 'GET': {
      const stored = served.store.get(shelfName(kind), keyFor(namespace, name));
      if (!stored) throw notFound(kind, name);
      return reply(served, call, scaleOf(stored, scaling));
    }
    case 'PUT':
    case 'PATCH': {
      const parameters = readParameters(call, call.method === 'PUT' ? 'UpdateOptions' : 'PatchOptions');
      const change = readChange(call, { served, target, parameters, scaling });
      const stored = await served.store.transact(change, { discard: parameters.dryRun });
      return reply(served, call, scaleOf(stored, scaling));
    }
    default:
      throw methodNotAllowed();
  }
}

function reply(served: Served, call: Call, scale: Stored): TransportResponse {
  const view = readView(call.headers['accept'], call.query);
  return replyJson(200, renderObject({ kind: scaleKind, view, nowMs: served.clock.now() }, scale));
}

function scaleOf({ namespace, name, revision, object }: Stored, scaling: Scaling): Stored {
  const { uid, creationTimestamp } = objectAt(object, 'metadata');
  const replicas = numberAt(object, ...scaling.replicas) ?? 0;
  const selector = scaling.selector(object);
  return makeStored(namespace, name, revision, {
    kind: scaleKind.kind,
    apiVersion: 'autoscaling/v1',
    metadata: { name, ...(namespace && { namespace }), uid: uid ?? null, creationTimestamp: creationTimestamp ?? null },
    spec: replicas === 0 ? {} : { replicas },
    status: { replicas: numberAt(object, ...scaling.current) ?? 0, ...(selector && { selector }) },
  });
}

interface Context {
  readonly served: Served;
  readonly target: Target;
  readonly parameters: WriteParameters;
  readonly scaling: Scaling;
}

/** @throws Refusal 400 when the body cannot be read, 415 for another kind of patch. */
function readChange(call: Call, context: Context): (transaction: Transaction) => Stored {
  if (call.method === 'PUT') {
    const raw = readBody(call);
    checkType(scaleKind, raw);
    return (transaction) => write(transaction, context, () => raw);
  }
  const type = mediaTypeOf(call);
  const text = bodyText(call);
  if (type.startsWith('application/apply-patch+')) {
    const config = readYaml(text);
    if (!isObject(config)) throw badRequest('a patch must be an object');
    return (transaction) => applyTo(transaction, context, config);
  }
  const edit = readEdit(type, text, scaleKind);
  return (transaction) => write(transaction, context, edit);
}

function write(transaction: Transaction, context: Context, edit: ReturnType<typeof readEdit>): Stored {
  const { served, target, parameters, scaling } = context;
  const { kind, namespace, name } = target;
  const current = transaction.get(shelfName(kind), keyFor(namespace, name));
  if (!current) throw notFound(kind, name);
  const raw = edit(scaleOf(current, scaling).object);
  if (!isObject(raw)) throw badRequest('the patch makes something other than an object');
  const { object: scale } = decodeFor(scaleKind, raw, parameters.fieldValidation);
  checkAddress(target, scale);
  if (!kind.custom) checkReplicas(name, scale); // a definition has rules of its own
  const { uid, resourceVersion } = objectAt(scale, 'metadata');
  const asked = withAt(current.object, scaling.replicas, numberAt(scale, 'spec', 'replicas') ?? 0);
  const versioned = withAt(asked, ['metadata', 'resourceVersion'], resourceVersion);
  const object = uid === undefined ? versioned : withAt(versioned, ['metadata', 'uid'], uid);
  return store(transaction, { served, target, object, parameters, current });
}

/** As an apply of the object that says nothing but how many there shall be. */
function applyTo(
  transaction: Transaction,
  { served, target, parameters, scaling }: Context,
  config: JsonObject,
): Stored {
  const { kind, name } = target;
  checkType(scaleKind, config);
  checkReplicas(name, config);
  const apiVersion = kind.group === '' ? kind.version : `${kind.group}/${kind.version}`;
  const bare = { kind: kind.kind, apiVersion, metadata: objectAt(config, 'metadata') };
  const replicas = at(config, 'spec', 'replicas');
  return apply(transaction, { served, target, parameters }, withAt(bare, scaling.replicas, replicas)).stored;
}

/** @throws Refusal 422 */
function checkReplicas(name: string, scale: JsonObject): void {
  const problems = negativeProblems(scale, 'spec.replicas');
  if (problems.length > 0) throw invalid(scaleKind, name, problems);
}
