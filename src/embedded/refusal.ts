/**
 * What the API answers when it does not do what was asked: a metav1.Status with the texts of the real server
 * (k8s.io/apimachinery/pkg/api/errors, read in 0.36). Thrown anywhere below the router, answered there.
 */
import type { FieldProblem } from './field.ts';
import { toAggregate } from './field.ts';
import type { JsonObject } from './json.ts';

export interface Addressed {
  readonly group: string;
  readonly plural: string;
  readonly kind: string;
}

interface Details {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly { readonly reason?: string; readonly message?: string; readonly field?: string }[];
  readonly retryAfterSeconds?: number;
}

export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: number;
  readonly reason: string;
  readonly details: Details | undefined;
  readonly meta: JsonObject;
  constructor(code: number, reason: string, message: string, details?: Details, meta: JsonObject = {}) {
    super(message);
    this.meta = meta;
    this.code = code;
    this.reason = reason;
    this.details = details;
  }
}

export function statusOf(refusal: Refusal): JsonObject {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: refusal.meta,
    status: 'Failure',
    message: refusal.message,
    ...(refusal.reason === '' ? {} : { reason: refusal.reason }),
    ...(refusal.details === undefined ? {} : { details: JSON.parse(JSON.stringify(refusal.details)) }),
    code: refusal.code,
  };
}

/** `persistentvolumeclaims`, `storageclasses.storage.k8s.io`. */
function qualified({ group, plural }: Addressed): string {
  return group === '' ? plural : `${plural}.${group}`;
}

/** Members that are empty are absent in a Status. */
function details(resource: Addressed, name: string, more: Partial<Details> = {}): Details {
  const { group, plural } = resource;
  return { ...(name && { name }), ...(group && { group }), kind: plural, ...more };
}

export function badRequest(message: string): Refusal {
  return new Refusal(400, 'BadRequest', message);
}

export function unauthorized(): Refusal {
  return new Refusal(401, 'Unauthorized', 'Unauthorized');
}

export function forbidden(resource: Addressed, name: string, why: string, more: Partial<Details> = {}): Refusal {
  const what = name === '' ? qualified(resource) : `${qualified(resource)} ${JSON.stringify(name)}`;
  return new Refusal(403, 'Forbidden', `${what} is forbidden: ${why}`, details(resource, name, more));
}

export function notFound(resource: Addressed, name: string): Refusal {
  const message = `${qualified(resource)} ${JSON.stringify(name)} not found`;
  return new Refusal(404, 'NotFound', message, details(resource, name));
}

/** Nothing is served at the address. */
export function noSuchPath(): Refusal {
  return new Refusal(404, 'NotFound', 'the server could not find the requested resource', {});
}

export function methodNotAllowed(): Refusal {
  return new Refusal(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {});
}

/** None of the media types that the client accepts is served. */
export function notAcceptable(accepted: readonly string[]): Refusal {
  const message = `406: Not Acceptable\n\nAvailable representations: ${accepted.join(', ')}`;
  return new Refusal(406, 'NotAcceptable', message, {});
}

/** A media type is served, but not with these parameters. */
export function notPresentable(accepted: readonly string[]): Refusal {
  return new Refusal(406, 'NotAcceptable', `only the following media types are accepted: ${accepted.join(', ')}`);
}

/** The form fits one object and not a list, or the other way round. */
export function unfitForm(message: string): Refusal {
  return new Refusal(406, 'NotAcceptable', message);
}

export function alreadyExists(resource: Addressed, name: string): Refusal {
  const message = `${qualified(resource)} ${JSON.stringify(name)} already exists`;
  return new Refusal(409, 'AlreadyExists', message, details(resource, name));
}

export function conflict(resource: Addressed, name: string, why: string): Refusal {
  const message = `Operation cannot be fulfilled on ${qualified(resource)} ${JSON.stringify(name)}: ${why}`;
  return new Refusal(409, 'Conflict', message, details(resource, name));
}

/** What a delete was made to depend on does not hold. */
export function preconditionFailed(resource: Addressed, name: string, why: string): Refusal {
  const { group, kind } = resource;
  return conflict({ group, plural: kind, kind }, name, why);
}

export const MODIFIED = 'the object has been modified; please apply your changes to the latest version and try again';

export function expired(message: string): Refusal {
  return new Refusal(410, 'Expired', message);
}

/** The moment that the pages show is forgotten; `token` leads to the rest as it is now. */
export function expiredPage(token: string): Refusal {
  const message =
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.';
  return new Refusal(410, 'Expired', message, undefined, { continue: token });
}

export function tooLarge(limitBytes: number): Refusal {
  const message = `Request entity too large: limit is ${limitBytes}`;
  return new Refusal(413, 'RequestEntityTooLarge', message);
}

export function tooManyOperations(limit: number, got: number): Refusal {
  const message = `The allowed maximum operations in a JSON patch is ${limit}, got ${got}`;
  return new Refusal(413, 'RequestEntityTooLarge', message);
}

export function unsupportedMediaType(message: string): Refusal {
  return new Refusal(415, 'UnsupportedMediaType', message);
}

/** A patch in a form that is none of the four. */
export function unsupportedPatch(): Refusal {
  return new Refusal(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {});
}

/** What a patch makes is no object of the kind. */
export function patchInvalid(value: string, why: string): Refusal {
  const message = `Invalid value: ${JSON.stringify(value)}: ${why}`;
  const causes = [{ reason: 'FieldValueInvalid', message, field: 'patch' }];
  return new Refusal(422, 'Invalid', ` "" is invalid: patch: ${message}`, { causes });
}

/** A patch whose application makes no sense for the object. */
export function unprocessable(message: string): Refusal {
  return new Refusal(422, 'Invalid', message, {});
}

export function invalid(
  resource: { readonly group: string; readonly kind: string },
  name: string,
  problems: readonly FieldProblem[],
): Refusal {
  const { group, kind } = resource;
  const what = group === '' ? kind : `${kind}.${group}`;
  const causes = problems.map(({ reason, body, field }) => ({ reason, message: body, field }));
  const message = `${what} ${JSON.stringify(name)} is invalid: ${toAggregate(problems)}`;
  return new Refusal(422, 'Invalid', message, {
    ...(name && { name }),
    ...(group && { group }),
    ...(kind && { kind }),
    causes,
  });
}

export function internal(message: string): Refusal {
  return new Refusal(500, 'InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] });
}

/** The client asked for a resource version that does not exist yet. */
export function futureVersion(asked: number, current: number): Refusal {
  const message = `Too large resource version: ${asked}, current: ${current}`;
  return new Refusal(504, 'Timeout', `Timeout: ${message}`, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  });
}
