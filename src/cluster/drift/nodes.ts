/** The nodes of the cluster against those of cluster.yaml. */
import { parseAddress } from '../spec/address.ts';
import type { ClusterSpec, NodeSpec } from '../spec/cluster-spec.ts';
import { shortName } from '../spec/rules/rule.ts';
import type { DriftFinding } from './finding.ts';
import type { NodeState, Taint } from './node-state.ts';

export function nodeFindings(spec: ClusterSpec, nodes: readonly NodeState[]): readonly DriftFinding[] {
  const wanted = new Map(spec.nodes.map((node) => [shortName(node.name), node]));
  const there = new Set(nodes.map(({ name }) => name));
  const missing = [...wanted].filter(([name]) => !there.has(name));
  return [
    ...missing.map(([name, node]) => finding(name, `${node.name} of cluster.yaml is no node of the cluster`)),
    ...nodes.flatMap((node) => {
      const own = wanted.get(node.name);
      if (own === undefined) return [finding(node.name, 'is a node of the cluster and not in cluster.yaml')];
      return differences(own, node).map((message) => finding(node.name, message));
    }),
  ];
}

function finding(name: string, message: string): DriftFinding {
  return { kind: 'node', object: `Node ${name}`, message };
}

function differences(own: NodeSpec, node: NodeState): readonly string[] {
  return [...roleOf(own, node), ...labelsOf(own, node), ...taintsOf(own, node), ...stateOf(own, node)];
}

const CONTROL_PLANE = 'node-role.kubernetes.io/control-plane';

function roleOf({ role }: NodeSpec, { labels }: NodeState): readonly string[] {
  const isServer = Object.hasOwn(labels, CONTROL_PLANE);
  if (isServer === (role === 'server-agent')) return [];
  return [isServer ? 'is a server and should be a worker' : 'is a worker and should be a server'];
}

function labelsOf(own: NodeSpec, { labels, annotations }: NodeState): readonly string[] {
  const wanted = Object.entries(own.labels).flatMap(([key, value]) => {
    const live = labels[key];
    if (live === value) return [];
    return [`label ${key} is ${live === undefined ? 'not there' : `"${live}"`} and should be "${value}"`];
  });
  const left = setBefore(annotations, SET_LABELS)
    .filter((key) => !Object.hasOwn(own.labels, key) && Object.hasOwn(labels, key))
    .map((key) => `label ${key} is no longer in cluster.yaml`);
  return [...wanted, ...left];
}

/** What the role `post_bootstrap` notes on a node: keys that it set, as JSON. */
const SET_LABELS = 'larder.dev/labels-of-cluster-yaml';

function setBefore(annotations: Readonly<Record<string, string>>, name: string): readonly string[] {
  try {
    const keys: unknown = JSON.parse(annotations[name] ?? '[]');
    return Array.isArray(keys) ? keys.filter((key) => typeof key === 'string') : [];
  } catch {
    return []; // somebody else wrote it: it says nothing of what was set
  }
}

/** Of the control plane's own keeping: conditions, cloud start-up, kube's own taint for servers. */
const KEPT_BY_KUBERNETES = /^(node\.kubernetes\.io|node\.cloudprovider\.kubernetes\.io|node-role\.kubernetes\.io)\//;

function taintsOf(own: NodeSpec, { taints }: NodeState): readonly string[] {
  const wanted = own.taints.map(({ key, value = '', effect }) => ({ key, value, effect }));
  const missing = wanted.filter((taint) => !taints.some((other) => sameTaint(taint, other)));
  const extra = taints.filter(
    (taint) => !KEPT_BY_KUBERNETES.test(taint.key) && !wanted.some((other) => sameTaint(taint, other)),
  );
  return [
    ...missing.map((taint) => `taint ${taintText(taint)} is not there`),
    ...extra.map((taint) => `taint ${taintText(taint)} is not in cluster.yaml`),
  ];
}

function sameTaint(a: Taint, b: Taint): boolean {
  return a.key === b.key && a.value === b.value && a.effect === b.effect;
}

function taintText({ key, value, effect }: Taint): string {
  return `${key}${value === '' ? '' : `=${value}`}:${effect}`;
}

function stateOf(own: NodeSpec, { isCordoned, addresses, architecture }: NodeState): readonly string[] {
  const cordoned = isCordoned ? ['is cordoned: no pod is placed on it; kubectl uncordon it when its work is done'] : [];
  const hasOwn = addresses.some((address) => sameAddress(address, own.address));
  const moved =
    addresses.length > 0 && !hasOwn ? [`has the address ${addresses.join(', ')} and should have ${own.address}`] : [];
  const other =
    architecture !== '' && architecture !== own.arch ? [`is ${architecture} and should be ${own.arch}`] : [];
  return [...cordoned, ...moved, ...other];
}

/** Also where one of them is spelt otherwise. */
function sameAddress(a: string, b: string): boolean {
  const [one, other] = [parseAddress(a), parseAddress(b)];
  return one !== undefined && other !== undefined && one.family === other.family && one.value === other.value;
}
