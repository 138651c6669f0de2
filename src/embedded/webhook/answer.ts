/** What a webhook said, and what of it counts (k8s.io/apiserver/pkg/admission/plugin/webhook/request, read in 0.36). */
import { isKubeError } from '../../kube/error.ts';
import { type JsonPatchOperation, parseJsonPatch } from '../../kube/patch.ts';
import { at, isObject, type Json, type JsonObject, numberAt, parseJson, textAt, textsAt } from '../json.ts';
import { Refusal } from '../refusal.ts';
import type { CallOutcome } from './caller.ts';
import type { Hook } from './hook.ts';

export type Answer =
  | { readonly kind: 'allowed'; readonly patch: readonly JsonPatchOperation[] }
  | { readonly kind: 'denied'; readonly refusal: Refusal }
  /** No answer that can be understood; the failure policy says what that means. */
  | { readonly kind: 'failed'; readonly reason: string };

export interface Heard {
  readonly answer: Answer;
  readonly warnings: readonly string[];
}

export function readAnswer(hook: Hook, uid: string, outcome: CallOutcome): Heard {
  const said = responseIn(outcome, { uid, version: versionOf(hook) });
  if (said.kind === 'failed') return { answer: said, warnings: [] };
  const { response } = said;
  const warnings = textsAt(response, 'warnings');
  if (at(response, 'allowed') !== true) {
    const refusal = denial(hook.name, at(response, 'status'));
    return { answer: { kind: 'denied', refusal }, warnings };
  }
  return { answer: patchIn(hook, response), warnings };
}

/** The newest that both sides know; undefined when there is none. */
export function versionOf({ reviewVersions }: Hook): 'v1' | 'v1beta1' | undefined {
  const known = reviewVersions.find((version) => version === 'v1' || version === 'v1beta1');
  return known === 'v1' || known === 'v1beta1' ? known : undefined;
}

type Said =
  | { readonly kind: 'said'; readonly response: JsonObject }
  | { readonly kind: 'failed'; readonly reason: string };

function responseIn(
  outcome: CallOutcome,
  { uid, version = 'v1' }: { readonly uid: string; readonly version: string | undefined },
): Said {
  if (outcome.kind === 'failed') return failed(`failed to call webhook: ${outcome.reason}`);
  if (outcome.status < 200 || outcome.status > 206)
    return failed(`failed to call webhook: ${statusText(outcome.status)}`);
  const review = parsed(outcome.text);
  if (!isObject(review)) return failed("failed to call webhook: couldn't get version/kind; json parse error");
  const response = at(review, 'response');
  const kind = textAt(review, 'kind') ?? '';
  const apiVersion = textAt(review, 'apiVersion') ?? '';
  const wanted = `admission.k8s.io/${version}`;
  if ((kind !== '' && kind !== 'AdmissionReview') || (apiVersion !== '' && apiVersion !== wanted)) {
    return failed(
      `failed to call webhook: no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)}`,
    );
  }
  if (!isObject(response)) return invalid('webhook response was absent');
  const own = textAt(response, 'uid') ?? '';
  if (version === 'v1' && own !== uid) {
    return invalid(`expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(own)}`);
  }
  if (version === 'v1' && (kind === '' || apiVersion === '')) {
    const got = `${apiVersion}, Kind=${kind}`;
    return invalid(
      `expected webhook response of ${wanted}, Kind=AdmissionReview, got ${got === ', Kind=' ? '/, Kind=' : got}`,
    );
  }
  return { kind: 'said', response };
}

const failed = (reason: string) => ({ kind: 'failed', reason }) as const;
const invalid = (reason: string) => failed(`received invalid webhook response: ${reason}`);

/** As the API server's client words answers that are no success and no Status. */
function statusText(status: number): string {
  const known: Readonly<Record<number, string>> = {
    401: 'the server has asked for the client to provide credentials',
    403: 'unknown',
    404: 'the server could not find the requested resource',
    405: 'the server does not allow this method on the requested resource',
    409: 'the server reported a conflict',
    429: 'the server has received too many requests and has asked us to try again later',
    503: 'the server is currently unable to handle the request',
    504: 'the server was unable to return a response in the time allotted, but may still be processing the request',
  };
  const text = known[status];
  if (text !== undefined) return text;
  return status >= 500
    ? 'an error on the server ("unknown") has prevented the request from succeeding'
    : `the server responded with the status code ${status} but did not return more information`;
}

function parsed(text: string): Json | undefined {
  try {
    return parseJson(text);
  } catch {
    return undefined; // the caller says that it is no answer
  }
}

function patchIn(hook: Hook, response: JsonObject): Answer {
  const encoded = textAt(response, 'patch') ?? '';
  const type = at(response, 'patchType');
  if (hook.phase === 'validating') {
    if (encoded !== '') return invalid('validating webhook may not return response.patch');
    if (type !== undefined) return invalid('validating webhook may not return response.patchType');
    return { kind: 'allowed', patch: [] };
  }
  if (encoded !== '' && type === undefined && versionOf(hook) === 'v1') {
    return invalid('webhook returned response.patch but not response.patchType');
  }
  if (encoded === '' && type !== undefined) {
    return invalid('webhook returned response.patchType but not response.patch');
  }
  if (encoded === '') return { kind: 'allowed', patch: [] };
  return operationsIn(Buffer.from(encoded, 'base64').toString('utf8'), type);
}

function operationsIn(text: string, type: Json | undefined): Answer {
  try {
    const patch = parseJsonPatch(parseJson(text));
    if (patch.length > 0 && type !== undefined && type !== 'JSONPatch') {
      return failed(`unsupported patch type ${JSON.stringify(type)}`);
    }
    return { kind: 'allowed', patch };
  } catch (cause) {
    if (!(cause instanceof SyntaxError) && !isKubeError(cause)) throw cause;
    return failed(`received undecodable patch in webhook response: ${cause.message}`);
  }
}

/** A denial is told as the webhook put it, but never as a success. */
function denial(name: string, status: Json | undefined): Refusal {
  const deniedBy = `admission webhook ${JSON.stringify(name)} denied the request`;
  const given = textAt(status, 'message') || textAt(status, 'reason');
  const message = given ? `${deniedBy}: ${given}` : `${deniedBy} without explanation`;
  const code = numberAt(status, 'code') ?? 0;
  const details = at(status, 'details');
  return new Refusal(
    Math.max(code, 400),
    textAt(status, 'reason') ?? '',
    message,
    isObject(details) ? details : undefined,
  );
}
