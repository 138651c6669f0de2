/** The API's front door: one request in, one answer out. A router; what is done is in the files that it names. */
import { isKubeError } from '../kube/error.ts';
import type { Transport, TransportRequest, TransportResponse } from '../kube/transport.ts';
import type { Clock, Random } from '../telemetry/clock.ts';
import { type Log, silentLog } from '../telemetry/log.ts';
import { administrator, type User } from './access/user.ts';
import { createIdentity, type Identity } from './authenticate.ts';
import { bind } from './binding.ts';
import { type Call, flagOf, readCall, readTarget, type Target } from './call.ts';
import { type Catalog, createCatalog } from './catalog.ts';
import { create } from './create.ts';
import { discover, isHealth, replyNothing } from './discovery.ts';
import { answerEventView, isEventView } from './event-view.ts';
import { layOut } from './layout.ts';
import { get, list } from './list.ts';
import { patch } from './patch.ts';
import { badRequest, internal, methodNotAllowed, Refusal } from './refusal.ts';
import { remove, removeCollection } from './remove.ts';
import { replyRefusal, replyStream, withWarnings } from './reply.ts';
import { groupsWith } from './resources.ts';
import { createToken, type Reviewing, review } from './review.ts';
import { answerScale } from './scale.ts';
import type { Served } from './served.ts';
import type { Store } from './store.ts';
import { update } from './update.ts';
import { watch } from './watch.ts';
import type { Caller } from './webhook/caller.ts';
import { type Consultation, consultationFor } from './webhook/consultation.ts';

export interface Rest {
  /**
   * Never rejects, but when the signal aborts before there is an answer. A watch's stream ends when it aborts. Whether
   * `user` may send the request was decided before (access/gate.ts); in this process everybody is the administrator.
   */
  handle(request: TransportRequest, signal?: AbortSignal, user?: User): Promise<TransportResponse>;
}

export interface RestOptions {
  readonly store: Store;
  /** Default: one of its own, which follows the store. */
  readonly catalog?: Catalog;
  readonly clock: Clock;
  readonly random: Random;
  /** Whose tokens are known, and how new ones are signed. Default: of nobody, and for as long as the process lasts. */
  readonly identity?: Identity;
  /** How webhooks are asked. Absent: none is. */
  readonly ask?: Caller;
  readonly log?: Log;
}

export function createRest(options: RestOptions): Rest {
  const { store, clock, random, ask, log = silentLog } = options;
  const identity = options.identity ?? createIdentity({ reading: store, clock });
  const served: Served = { store, catalog: options.catalog ?? createCatalog(store), clock, random };
  return {
    async handle(request, signal, user = administrator) {
      signal?.throwIfAborted();
      let consultation: Consultation | undefined;
      let call: Call | undefined;
      const told = new Set<string>();
      const warnings = (): ReadonlySet<string> => new Set([...told, ...(consultation?.warnings ?? [])]);
      const laidOut = (reply: TransportResponse): Promise<TransportResponse> | TransportResponse =>
        call ? layOut(call, reply) : reply;
      try {
        call = readCall(request, signal);
        const own = { ...served, user, warn: (text: string) => void told.add(text) };
        consultation = ask && consultationFor({ served: own, call, ask });
        const reply = await answer({ served: consultation?.served ?? own, identity, user }, call);
        return await laidOut(withWarnings(reply, warnings()));
      } catch (cause) {
        return laidOut(withWarnings(replyRefusal(refusalOf(cause, log)), warnings()));
      }
    },
  };
}

async function answer(asked: Reviewing, call: Call): Promise<TransportResponse> {
  const target = readTarget(call.path, asked.served.catalog);
  if (target?.subresource === 'token') return createToken(asked, call, target);
  if (target) return route(asked.served, call, target);
  const reviewed = review(asked, call);
  if (reviewed) return reviewed;
  if (call.method === 'GET' || isHealth(call.path) || call.path === '/version')
    return discover(call, asked.served.catalog);
  return replyNothing(call.path, groupsWith(asked.served.catalog.defined()));
}

function route(served: Served, call: Call, target: Target): Promise<TransportResponse> | TransportResponse {
  const { kind, name, namespace, subresource } = target;
  const deprecation = kind.deprecation ?? kind.custom?.deprecation;
  if (deprecation) served.warn?.(deprecation);
  if (isEventView(kind)) return answerEventView(served, call, target, route);
  if (subresource === 'binding') return call.method === 'POST' ? bind(served, call, target) : refuse();
  if (subresource === 'scale') return answerScale(served, call, target);
  const writable = !kind.namespaced || namespace !== '';
  switch (call.method) {
    case 'GET':
      return read(served, call, target);
    case 'POST':
      if (kind.custom && !writable) return replyNothing(call.path, groupsWith(served.catalog.defined()));
      return name === '' && writable ? create(served, call, target) : refuse();
    case 'PUT':
      return name === '' ? refuse() : update(served, call, target);
    case 'PATCH':
      return name === '' ? refuse() : patch(served, call, target);
    case 'DELETE':
      if (subresource !== '') return refuse();
      return name === '' ? removeCollection(served, call, target) : remove(served, call, target);
    default:
      return refuse(call.method satisfies never);
  }
}

function refuse(_method?: string): never {
  throw methodNotAllowed();
}

function read(served: Served, call: Call, target: Target): TransportResponse {
  const nowMs = served.clock.now();
  if (target.subresource === 'finalize') throw methodNotAllowed();
  if (flagOf(call.query, 'watch') === true && target.name === '') {
    return replyStream(watch(served, call, target));
  }
  return target.name === '' ? list(served.store, call, target, nowMs) : get(served.store, call, target, nowMs);
}

/** What was not meant as a refusal is a fault of ours: logged once, and said without details. */
function refusalOf(cause: unknown, log: Log): Refusal {
  if (cause instanceof Refusal) return cause;
  if (isKubeError(cause)) return badRequest(cause.message);
  log.error({ err: cause }, 'a request failed');
  return internal(cause instanceof Error ? cause.message : String(cause));
}

/** The API as a transport for clients in this process. `headers` are added to every request. */
export function inProcessTransport(rest: Rest, headers: Readonly<Record<string, string>> = {}): Transport {
  return {
    send: (request, signal) => rest.handle({ ...request, headers: { ...request.headers, ...headers } }, signal),
    close: () => Promise.resolve(),
  };
}
