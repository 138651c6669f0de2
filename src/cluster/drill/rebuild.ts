/** A node is made again from nothing, within the hour. */
import { outsideWindow } from '../run/maintenance-window.ts';
import type { NodeSpec } from '../spec/cluster-spec.ts';
import type { Hands } from './cluster-hands.ts';
import type { Course, StepEnd } from './course.ts';
import { wayBack } from './way-back.ts';

const OBJECTIVE_MS = 60 * 60_000;

/** `run`: the run of the kind rebuild; throws where it fails. */
export function rebuild(hands: Hands, node: NodeSpec, run: () => Promise<void>): Course {
  const window = outsideWindow(node, hands.clock.now(), hands.spec.os.timeZone);
  const outside = window === undefined ? '' : ` It is outside of its maintenance window, ${window}.`;
  return {
    kind: 'rebuild',
    nodeIds: [node.name],
    steps: [
      {
        name: `${node.name} is rebuilt`,
        asks: `Take ${node.name} out of the cluster, wipe k3s and its data there, and let it join again? Volumes that are local to it stay on its disk.${outside}`,
        async run(): Promise<StepEnd> {
          const begun = hands.clock.monotonic();
          await run();
          const took = hands.clock.monotonic() - begun;
          const minutes = (took / 60_000).toFixed(1);
          if (took > OBJECTIVE_MS) return { kind: 'failed', why: `it took ${minutes} minutes; the objective is 60` };
          return { kind: 'done', note: `in ${minutes} minutes` };
        },
      },
    ],
    back: wayBack(hands, []),
  };
}
