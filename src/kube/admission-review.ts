/** What an API server asks a webhook, and what it is answered: admission.k8s.io/v1, read from and written to JSON. Pure. */
import type { JsonPatchOperation } from './patch.ts';
import { isObject } from './reader.ts';

export interface AdmissionQuestion {
  /** Of this question; the answer carries it back. */
  readonly uid: string;
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';
  /** Empty for the core group. */
  readonly group: string;
  /** Plural. */
  readonly resource: string;
  /** Empty: the object itself. */
  readonly subresource: string;
  /** Empty for cluster-scoped kinds. */
  readonly namespace: string;
  /** Empty when the API server has not made one yet. */
  readonly name: string;
  /** As it would be stored; not read yet. Undefined for DELETE. */
  readonly object: unknown;
  /** As it is stored; not read yet. Undefined for CREATE. */
  readonly oldObject: unknown;
}

export type AdmissionAnswer =
  | {
      readonly kind: 'allowed';
      /** Only mutating webhooks may send one. */
      readonly patch?: readonly JsonPatchOperation[];
      /** Shown to whoever sent the request, one line each. */
      readonly warnings?: readonly string[];
    }
  | {
      readonly kind: 'denied';
      readonly message: string;
      readonly causes: readonly AdmissionCause[];
      readonly warnings?: readonly string[];
    };

export interface AdmissionCause {
  /** As `spec.template.cooldown`. */
  readonly field: string;
  readonly message: string;
}

export type ReadReview =
  | { readonly kind: 'question'; readonly question: AdmissionQuestion }
  | { readonly kind: 'malformed'; readonly reason: string };

const API_VERSION = 'admission.k8s.io/v1';
/** API servers cut a longer one, and drop those beyond 4,096 characters in all. */
const LONGEST_WARNING = 256;

/** Reads the body of a request. */
export function readReview(text: string): ReadReview {
  const review = parsed(text);
  if (!isObject(review)) return malformed('the body is not a JSON object');
  if (review['apiVersion'] !== API_VERSION || review['kind'] !== 'AdmissionReview') {
    return malformed(`the body is not an AdmissionReview of ${API_VERSION}`);
  }
  const request = review['request'];
  if (!isObject(request)) return malformed('request is missing');
  const uid = textIn(request, 'uid');
  const operation = operationIn(request['operation']);
  const resource = isObject(request['resource']) ? request['resource'] : {};
  if (uid === '') return malformed('request.uid is missing');
  if (!operation) return malformed('request.operation is none of CREATE, UPDATE, DELETE, CONNECT');
  return {
    kind: 'question',
    question: {
      uid,
      operation,
      group: textIn(resource, 'group'),
      resource: textIn(resource, 'resource'),
      subresource: textIn(request, 'subResource'),
      namespace: textIn(request, 'namespace'),
      name: textIn(request, 'name'),
      object: request['object'] ?? undefined,
      oldObject: request['oldObject'] ?? undefined,
    },
  };
}

/** The body of the answer. */
export function writeReview(uid: string, answer: AdmissionAnswer): string {
  return JSON.stringify({ apiVersion: API_VERSION, kind: 'AdmissionReview', response: { uid, ...responseOf(answer) } });
}

function responseOf(answer: AdmissionAnswer): object {
  const { warnings = [] } = answer;
  const said = warnings.length === 0 ? {} : { warnings: warnings.map(asWarning) };
  switch (answer.kind) {
    case 'allowed': {
      const { patch = [] } = answer;
      if (patch.length === 0) return { allowed: true, ...said };
      const encoded = Buffer.from(JSON.stringify(patch)).toString('base64');
      return { allowed: true, patchType: 'JSONPatch', patch: encoded, ...said };
    }
    case 'denied': {
      const causes = answer.causes.map(({ field, message }) => ({ reason: 'FieldValueInvalid', field, message }));
      const status = { code: 422, reason: 'Invalid', message: answer.message, details: { causes } };
      return { allowed: false, status, ...said };
    }
    default:
      return answer satisfies never;
  }
}

/** A line break would end the header in which warnings travel, and API servers drop a warning with any other control character. */
function asWarning(text: string): string {
  const line = text.replace(/[\s\p{Cc}\p{Cf}]+/gu, ' ').trim();
  return line.length <= LONGEST_WARNING ? line : `${line.slice(0, LONGEST_WARNING - 1)}…`;
}

function operationIn(value: unknown): AdmissionQuestion['operation'] | undefined {
  return value === 'CREATE' || value === 'UPDATE' || value === 'DELETE' || value === 'CONNECT' ? value : undefined;
}

function textIn(object: Readonly<Record<string, unknown>>, name: string): string {
  const value = object[name];
  return typeof value === 'string' ? value : '';
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the caller says that it is no object; where it breaks does not help an API server
  }
}

function malformed(reason: string): ReadReview {
  return { kind: 'malformed', reason };
}
