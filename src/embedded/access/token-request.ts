/** A ServiceAccount's token: for whom, for how long, and bound to what (pkg/registry/core/serviceaccount/storage/token.go, read in 1.36). */
import type { Identity } from '../authenticate.ts';
import type { Target } from '../call.ts';
import { invalidValue } from '../field.ts';
import { at, type JsonObject, numberAt, objectAt, textAt, textsAt, withAt } from '../json.ts';
import { SERVICE_ACCOUNTS } from '../kinds.ts';
import { timestamp } from '../metadata.ts';
import { badRequest, conflict, invalid, notFound, type Refusal } from '../refusal.ts';
import type { Served } from '../served.ts';
import type { Reading } from '../store.ts';
import { keyFor } from '../stored.ts';
import { type Bound, ISSUER, type Reference, tokenClaims } from './account-token.ts';
import { tokenRequests } from './review-kinds.ts';

const HOUR_SECONDS = 3600;
const LEAST_SECONDS = 600;
const MOST_SECONDS = 2 ** 32;

/** The request with what it leaves open filled in, as the API server's defaults do. */
export function completeRequest(object: JsonObject): JsonObject {
  return at(object, 'spec', 'expirationSeconds') === undefined
    ? withAt(object, ['spec', 'expirationSeconds'], HOUR_SECONDS)
    : object;
}

/** The answer with the token in its status. @throws Refusal */
export function issueToken(
  served: Served,
  { signing }: Identity,
  { namespace, name }: Target,
  request: JsonObject,
): JsonObject {
  checkAddressed(request, { namespace, name });
  const account = served.store.get(SERVICE_ACCOUNTS, keyFor(namespace, name));
  if (!account) throw notFound({ group: '', plural: 'serviceaccounts', kind: 'ServiceAccount' }, name);
  const uid = textAt(account.object, 'metadata', 'uid') ?? '';
  checkUid(request, name, uid);
  const asked = textsAt(request, 'spec', 'audiences');
  const audiences = asked.length === 0 ? [ISSUER] : asked;
  const seconds = numberAt(request, 'spec', 'expirationSeconds') ?? HOUR_SECONDS;
  checkLifetime(seconds);
  const bound = boundTo(
    served.store,
    { namespace, account: { name, uid } },
    objectAt(request, 'spec', 'boundObjectRef'),
  );
  const nowMs = served.clock.now();
  const token = signing.sign(tokenClaims(bound, { id: served.random.uuid(), nowMs, seconds, audiences }));
  const { managedFields } = objectAt(request, 'metadata');
  const metadata = {
    name,
    namespace,
    uid,
    creationTimestamp: timestamp(nowMs),
    ...(managedFields && { managedFields }),
  };
  const boundObjectRef = at(request, 'spec', 'boundObjectRef') ?? null;
  return {
    ...request,
    metadata,
    spec: { audiences, expirationSeconds: seconds, boundObjectRef },
    status: { token, expirationTimestamp: timestamp(nowMs + seconds * 1000) },
  };
}

function checkAddressed(
  request: JsonObject,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): void {
  const rows = [
    { member: 'name', wanted: name, text: 'must match the service account name if specified' },
    { member: 'namespace', wanted: namespace, text: 'must match the service account namespace if specified' },
  ];
  for (const { member, wanted, text } of rows) {
    const given = textAt(request, 'metadata', member) ?? '';
    if (given !== '' && given !== wanted) {
      throw invalid(tokenRequests, name, [invalidValue(`metadata.${member}`, given, text)]);
    }
  }
}

function checkUid(request: JsonObject, name: string, uid: string): void {
  const given = textAt(request, 'metadata', 'uid') ?? '';
  if (given === '' || given === uid) return;
  const why = `the UID in the token request (${given}) does not match the UID of the service account (${uid})`;
  throw conflict({ ...tokenRequests, plural: tokenRequests.kind }, name, why);
}

function checkLifetime(seconds: number): void {
  const field = 'spec.expirationSeconds';
  const text =
    seconds < LEAST_SECONDS
      ? 'may not specify a duration less than 10 minutes'
      : seconds > MOST_SECONDS
        ? 'may not specify a duration larger than 2^32 seconds'
        : '';
  if (text !== '') throw invalid(tokenRequests, '', [invalidValue(field, seconds, text)]);
}

function boundTo(reading: Reading, own: Bound, reference: JsonObject): Bound {
  if (Object.keys(reference).length === 0) return own;
  const [kind, version, name] = ['kind', 'apiVersion', 'name'].map((member) => textAt(reference, member) ?? '');
  const find = (plural: string, namespace: string): { readonly found: Reference; readonly object: JsonObject } => {
    const stored = reading.get(plural, keyFor(namespace, name ?? ''));
    if (!stored) throw notFound({ group: '', plural, kind: kind ?? '' }, name ?? '');
    const uid = textAt(stored.object, 'metadata', 'uid') ?? '';
    const wanted = textAt(reference, 'uid') ?? '';
    if (wanted !== '' && wanted !== uid) throw staleReference(kind ?? '', name ?? '', wanted);
    return { found: { name: name ?? '', uid }, object: stored.object };
  };
  switch (`${version}/${kind}`) {
    case 'v1/Pod': {
      const { found, object } = find('pods', own.namespace);
      checkAccountOf(object, own.account.name);
      return { ...own, pod: found, ...nodeOf(reading, object) };
    }
    case 'v1/Secret':
      return { ...own, secret: find('secrets', own.namespace).found };
    case 'v1/Node':
      return { ...own, node: find('nodes', '').found };
    default: {
      const [short = '', group = ''] = (version ?? '').split('/').reverse();
      throw badRequest(`cannot bind token to object of type ${group}/${short}, Kind=${kind}`);
    }
  }
}

function staleReference(kind: string, name: string, wanted: string): Refusal {
  const why = `the UID in the bound object reference (${wanted}) does not match the UID in record. The object might have been deleted and then recreated`;
  return conflict({ group: '', plural: kind, kind }, name, why);
}

function checkAccountOf(pod: JsonObject, account: string): void {
  if ((textAt(pod, 'spec', 'serviceAccountName') || 'default') === account) return;
  const who = JSON.stringify(account);
  throw badRequest(`cannot bind token for serviceaccount ${who} to pod running with different serviceaccount name.`);
}

function nodeOf(reading: Reading, pod: JsonObject): { readonly node?: Reference } {
  const name = textAt(pod, 'spec', 'nodeName') ?? '';
  if (name === '') return {};
  return { node: { name, uid: textAt(reading.get('nodes', name)?.object, 'metadata', 'uid') ?? '' } };
}
