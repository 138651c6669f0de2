/** Asks the API server whether this account may do something: known before, a missing permission costs no refused request. */
import { type Clock, sleep } from '../telemetry/clock.ts';
import type { Access, Verb } from './access.ts';
import type { Client } from './client.ts';

/** One verb on one resource, in one namespace or (without) in all. */
export interface Question {
  readonly access: Pick<Access, 'group' | 'resource'>;
  readonly verb: Verb;
  readonly namespace?: string;
  readonly name?: string;
  /** Of a service account instead of ours; asking for others is itself a permission. */
  readonly account?: { readonly namespace: string; readonly name: string };
}

const REVIEWS = '/apis/authorization.k8s.io/v1';
const AGAIN_MS = 500;

/** Undefined: the server did not answer for so many tries, or it answers no such questions. */
export async function allowed(
  { client, clock, tries }: { readonly client: Client; readonly clock: Clock; readonly tries: number },
  question: Question,
  signal: AbortSignal,
): Promise<boolean | undefined> {
  for (let attempt = 0; attempt < tries; attempt += 1) {
    if (attempt > 0) await sleep(clock, AGAIN_MS, signal);
    try {
      const answer = await ask(client, question, signal);
      if (answer !== 'later') return answer;
    } catch (cause) {
      if (signal.aborted) throw cause; // else nobody answered: again
    }
  }
  return undefined;
}

async function ask(client: Client, question: Question, signal: AbortSignal): Promise<boolean | undefined | 'later'> {
  const { access, verb, namespace, name, account } = question;
  const [resource = '', subresource] = access.resource.split('/');
  const resourceAttributes = { group: access.group, resource, subresource, verb, namespace, name };
  const kind = account ? 'SubjectAccessReview' : 'SelfSubjectAccessReview';
  const spec = { resourceAttributes, ...(account ? subjectOf(account) : {}) };
  const body = { apiVersion: 'authorization.k8s.io/v1', kind, spec };
  const headers = { 'content-type': 'application/json', accept: 'application/json' };
  const response = await client.request(
    { method: 'POST', path: `${REVIEWS}/${kind.toLowerCase()}s`, headers, body: JSON.stringify(body) },
    { signal },
  );
  const text = await response.text();
  if (response.status >= 500 || response.status === 429) return 'later';
  if (response.status !== 201 && response.status !== 200) return undefined;
  return verdictIn(JSON.parse(text));
}

const subjectOf = ({ namespace, name }: { readonly namespace: string; readonly name: string }) => ({
  user: `system:serviceaccount:${namespace}:${name}`,
  groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
});

function verdictIn(review: unknown): boolean | undefined {
  const status: unknown = memberOf(review, 'status');
  const verdict: unknown = memberOf(status, 'allowed');
  return typeof verdict === 'boolean' ? verdict : undefined;
}

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
