/**
 * An admission webhook: HTTPS, one handler per path. What goes wrong here (a handler that throws or takes too long, a body
 * that nobody understands) is answered with a failure and never with a decision, so that the `failurePolicy` of whoever
 * registered the webhook is the only place that says what happens then.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { isIPv6 } from 'node:net';
import { type Clock, DeadlineExceeded, withDeadline } from '../telemetry/clock.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { type AdmissionAnswer, type AdmissionQuestion, readReview, writeReview } from './admission-review.ts';
import type { metrics as declared } from './registry.ts';

/** Decides on one object. What it throws is logged, counted, and answered as a failure. */
export type AdmissionHandler = (
  question: AdmissionQuestion,
  signal: AbortSignal,
) => AdmissionAnswer | Promise<AdmissionAnswer>;

export interface WebhookOptions {
  /** By path, for example `/mutate/claims`. */
  readonly handlers: Readonly<Record<string, AdmissionHandler>>;
  readonly clock: Clock;
  readonly log: Log;
  /** Of this room; absent: nothing is counted. */
  readonly metrics?: Metrics<typeof declared> | undefined;
  /** For one answer, milliseconds; default 2,500, below the shortest usual timeout of a webhook. What the API server says is stronger. */
  readonly deadlineMs?: number;
  /** For the part of bodies beyond 256 KiB, all that are read at once; default 64 MiB. */
  readonly roomBytes?: number;
}

/** What bodies that are being read may still take beyond their first part. */
interface Room {
  freeBytes: number;
}

/** PEM; the certificate with those between it and its authority. */
export interface ServingCertificate {
  readonly certificate: string;
  readonly key: string;
}

export interface Webhook {
  /** Serves with this certificate from the next connection on; those that are open go on. Throws when they do not belong together. */
  secure(serving: ServingCertificate): void;
  /** Listens, and resolves to the port. Before `secure` nobody can connect. */
  listen(address: { readonly host: string; readonly port: number }): Promise<number>;
  /** Lets what is being answered end, and closes. */
  close(): Promise<void>;
}

/** An API server takes objects of 3 MiB, and an update carries two. */
const LARGEST_BODY_BYTES = 8 * 1024 * 1024;
/** So much of a body always has room: claims are a few kilobytes. */
const SMALL_BODY_BYTES = 256 * 1024;
/** What larger bodies take beyond that, all together: whoever reaches the port cannot fill the memory of the process. */
const ROOM_BYTES = 64 * 1024 * 1024;
/** An API server keeps a few; each of ours may hold a small body. */
const MOST_CONNECTIONS = 512;
const DEADLINE_MS = 2_500;
/** Of what the API server waits, this is left for the way back. */
const RETURN_MS = 200;
/** More than the 90 s after which Go's client closes an idle connection, so that it is never us who close one in use. */
const KEEP_ALIVE_MS = 120_000;
const CLOSE_MS = 2_000;
/** For one request to arrive: longer than any API server waits for the answer. */
const REQUEST_MS = 30_000;

type Reply =
  | { readonly kind: 'answer'; readonly body: string }
  | { readonly kind: 'failure'; readonly status: number; readonly reason: string };

export function createWebhook(options: WebhookOptions): Webhook {
  const { clock, log, roomBytes: freeBytes = ROOM_BYTES } = options;
  const room: Room = { freeBytes };
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: REQUEST_MS }, (request, response) => {
    serve({ ...options, room }, request, response).catch((err: unknown) => {
      log.error({ err }, 'an admission request was given up');
      response.destroy();
    });
  });
  server.maxConnections = MOST_CONNECTIONS;
  // A scan of the port or an API server with an old authority: it is the caller who has to know.
  server.on('tlsClientError', (err) => log.debug({ err }, 'a connection to the webhook failed'));
  return {
    secure: ({ certificate, key }) => server.setSecureContext({ cert: certificate, key }),
    listen: (address) => listen(server, address),
    close: () => close(server, clock),
  };
}

interface Serving extends WebhookOptions {
  readonly room: Room;
}

