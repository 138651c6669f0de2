/** Asks a webhook over HTTPS. The only file of this folder that touches the network; the simulator has none. */
import { isIP } from 'node:net';
import type { Agent } from 'undici';
import { type Clock, DeadlineExceeded, withDeadline } from '../../telemetry/clock.ts';

export interface HookCall {
  /** With the path and the query. */
  readonly url: string;
  /** Where to connect to when the URL's host is only a name for the certificate: `127.0.0.1:8443`. */
  readonly address: string | undefined;
  /** PEM; empty = the authorities that the system trusts. */
  readonly authority: string;
  readonly body: string;
  readonly timeoutMs: number;
}

export type CallOutcome =
  | { readonly kind: 'answered'; readonly status: number; readonly text: string }
  /** In the words of the API server, as far as they are known. */
  | { readonly kind: 'failed'; readonly reason: string };

/** Never rejects. */
export type Caller = (call: HookCall) => Promise<CallOutcome>;

/** Connections are kept per webhook and authority; more than these are closed again. */
const MOST_AGENTS = 50;

export function createCaller(clock: Clock): { readonly call: Caller; close(): Promise<void> } {
  const agents = new Map<string, Agent>();
  const agentFor = async ({ address, authority, url }: HookCall): Promise<Agent> => {
    const { Agent } = await import('undici'); // not needed by who has no webhooks
    const key = `${address ?? ''} ${url} ${authority}`;
    const known = agents.get(key);
    if (known) return known;
    const [oldest] = agents;
    if (oldest && agents.size >= MOST_AGENTS) {
      agents.delete(oldest[0]);
      void oldest[1].close();
    }
    const fresh = new Agent({ connect: { ...(authority && { ca: authority }), ...serverName(url) } });
    agents.set(key, fresh);
    return fresh;
  };
  return {
    async call(asked) {
      try {
        return await withDeadline(clock, asked.url, asked.timeoutMs, async (signal) =>
          send(await agentFor(asked), asked, signal),
        );
      } catch (cause) {
        return { kind: 'failed', reason: `Post ${JSON.stringify(asked.url)}: ${reasonOf(cause, asked)}` };
      }
    },
    async close() {
      await Promise.all([...agents.values()].map((agent) => agent.destroy()));
      agents.clear();
    },
  };
}

/** A certificate is for a name; for an address there is nothing to ask for. */
function serverName(url: string): { readonly servername?: string } {
  const { hostname } = new URL(url);
  return isIP(hostname.replace(/^\[|\]$/g, '')) ? {} : { servername: hostname };
}

async function send(dispatcher: Agent, { url, address, body }: HookCall, signal: AbortSignal): Promise<CallOutcome> {
  const wanted = new URL(url);
  const origin = address === undefined ? wanted.origin : `https://${address}`;
  const { request } = await import('undici');
  const response = await request(`${origin}${wanted.pathname}${wanted.search}`, {
    dispatcher,
    signal,
    method: 'POST',
    body,
    headers: {
      host: wanted.host,
      accept: 'application/json, */*',
      'content-type': 'application/json',
      'user-agent': 'kube-apiserver-admission',
    },
  });
  return { kind: 'answered', status: response.statusCode, text: await response.body.text() };
}

function reasonOf(cause: unknown, { url, address }: HookCall): string {
  if (cause instanceof DeadlineExceeded) return 'context deadline exceeded';
  if (!(cause instanceof Error)) return String(cause);
  const code = 'code' in cause ? String(cause.code) : '';
  const { hostname, port } = new URL(url);
  switch (code) {
    case 'ECONNREFUSED':
      return `dial tcp ${address ?? `${hostname}:${port || '443'}`}: connect: connection refused`;
    case 'ENOTFOUND':
      return `dial tcp: lookup ${hostname}: no such host`;
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
      return 'tls: failed to verify certificate: x509: certificate signed by unknown authority';
    case 'CERT_HAS_EXPIRED':
      return 'tls: failed to verify certificate: x509: certificate has expired or is not yet valid';
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return `tls: failed to verify certificate: x509: certificate is not valid for ${hostname}`;
    case 'UND_ERR_SOCKET':
    case 'ECONNRESET':
      return 'EOF';
    default:
      return cause.message;
  }
}
