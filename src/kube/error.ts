import { CodedError, type ErrorTable } from '../telemetry/registry.ts';

/** metav1.Status, as far as the client reads it. */
export interface Status {
  readonly kind: 'Status';
  readonly apiVersion: 'v1';
  readonly status: 'Success' | 'Failure';
  readonly message?: string;
  readonly reason?: string;
  readonly code?: number;
  readonly details?: {
    readonly name?: string;
    readonly group?: string;
    readonly kind?: string;
    readonly uid?: string;
    readonly retryAfterSeconds?: number;
    readonly causes?: readonly { readonly reason?: string; readonly message?: string; readonly field?: string }[];
  };
}

export const errors = {
  KUBE_NOT_FOUND: { meaning: 'The object does not exist (404).', remedy: 'Check the name and namespace.' },
  KUBE_CONFLICT: {
    meaning: 'The object changed since it was read, or a precondition failed (409).',
    remedy: 'Read it again and repeat; controllers do so by themselves.',
  },
  KUBE_ALREADY_EXISTS: {
    meaning: 'An object of that name exists (409).',
    remedy: 'Choose another name, or update the object.',
  },
  KUBE_GONE: {
    meaning: 'The resource version or continue token has expired (410).',
    remedy: 'List again; watches do so by themselves.',
  },
  KUBE_INVALID: {
    meaning: 'The API server refused the object (400, 413, 415, 422).',
    remedy: 'The message names the field.',
  },
  KUBE_UNAUTHORIZED: {
    meaning: 'The credentials were not accepted (401).',
    remedy: 'Renew the kubeconfig or the service-account token.',
  },
  KUBE_FORBIDDEN: {
    meaning: 'RBAC or admission refused the request (403).',
    remedy: 'Grant the permission that the message names.',
  },
  KUBE_THROTTLED: {
    meaning: 'The API server asked for patience (429).',
    remedy: 'Nothing: it is retried after the time it asked for.',
  },
  KUBE_UNAVAILABLE: {
    meaning: 'No answer, or a server error (5xx). The request may have been applied.',
    remedy: 'Check that the API server runs and can be reached; it is retried.',
  },
  KUBE_MALFORMED: {
    meaning: 'The answer was not what the protocol says.',
    remedy: 'Check for a proxy between here and the API server.',
  },
  KUBE_CONFIG: {
    meaning: 'The connection could not be configured.',
    remedy: 'The message names the file and the field.',
  },
} as const satisfies ErrorTable;

export type KubeErrorCode = keyof typeof errors;

export class KubeError extends CodedError<KubeErrorCode> {
  override readonly name = 'KubeError';
  /** HTTP status; 0 when no response came. */
  readonly status: number;
  /** The reason of the Status body, for example `AlreadyExists`; empty when there was none. */
  readonly reason: string;
  /** How long the server asked to wait, milliseconds. */
  readonly retryAfterMs: number | undefined;
  readonly details: Status['details'];
  constructor(
    code: KubeErrorCode,
    message: string,
    options: {
      status?: number;
      reason?: string;
      retryAfterMs?: number;
      details?: Status['details'];
      cause?: unknown;
    } = {},
  ) {
    super(code, message, options.cause === undefined ? undefined : { cause: options.cause });
    this.status = options.status ?? 0;
    this.reason = options.reason ?? '';
    this.retryAfterMs = options.retryAfterMs;
    this.details = options.details;
  }
}

/** Narrowing for catch blocks: `if (isKubeError(e, 'KUBE_NOT_FOUND'))`. Without codes: any KubeError. */
export function isKubeError(error: unknown, ...codes: readonly KubeErrorCode[]): error is KubeError {
  return error instanceof KubeError && (codes.length === 0 || codes.includes(error.code));
}

