/** The embedded API on a socket: HTTPS with a bearer token, for kubectl and everything else outside this process. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { join } from 'node:path';
import { listenError } from '../http/server.ts';
import type { TransportRequest, TransportResponse } from '../kube/transport.ts';
import type { Clock, Random } from '../telemetry/clock.ts';
import { type Log, silentLog } from '../telemetry/log.ts';
import { bearerToken } from './authenticate.ts';
import { LARGEST_BODY } from './body.ts';
import { openCertificates } from './certificates.ts';
import type { Embedded } from './cluster.ts';
import { type Access, renderKubeconfig } from './kubeconfig.ts';
import { readPrivateFile, writePrivateFile } from './private-file.ts';
import { methodNotAllowed, tooLarge } from './refusal.ts';
import { replyRefusal } from './reply.ts';
import { createRest, type Rest } from './rest.ts';

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
  const rest = createRest({ store: embedded.store, clock, random, log, authenticate: bearerToken(token) });
  const stopping = new AbortController();
  const server = createServer({ cert: certificate, key, keepAliveTimeout: 60_000 }, (request, response) => {
    void answer(rest, { request, response, stopping: stopping.signal });
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
    close() {
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

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly stopping: AbortSignal;
}

/** Never rejects: what goes wrong on the way to a client ends that client's connection. */
async function answer(rest: Rest, { request, response, stopping }: Exchange): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const signal = AbortSignal.any([gone.signal, stopping]);
  try {
    const reply = await handle(rest, request, signal);
    await send(reply, response);
  } catch {
    response.destroy(); // the client left, or the server stops: there is nobody to tell
  }
}

const METHODS: readonly TransportRequest['method'][] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

async function handle(rest: Rest, request: IncomingMessage, signal: AbortSignal): Promise<TransportResponse> {
  const method = METHODS.find((name) => name === (request.method === 'HEAD' ? 'GET' : request.method));
  const body = await readBytes(request);
  if (method === undefined) return replyRefusal(methodNotAllowed());
  if (body === undefined) return replyRefusal(tooLarge(LARGEST_BODY));
  const call = { method, path: request.url ?? '/', headers: headersOf(request) };
  return rest.handle(body.length === 0 ? call : { ...call, body }, signal);
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

async function send(reply: TransportResponse, response: ServerResponse): Promise<void> {
  if (reply.headers['transfer-encoding'] !== 'chunked') {
    const body = Buffer.from(await reply.text());
    response.writeHead(reply.status, { ...reply.headers, 'content-length': body.length });
    response.end(body);
    return;
  }
  response.writeHead(reply.status, { ...reply.headers });
  response.flushHeaders();
  for await (const chunk of reply.chunks()) {
    if (response.destroyed) return;
    // a client that reads slowly makes the watch wait, not the memory grow
    if (!response.write(chunk)) await Promise.race([once(response, 'drain'), once(response, 'close')]);
  }
  response.end();
}
