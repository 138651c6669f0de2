/** The embedded API on a socket: HTTPS with a bearer token, for kubectl and everything else outside this process. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { listenError } from '../http/server.ts';
import type { Transport, TransportRequest, TransportResponse } from '../kube/transport.ts';
import type { Clock, Random } from '../telemetry/clock.ts';
import { type Log, silentLog } from '../telemetry/log.ts';
import { startRoles } from './access/first-roles.ts';
import { createGate, type Gate, type Head } from './access/gate.ts';
import { createSigning } from './access/signing.ts';
import { createIdentity } from './authenticate.ts';
import { LARGEST_BODY } from './body.ts';
import { openCertificates } from './certificates.ts';
import type { Embedded } from './cluster.ts';
import { type Access, renderKubeconfig } from './kubeconfig.ts';
import { readPrivateFile, writePrivateFile } from './private-file.ts';
import { methodNotAllowed, tooLarge } from './refusal.ts';
import { replyRefusal } from './reply.ts';
import { createRest, inProcessTransport, type Rest } from './rest.ts';

export interface ServeOptions {
  readonly embedded: Embedded;
  /** Where certificates and token are kept. */
  readonly dataDir: string;
  /** Where to write the administrator's kubeconfig; absent = nowhere. */
  readonly kubeconfig?: string;
  /** A loopback address. Default 127.0.0.1. */
  readonly host?: string;
  /** 0 or absent = any free one. */
  readonly port?: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly log?: Log;
}

export interface ApiServer extends Access {
  readonly port: number;
  /** The administrator's kubeconfig, YAML. */
  readonly kubeconfig: string;
  /** For callers in this process, who may do everything; it knows whose tokens are whose. */
  readonly transport: Transport;
  /** Ends all watches and connections; resolves when the socket is closed. Calling it again does nothing more. */
  close(): Promise<void>;
}

/**
 * Resolves when the API can be reached.
 * @throws HttpError LARDER_PORT_IN_USE or LARDER_CANNOT_LISTEN; EmbeddedError when files cannot be read or written.
 */
export async function serve(options: ServeOptions): Promise<ApiServer> {
  const { embedded, dataDir, clock, random, log = silentLog, host = '127.0.0.1', port = 0 } = options;
  const token = openToken(join(dataDir, 'token'));
  const { authority, certificate, key } = await openCertificates(join(dataDir, 'pki'), clock);
  const { store, catalog, ask } = embedded;
  const signing = createSigning(join(dataDir, 'pki', 'service-account.key'));
  const identity = createIdentity({ reading: store, clock, token, signing });
  const door: Door = {
    gate: createGate(store, identity),
    rest: createRest({ store, catalog, clock, random, log, identity, ask }),
  };
  const stopRoles = await startRoles({ store, catalog, clock, random }, log);
  const stopping = new AbortController();
  const server = createServer({ cert: certificate, key, keepAliveTimeout: 60_000 }, (request, response) => {
    void answer(door, { request, response, stopping: stopping.signal });
  });
  const bound = await listen(server, { host, port });
  const url = `https://${host}:${bound}`;
  const kubeconfig = renderKubeconfig({ url, token, authority });
  if (options.kubeconfig !== undefined) writePrivateFile(options.kubeconfig, kubeconfig);
  let closed: Promise<void> | undefined;
  return {
    url,
    token,
    authority,
    port: bound,
    kubeconfig,
    transport: inProcessTransport(door.rest),
    close() {
      stopRoles();
      closed ??= stop(server, stopping);
      return closed;
    },
  };
}

async function stop(server: Server, stopping: AbortController): Promise<void> {
  const ended = once(server, 'close');
  server.close();
  stopping.abort();
  // streams that ended get one turn to say so before their connections go
  await new Promise<void>((resolve) => void setImmediate(resolve));
  server.closeAllConnections();
  await ended;
}

/** Kept from start to start, so that kubeconfigs that were copied elsewhere go on working. */
function openToken(path: string): string {
  const known = readPrivateFile(path)?.trim();
  if (known) return known;
  const token = randomBytes(32).toString('base64url');
  writePrivateFile(path, `${token}\n`);
  return token;
}