async function serve(options: Serving, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { clock, log, metrics } = options;
  const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
  const handle = Object.hasOwn(options.handlers, path) ? options.handlers[path] : undefined;
  const startMono = clock.monotonic();
  const reply = handle ? await replyTo(options, handle, request) : failure(404, `nothing is served at ${path}`);
  // Only known paths are labels: anybody can ask for others.
  const webhook = handle ? path : 'unknown';
  const status = reply.kind === 'answer' ? 200 : reply.status;
  metrics?.count('controller_runtime_webhook_requests_total', { webhook, code: String(status) });
  metrics?.observe('controller_runtime_webhook_latency_seconds', { webhook }, (clock.monotonic() - startMono) / 1_000);
  if (reply.kind === 'failure') log.debug({ webhook, status, reason: reply.reason }, 'admission request not answered');
  const body = reply.kind === 'answer' ? reply.body : `${reply.reason}\n`;
  const type = reply.kind === 'answer' ? 'application/json' : 'text/plain; charset=utf-8';
  // A body that was not read to its end leaves a connection that nobody can go on with.
  const closing = reply.kind === 'failure' ? { connection: 'close' } : {};
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body), ...closing }).end(body);
}

async function replyTo(options: Serving, handle: AdmissionHandler, request: IncomingMessage): Promise<Reply> {
  if (request.method !== 'POST') return failure(405, 'a webhook is asked with POST');
  if (Number(request.headers['content-length'] ?? 0) > LARGEST_BODY_BYTES) return tooLarge;
  const { clock, log } = options;
  const deadlineMs = Math.min(options.deadlineMs ?? DEADLINE_MS, patienceOf(request.url ?? ''));
  try {
    return await withDeadline(clock, 'an admission request', deadlineMs, async (signal) => {
      const text = await bodyOf(request, options.room);
      if (typeof text !== 'string') return text;
      const review = readReview(text);
      if (review.kind === 'malformed') return failure(400, review.reason);
      const answer = await handle(review.question, signal);
      const body = writeReview(review.question.uid, answer);
      return { kind: 'answer', body };
    });
  } catch (err) {
    if (err instanceof DeadlineExceeded) return failure(504, err.message);
    if (!request.readableAborted) log.error({ path: request.url, err }, 'an admission request failed');
    return failure(500, 'the request failed; the log has the cause');
  }
}

/** API servers say how long they wait as `timeout=3s`. */
function patienceOf(url: string): number {
  const text = new URL(url, 'https://localhost').searchParams.get('timeout') ?? '';
  const seconds = /^(\d{1,3})s$/.exec(text)?.[1];
  return seconds === undefined ? Number.POSITIVE_INFINITY : Math.max(RETURN_MS, Number(seconds) * 1_000 - RETURN_MS);
}

async function bodyOf(request: IncomingMessage, room: Room): Promise<string | Reply> {
  const chunks: Buffer[] = [];
  let length = 0;
  let taken = 0;
  try {
    for await (const chunk of request) {
      const bytes = Buffer.from(chunk);
      length += bytes.length;
      if (length > LARGEST_BODY_BYTES) return tooLarge;
      const more = Math.max(0, length - SMALL_BODY_BYTES) - taken;
      if (more > room.freeBytes) return busy;
      room.freeBytes -= more;
      taken += more;
      chunks.push(bytes);
    }
    return Buffer.concat(chunks).toString('utf8');
  } finally {
    room.freeBytes += taken;
  }
}

function failure(status: number, reason: string): Reply {
  return { kind: 'failure', status, reason };
}

const busy = failure(503, 'other large requests are being read: ask again');
const tooLarge = failure(413, `the body is larger than ${LARGEST_BODY_BYTES} bytes`);

function listen(server: Server, { host, port }: { readonly host: string; readonly port: number }): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, ...(isIPv6(host) ? { ipv6Only: false } : {}) }, () => {
      server.off('error', reject);
      server.on('error', () => undefined); // of single connections, which end with them
      const bound = server.address();
      resolve(typeof bound === 'object' && bound !== null ? bound.port : port);
    });
  });
}

function close(server: Server, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    const timer = clock.after(CLOSE_MS, () => server.closeAllConnections());
    server.close(() => {
      timer.cancel();
      resolve();
    });
    server.closeIdleConnections();
  });
}