/** A response that is not a success, as the client saw it. */
interface FailedResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The error of a response outside 200–299. `what` says what was asked, for example `get persistentvolumeclaims a/b`. */
export function errorOfResponse(what: string, response: FailedResponse): KubeError {
  const status = parseStatus(response.body);
  const retryAfterMs = retryAfterOf(response.headers) ?? secondsToMs(status?.details?.retryAfterSeconds);
  return makeError(what, { ...status, code: response.status }, { retryAfterMs, fallback: response.body });
}

/** The error of a Status object, as watches send it in an ERROR event. */
export function errorOfStatus(what: string, status: Partial<Status>): KubeError {
  return makeError(what, status, { retryAfterMs: secondsToMs(status.details?.retryAfterSeconds), fallback: '' });
}

/** A body that is a Status object; undefined for anything else, such as the error page of a proxy. */
function parseStatus(body: string): Status | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    return isStatus(parsed) ? parsed : undefined;
  } catch {
    return undefined; // not JSON: the caller falls back to the HTTP status and the text
  }
}

function isStatus(value: unknown): value is Status {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'Status';
}

interface Extra {
  readonly retryAfterMs: number | undefined;
  /** Quoted when the server sent no Status. */
  readonly fallback: string;
}

function makeError(what: string, status: Partial<Status>, extra: Extra): KubeError {
  const http = typeof status.code === 'number' ? status.code : 0;
  const reason = typeof status.reason === 'string' ? status.reason : '';
  const said = typeof status.message === 'string' && status.message !== '' ? status.message : excerpt(extra.fallback);
  const message = `${what}: ${said === '' ? `HTTP status ${http}` : `${said} (${http}${reason && ` ${reason}`})`}`;
  return new KubeError(codeOf(http, reason), message, {
    status: http,
    reason,
    details: status.details,
    ...(extra.retryAfterMs === undefined ? {} : { retryAfterMs: extra.retryAfterMs }),
  });
}

function codeOf(status: number, reason: string): KubeErrorCode {
  if (reason === 'AlreadyExists') return 'KUBE_ALREADY_EXISTS';
  if (reason === 'Expired' || reason === 'Gone') return 'KUBE_GONE';
  if (status === 408 || status >= 500) return 'KUBE_UNAVAILABLE';
  return CODES.get(status) ?? 'KUBE_MALFORMED';
}

const CODES: ReadonlyMap<number, KubeErrorCode> = new Map<number, KubeErrorCode>([
  [400, 'KUBE_INVALID'],
  [401, 'KUBE_UNAUTHORIZED'],
  [403, 'KUBE_FORBIDDEN'],
  [404, 'KUBE_NOT_FOUND'],
  [405, 'KUBE_INVALID'],
  [406, 'KUBE_INVALID'],
  [409, 'KUBE_CONFLICT'],
  [410, 'KUBE_GONE'],
  [413, 'KUBE_INVALID'],
  [415, 'KUBE_INVALID'],
  [422, 'KUBE_INVALID'],
  [429, 'KUBE_THROTTLED'],
]);

/** Retry-After in seconds or as a date, which is read against the server's own Date. */
function retryAfterOf(headers: Readonly<Record<string, string>>): number | undefined {
  const value = headers['retry-after'];
  if (value === undefined) return undefined;
  if (/^\d{1,9}$/.test(value)) return secondsToMs(Number(value));
  const waitMs = Date.parse(value) - Date.parse(headers['date'] ?? '');
  return Number.isFinite(waitMs) ? Math.max(0, waitMs) : undefined;
}

function secondsToMs(seconds: number | undefined): number | undefined {
  return typeof seconds === 'number' && seconds >= 0 ? seconds * 1000 : undefined;
}

const LONGEST_EXCERPT = 200;
function excerpt(body: string): string {
  const line = body.replace(/\s+/g, ' ').trim();
  return line.length > LONGEST_EXCERPT ? `${line.slice(0, LONGEST_EXCERPT)}…` : line;
}

/** An answer that is not what the protocol says; `cause` says how. */
export function malformed(what: string, cause: unknown): KubeError {
  return new KubeError('KUBE_MALFORMED', `${what}: ${messageOf(cause)}`, { cause });
}

export function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
