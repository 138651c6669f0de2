/**
 * Typed requests to the Kubernetes API over any Transport. Reads are repeated when the server fails or does not answer;
 * writes only when the server says that it did not accept them, because an unanswered write may have been applied: its
 * error goes to the caller, and a level-triggered controller looks again.
 */

import { type CallOptions, createCaller, parseJson } from './call.ts';
import { type KubeError, malformed } from './error.ts';
import { list } from './list.ts';
import type { Draft, KubeObject, ObjectName } from './object.ts';
import type { Patch } from './patch.ts';
import { describeRequest, pathOf, queryOf, type Resource } from './resource.ts';
import type { TransportRequest, TransportResponse } from './transport.ts';

export interface ReadOptions {
  readonly signal?: AbortSignal;
  /** For the whole call with its repetitions (for a list, each page), milliseconds; default that of the client. */
  readonly deadlineMs?: number;
}

export interface ListOptions extends ReadOptions {
  /** Absent: all namespaces. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Objects per page, not in all; default 500. */
  readonly limit?: number;
  /** The list ends after so many pages, whatever is left; default: all. */
  readonly pagesAtMost?: number;
  /** Called for each object that cannot be read, which is then left out. Absent: such an object fails the whole list. */
  readonly onMalformed?: (error: KubeError) => void;
}

export interface WriteOptions {
  /** Default: the name in the user agent. */
  readonly fieldManager?: string;
  readonly dryRun?: boolean;
  /** `Strict`: fields that the kind does not have, or that come twice, are refused. Default: the server's. */
  readonly fieldValidation?: 'Strict';
  readonly signal?: AbortSignal;
  /** For the whole call with its repetitions, milliseconds; default that of the client. */
  readonly deadlineMs?: number;
}

export interface DeleteOptions extends ReadOptions {
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: 'Orphan' | 'Background' | 'Foreground';
  /** Only ask whether it could be done. */
  readonly dryRun?: readonly ['All'];
}

/** Every method throws KubeError, or `signal.reason` when the caller aborted. */
export interface Client {
  get<T extends KubeObject>(resource: Resource<T>, name: ObjectName, options?: ReadOptions): Promise<T>;
  /** All pages. A continue token that expires starts the list again. */
  list<T extends KubeObject>(resource: Resource<T>, options?: ListOptions): Promise<ObjectList<T>>;
  create<T extends KubeObject>(resource: Resource<T>, object: Draft<T>, options?: WriteOptions): Promise<T>;
  /**
   * PUT. Replaces the whole object, so every field that the narrow type does not name is lost: for kinds that the caller
   * owns entirely, such as a Lease. With a resourceVersion in the object, a change in between is KUBE_CONFLICT.
   */
  update<T extends KubeObject>(
    resource: Resource<T>,
    object: T | Draft<T>,
    options?: WriteOptions & { readonly subresource?: 'status' },
  ): Promise<T>;
  /** `force` takes over fields that another manager owns; only for `apply`. */
  patch<T extends KubeObject>(
    resource: Resource<T>,
    name: ObjectName,
    patch: Patch,
    options?: WriteOptions & { readonly subresource?: string; readonly force?: boolean },
  ): Promise<T>;
  /** Resolves when the server has accepted; finalizers may keep the object a while longer. */
  delete<T extends KubeObject>(resource: Resource<T>, name: ObjectName, options?: DeleteOptions): Promise<void>;
  /** One request as it is: no repetition, no deadline, no error mapping. */
  request(request: TransportRequest, options?: { readonly signal?: AbortSignal }): Promise<TransportResponse>;
}

export interface ObjectList<T> {
  readonly items: T[];
  readonly resourceVersion: string;
}

export function createClient(options: CallOptions): Client {
  const call = createCaller(options);
  const userAgent = options.userAgent ?? 'client';
  const manager = userAgent.split('/', 1)[0] ?? userAgent;

  const write = async <T extends KubeObject>(
    what: string,
    resource: Resource<T>,
    request: TransportRequest,
    { signal, deadlineMs }: WriteOptions,
  ): Promise<T> => project(what, resource, await call({ what, request, kind: 'write', signal, deadlineMs }));

  return {
    async get(resource, name, readOptions = {}) {
      const what = describeRequest('get', resource, name);
      const request: TransportRequest = { method: 'GET', path: pathOf(resource, name) };
      return project(what, resource, await call({ what, request, kind: 'read', ...readOptions }));
    },

    list: (resource, listOptions = {}) => list(call, resource, listOptions),

    create(resource, object, writeOptions = {}) {
      const { namespace, name = `${object.metadata.generateName}*` } = object.metadata;
      const where = namespace === undefined ? {} : { namespace };
      const path = pathOf(resource, where) + writeQuery(manager, writeOptions);
      const request = jsonRequest('POST', path, object);
      return write(describeRequest('create', resource, { ...where, name }), resource, request, writeOptions);
    },

    update(resource, object, updateOptions = {}) {
      const { namespace, name = '' } = object.metadata;
      const where = namespace === undefined ? { name } : { namespace, name };
      const path = pathOf(resource, { ...where, ...subresourceOf(updateOptions) }) + writeQuery(manager, updateOptions);
      return write(
        describeRequest('update', resource, where),
        resource,
        jsonRequest('PUT', path, object),
        updateOptions,
      );
    },

    patch(resource, name, patch, patchOptions = {}) {
      const query = writeQuery(manager, {
        ...patchOptions,
        force: patch.kind === 'apply' && patchOptions.force === true,
      });
      const path = pathOf(resource, { ...name, ...subresourceOf(patchOptions) }) + query;
      const body = patch.kind === 'json' ? patch.operations : patch.value;
      const request = jsonRequest('PATCH', path, body, PATCH_TYPES[patch.kind]);
      return write(describeRequest('patch', resource, name), resource, request, patchOptions);
    },

    async delete(resource, name, { signal, deadlineMs, ...deleteOptions } = {}) {
      const body = { kind: 'DeleteOptions', apiVersion: 'v1', ...deleteOptions };
      const request = jsonRequest('DELETE', pathOf(resource, name), body);
      await call({ what: describeRequest('delete', resource, name), request, kind: 'write', signal, deadlineMs });
    },

    request: (request, { signal } = {}) =>
      options.transport.send({ ...request, headers: { 'user-agent': userAgent, ...request.headers } }, signal),
  };
}

function project<T extends KubeObject>(what: string, resource: Resource<T>, body: string): T {
  const parsed = parseJson(what, body);
  try {
    return resource.project(parsed);
  } catch (cause) {
    throw malformed(what, cause);
  }
}

const PATCH_TYPES: Readonly<Record<Patch['kind'], string>> = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml', // JSON is YAML
};

function jsonRequest(
  method: 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: string,
  body: object,
  contentType = 'application/json',
): TransportRequest {
  return { method, path, headers: { 'content-type': contentType }, body: JSON.stringify(body) };
}

function subresourceOf({ subresource }: { readonly subresource?: string }): { subresource?: string } {
  return subresource === undefined ? {} : { subresource };
}

function writeQuery(manager: string, options: WriteOptions & { readonly force?: boolean }): string {
  return queryOf({
    fieldManager: options.fieldManager ?? manager,
    dryRun: options.dryRun ? 'All' : undefined,
    fieldValidation: options.fieldValidation,
    force: options.force ? 'true' : undefined,
  });
}
