import { MessageChannel } from 'node:worker_threads';
import { type Client, connect, createClient } from '../kube/index.ts';
import { version } from '../operator/version.ts';
import { systemClock, systemRandom } from '../telemetry/clock.ts';
import type { CommandContext } from './program.ts';

export interface ClusterOptions {
  readonly kubeconfig?: string;
  readonly context?: string;
}

/** Runs `work` with a client on the cluster that kubectl would use, with the rights of whoever runs the command. */
export async function cluster<T>(
  { terminal }: CommandContext,
  options: ClusterOptions,
  work: (client: Client, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { transport } = await connect({
    clock: systemClock,
    env: terminal.env,
    ...(options.kubeconfig === undefined ? {} : { kubeconfig: options.kubeconfig }),
    ...(options.context === undefined ? {} : { context: options.context }),
  });
  const client = createClient({
    transport,
    clock: systemClock,
    random: systemRandom,
    userAgent: `larder-cli/${version}`,
  });
  // Timers of the clock keep no process alive, and a command that waits for a repetition has nothing else that does.
  const { port1: alive } = new MessageChannel();
  alive.on('message', () => undefined);
  try {
    return await work(client, new AbortController().signal);
  } finally {
    alive.close();
    await transport.close();
  }
}
