/** The API's front door: one request in, one answer out. A router; what is done is in the files that it names. */
import { isKubeError } from '../kube/error.ts';
import type { Transport, TransportRequest, TransportResponse } from '../kube/transport.ts';
import type { Clock, Random } from '../telemetry/clock.ts';
import { type Log, silentLog } from '../telemetry/log.ts';
import { type Authenticate, allow } from './authenticate.ts';
import { bind } from './binding.ts';
import { type Call, flagOf, readCall, readTarget, type Target } from './call.ts';
import { create } from './create.ts';
import { discover } from './discovery.ts';
import { get, list } from './list.ts';
import { patch } from './patch.ts';
import { badRequest, internal, methodNotAllowed, noSuchPath, Refusal, unauthorized } from './refusal.ts';
import { remove, removeCollection } from './remove.ts';
import { replyRefusal, replyStream } from './reply.ts';
import { review } from './review.ts';
import type { Served } from './served.ts';
import type { Store } from './store.ts';
import { update } from './update.ts';
import { watch } from './watch.ts';

export interface Rest {
  /** Never rejects, but when the signal aborts before there is an answer. A watch's stream ends when it aborts. */
  handle(request: TransportRequest, signal?: AbortSignal): Promise<TransportResponse>;
}

export interface RestOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  /** Default: everybody is let in, which is right where no socket leads here. */
  readonly authenticate?: Authenticate;
  readonly log?: Log;
}

export function createRest(options: RestOptions): Rest {
  const { store, clock, random, authenticate = allow, log = silentLog } = options;
  const served: Served = { store, clock, random };
  return {
    async handle(request, signal) {
      signal?.throwIfAborted();
      try {
        const call = readCall(request, signal);
        const allowed = authenticate(call.headers) || isOpen(call.path);
        if (!allowed) throw unauthorized();
        return await answer(served, call);
      } catch (cause) {
        return replyRefusal(refusalOf(cause, log));
      }
    },
  };
}

/** Anybody may ask how the server is, as with Kubernetes' role system:public-info-viewer. */
function isOpen(path: string): boolean {
  return ['/healthz', '/livez', '/readyz', '/version'].includes(path);
}

async function answer(served: Served, call: Call): Promise<TransportResponse> {
  const target = readTarget(call.path);
  if (target) return route(served, call, target);
  const reviewed = review(call);
  if (reviewed) return reviewed;
  if (call.method === 'GET') return discover(call);
  throw noSuchPath();
}

function route(served: Served, call: Call, target: Target): Promise<TransportResponse> | TransportResponse {
  const { kind, name, namespace, subresource } = target;
  if (subresource === 'binding') return call.method === 'POST' ? bind(served, call, target) : refuse(target);
  const writable = !kind.namespaced || namespace !== '';
  switch (call.method) {
    case 'GET':
      return read(served, call, target);
    case 'POST':
      return name === '' && writable ? create(served, call, target) : refuse(target);
    case 'PUT':
      return name === '' ? refuse(target) : update(served, call, target);
    case 'PATCH':
      return name === '' ? refuse(target) : patch(served, call, target);
    case 'DELETE':
      if (subresource !== '') return refuse(target);
      return name === '' ? removeCollection(served, call, target) : remove(served, call, target);
    default:
      return refuse(target, call.method satisfies never);
  }
}

function refuse(target: Target, _method?: string): never {
  throw methodNotAllowed(target.kind);
}

function read(served: Served, call: Call, target: Target): TransportResponse {
  const nowMs = served.clock.now();
  if (target.subresource === 'finalize') throw methodNotAllowed(target.kind);
  if (flagOf(call.query, 'watch') === true && target.subresource === '') {
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
