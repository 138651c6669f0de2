import { readFile } from 'node:fs/promises';
import { Agent, fetch } from 'undici';
import type { Client } from '../kube/client.ts';
import { isKubeError, KubeError } from '../kube/error.ts';
import { kinds } from '../kube/kinds.ts';
import { OperatorError } from './registry.ts';

/** GETs a path of a node's kubelet; rejects for anything but an answer with status 200. */
export type NodeFetch = (node: string, path: string, signal: AbortSignal) => Promise<string>;

const KUBELET_PORT = 10_250;

/** Through the API server. Needs the permission `nodes/proxy`, which is wide: only when it is asked for. */
export function proxiedKubelet(client: Client): NodeFetch {
  return async (node, path, signal) => {
    const request = { method: 'GET', path: `/api/v1/nodes/${encodeURIComponent(node)}/proxy${path}` } as const;
    const response = await client.request(request, { signal });
    const body = await response.text();
    if (response.status === 200) return body;
    throw new Error(`the API server's proxy answered ${response.status}`);
  };
}

export interface DirectKubeletOptions {
  readonly client: Client;
  /** File with the bearer token; read anew for each call, because it is rotated. */
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
  if (options.caFile === undefined && !options.insecureTls) {
    throw new OperatorError(
      'LARDER_CONFIGURATION',
      'kubelets cannot be verified: give --kubelet-ca FILE, or --kubelet-insecure-tls, or --kubelet proxy|off',
    );
  }
  const ca = options.caFile === undefined ? undefined : await readFile(options.caFile, 'utf8');
  const connect = { rejectUnauthorized: !options.insecureTls, ...(ca === undefined ? {} : { ca }) };
  const dispatcher = new Agent({ connect });
  return async (name, path, signal) => {
    const address = await addressOf(options.client, name, signal);
    const token = (await readFile(options.tokenFile, 'utf8')).trim();
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch(`https://${address}${path}`, { dispatcher, headers, signal });
    const body = await response.text();
    if (response.status === 200) return body;
    throw new Error(
      `the kubelet answered ${response.status}${response.status === 403 ? ': grant nodes/stats and nodes/metrics' : ''}`,
    );
  };
}

async function addressOf(client: Client, name: string, signal: AbortSignal): Promise<string> {
  const node = await client.get(kinds.Node, { name }, { signal }).catch((failure: unknown) => {
    if (isKubeError(failure, 'KUBE_NOT_FOUND')) throw new KubeError('KUBE_NOT_FOUND', `node ${name} is gone`);
    throw failure;
  });
  const addresses = node.status?.addresses ?? [];
  const address = addresses.find(({ type }) => type === 'InternalIP')?.address ?? addresses[0]?.address;
  if (address === undefined) throw new Error(`node ${name} has no address`);
  const host = address.includes(':') ? `[${address}]` : address;
  return `${host}:${node.status?.daemonEndpoints?.kubeletEndpoint?.Port ?? KUBELET_PORT}`;
}
