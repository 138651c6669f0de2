/** Reads, makes, changes and deletes one PVCPolicy as a person would with kubectl; always under the state that was looked at. */
import { createHash } from 'node:crypto';
import { GROUP, pvcPolicies, VERSION } from '../../expand/api/pvc-policy.ts';
import { checkPolicy } from '../../expand/policy/policy-check.ts';
import { HttpError } from '../../http/registry.ts';
import type { Client } from '../../kube/client.ts';
import { defineResource } from '../../kube/define-resource.ts';
import { isKubeError } from '../../kube/error.ts';
import { ifThere } from '../../kube/if-there.ts';
import type { KubeObject, ObjectName } from '../../kube/object.ts';
import { sameJson } from '../../kube/patch.ts';
import { isObject } from '../../kube/reader.ts';
import type { PolicyAnswer, PolicyDeleteRequest, PolicySaveAnswer, PolicySaveRequest, Written } from './policy-api.ts';

/** With its spec as it is stored: no field is lost that this version does not know. */
interface StoredPolicy extends KubeObject {
  readonly spec: unknown;
}

const { plural, kind } = pvcPolicies;
const stored = defineResource<StoredPolicy>(
  { group: GROUP, version: VERSION, plural, kind, namespaced: true },
  (raw) => ({ spec: isObject(raw) ? raw['spec'] : undefined }),
);

/** Undefined: there is none. */
export async function readPolicy(
  client: Client,
  at: ObjectName,
  signal: AbortSignal,
): Promise<PolicyAnswer | undefined> {
  const policy = await present(client, at, signal);
  return policy && { object: writtenOf(policy), version: versionOf(policy) };
}

function present(client: Client, { namespace = '', name }: ObjectName, signal: AbortSignal) {
  return ifThere(client.get(stored, { namespace, name }, { signal })).catch((failure: unknown) => {
    throw refusalOf(failure);
  });
}

/** As a person would write it. */
function writtenOf({ apiVersion, metadata, spec }: StoredPolicy): Written {
  const { name, namespace, labels, annotations } = metadata;
  const some = (map: Readonly<Record<string, string>> | undefined) => map && Object.keys(map).length > 0;
  return {
    apiVersion,
    kind,
    metadata: { name, namespace, ...(some(labels) ? { labels } : {}), ...(some(annotations) ? { annotations } : {}) },
    spec,
  };
}

const DIGITS = 16;

/** The resourceVersion would be another one with each status, which nobody edits. */
function versionOf(policy: StoredPolicy): string {
  const text = JSON.stringify([policy.metadata.uid, writtenOf(policy)]);
  return createHash('sha256').update(text).digest('hex').slice(0, DIGITS);
}

export async function savePolicy(
  client: Client,
  request: PolicySaveRequest,
  signal: AbortSignal,
): Promise<PolicySaveAnswer> {
  refuseUnreadable(request);
  const { version } = request;
  if (version === undefined) return create(client, request, signal);
  return onTopOf({ client, at: request, version }, (theirs) => patch(client, request, theirs, signal), signal);
}

/** The page has said so already; whoever calls by hand is told here. */
function refuseUnreadable({ namespace, name, object }: PolicySaveRequest): void {
  const [problem] = checkPolicy(object);
  if (problem) {
    const { field, value, reason } = problem;
    throw bad(`${field === '' ? 'the policy' : field}${value === '' ? '' : ` is "${value}": it`} ${reason}`);
  }
  const { metadata } = object;
  const given = isObject(metadata) ? `${metadata['namespace']}/${metadata['name']}` : '';
  if (given === `${namespace}/${name}`) return;
  throw bad(`the object is ${given} and not ${namespace}/${name}: a policy is not renamed; make a new one of it`);
}

async function create(client: Client, request: PolicySaveRequest, signal: AbortSignal): Promise<PolicySaveAnswer> {
  const { dryRun, namespace, name, object } = request;
  const draft = { apiVersion: `${GROUP}/${VERSION}`, kind, spec: object['spec'], metadata: ownMetadata(request) };
  const how = { fieldManager: 'larder', fieldValidation: 'Strict', dryRun, signal } as const;
  try {
    const made = await client.create(stored, draft, how);
    return saved(request, made, { changes: true, message: `${namespace}/${name} ${dryRun ? 'would be' : 'is'} made` });
  } catch (failure) {
    if (!isKubeError(failure, 'KUBE_ALREADY_EXISTS')) throw refusalOf(failure);
    const theirs = await present(client, request, signal);
    return overtaken(request, theirs, 'is there already: somebody made it');
  }
}

function ownMetadata({ namespace, name, object }: PolicySaveRequest) {
  return { namespace, name, labels: textsAt(object, 'labels'), annotations: textsAt(object, 'annotations') };
}

/** Read before by `checkPolicy`. */
function textsAt({ metadata }: Written, member: 'labels' | 'annotations'): Readonly<Record<string, string>> {
  const texts = isObject(metadata) ? metadata[member] : undefined;
  return Object.fromEntries(Object.entries(isObject(texts) ? texts : {}).map(([key, value]) => [key, String(value)]));
}

