/** Questions about users and their rights, and tokens for ServiceAccounts: answered, not stored. */
import type { TransportResponse } from '../kube/transport.ts';
import { reviewAccess, reviewRules } from './access/access-review.ts';
import {
  reviewKinds,
  selfRulesReviews,
  selfSubjectReviews,
  tokenRequests,
  tokenReviews,
} from './access/review-kinds.ts';
import { completeRequest, issueToken } from './access/token-request.ts';
import { reviewToken } from './access/token-review.ts';
import { type User, userInfo } from './access/user.ts';
import type { Identity } from './authenticate.ts';
import { readBody } from './body.ts';
import type { Call, Target } from './call.ts';
import { checkAddress, checkType, decodeFor } from './create.ts';
import { isObject, type JsonObject, listAt, objectAt, withAt, without } from './json.ts';
import { groupVersion, type Kind } from './kind.ts';
import { timestamp } from './metadata.ts';
import { ownCreated } from './ownership.ts';
import { methodNotAllowed } from './refusal.ts';
import { replyJson, warningHeader } from './reply.ts';
import type { Served } from './served.ts';
import { readParameters, type WriteParameters } from './write-options.ts';

export interface Reviewing {
  readonly served: Served;
  readonly identity: Identity;
  /** Who asks. */
  readonly user: User;
}

/** Undefined when the request is no review. @throws Refusal */
export function review(reviewing: Reviewing, call: Call): TransportResponse | undefined {
  const [, root, group, version, ...rest] = call.path.split('/');
  if (root !== 'apis' || version !== 'v1') return undefined;
  const [namespace = '', plural = ''] = rest.length === 3 && rest[0] === 'namespaces' ? rest.slice(1) : ['', ...rest];
  const kind = reviewKinds.find((each) => each.group === group && each.plural === plural);
  if (!kind || (namespace !== '') !== kind.namespaced || (namespace === '' && rest.length > 1)) return undefined;
  const { object, warnings } = readRequest(reviewing.served, call, { kind, namespace, name: '', subresource: '' });
  return replyJson(201, JSON.stringify(answer(reviewing, kind, object)), warningHeader(warnings));
}

/** POST to the `token` subresource of a ServiceAccount. @throws Refusal */
export function createToken({ served, identity }: Reviewing, call: Call, target: Target): TransportResponse {
  const { object, warnings } = readRequest(served, call, { ...target, kind: tokenRequests });
  const issued = issueToken(served, identity, target, object);
  return replyJson(201, JSON.stringify(issued), warningHeader(warnings));
}

function readRequest(
  { clock }: Served,
  call: Call,
  target: Target,
): { readonly object: JsonObject; readonly warnings: readonly string[] } {
  if (call.method !== 'POST') throw methodNotAllowed();
  const { kind, namespace, subresource } = target;
  const parameters = readParameters(call, 'CreateOptions');
  const raw = readBody(call);
  checkType(kind, raw);
  const { object: sent, warnings } = decodeFor(kind, raw, parameters.fieldValidation);
  checkAddress({ ...target, name: '' }, sent);
  const object = subresource === 'token' ? completeRequest(sent) : sent;
  const placed = namespace === '' ? object : withAt(object, ['metadata', 'namespace'], namespace);
  return { object: owned(target, without(placed, 'status'), parameters, clock.now()), warnings };
}

/** What is answered has its owner written in as if it were stored. */
function owned(
  { kind, subresource }: Pick<Target, 'kind' | 'subresource'>,
  object: JsonObject,
  parameters: WriteParameters,
  nowMs: number,
): JsonObject {
  const complete = ownCreated(kind, object, parameters, nowMs);
  if (subresource === '') return complete;
  const entries = listAt(complete, 'metadata', 'managedFields');
  const named = entries.map((entry) => (isObject(entry) ? { ...entry, subresource } : entry));
  return withAt(complete, ['metadata', 'managedFields'], named);
}

function answer({ served, identity, user }: Reviewing, kind: Kind, object: JsonObject): JsonObject {
  const head = { kind: kind.kind, apiVersion: groupVersion(kind) };
  const metadata = without(objectAt(object, 'metadata'), 'creationTimestamp');
  switch (kind) {
    case selfSubjectReviews: {
      const creationTimestamp = timestamp(served.clock.now());
      return { ...head, metadata: { creationTimestamp }, status: { userInfo: userInfo(user) } };
    }
    case selfRulesReviews:
      return { ...head, metadata: {}, spec: {}, status: reviewRules(served.store, object, user) };
    case tokenReviews:
      return { ...head, metadata, spec: objectAt(object, 'spec'), status: reviewToken(identity, object) };
    default: {
      const status = reviewAccess(served.store, kind, { ...object, metadata }, user);
      return { ...head, metadata, spec: objectAt(object, 'spec'), status };
    }
  }
}
