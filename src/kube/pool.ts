/** The network as a Transport: kept-alive connections to one API server, with credentials that are kept fresh. */
import { createSecureContext } from 'node:tls';
import type { Dispatcher } from 'undici';
import type { Clock } from '../telemetry/clock.ts';
import { type Collected, collect } from './collect.ts';
import type { Secrets, TlsMaterial } from './credentials.ts';
import type { Target } from './kubeconfig.ts';
import { Pool, proxyAgent, request as send } from './request.ts';
import type { Transport, TransportRequest, TransportResponse } from './transport.ts';

/** Credentials are read again after this long, as client-go does with token files. */
const FRESH_MS = 60_000;
/** A server that refuses everything must not make us run a login plugin for every request. */
const REFUSED_AGAIN_MS = 10_000;
/** Watches hold their connection, so they have connections of their own, as many as there are watches. */
const REQUEST_CONNECTIONS = 64;
/** Less than the idle timeout of the API server (Go: 90 s and more), so that it is we who close. */
const KEEP_ALIVE_MS = 30_000;

export function createPool(target: Target, clock: Clock): Transport {
  return new PooledTransport(target, clock);
}

interface Connections {
  readonly secrets: Secrets;
  readonly loadedMs: number;
  /** The ones before these were refused. */
  readonly afterRefusal: boolean;
  readonly requests: Dispatcher;
  readonly watches: Dispatcher;
}

/** Invariant: at most one `#loading`; the dispatchers of `#connections` were made with the TLS material of its secrets. */
class PooledTransport implements Transport {
  readonly #target: Target;
  readonly #clock: Clock;
  /** Path of the server's URL, without a slash at its end. */
  readonly #prefix: string;
  #connections: Connections | undefined;
  #loading: Promise<Connections> | undefined;

  constructor(target: Target, clock: Clock) {
    this.#target = target;
    this.#clock = clock;
    this.#prefix = target.server.pathname.replace(/\/+$/, '');
  }

  async send(request: TransportRequest, signal?: AbortSignal): Promise<TransportResponse> {
    const connections = await this.#current();
    const response = await this.#dispatch(connections, request, signal);
    if (response.statusCode !== 401) return adapt(response);
    const renewed = await this.#renewed(connections);
    if (!renewed) return adapt(response);
    if ('body' in response) await response.body.dump();
    // A 401 was refused before anything was done, so that also a write can be sent again.
    return adapt(await this.#dispatch(renewed, request, signal));
  }

  async close(): Promise<void> {
    const connections = this.#connections;
    this.#connections = undefined;
    if (connections) await Promise.all([connections.requests.destroy(), connections.watches.destroy()]);
  }

  #dispatch(connections: Connections, request: TransportRequest, signal?: AbortSignal): Promise<Answered> {
    const watch = /[?&]watch=(?:true|1)(?:&|$)/.test(request.path);
    const options = {
      origin: this.#target.server.origin,
      method: request.method,
      path: this.#prefix + request.path,
      headers: { ...request.headers, ...connections.secrets.headers },
      body: request.body ?? null,
    };
    if (request.whole && !watch) return collect(connections.requests, options, signal);
    const dispatcher = watch ? connections.watches : connections.requests;
    return send(dispatcher, {
      ...options,
      signal: signal ?? null,
      ...(watch ? { bodyTimeout: 0 } : {}), // silence of a watch is for the watch to judge
    });
  }

  async #current(): Promise<Connections> {
    const connections = this.#connections;
    if (!connections) return this.#reload(false);
    if (this.#clock.monotonic() - connections.loadedMs < FRESH_MS) return connections;
    // Credentials that cannot be read now may still be good: the server decides.
    return this.#reload(false).catch(() => connections);
  }

  /** What to try after a refusal; undefined when there is nothing new to try. */
  async #renewed(refused: Connections): Promise<Connections | undefined> {
    const current = this.#connections;
    if (current && current !== refused) return current; // another request has been here already
    const justRenewed = refused.afterRefusal && this.#clock.monotonic() - refused.loadedMs < REFUSED_AGAIN_MS;
    return justRenewed ? undefined : this.#reload(true);
  }

  #reload(refused: boolean): Promise<Connections> {
    this.#loading ??= this.#load(refused).finally(() => {
      this.#loading = undefined;
    });
    return this.#loading;
  }

  async #load(refused: boolean): Promise<Connections> {
    const previous = this.#connections;
    const secrets = await this.#target.credentials.load(refused);
    const loadedMs = this.#clock.monotonic();
    const same = previous && sameTls(previous.secrets.tls, secrets.tls);
    const dispatchers = same ? previous : await this.#open(secrets.tls);
    const { requests, watches } = dispatchers;
    const connections = { secrets, loadedMs, afterRefusal: refused, requests, watches };
    this.#connections = connections;
    // What is under way on the old connections may end there; nothing new begins.
    if (previous && !same) void Promise.allSettled([previous.requests.close(), previous.watches.close()]);
    return connections;
  }

  async #open(tls: TlsMaterial): Promise<Pick<Connections, 'requests' | 'watches'>> {
    const { server, proxy } = this.#target;
    const ProxyAgent = proxy ? await proxyAgent() : undefined;
    // Else each connection reads the authority and the key anew, and keeps its own copy of them.
    const connect = server.protocol === 'https:' ? { ...tls, secureContext: createSecureContext(tls) } : tls;
    const open = (connections: number | null): Dispatcher => {
      const options = { connections, pipelining: 1, allowH2: false, keepAliveTimeout: KEEP_ALIVE_MS };
      if (proxy && ProxyAgent) return new ProxyAgent({ uri: proxy, requestTls: connect, ...options });
      return new Pool(server.origin, { connect, ...options });
    };
    return { requests: open(REQUEST_CONNECTIONS), watches: open(null) };
  }
}

function sameTls(one: TlsMaterial, other: TlsMaterial): boolean {
  const { ca, cert, key, servername, rejectUnauthorized } = one;
  return (
    ca === other.ca &&
    cert === other.cert &&
    key === other.key &&
    servername === other.servername &&
    rejectUnauthorized === other.rejectUnauthorized
  );
}

type Answered = Dispatcher.ResponseData | Collected;

function adapt(answered: Answered): TransportResponse {
  const head = { status: answered.statusCode, headers: joined(answered.headers) };
  if ('text' in answered) {
    const { text } = answered;
    return {
      ...head,
      text: async () => text,
      async *chunks() {
        if (text !== '') yield text;
      },
    };
  }
  const { body } = answered;
  return {
    ...head,
    text: () => body.text(),
    chunks() {
      body.setEncoding('utf8'); // keeps characters whole
      return body;
    },
  };
}

function joined(headers: Collected['headers']): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const [name, value = ''] of Object.entries(headers)) {
    found[name] = typeof value === 'string' ? value : value.join(', ');
  }
  return found;
}
