/** Whether a drill may begin, and when it must be given up. Pure. */
import type { EventData } from '../../ledger/event.ts';
import type { ClusterSpec, NodeSpec } from '../spec/cluster-spec.ts';
import { servers, shortName } from '../spec/rules/rule.ts';
import type { ServerView } from './server-view.ts';

export type DrillKind = EventData<'drill-recorded'>['kind'];

export interface Seen {
  readonly node: NodeSpec;
  /** A text: it could not be asked, and why. */
  readonly view: ServerView | string;
}

/** Servers that may be away while the rest still have a quorum. */
export function spareServers(count: number): number {
  return Math.floor((count - 1) / 2);
}

/** What is against it, a sentence each; empty: nothing. */
export function gate(spec: ClusterSpec, kind: DrillKind, seen: readonly Seen[]): readonly string[] {
  const count = servers(spec).length;
  const lacks =
    (kind === 'failover' || kind === 'quorum') && count < 3
      ? [
          `a ${kind} needs three servers, and ${spec.name} has ${count}: record a deviation with the rule drill-${kind} instead`,
        ]
      : [];
  return [...lacks, ...seen.flatMap(unhealthy), ...leadership(seen), ...nodeTroubles(spec, seen)];
}

/** What is wrong with a server that should be well. */
export function unhealthy({ node: { name }, view }: Seen): readonly string[] {
  if (typeof view === 'string') return [`${name} could not be asked: ${view}`];
  if (view.restoring !== '') return [cutOff(name, view.restoring)];
  if (view.unit !== 'active') return [`k3s of ${name} is ${view.unit}`];
  return [
    ...(view.member === true ? [] : [`the etcd member of ${name} is not healthy: ${view.member}`]),
    ...(view.learns ? [`the etcd member of ${name} still learns, and does not vote`] : []),
    ...(view.api === true ? [] : [`the API server of ${name} is not ready: ${view.api}`]),
  ];
}

/** Started with the database of before, it would be a second cluster beside the one that was set back. */
function cutOff(name: string, snapshot: string): string {
  return `${name} is in the middle of a restore of ${snapshot} that was cut off. Start k3s by hand on NO server; play it again, to its end, in the folder of the playbooks: ansible-playbook playbooks/restore.yml -e larder_snapshot=${snapshot}`;
}

/** `down`: who is away because of the drill. */
export function degraded(seen: readonly Seen[], down: readonly string[]): readonly string[] {
  return seen.filter(({ node }) => !down.includes(node.name)).flatMap(unhealthy);
}

export function leaderOf(seen: readonly Seen[]): NodeSpec | undefined {
  const leaders = seen.filter(({ view }) => typeof view !== 'string' && view.leads);
  return leaders.length === 1 ? leaders[0]?.node : undefined;
}

function leadership(seen: readonly Seen[]): readonly string[] {
  if (seen.some((each) => unhealthy(each).length > 0) || leaderOf(seen) !== undefined) return [];
  return ['no single member of etcd leads: an election is going on'];
}

/** One server's word is enough: all have the same data. */
function nodeTroubles({ nodes }: ClusterSpec, seen: readonly Seen[]): readonly string[] {
  const asked = seen.flatMap(({ view }) => (typeof view === 'string' || view.nodes.length === 0 ? [] : [view.nodes]));
  const [known] = asked;
  if (known === undefined) return ['no server could tell the Nodes of the cluster'];
  return nodes.flatMap(({ name }) => {
    const node = known.find((each) => each.name === shortName(name));
    if (node === undefined) return [`${name} is no Node of the cluster`];
    return [...(node.ready ? [] : [`${name} is not Ready`]), ...(node.cordoned ? [`${name} is cordoned`] : [])];
  });
}
