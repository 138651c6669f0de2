/** The leader of etcd dies: how long until the others go on without it, and whether it comes back. */
import type { NodeSpec } from '../spec/cluster-spec.ts';
import { type Hands, kill, look, until } from './cluster-hands.ts';
import type { Course, Step, StepEnd } from './course.ts';
import { degraded, leaderOf } from './gate.ts';
import { wayBack } from './way-back.ts';

/** What an operator of a small cluster can live with; k3s elects anew after 5 s without a heartbeat. */
const ANSWERS_WITHIN_MS = 60_000;

export interface FailoverOptions {
  readonly leader: NodeSpec;
  /** For how long the others are watched without it. */
  readonly holdMs: number;
}

export function failover(hands: Hands, { leader, holdMs }: FailoverOptions): Course {
  const down = [leader.name];
  return {
    kind: 'failover',
    nodeIds: down,
    steps: [
      {
        name: `k3s of the leader ${leader.name} is killed`,
        asks: `Kill k3s on ${leader.name}, which leads etcd? Its pods go on; its API is away for about a minute.`,
        run: async () => {
          await kill(hands, leader);
          return { kind: 'done' };
        },
      },
      anotherLeads(hands, leader),
      ...(holdMs > 0 ? [othersHold(hands, down, holdMs)] : []),
    ],
    back: wayBack(hands, [leader]),
  };
}

function anotherLeads(hands: Hands, leader: NodeSpec): Step {
  return {
    name: 'another member leads, and all other servers answer',
    async run(signal): Promise<StepEnd> {
      const reached = await until(
        hands,
        ANSWERS_WITHIN_MS,
        async () => {
          const seen = await look(hands);
          const next = leaderOf(seen.filter(({ node }) => node.name !== leader.name));
          return next !== undefined && degraded(seen, [leader.name]).length === 0 ? next : undefined;
        },
        signal,
      );
      if (reached !== undefined)
        return { kind: 'done', note: `${reached.value.name} leads; all answered after ${seconds(reached.afterMs)} s` };
      const still = degraded(await look(hands), [leader.name]);
      return { kind: 'failed', why: `after ${ANSWERS_WITHIN_MS / 1000} s: ${still.join('; ') || 'nobody leads'}` };
    },
  };
}

/** A second one that degrades would take the quorum away: given up at once. */
function othersHold(hands: Hands, down: readonly string[], holdMs: number): Step {
  return {
    name: 'the others hold',
    async run(signal): Promise<StepEnd> {
      const begun = hands.clock.monotonic();
      let before = false;
      const worse = await until(
        hands,
        holdMs,
        async () => {
          const bad = degraded(await look(hands), down);
          const twice = before && bad.length > 0; // a busy server misses one look
          before = bad.length > 0;
          return twice ? bad : undefined;
        },
        signal,
      );
      if (worse !== undefined) return { kind: 'aborted', why: `a second member degraded: ${worse.value.join('; ')}` };
      return { kind: 'done', note: `watched for ${seconds(hands.clock.monotonic() - begun)} s` };
    },
  };
}

export function seconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}
