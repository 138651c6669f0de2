/** What each kind of run is for, and what must hold before it. */

import { lacksMemoryController } from '../../cluster/preflight/judge.ts';
import type { RunSession } from '../../cluster/run/carry-out.ts';
import { kubeconfigPath } from '../../cluster/run/kubeconfig.ts';
import { bootstrapPhases, rebuildPhases, upgradePhases } from '../../cluster/run/phase.ts';
import type { NodeSpec } from '../../cluster/spec/cluster-spec.ts';
import { servers } from '../../cluster/spec/rules/rule.ts';
import { planUpgrade, type UpgradePlan } from '../../cluster/upgrade/plan-upgrade.ts';
import { Exit, exitCodes } from '../exit.ts';
import type { Found, Planned, RunRequest } from './run-cluster.ts';
import { failure } from './run-failure.ts';

/** Nodes that did not say are asked by the role, when it comes to them. */
function needReboot({ spec }: RunSession, nodes: readonly NodeSpec[], { facts }: Found): readonly NodeSpec[] {
  return nodes.filter((node) => {
    const known = facts.get(node.name);
    return known !== undefined && lacksMemoryController(known) && (node.coexist ?? spec.coexist) !== 'nomad';
  });
}

const place = (session: RunSession) => ({ kubeconfig: kubeconfigPath(session) });

/** Who is silent is left for later, as long as there is somebody to begin with. */
export const bootstrapRequest: RunRequest = {
  kind: 'bootstrap',
  maySkip: () => true,
  plan(session, { facts, silent }): Planned {
    const { spec } = session;
    const [first] = servers(spec);
    const isThere = servers(spec).some(({ name }) => facts.get(name)?.k3s_active === true);
    if (first !== undefined && silent.has(first.name) && !isThere)
      throw failure(
        'LARDER_RUN_UNREACHABLE',
        `${first.name} begins the cluster and does not answer; no other server runs one`,
      );
    const version = spec.k3s.version;
    return {
      nodes: spec.nodes,
      phases: bootstrapPhases(spec, place(session)),
      version,
      summary: [
        `${spec.name}: k3s ${version ?? `of the channel ${spec.k3s.channel}`} on ${spec.nodes.length} nodes, ${servers(spec).length} of them servers`,
        ...[...silent].map((name) => `  ${name} does not answer: the others go on without it`),
      ],
      disturbs: [],
      reboots: needReboot(session, spec.nodes, { facts, silent }),
    };
  },
};

export function rebuildRequest(wanted: string): RunRequest {
  const nodeOf = ({ spec }: RunSession): NodeSpec => {
    const node = spec.nodes.find(({ name, aliases }) => [name, name.split('.')[0], ...aliases].includes(wanted));
    if (node !== undefined) return node;
    throw new Exit(
      exitCodes.usage,
      `cluster.yaml has no node ${wanted}: it has ${spec.nodes.map(({ name }) => name).join(', ')}`,
    );
  };
  return {
    kind: 'rebuild',
    maySkip: ({ role, name, aliases }) => role === 'worker' && ![name, name.split('.')[0], ...aliases].includes(wanted),
    plan(session, found): Planned {
      const node = nodeOf(session);
      refuseRebuild(session, node, found);
      return {
        nodes: [node],
        phases: rebuildPhases(session.spec, node, place(session)),
        version: session.spec.k3s.version,
        summary: [
          `${node.name}: its pods move away, it leaves the cluster, k3s and its data on ${node.name} are wiped, then it joins again`,
          '  volumes of local-path stay on its disk, and their pods wait for it; with a new disk they are lost. Every other node is left alone',
        ],
        // One that is down has no work that could be taken from it.
        disturbs: found.facts.get(node.name)?.k3s_active === true ? [node] : [],
        reboots: needReboot(session, [node], found),
      };
    },
  };
}

