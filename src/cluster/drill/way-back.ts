/** The last steps of drills: what was stopped runs again, and everything is as it was. */
import type { NodeSpec } from '../spec/cluster-spec.ts';
import { type Hands, look, start, startCommand, until } from './cluster-hands.ts';
import type { Step, StepEnd } from './course.ts';
import { gate, unhealthy } from './gate.ts';

/** On a card a server takes minutes to start. */
const BACK_WITHIN_MS = 10 * 60_000;
/** Until a Node that was lost is Ready again. */
const SETTLES_WITHIN_MS = 120_000;
const TRIES_FOR_MS = 60_000;

/** What was stopped is started, and everything is as at the gate. */
export function wayBack(hands: Hands, nodes: readonly NodeSpec[]): readonly Step[] {
  return [...(nodes.length === 0 ? [] : [startAgain(hands, nodes)]), allWell(hands, nodes)];
}

function startAgain(hands: Hands, nodes: readonly NodeSpec[]): Step {
  return {
    name: `k3s is started again on ${nodes.map(({ name }) => name).join(', ')}`,
    async run(): Promise<StepEnd> {
      const failures = await Promise.all(nodes.map((node) => startOne(hands, node)));
      const why = failures.filter((each) => each !== undefined);
      if (why.length === 0) return { kind: 'done' };
      return { kind: 'failed', why: `${why.join('; ')}. At the machine: ${startCommand}` };
    },
  };
}

/** A node that does not answer now may do so in a moment. */
async function startOne(hands: Hands, node: NodeSpec): Promise<string | undefined> {
  let last = '';
  const started = await until(hands, TRIES_FOR_MS, async () => {
    try {
      await start(hands, node);
      return true;
    } catch (cause) {
      last = cause instanceof Error ? cause.message : String(cause);
      return undefined;
    }
  });
  return started === undefined ? `k3s of ${node.name} could not be started: ${last}` : undefined;
}

/** `nodes`: who was away because of the drill. */
export function allWell(hands: Hands, nodes: readonly NodeSpec[]): Step {
  return {
    name: 'all members are healthy and all nodes Ready again',
    async run(): Promise<StepEnd> {
      const begun = hands.clock.monotonic();
      let last: readonly string[] = [];
      const well = await until(hands, BACK_WITHIN_MS, async () => {
        const seen = await look(hands);
        last = gate(hands.spec, 'alert', seen);
        const back = seen.filter(({ node }) => nodes.includes(node)).flatMap(unhealthy).length === 0;
        // What the drill stopped is given its time; what it did not touch cannot be waited for.
        const settled = back && hands.clock.monotonic() - begun > SETTLES_WITHIN_MS;
        return last.length === 0 || settled ? true : undefined;
      });
      if (well === undefined || last.length > 0) return { kind: 'failed', why: last.join('; ') };
      return { kind: 'done', note: `after ${(well.afterMs / 1000).toFixed(1)} s` };
    },
  };
}
