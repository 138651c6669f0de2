/** The body of the question to a webhook (k8s.io/api/admission/v1, read in 0.36). */
import { type User, userInfo } from '../access/user.ts';
import type { Call } from '../call.ts';
import { type Json, type JsonObject, textAt } from '../json.ts';
import { groupVersion } from '../kind.ts';
import type { Operation, Question } from './question.ts';

export interface Asked {
  readonly question: Question;
  readonly user: User;
  /** The query of the call, and its body when it has options. */
  readonly options: JsonObject;
  readonly dryRun: boolean;
}

/** Without a uid, and with the objects in the version that is asked for. */
export function admissionRequest({ question, user, options, dryRun }: Asked, version: string): JsonObject {
  const { target, name, operation } = question;
  const { group, kind, plural } = target.kind;
  const sub = target.subresource;
  const own = target.kind.version;
  const namespace = target.kind.plural === 'namespaces' && group === '' ? name : target.namespace;
  return {
    kind: { group, version, kind },
    resource: { group, version, resource: plural },
    ...(sub && { subResource: sub }),
    requestKind: { group, version: own, kind },
    requestResource: { group, version: own, resource: plural },
    ...(sub && { requestSubResource: sub }),
    ...(name && { name }),
    ...(namespace && { namespace }),
    operation,
    userInfo: userInfo(user),
    object: inVersion(question.object, { group, version }),
    oldObject: inVersion(question.current, { group, version }),
    dryRun,
    options,
  };
}

function inVersion(object: JsonObject | undefined, wanted: { readonly group: string; readonly version: string }): Json {
  if (!object) return null;
  const apiVersion = groupVersion(wanted);
  return textAt(object, 'apiVersion') === apiVersion ? object : { ...object, apiVersion };
}

const KINDS: Readonly<Record<Operation, string>> = {
  CREATE: 'CreateOptions',
  UPDATE: 'UpdateOptions',
  DELETE: 'DeleteOptions',
};

/** What a client said about how it wants its write, as the options of the operation that it comes to. */
export function optionsFor(operation: Operation, { query }: Call, body: JsonObject | undefined): JsonObject {
  const head = { kind: KINDS[operation], apiVersion: 'meta.k8s.io/v1' };
  const dryRun = query.getAll('dryRun').filter((value) => value !== '');
  const shared: JsonObject = dryRun.length === 0 ? {} : { dryRun };
  if (operation === 'DELETE') {
    const grace = query.get('gracePeriodSeconds');
    const policy = query.get('propagationPolicy');
    const { kind: _kind, apiVersion: _apiVersion, ...sent } = body ?? {};
    return {
      ...head,
      ...(grace ? { gracePeriodSeconds: Number(grace) } : {}),
      ...(policy ? { propagationPolicy: policy } : {}),
      ...shared,
      ...sent,
    };
  }
  const named = ['fieldManager', 'fieldValidation'].flatMap((name) => {
    const value = query.get(name);
    return value ? [[name, value] as const] : [];
  });
  return { ...head, ...shared, ...Object.fromEntries(named) };
}
