/** Keeps the Node object: there, ready, and with a heartbeat now and then. */
import { backoff } from '../../kube/backoff.ts';
import type { Client } from '../../kube/client.ts';
import { isKubeError } from '../../kube/error.ts';
import { kinds, type Node } from '../../kube/kinds.ts';
import { type Clock, type Random, sleep } from '../../telemetry/clock.ts';
import type { Log } from '../../telemetry/log.ts';
import { labelsOf, type NodeIdentity, nodeStatus } from './status.ts';

export interface RegistrationOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly identity: NodeIdentity;
  readonly heartbeatMs: number;
}

/** Registers until aborted; never rejects. A Node that somebody deletes is back at the next heartbeat. */
export async function keepRegistered(options: RegistrationOptions, signal: AbortSignal): Promise<void> {
  const { clock, random, log, identity, heartbeatMs } = options;
  let failures = 0;
  while (!signal.aborted) {
    let waitMs = heartbeatMs;
    try {
      await register(options, signal);
      if (failures > 0) log.info({ node: identity.name }, 'node registered');
      failures = 0;
    } catch (err) {
      waitMs = backoff(failures, random);
      failures += 1;
      if (failures === 1 && !signal.aborted) log.warn({ node: identity.name, err }, 'node not registered');
    }
    await sleep(clock, waitMs, signal).catch(() => undefined); // aborted: the loop ends
  }
}

async function register({ client, clock, identity }: RegistrationOptions, signal: AbortSignal): Promise<void> {
  const { name } = identity;
  const at = `${new Date(clock.now()).toISOString().slice(0, 19)}Z`;
  const known = await get(client, name, signal);
  const labels = labelsOf(identity);
  if (!known) {
    const object = { apiVersion: 'v1', kind: 'Node', metadata: { name, labels } };
    await client.create(kinds.Node, object, { signal });
  } else if (Object.entries(labels).some(([label, value]) => known.metadata.labels?.[label] !== value)) {
    await client.patch(kinds.Node, { name }, { kind: 'merge', value: { metadata: { labels } } }, { signal });
  }
  const ready = known?.status?.conditions?.find(({ type, status }) => type === 'Ready' && status === 'True');
  const status = nodeStatus(identity, ready?.lastTransitionTime ?? at, at);
  await client.patch(kinds.Node, { name }, { kind: 'merge', value: { status } }, { signal, subresource: 'status' });
}

async function get(client: Client, name: string, signal: AbortSignal): Promise<Node | undefined> {
  try {
    return await client.get(kinds.Node, { name }, { signal });
  } catch (error) {
    if (isKubeError(error, 'KUBE_NOT_FOUND')) return undefined;
    throw error;
  }
}