async function listen(server: Server, address: { readonly host: string; readonly port: number }): Promise<number> {
  server.listen(address.port, address.host);
  try {
    await once(server, 'listening');
  } catch (cause) {
    throw listenError(address, cause);
  }
  const bound = server.address();
  return typeof bound === 'object' && bound !== null ? bound.port : address.port;
}

interface Door {
  readonly gate: Gate;
  readonly rest: Rest;
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly stopping: AbortSignal;
}

/** Never rejects: what goes wrong on the way to a client ends that client's connection. */
async function answer(door: Door, { request, response, stopping }: Exchange): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const signal = AbortSignal.any([gone.signal, stopping]);
  try {
    const reply = await handle(door, request, signal);
    await send(reply, { request, response });
  } catch {
    response.destroy(); // the client left, or the server stops: there is nobody to tell
  }
}

/** Objects cannot be asked for their head alone, but a server can be asked whether it is well. */
const HEALTH = /^\/(?:healthz|livez|readyz)\b/;
const METHODS: readonly TransportRequest['method'][] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

async function handle({ gate, rest }: Door, request: IncomingMessage, signal: AbortSignal): Promise<TransportResponse> {
  const entrance = gate.enter(headOf(request)); // before the body is read
  if (entrance.kind === 'refused') return replyRefusal(entrance.refusal);
  const probed = request.method === 'HEAD' && HEALTH.test(request.url ?? '');
  const method = METHODS.find((name) => name === (probed ? 'GET' : request.method));
  const body = await readBytes(request);
  if (method === undefined) return replyRefusal(methodNotAllowed());
  if (body === undefined) return replyRefusal(tooLarge(LARGEST_BODY));
  const call = { method, path: request.url ?? '/', headers: headersOf(request) };
  return rest.handle(body.length === 0 ? call : { ...call, body }, signal, entrance.user);
}

function headOf({ method = 'GET', url = '/', headersDistinct }: IncomingMessage): Head {
  return { method, path: url, headers: headersDistinct };
}

/** Undefined when there is more than a request may have; the rest is read and dropped, so that the client hears the answer. */
async function readBytes(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    const piece: Buffer = chunk;
    bytes += piece.length;
    if (bytes <= LARGEST_BODY) chunks.push(piece);
  }
  return bytes > LARGEST_BODY ? undefined : Buffer.concat(chunks);
}

function headersOf({ headers }: IncomingMessage): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name] = typeof value === 'string' ? value : value.join(', ');
  }
  return flat;
}

const compress = promisify(gzip);
/** Shorter answers are not worth the work (k8s.io/apiserver defaultGzipThresholdBytes, read in 0.36). */
const COMPRESSED_FROM = 128 * 1024;
const FRESH = { 'cache-control': 'no-cache, private' };

async function send(reply: TransportResponse, { request, response }: Omit<Exchange, 'stopping'>): Promise<void> {
  if (reply.headers['transfer-encoding'] !== 'chunked') {
    const body = Buffer.from(await reply.text());
    const accepted = String(request.headers['accept-encoding'] ?? '').split(/\s*,\s*/);
    const small = body.length < COMPRESSED_FROM || !accepted.includes('gzip');
    const sent = small ? body : await compress(body);
    const coding = small ? {} : { 'content-encoding': 'gzip', vary: 'Accept-Encoding' };
    response.writeHead(reply.status, { ...FRESH, ...reply.headers, ...coding, 'content-length': sent.length });
    response.end(sent);
    return;
  }
  response.writeHead(reply.status, { ...FRESH, ...reply.headers });
  response.flushHeaders();
  for await (const chunk of reply.chunks()) {
    if (response.destroyed) return;
    // a client that reads slowly makes the watch wait, not the memory grow
    if (!response.write(chunk)) await drained(response);
  }
  response.end();
}

/** Until the client has read what was written, or left; a slow one is waited for often, so no listener may stay behind. */
async function drained(response: ServerResponse): Promise<void> {
  const over = new AbortController();
  const { signal } = over;
  try {
    await Promise.race([once(response, 'drain', { signal }), once(response, 'close', { signal })]);
  } finally {
    over.abort();
  }
}
