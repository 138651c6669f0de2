/** The cluster is set back to a snapshot that was taken a moment before: whether what is kept for the worst day can be used. */
import type { Played } from '../run/ansible.ts';
import type { NodeSpec } from '../spec/cluster-spec.ts';
import { servers } from '../spec/rules/rule.ts';
import { type Hands, order } from './cluster-hands.ts';
import type { Course, Step, StepEnd } from './course.ts';
import { marker, markerGone, markerThere, removeMarker, setMarker } from './marker.ts';
import { allWell } from './way-back.ts';

const SNAPSHOT_MS = 5 * 60_000;

/** A file on the first server, and what its bytes are. */
export interface Snapshot {
  readonly path: string;
  readonly sha256: string;
}

/** `play`: the playbook restore.yml with that snapshot. */
export function restore(hands: Hands, drillId: string, play: (snapshot: Snapshot) => Promise<Played>): Course {
  const members = servers(hands.spec);
  const [first] = members;
  if (first === undefined) throw new Error('a cluster without servers passed the gate');
  const [before, after] = [marker(drillId, 'before'), marker(drillId, 'after')];
  let snapshot: Snapshot | undefined;
  let ended: 'not-begun' | 'restored' | 'broken' = 'not-begun';
  const when = (states: readonly (typeof ended)[], step: Step): Step => ({
    ...step,
    run: async (signal) => (states.includes(ended) ? step.run(signal) : { kind: 'done', note: 'not this time' }),
  });
  return {
    kind: 'restore',
    nodeIds: members.map(({ name }) => name),
    steps: [
      setMarker(hands, first, before),
      {
        name: `a snapshot is taken on ${first.name}`,
        changes: true,
        async run() {
          snapshot = await take(hands, first, drillId);
          return { kind: 'done', note: `${snapshot.path}, sha256 ${snapshot.sha256}` };
        },
      },
      setMarker(hands, first, after),
      {
        name: `all ${members.length} servers are set back to it`,
        asks: `Stop k3s on all ${members.length} servers and set etcd back to the snapshot? What anybody changes in the cluster from now until it is back is LOST; volumes are not touched.`,
        async run() {
          if (snapshot === undefined) return { kind: 'failed', why: 'no snapshot was taken' };
          ended = 'broken';
          const played = await play(snapshot);
          const end = endOf(played);
          if (touchedNothing(played)) ended = 'not-begun';
          else if (end.kind === 'done') ended = 'restored';
          else return { ...end, why: `${end.why}. ${again(snapshot)}` };
          return end;
        },
      },
    ],
    back: [
      when(['not-begun', 'restored'], allWell(hands, members)),
      when(['not-begun', 'restored'], markerThere(hands, first, before)),
      when(['restored'], markerGone(hands, first, after)),
      when(['not-begun', 'restored'], removeMarker(hands, first, before)),
      when(['not-begun', 'restored'], removeMarker(hands, first, after)),
    ],
  };
}

/** A server that is started with its old database beside one that was set back makes two clusters of one. */
function again({ path, sha256 }: Snapshot): string {
  return `Start k3s by hand on NO server, two clusters could come of it. Play the restore again instead, in the folder of the playbooks: ansible-playbook playbooks/restore.yml -e larder_snapshot=${path} -e larder_snapshot_sha256=${sha256}`;
}

async function take(hands: Hands, node: NodeSpec, drillId: string): Promise<Snapshot> {
  const name = marker(drillId, 'snapshot');
  const script = `k3s etcd-snapshot save --name ${name} >&2
place=$(k3s etcd-snapshot ls 2>/dev/null | sed -n 's#.*file://\\(/[^ ]*${name}[^ ]*\\).*#\\1#p' | tail -n 1)
[ -n "$place" ] || { echo 'k3s etcd-snapshot ls does not list it' >&2; exit 1; }
sha256sum "$place"`;
  const said = await order(hands, node, script, SNAPSHOT_MS);
  const [, sha256, path] = /^([0-9a-f]{64}) [ *](\/\S+)$/m.exec(said) ?? [];
  if (sha256 === undefined || path === undefined) throw new Error(`${node.name}: the snapshot was not found`);
  return { path, sha256 };
}

/** Ansible was not there, or could not play it on any host. */
function touchedNothing(played: Played): boolean {
  if (played.kind === 'unavailable') return true;
  return played.kind === 'played' && played.code !== 'ok' && played.results.length === 0;
}

/** What a play ended with. */
function endOf(played: Played): StepEnd {
  switch (played.kind) {
    case 'unavailable':
      return { kind: 'failed', why: played.reason };
    case 'interrupted':
      return { kind: 'aborted', why: 'it was stopped' };
    case 'played': {
      if (played.code === 'ok') return { kind: 'done' };
      const trouble = played.results.findLast(({ outcome }) => outcome === 'failed' || outcome === 'unreachable');
      if (trouble === undefined) return { kind: 'failed', why: `Ansible ended with "${played.code}"` };
      return { kind: 'failed', why: `${trouble.host}: ${trouble.task}: ${trouble.message ?? trouble.outcome}` };
    }
    default:
      return played satisfies never;
  }
}
