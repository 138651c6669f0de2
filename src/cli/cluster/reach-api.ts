/** The API of the cluster that a cluster.yaml describes. */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { TlsMaterial } from '../../kube/credentials.ts';
import { messageOf } from '../../kube/error.ts';
import { type Client, connect, createClient } from '../../kube/index.ts';
import { version } from '../../operator/version.ts';
import { systemClock, systemRandom } from '../../telemetry/clock.ts';
import { kept } from '../ledger/place.ts';
import type { Terminal } from '../output.ts';

export interface ApiOptions {
  readonly kubeconfig?: string;
  readonly context?: string;
}

export function reachingApi(command: Command): Command {
  return command
    .option('--kubeconfig <file>', "kubeconfig (default: ~/.kube/NAME.yaml of the cluster, else kubectl's)")
    .option('--context <name>', 'context of the kubeconfig (default: its current one)');
}

export interface Api {
  readonly client: Client;
  /** URL. */
  readonly server: string;
  readonly tls: TlsMaterial;
}

/** What the bootstrap wrote counts before what kubectl would take: that may be another cluster. */
function kubeconfigOf({ env }: Terminal, { kubeconfig }: ApiOptions, name: string): string | undefined {
  if (kubeconfig !== undefined) return kubeconfig;
  const own = join(env['HOME'] ?? homedir(), '.kube', `${name}.yaml`);
  return existsSync(own) ? own : undefined;
}

/** `work` gets a text that says why there is no way to the API. */
export function withApi<T>(
  terminal: Terminal,
  options: ApiOptions & { readonly name: string },
  work: (api: Api | string) => Promise<T>,
): Promise<T> {
  const { context, name } = options;
  const kubeconfig = kubeconfigOf(terminal, options, name);
  return kept(async () => {
    const reached = await opened({
      clock: systemClock,
      env: terminal.env,
      ...(kubeconfig === undefined ? {} : { kubeconfig }),
      ...(context === undefined ? {} : { context }),
    });
    if (typeof reached === 'string') return work(reached);
    const { transport, server, tls } = reached;
    try {
      const client = createClient({
        transport,
        clock: systemClock,
        random: systemRandom,
        userAgent: `larder-cli/${version}`,
      });
      return await work({ client, server, tls });
    } finally {
      await transport.close();
    }
  });
}

type Opened = Omit<Awaited<ReturnType<typeof connect>>, 'tls'> & { readonly tls: TlsMaterial };

async function opened(options: Parameters<typeof connect>[0]): Promise<Opened | string> {
  try {
    const connection = await connect(options);
    return { ...connection, tls: await connection.tls() };
  } catch (cause) {
    return messageOf(cause);
  }
}
