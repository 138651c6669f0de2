import type { Dispatcher } from 'undici';
import type { Cache } from '../kube/cache.ts';
import type { Client } from '../kube/client.ts';
import { messageOf } from '../kube/error.ts';
import type { Node } from '../kube/kinds.ts';
import { Agent, request } from '../kube/request.ts';
import { type Clock, withDeadline } from '../telemetry/clock.ts';
import { type FollowedFile, followFile } from './followed-file.ts';
import { OperatorError } from './registry.ts';
import { isUntrusted } from './untrusted.ts';

/** GETs a path of a node's kubelet; rejects for anything but an answer with status 200. */
export type NodeFetch = (node: string, path: string, signal: AbortSignal) => Promise<string>;

const KUBELET_PORT = 10_250;
/** Some hundred pods take a few megabytes; more than this no kubelet says, and a broken one may not fill our memory. */
const LARGEST_ANSWER_BYTES = 64 * 2 ** 20;
/**
 * A kept connection saves a handshake (2 ms of processor time) and weighs some 55 kB, both measured: up to so many nodes
 * they are kept, beyond that made anew for each look.
 */
const KEPT_CONNECTIONS = 250;
/** Less than the kubelet's own patience (90 s), so that it is we who close; more than the time between two looks. */
const KEEP_ALIVE_MS = 80_000;

/** Through the API server. Needs the permission `nodes/proxy`, which is wide: only when it is asked for. */
export function proxiedKubelet(client: Client): NodeFetch {
  return async (node, path, signal) => {
    const get = { method: 'GET', path: `/api/v1/nodes/${encodeURIComponent(node)}/proxy${path}` } as const;
    const response = await client.request(get, { signal });
    const parts: string[] = [];
    let length = 0;
    for await (const part of response.chunks()) {
      length += part.length;
      if (length > LARGEST_ANSWER_BYTES) throw new Error('the answer is too large');
      if (response.status === 200) parts.push(part);
    }
    if (response.status === 200) return parts.join('');
    throw new Error(
      `the API server's proxy answered ${response.status}${response.status === 403 ? ': grant nodes/proxy' : ''}`,
    );
  };
}

export interface DirectKubeletOptions {
  /** Run by the caller. */
  readonly nodes: Cache<Node>;
  readonly clock: Clock;
  /** File with the bearer token; read again and again, because it is rotated. */
  readonly tokenFile: string;
  /** PEM file that signs the kubelets' serving certificates; undefined is refused unless `insecureTls`. */
  readonly caFile: string | undefined;
  /** Send the token to whoever answers. Must be written, never a default. */
  readonly insecureTls: boolean;
}

/**
 * Straight to the kubelet's port, with the service account's token (RBAC nodes/stats and nodes/metrics). The serving
 * certificate is verified before the token is sent. Throws OperatorError LARDER_CONFIGURATION when it could not be.
 */
export async function directKubelet(options: DirectKubeletOptions): Promise<NodeFetch> {
  const { caFile, insecureTls, clock } = options;
  if (caFile === undefined && !insecureTls) {
    throw new OperatorError(
      'LARDER_CONFIGURATION',
      'kubelets cannot be verified: give --kubelet-ca FILE, or --kubelet-insecure-tls, or --kubelet proxy|off',
    );
  }
  const authority = caFile === undefined ? undefined : followFile(caFile, clock);
  const token = followFile(options.tokenFile, clock);
  await authority?.().catch((cause: unknown) => {
    throw new OperatorError('LARDER_CONFIGURATION', `--kubelet-ca: ${messageOf(cause)}`, { cause });
  });
  const dispatcherNow = connections(authority, insecureTls);
  const addressOf = addresses(options);
  return async (name, path, signal) => {
    const address = await addressOf(name);
    const dispatcher = await dispatcherNow();
    const headers = { authorization: `Bearer ${(await token()).trim()}` };
    const reset = options.nodes.size > KEPT_CONNECTIONS;
    const asked = { origin: `https://${address}`, path, method: 'GET', headers, signal, reset } as const;
    const { statusCode, body } = await request(dispatcher, asked).catch((cause: unknown) => {
      throw unreached(cause, address);
    });
    if (statusCode === 200) return body.text();
    await body.dump();
    throw new Error(`the kubelet answered ${statusCode} for ${path}${hintOf(statusCode)}`);
  };
}

/** Kept connections that trust what the file holds now; those that trusted what it held before are closed. */
function connections(authority: FollowedFile | undefined, insecureTls: boolean): () => Promise<Dispatcher> {
  let trusted: string | undefined;
  let dispatcher: Agent | undefined;
  return async () => {
    const ca = await authority?.();
    if (dispatcher && ca === trusted) return dispatcher;
    void dispatcher?.close();
    trusted = ca;
    dispatcher = new Agent({
      connect: { rejectUnauthorized: !insecureTls, ...(ca === undefined ? {} : { ca }) },
      connections: 1,
      keepAliveTimeout: KEEP_ALIVE_MS,
      maxResponseSize: LARGEST_ANSWER_BYTES,
      allowH2: false,
    });
    return dispatcher;
  };
}

function hintOf(status: number): string {
  switch (status) {
    case 401:
      return ': it does not accept the token (does it ask the API server, authentication.webhook?)';
    case 403:
      return ': grant nodes/stats and nodes/metrics';
    default:
      return '';
  }
}

function unreached(cause: unknown, address: string): Error {
  if (!isUntrusted(cause)) return new Error(`${address} cannot be reached: ${messageOf(cause)}`, { cause });
  return new Error(
    `the certificate of ${address} cannot be verified (${messageOf(cause)}); it was sent no token: ` +
      'give the CA of the kubelets with --kubelet-ca',
    { cause },
  );
}

const FIRST_LIST_MS = 5_000;

/** Waits for the first list of nodes, once and not for long: a node that cannot be looked up is out of reach. */
function addresses({ nodes, clock }: DirectKubeletOptions): (name: string) => Promise<string> {
  let listed: Promise<void> | undefined;
  return async (name) => {
    listed ??= withDeadline(clock, 'the list of nodes', FIRST_LIST_MS, (signal) => nodes.synced(signal)).catch(
      () => undefined, // said below, of each node
    );
    await listed;
    if (!nodes.hasSynced()) throw new Error('nodes are not listed yet: may this account list and watch nodes?');
    const node = nodes.get(name);
    if (!node) throw new Error('the node is gone');
    return addressIn(node);
  };
}

function addressIn({ status }: Node): string {
  const known = status?.addresses ?? [];
  const address = known.find(({ type }) => type === 'InternalIP')?.address ?? known[0]?.address;
  if (address === undefined) throw new Error('the node has no address');
  const host = address.includes(':') ? `[${address}]` : address;
  return `${host}:${status?.daemonEndpoints?.kubeletEndpoint?.Port ?? KUBELET_PORT}`;
}
