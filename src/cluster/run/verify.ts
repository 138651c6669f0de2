/** Whether the cluster is what the run was for: asked of its API, not of what the run believes. */
import { type Client, defineResource, isKubeError, type KubeObject, kinds } from '../../kube/index.ts';
import { type Clock, sleep } from '../../telemetry/clock.ts';
import { listAt, textAt } from '../change/manifest.ts';
import { nodeState } from '../drift/node-state.ts';
import type { NodeSpec } from '../spec/cluster-spec.ts';
import { shortName } from '../spec/rules/rule.ts';

export interface Wanted {
  readonly nodes: readonly NodeSpec[];
  /** Undefined: any, as long as it is the same on all. */
  readonly release: string | undefined;
  /** k3s brings none: what makes nodes Ready comes onto the cluster afterwards. */
  readonly bringsOwnNetwork: boolean;
}

export interface Standing {
  /** What is not so yet, a sentence each; empty: all is well. */
  readonly missing: readonly string[];
  /** Nodes that are as they should be but for a network that nobody has installed yet. */
  readonly withoutNetwork: readonly string[];
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

/** Where a kubelet renews a Lease every ten seconds, named as its node. */
const LEASES = 'kube-node-lease';

/** When each node was heard of, as its kubelet wrote it; by name. */
type Heard = ReadonlyMap<string, string>;

/** Waits for what is missing as long as that may take. */
export async function verify(wanted: Wanted, options: VerifyOptions): Promise<Standing> {
  const { client, clock, signal, patienceMs = PATIENCE_MS } = options;
  const deadline = clock.monotonic() + patienceMs;
  const before = await heard(client).catch((): Heard => new Map()); // whoever does not answer is told by the look
  for (;;) {
    const standing = await look(client, wanted, before);
    if (standing.missing.length === 0 || clock.monotonic() >= deadline || signal?.aborted) return standing;
    await sleep(clock, LOOK_AGAIN_MS, signal).catch(() => undefined); // told by the next look
  }
}

async function look(client: Client, wanted: Wanted, before: Heard): Promise<Standing> {
  try {
    const [{ items }, now] = await Promise.all([client.list(resource), heard(client)]);
    return standingOf(
      items.map(({ whole }) => whole),
      wanted,
      silentOf(before, now),
    );
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause);
    return { missing: [`the API does not answer: ${said}`], withoutNetwork: [] };
  }
}

/** Empty where they may not be read: what the Nodes say of themselves is all there is then. */
async function heard(client: Client): Promise<Heard> {
  try {
    const { items } = await client.list(kinds.Lease, { namespace: LEASES });
    return new Map(items.map(({ metadata, spec }) => [metadata.name, spec.renewTime ?? '']));
  } catch (cause) {
    if (isKubeError(cause, 'KUBE_FORBIDDEN')) return new Map();
    throw cause;
  }
}

/**
 * Pure: who has a Lease and has not renewed it since. A node that lost its power stays Ready for most of a minute, so its
 * word counts only when it is fresh. Times are compared with each other and with no clock. A node without a Lease is not
 * judged by it.
 */
export function silentOf(before: Heard, now: Heard): Heard {
  return new Map([...now].filter(([name, at]) => before.get(name) === at));
}

/** Of kubelet (pkg/kubelet/runtime.go, and containerd's CRI status), read 2026-11. It names other troubles beside it, in brackets. */
const NO_NETWORK = /^container runtime network not ready: .*\breason:NetworkPluginNotReady\b/;

/** Pure: what the Nodes lack. Where one has a network, another without has a trouble. `silent`: of `silentOf`. */
export function standingOf(
  objects: readonly unknown[],
  { nodes, release, bringsOwnNetwork }: Wanted,
  silent: Heard = new Map(),
): Standing {
  const nobodyHas = bringsOwnNetwork && objects.every((object) => textAt(readyOf(object), 'status') !== 'True');
  const withoutNetwork: string[] = [];
  const missing = nodes.flatMap(({ name }) => {
    const object = objects.find((each) => textAt(each, 'metadata', 'name') === shortName(name));
    if (object === undefined) return [`${name} is no Node of the cluster`];
    const { release: running, isCordoned } = nodeState(object);
    const ready = readyOf(object);
    const status = textAt(ready, 'status');
    const said = textAt(ready, 'message');
    const waits = nobodyHas && status === 'False' && NO_NETWORK.test(said);
    if (waits) withoutNetwork.push(name);
    const last = silent.get(shortName(name));
    return [
      ...(last === undefined ? [] : [`${name} was last heard of at ${last}`]),
      ...(status === 'True' || waits ? [] : [`${name} is not Ready${said === '' ? '' : `: ${said}`}`]),
      ...(release === undefined || running === release ? [] : [`${name} runs ${running}, not ${release}`]),
      ...(isCordoned ? [`${name} is cordoned`] : []),
    ];
  });
  return { missing, withoutNetwork };
}

function readyOf(object: unknown): unknown {
  return listAt(object, 'status', 'conditions').find((each) => textAt(each, 'type') === 'Ready');
}
