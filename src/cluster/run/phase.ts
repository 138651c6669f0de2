/** A run is a row of phases; a phase is one playbook for some hosts. Pure: what is played, where, and what a failure means. */
import type { ClusterSpec, NodeSpec } from '../spec/cluster-spec.ts';
import { servers } from '../spec/rules/rule.ts';
import type { UpgradeStep } from '../upgrade/plan-upgrade.ts';

export type RunKind = 'bootstrap' | 'rebuild' | 'upgrade';

export interface Phase {
  /** One of its kind in a run. */
  readonly id: string;
  readonly playbook: string;
  /** For whom it is done: what the journal remembers. */
  readonly hosts: readonly string[];
  /** Where it is played, when that is not there. */
  readonly limit?: readonly string[] | undefined;
  readonly variables: Readonly<Record<string, unknown>>;
  /**
   * What ends the run: `any` host that does not come through, a `failed` one (one that is not reached is left behind), or
   * `none`: who comes through goes on.
   */
  readonly stops: 'any' | 'failed' | 'none';
}

/** What every run gives its playbooks. */
export interface RunPlace {
  /** Where the kubeconfig of the cluster is put. */
  readonly kubeconfig: string;
}

export function bootstrapPhases(spec: ClusterSpec, place: RunPlace): readonly Phase[] {
  const all = spec.nodes.map(({ name }) => name);
  const members = servers(spec).map(({ name }) => name);
  const workers = spec.nodes.filter(({ role }) => role === 'worker').map(({ name }) => name);
  return [
    phase('base-os', all, 'none'),
    { ...phase('k3s-first-server', members.slice(0, 1), 'any'), limit: members },
    ...(members.length > 1 ? [phase('k3s-servers', members, 'failed')] : []),
    ...(workers.length > 0 ? [phase('k3s-agents', workers, 'none')] : []),
    afterwards(all, place),
  ];
}

export function rebuildPhases(spec: ClusterSpec, node: NodeSpec, place: RunPlace): readonly Phase[] {
  const { name, role } = node;
  const others = servers(spec).flatMap((server) => (server.name === name ? [] : [server.name]));
  const about = { larder_rebuild_node: name };
  return [
    // Everything in it is done on a healthy server: the node itself may be dead.
    { ...phase('rebuild-remove', [name], 'any'), variables: about },
    { ...phase('rebuild-wipe', [name], 'any'), variables: about },
    phase('base-os', [name], 'any'),
    phase(role === 'worker' ? 'k3s-agents' : 'k3s-servers', [name], 'any'),
    { ...afterwards([name], place), limit: [...others, name] },
  ];
}

export function upgradePhases(spec: ClusterSpec, steps: readonly UpgradeStep[], place: RunPlace): readonly Phase[] {
  if (steps.length === 0) return [];
  return [
    ...steps.map(({ node, to }) => ({
      ...phase('upgrade', [node], 'any'),
      id: `upgrade ${node} to ${to}`,
      variables: { larder_k3s_version: to },
    })),
    afterwards(
      spec.nodes.map(({ name }) => name),
      place,
    ),
  ];
}

function phase(id: string, hosts: readonly string[], stops: Phase['stops']): Phase {
  return { id, playbook: `${id}.yml`, hosts, variables: {}, stops };
}

/** Labels, taints, and the kubeconfig. */
function afterwards(hosts: readonly string[], { kubeconfig }: RunPlace): Phase {
  return { ...phase('post-bootstrap', hosts, 'failed'), variables: { larder_kubeconfig: kubeconfig } };
}
