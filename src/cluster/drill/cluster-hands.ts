/** What the steps of drills do to the servers of a cluster: look, stop, start, wait. */
import { type Clock, sleep } from '../../telemetry/clock.ts';
import type { ClusterSpec, NodeSpec } from '../spec/cluster-spec.ts';
import { servers } from '../spec/rules/rule.ts';
import type { Seen } from './gate.ts';
import type { Answered, NodeShell } from './node-shell.ts';
import { LOOK, readServerView } from './server-view.ts';

export interface Hands {
  readonly spec: ClusterSpec;
  readonly shell: NodeShell;
  readonly clock: Clock;
}

/** After which a node starts k3s by itself, should nobody be there any more to do it. */
export const RETURN_MINUTES = 15;
const LOOK_AGAIN_MS = 250;

/** All servers at once; one that does not answer is seen as such. */
export function look({ spec, shell }: Hands): Promise<readonly Seen[]> {
  return Promise.all(
    servers(spec).map(async (node): Promise<Seen> => {
      const answer = await shell.run(node, 'python3', LOOK);
      return { node, view: viewOf(answer) };
    }),
  );
}

function viewOf(answer: Answered): Seen['view'] {
  if (answer.kind === 'silent') return answer.why;
  return readServerView(answer.output) ?? `python3 ended with ${answer.code}: ${answer.said.slice(-200)}`;
}

/** Throws what the node said where it failed. */
export async function order({ shell }: Hands, node: NodeSpec, script: string, limitMs?: number): Promise<string> {
  const answer = await shell.run(node, 'sh', script, limitMs);
  if (answer.kind === 'silent') throw new Error(`${node.name}: ${answer.why}`);
  if (answer.code !== 0) throw new Error(`${node.name}: ${answer.said.slice(-400) || `ended with ${answer.code}`}`);
  return answer.output;
}

/**
 * As if its process had died: it is not told to say goodbye to the other members. Pods go on. First the timer that brings it
 * back, whatever becomes of who watches.
 */
export function kill(hands: Hands, node: NodeSpec): Promise<string> {
  return order(
    hands,
    node,
    `systemctl stop larder-drill-return.timer 2>/dev/null || true
systemctl reset-failed larder-drill-return.service 2>/dev/null || true
systemd-run --quiet --unit=larder-drill-return --on-active=${RETURN_MINUTES}min --timer-property=AccuracySec=1s systemctl start k3s
systemctl stop --no-block k3s
systemctl kill --kill-who=main --signal=KILL k3s || true`,
  );
}

/** Throws where it cannot be started; a member without a quorum does not become ready, so that is not waited for. */
export function start(hands: Hands, node: NodeSpec): Promise<string> {
  return order(
    hands,
    node,
    `systemctl start --no-block k3s
systemctl stop larder-drill-return.timer 2>/dev/null || true`,
  );
}

export const startCommand = 'sudo systemctl start k3s';

/** Looks until `holds` says something else than undefined; undefined when that took too long. */
export async function until<T>(
  { clock }: Hands,
  limitMs: number,
  holds: () => Promise<T | undefined>,
  signal?: AbortSignal,
): Promise<{ readonly value: T; readonly afterMs: number } | undefined> {
  const begun = clock.monotonic();
  for (;;) {
    const value = await holds();
    const afterMs = clock.monotonic() - begun;
    if (value !== undefined) return { value, afterMs };
    if (afterMs > limitMs) return undefined;
    await sleep(clock, LOOK_AGAIN_MS, signal);
  }
}
