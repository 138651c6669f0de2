/** Requests for events.k8s.io/v1, translated to the events of the core group and back. */
import type { TransportResponse } from '../kube/transport.ts';
import { bodyText, mediaTypeOf, readBody, readYaml } from './body.ts';
import type { Call, Target } from './call.ts';
import { checkAddress, checkType, create, decodeFor } from './create.ts';
import { at, isObject, type JsonObject, listAt, objectAt, parseJson, textAt, withAt } from './json.ts';
import type { Kind } from './kind.ts';
import { eventSelectors, newEventProblems, shownEvent, storedEvent } from './kinds/new-event.ts';
import { EVENTS, findKind } from './kinds.ts';
import { patch, readEdit } from './patch.ts';
import { badRequest, invalid, notFound, Refusal } from './refusal.ts';
import { replyJson, replyStream, warningHeader } from './reply.ts';
import type { Served } from './served.ts';
import { keyFor, type Stored } from './stored.ts';
import { update } from './update.ts';
import { readParameters } from './write-options.ts';

const GROUP = 'events.k8s.io';

export function isEventView({ group, plural }: Kind): boolean {
  return group === GROUP && plural === 'events';
}

/** `route` answers for the events of the core group. */
export type Route = (served: Served, call: Call, target: Target) => Promise<TransportResponse> | TransportResponse;

export async function answerEventView(
  served: Served,
  call: Call,
  target: Target,
  route: Route,
): Promise<TransportResponse> {
  try {
    return await translate(served, call, { shown: target, stored: { ...target, kind: coreKind() } }, route);
  } catch (cause) {
    throw cause instanceof Refusal ? shownRefusal(cause) : cause;
  }
}

async function translate(served: Served, call: Call, targets: Targets, route: Route): Promise<TransportResponse> {
  switch (call.method) {
    case 'POST':
    case 'PUT':
      return write(served, call, targets);
    case 'PATCH':
      return change(served, call, targets);
    default:
      return shown(await route(served, { ...call, query: storedQuery(call.query) }, targets.stored), call);
  }
}

/** What the core group refuses of an event, in the name of this group. */
function shownRefusal(refusal: Refusal): Refusal {
  const { code, reason, message, details } = refusal;
  if (details?.kind !== 'events' || details.group !== undefined) return refusal;
  const text = message.replace(/(^|fulfilled on )events "/, `$1events.${GROUP} "`);
  return new Refusal(code, reason, text, { ...details, group: GROUP });
}

function coreKind(): Kind {
  const kind = findKind('', 'v1', 'events');
  if (!kind) throw new Error('events are not served');
  return kind;
}

/** Field selectors in the words of the stored object; words that are unknown here stay so. */
function storedQuery(query: URLSearchParams): URLSearchParams {
  const selector = query.get('fieldSelector');
  if (!selector) return query;
  const translated = new URLSearchParams(query);
  const terms = selector.split(',').map((term) => {
    const [, name = '', rest = ''] = /^([^!=]*)(.*)$/.exec(term) ?? [];
    if (name.startsWith('metadata.')) return term;
    const known = eventSelectors.get(name);
    if (known === undefined) throw badRequest(`field label not supported: ${name}`);
    return `${known}${rest}`;
  });
  translated.set('fieldSelector', terms.join(','));
  return translated;
}

interface Targets {
  readonly shown: Target;
  readonly stored: Target;
}

function currentOf(served: Served, { namespace, name }: Target): Stored | undefined {
  return name === '' ? undefined : served.store.get(EVENTS, keyFor(namespace, name));
}

async function write(served: Served, call: Call, targets: Targets): Promise<TransportResponse> {
  const { kind } = targets.shown;
  const parameters = readParameters(call, call.method === 'POST' ? 'CreateOptions' : 'UpdateOptions');
  const raw = readBody(call);
  checkType(kind, raw);
  const { object, warnings } = decodeFor(kind, raw, parameters.fieldValidation);
  checkAddress(targets.shown, object);
  const inner = innerCall(call, checked(object, targets, currentOf(served, targets.stored)));
  const reply = call.method === 'POST' ? create(served, inner, targets.stored) : update(served, inner, targets.stored);
  const answer = shown(await reply, call);
  return withHeaders(await answer, warningHeader(warnings));
}

/** The event as it is stored. @throws Refusal 422 for what this view does not allow. */
function checked(object: JsonObject, { shown: target }: Targets, current: Stored | undefined): JsonObject {
  const placed = withAt(storedEvent(object), ['metadata', 'namespace'], target.namespace);
  const problems = newEventProblems(placed, current?.object);
  const name = target.name || (textAt(object, 'metadata', 'name') ?? '');
  if (problems.length > 0) throw invalid({ group: '', kind: target.kind.kind }, name, problems); // as the core group
  return placed;
}

async function change(served: Served, call: Call, targets: Targets): Promise<TransportResponse> {
  const type = mediaTypeOf(call);
  const text = bodyText(call);
  if (type.startsWith('application/apply-patch+')) {
    const config = readYaml(text);
    if (!isObject(config)) throw badRequest('a patch must be an object');
    checkType(targets.shown.kind, config);
    const inner = { ...call, body: JSON.stringify(storedEvent(config)) };
    return shown(await patch(served, inner, targets.stored), call);
  }
  const edit = readEdit(type, text, targets.shown.kind);
  const current = currentOf(served, targets.stored);
  if (!current) throw notFound(targets.shown.kind, targets.shown.name);
  const raw = edit(shownEvent(current.object));
  if (!isObject(raw)) throw badRequest('the patch makes something other than an object');
  const { object } = decodeFor(targets.shown.kind, raw, 'Ignore');
  const inner = innerCall({ ...call, method: 'PUT' }, checked(object, targets, current));
  return shown(await update(served, inner, targets.stored), call);
}

function innerCall(call: Call, body: JsonObject): Call {
  const { 'content-type': _type, 'content-encoding': _encoding, ...headers } = call.headers;
  return { ...call, headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

function withHeaders(reply: TransportResponse, headers: Readonly<Record<string, string>>): TransportResponse {
  return Object.keys(headers).length === 0 ? reply : { ...reply, headers: { ...reply.headers, ...headers } };
}

/** An answer about stored events as one about those of this view. Tables and metadata alone are the same in both. */
async function shown(reply: TransportResponse, call: Call): Promise<TransportResponse> {
  if (reply.headers['transfer-encoding'] === 'chunked') return replyStream(shownChanges(reply.chunks()));
  const text = await reply.text();
  if (call.method === 'GET' && text === '') return reply;
  return replyJson(reply.status, JSON.stringify(shownValue(objectAt(parseJson(text)))), reply.headers);
}

function shownValue(value: JsonObject): JsonObject {
  switch (textAt(value, 'kind')) {
    case 'Event':
      return shownEvent(value);
    case 'EventList': {
      const items = listAt(value, 'items').map((item) => {
        const { apiVersion: _, ...rest } = shownEvent(objectAt(item));
        return rest;
      });
      return { ...value, apiVersion: `${GROUP}/v1`, items };
    }
    case 'Status':
      return textAt(value, 'details', 'kind') === 'events' ? withAt(value, ['details', 'group'], GROUP) : value;
    default:
      return value;
  }
}

async function* shownChanges(chunks: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const event = objectAt(parseJson(line));
      yield `${JSON.stringify({ ...event, object: shownValue(objectAt(at(event, 'object'))) })}\n`;
    }
  }
}