/** Members of etcd that go must not take the quorum with them. */
function refuseRebuild({ spec }: RunSession, node: NodeSpec, { facts }: Found): void {
  const others = servers(spec).filter(({ name }) => name !== node.name);
  if (others.length === 0)
    throw failure(
      'LARDER_RUN_REFUSED',
      `${node.name} is the only server: without it there is no cluster to join. Restore a snapshot instead`,
      exitCodes.approval,
    );
  const down = others.filter(({ name }) => facts.get(name)?.k3s_active !== true).map(({ name }) => name);
  if (node.role === 'worker' ? down.length < others.length : down.length === 0) return;
  const why = `${down.join(', ')} ${down.length === 1 ? 'does' : 'do'} not run k3s: ${node.role === 'worker' ? 'nobody can take the node out' : 'etcd could lose its quorum'}`;
  throw failure(
    'LARDER_RUN_REFUSED',
    `${why}. Bring ${down.length === 1 ? 'it' : 'them'} back first`,
    exitCodes.approval,
  );
}

export interface UpgradeOptions {
  readonly to?: string;
  readonly via: readonly string[];
}

export function upgradeRequest({ to, via }: UpgradeOptions): RunRequest {
  return {
    kind: 'upgrade',
    maySkip: () => false,
    plan(session, found): Planned {
      const { spec } = session;
      const target = targetOf(session, to);
      const made = planUpgrade({ nodes: runningNodes(session, found), target, via, etcd: oldestEtcd(session, found) });
      const { steps, warnings } = planOf(made); // throws before the file is said to be wrong: what cannot be done shall not be written there
      agree(session, target);
      const nodes = spec.nodes.filter(({ name }) => steps.some(({ node }) => node === name));
      return {
        nodes,
        phases: upgradePhases(spec, steps, place(session)),
        version: target,
        fromVersion: steps[0]?.from,
        summary: [
          ...steps.map(({ node, from, to: next }) => `${node}: ${from} to ${next}`),
          ...warnings.map((warning) => `  ${warning}`),
        ],
        disturbs: nodes,
        reboots: [],
      };
    },
  };
}

function targetOf({ spec: { k3s } }: RunSession, to: string | undefined): string {
  const target = to ?? k3s.version;
  if (target !== undefined) return target;
  throw new Exit(exitCodes.usage, 'cluster.yaml names no release: name one with --to, as --to v1.34.2+k3s1');
}

/** What cluster.yaml says is what the next bootstrap or rebuild gives: both say the same. */
function agree({ spec: { k3s } }: RunSession, target: string): void {
  if (k3s.version === undefined || k3s.version === target) return;
  throw failure(
    'LARDER_RUN_REFUSED',
    `cluster.yaml says k3s.version ${k3s.version}, and a rebuild would give that: write ${target} there and commit it, then upgrade`,
    exitCodes.approval,
  );
}

function runningNodes({ spec }: RunSession, { facts }: Found) {
  return spec.nodes.map(({ name, role }) => ({ name, role, release: facts.get(name)?.k3s_version }));
}

/** Undefined: one of them did not say. */
function oldestEtcd({ spec }: RunSession, { facts }: Found): string | undefined {
  const versions = servers(spec).map(({ name }) => facts.get(name)?.etcd_version);
  if (versions.some((version) => version === undefined)) return undefined;
  const known = versions.flatMap((version) => version ?? []);
  const key = (version: string): string =>
    version
      .replace(/^v/, '')
      .split(/[.-]/)
      .slice(0, 3)
      .map((part) => part.padStart(5, '0'))
      .join('.');
  return known.toSorted((a, b) => key(a).localeCompare(key(b)))[0];
}

function planOf(made: UpgradePlan): Extract<UpgradePlan, { kind: 'plan' }> {
  switch (made.kind) {
    case 'plan':
      return made;
    case 'refused': {
      const reasons = made.reasons.map(({ message, reason }) => `${message} (${reason})`);
      throw failure('LARDER_RUN_REFUSED', reasons.join('\n'), exitCodes.approval);
    }
    default:
      return made satisfies never;
  }
}