interface Looked {
  readonly client: Client;
  readonly at: { readonly namespace: string; readonly name: string };
  readonly version: string;
}

/** A status that was written in between is no reason to refuse, and makes the API server do so. */
const TRIES = 4;

/** Acts on the policy as it is now, if that is what was looked at. */
async function onTopOf(
  { client, at, version }: Looked,
  act: (theirs: StoredPolicy) => Promise<PolicySaveAnswer>,
  signal: AbortSignal,
): Promise<PolicySaveAnswer> {
  for (let left = TRIES; ; left -= 1) {
    const theirs = await present(client, at, signal);
    if (!theirs || versionOf(theirs) !== version)
      return overtaken(at, theirs, 'was changed by somebody else meanwhile');
    try {
      return await act(theirs);
    } catch (failure) {
      if (left <= 1 || !isKubeError(failure, 'KUBE_CONFLICT', 'KUBE_NOT_FOUND')) throw refusalOf(failure);
    }
  }
}

/** Only what a person wrote is replaced: what others keep on the object stays. */
async function patch(
  client: Client,
  request: PolicySaveRequest,
  theirs: StoredPolicy,
  signal: AbortSignal,
): Promise<PolicySaveAnswer> {
  const { dryRun, namespace, name, object } = request;
  const { labels, annotations, resourceVersion } = theirs.metadata;
  const own = ownMetadata(request);
  const value = {
    metadata: {
      resourceVersion,
      labels: difference(labels ?? {}, own.labels),
      annotations: difference(annotations ?? {}, own.annotations),
    },
    spec: difference(isObject(theirs.spec) ? theirs.spec : {}, isObject(object['spec']) ? object['spec'] : {}),
  };
  const how = { fieldManager: 'larder', fieldValidation: 'Strict', dryRun, signal } as const;
  const after = await client.patch(stored, { namespace, name }, { kind: 'merge', value }, how);
  const before = writtenOf(theirs);
  const changes = !sameJson(before, writtenOf(after));
  const verb = dryRun ? 'would be changed' : 'is changed';
  return saved(request, after, {
    before,
    changes,
    message: `${namespace}/${name} ${changes ? verb : 'says so already'}`,
  });
}

/** A merge patch (RFC 7386) that makes `after` of `before`. */
function difference(before: object, after: object): Readonly<Record<string, unknown>> {
  const old = new Map<string, unknown>(Object.entries(before));
  const parts = Object.entries(after).flatMap(([key, value]): readonly (readonly [string, unknown])[] => {
    const was = old.get(key);
    old.delete(key);
    if (isObject(was) && isObject(value)) return [[key, difference(was, value)]];
    return sameJson(was, value) ? [] : [[key, value]];
  });
  return Object.fromEntries([...parts, ...[...old.keys()].map((key) => [key, null] as const)]);
}

interface Said {
  readonly before?: Written;
  readonly changes: boolean;
  readonly message: string;
}

function saved({ name }: PolicySaveRequest, after: StoredPolicy, said: Said): PolicySaveAnswer {
  return {
    kind: 'saved',
    ...said,
    command: `kubectl apply -f ${name}.yaml`,
    after: writtenOf(after),
    version: versionOf(after),
  };
}

export async function deletePolicy(
  client: Client,
  { namespace, name, version, dryRun }: PolicyDeleteRequest,
  signal: AbortSignal,
): Promise<PolicySaveAnswer> {
  const at = { namespace, name };
  const remove = async (theirs: StoredPolicy): Promise<PolicySaveAnswer> => {
    const { uid, resourceVersion } = theirs.metadata;
    const preconditions = { uid, resourceVersion };
    await client.delete(stored, at, { preconditions, ...(dryRun ? { dryRun: ['All'] } : {}), signal });
    const message = `${namespace}/${name} ${dryRun ? 'would be' : 'is'} deleted`;
    const command = `kubectl delete pvcpolicy ${name} -n ${namespace}`;
    return { kind: 'saved', changes: true, message, command, before: writtenOf(theirs), version: '' };
  };
  return onTopOf({ client, at, version }, remove, signal);
}

function overtaken({ namespace, name }: Looked['at'], theirs: StoredPolicy | undefined, why: string): PolicySaveAnswer {
  if (!theirs) {
    const message = `the policy ${namespace}/${name} was deleted meanwhile. Nothing was written`;
    return { kind: 'changed', message, version: '' };
  }
  const message = `the policy ${namespace}/${name} ${why}. Nothing was written`;
  return { kind: 'changed', message, theirs: writtenOf(theirs), version: versionOf(theirs) };
}

function refusalOf(failure: unknown): unknown {
  if (!isKubeError(failure)) return failure;
  return new HttpError('LARDER_HTTP_REFUSED', 409, failure.message, { cause: failure });
}

function bad(message: string): HttpError {
  return new HttpError('LARDER_HTTP_BAD_REQUEST', 400, message);
}
