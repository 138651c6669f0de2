/** So many members die that no quorum is left: it is told as such, nothing is written, and it heals when they come back. */
import type { NodeSpec } from '../spec/cluster-spec.ts';
import { servers } from '../spec/rules/rule.ts';
import { type Hands, kill, look, order, until } from './cluster-hands.ts';
import type { Course, Step, StepEnd } from './course.ts';
import { seconds } from './failover.ts';
import { type Seen, spareServers } from './gate.ts';
import { marker, markerGone, markerThere, removeMarker, setMarker } from './marker.ts';
import { wayBack } from './way-back.ts';

const LOST_WITHIN_MS = 120_000;

/** Who stays is the first server, whose API says that it has no quorum. */
export function quorum(hands: Hands, drillId: string): Course {
  const [rest, ...others] = servers(hands.spec);
  if (rest === undefined) throw new Error('a cluster without servers passed the gate');
  const dying = others.slice(0, spareServers(others.length + 1) + 1);
  const names = dying.map(({ name }) => name);
  const before = marker(drillId, 'before');
  return {
    kind: 'quorum',
    nodeIds: names,
    steps: [
      setMarker(hands, rest, before),
      {
        name: `k3s is killed on ${names.join(' and ')}`,
        asks: `Kill k3s on ${names.join(' and ')}, so that etcd has no quorum? Pods go on; nobody can change anything until they are back.`,
        run: async () => {
          await Promise.all(dying.map((node) => kill(hands, node)));
          return { kind: 'done' };
        },
      },
      lossIsTold(hands, rest),
      nothingIsWritten(hands, rest, marker(drillId, 'without-quorum')),
    ],
    back: [
      ...wayBack(hands, dying),
      markerThere(hands, rest, before),
      markerGone(hands, rest, marker(drillId, 'without-quorum')),
      removeMarker(hands, rest, before),
    ],
  };
}

function lossIsTold(hands: Hands, rest: NodeSpec): Step {
  return {
    name: `${rest.name} says that it has no quorum`,
    async run(signal): Promise<StepEnd> {
      const told = await until(hands, LOST_WITHIN_MS, async () => lossOf(await look(hands), rest), signal);
      if (told === undefined)
        return { kind: 'failed', why: `${rest.name} still called itself healthy after ${LOST_WITHIN_MS / 1000} s` };
      if (told.value.kind === 'away') return { kind: 'aborted', why: told.value.why };
      return { kind: 'done', note: `after ${seconds(told.afterMs)} s: ${told.value.why}` };
    },
  };
}

interface Loss {
  readonly kind: 'told' | 'away';
  readonly why: string;
}

function lossOf(seen: readonly Seen[], rest: NodeSpec): Loss | undefined {
  const view = seen.find(({ node }) => node.name === rest.name)?.view;
  if (view === undefined || typeof view === 'string')
    return { kind: 'away', why: `the last member, ${rest.name}, cannot be asked: ${view}` };
  // k3s may end itself without its datastore; systemd then starts it again and again.
  if (view.member === true || view.api === true) return undefined;
  return { kind: 'told', why: `etcd: ${view.member}; API: ${view.api}` };
}

/** The write is refused, and stays undone: it is looked for again when the quorum is back. */
function nothingIsWritten(hands: Hands, rest: NodeSpec, name: string): Step {
  return {
    name: 'nothing can be written',
    async run(): Promise<StepEnd> {
      const script = `k3s kubectl --request-timeout=5s -n kube-system create configmap ${name} 2>&1 && echo larder:written || true`;
      const said = await order(hands, rest, script, 60_000);
      if (said.includes('larder:written')) return { kind: 'failed', why: 'a write was accepted without a quorum' };
      return { kind: 'done', note: said.trim().split('\n').at(-1) ?? '' };
    },
  };
}
