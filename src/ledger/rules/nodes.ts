/** What nodes may be, and when a run may follow another. */
import type { ClusterNode, ProvisioningRun } from '../entity.ts';
import { momentOf } from '../moment.ts';
import type { State } from '../state.ts';
import { type Breach, type Rule, rule } from './rule.ts';

/** More need a deviation. */
const NODES_AT_MOST = 10;

export const nodeRules: readonly Rule[] = [
  rule('node-unique', ['node-recorded'], ({ state }, { data }) => {
    const others = presentNodes(state).filter(({ nodeId }) => nodeId !== data.nodeId);
    const name = (hostname: string): string => hostname.toLowerCase().replace(/\.$/, '');
    return (
      taken(others, 'hostname', ({ hostname }) => name(hostname) === name(data.hostname)) ??
      taken(others, 'ipAddress', ({ ipAddress }) => address(ipAddress) === address(data.ipAddress)) ??
      taken(others, 'etcdPeer', ({ etcdPeer }) => etcdPeer !== undefined && peer(etcdPeer) === peer(data.etcdPeer))
    );
  }),
  rule('node-peer', ['node-recorded'], (_, { data: { nodeId, role, etcdPeer } }) =>
    role === 'worker' && etcdPeer !== undefined
      ? { message: `${nodeId} is a worker and has an etcd peer address`, field: 'etcdPeer' }
      : undefined,
  ),
  rule('node-count', ['node-recorded'], ({ state }, { at, data: { nodeId } }) => {
    const others = presentNodes(state).filter((node) => node.nodeId !== nodeId);
    if (others.length < NODES_AT_MOST || mayDeviate(state, at)) return undefined;
    return `${nodeId} would be node ${others.length + 1} of at most ${NODES_AT_MOST}`;
  }),
  rule('run-nodes', ['bootstrap-recorded', 'upgrade-recorded', 'run-started'], (_, { data: { runId, nodes } }) => {
    const ids = nodes.map(({ nodeId }) => nodeId);
    const twice = ids.find((id, index) => ids.indexOf(id) !== index);
    return twice === undefined ? undefined : { message: `run ${runId} names node ${twice} twice`, field: 'nodes' };
  }),
  rule('run-pending', ['run-finished'], ({ state }, { data: { runId } }) => {
    const run = state.runs.get(runId);
    if (!run || run.status === 'pending') return undefined;
    return { message: `run ${runId} ended at ${run.completedAt}: ${run.status}`, field: 'runId' };
  }),
  rule('run-after-failure', ['run-started'], ({ state }, { data: { nodes, incidentId } }) => {
    for (const { nodeId } of nodes) {
      const run = state.runs.get(state.nodeRuns.get(nodeId)?.runId ?? '');
      if (run?.status !== 'failed' || hasRemedy(state, run, incidentId)) continue;
      const message = `run ${run.runId} failed on ${nodeId}, and no incident of it says what is done about that`;
      return { message, field: 'incidentId' };
    }
    return undefined;
  }),
];

function presentNodes(state: State): readonly ClusterNode[] {
  return [...state.nodes.values()].filter(({ removed }) => removed === undefined);
}

function taken(
  others: readonly ClusterNode[],
  field: 'hostname' | 'ipAddress' | 'etcdPeer',
  isSame: (node: ClusterNode) => boolean,
): Breach | undefined {
  const other = others.find(isSame);
  return other && { message: `node ${other.nodeId} has ${field} ${other[field]} already`, field };
}

/** One text of an address: IPv6 has many. */
function address(ip: string): string {
  return ip.includes(':') ? (URL.parse(`http://[${ip}]/`)?.hostname ?? ip.toLowerCase()) : ip;
}

/** With its port, which is 2380 where none stands, and without a scheme. */
function peer(etcdPeer: string | undefined): string | undefined {
  if (etcdPeer === undefined) return undefined;
  const plain = etcdPeer
    .toLowerCase()
    .replace(/^https?:\/\//, '')
    .replace(/\/$/, '');
  return /(^[^:]*|\]):\d+$/.test(plain) ? plain : `${plain}:2380`;
}

function mayDeviate(state: State, at: string): boolean {
  return [...state.deviations.values()].some(
    ({ rule, expiresAt }) => rule === 'node-count' && (expiresAt === undefined || momentOf(at) < momentOf(expiresAt)),
  );
}

function hasRemedy(state: State, run: ProvisioningRun, named: string | undefined): boolean {
  const incidents = named === undefined ? run.incidentIds : [...run.incidentIds, named];
  return incidents.some((id) => Boolean(state.incidents.get(id)?.remediation?.trim()));
}
