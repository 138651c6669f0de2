/** Whether the cluster is what the run was for: asked of its API, not of what the run believes. */
import { type Client, defineResource, type KubeObject } from '../../kube/index.ts';
import { isObject } from '../../kube/reader.ts';
import { type Clock, sleep } from '../../telemetry/clock.ts';
import { listAt, textAt } from '../change/manifest.ts';
import { nodeState } from '../drift/node-state.ts';
import type { NodeSpec } from '../spec/cluster-spec.ts';
import { shortName } from '../spec/rules/rule.ts';

export interface Wanted {
  readonly nodes: readonly NodeSpec[];
  /** Undefined: any, as long as it is the same on all. */
  readonly release: string | undefined;
}

interface WholeNode extends KubeObject {
  readonly whole: unknown;
}

const resource = defineResource<WholeNode>(
  { group: '', version: 'v1', plural: 'nodes', kind: 'Node', namespaced: false },
  (raw) => ({ whole: raw }),
);

/** A kubelet reports itself within seconds; on a card it may take a minute to start. */
const PATIENCE_MS = 180_000;
const LOOK_AGAIN_MS = 2_000;

export interface VerifyOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
  readonly patienceMs?: number;
}

/** What is not so yet, a sentence each; empty: all is well. Waits for it as long as that may take. */
export async function verify(wanted: Wanted, options: VerifyOptions): Promise<readonly string[]> {
  const { client, clock, signal, patienceMs = PATIENCE_MS } = options;
  const deadline = clock.monotonic() + patienceMs;
  for (;;) {
    const missing = await look(client, wanted);
    if (missing.length === 0 || clock.monotonic() >= deadline || signal?.aborted) return missing;
    await sleep(clock, LOOK_AGAIN_MS, signal).catch(() => undefined); // told by the next look
  }
}

async function look(client: Client, wanted: Wanted): Promise<readonly string[]> {
  const listed = await client.list(resource).then(
    ({ items }) => items.map(({ whole }) => whole),
    (cause: unknown) => (cause instanceof Error ? cause.message : String(cause)),
  );
  return typeof listed === 'string' ? [`the API does not answer: ${listed}`] : unlike(listed, wanted);
}

/** Pure: what the Nodes lack. */
export function unlike(objects: readonly unknown[], { nodes, release }: Wanted): readonly string[] {
  return nodes.flatMap(({ name }) => {
    const object = objects.find((each) => textAt(each, 'metadata', 'name') === shortName(name));
    if (object === undefined) return [`${name} is no Node of the cluster`];
    const { release: running, isCordoned } = nodeState(object);
    const ready = listAt(object, 'status', 'conditions').find((each) => textAt(each, 'type') === 'Ready');
    const status = isObject(ready) ? textAt(ready, 'status') : '';
    const said = textAt(ready, 'message');
    return [
      ...(status === 'True' ? [] : [`${name} is not Ready${said === '' ? '' : `: ${said}`}`]),
      ...(release === undefined || running === release ? [] : [`${name} runs ${running}, not ${release}`]),
      ...(isCordoned ? [`${name} is cordoned`] : []),
    ];
  });
}
