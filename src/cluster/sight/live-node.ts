/** A Node as the console shows it, read from the whole object. */
import { momentOf } from '../../ledger/moment.ts';
import { at, listAt, textAt } from '../change/manifest.ts';
import { type NodeState, nodeState } from '../drift/node-state.ts';

export interface LiveNode {
  readonly name: string;
  /** As `kubectl get nodes` has them; none: a worker. */
  readonly roles: readonly string[];
  /** `unknown`: its kubelet is silent. */
  readonly ready: 'ready' | 'not ready' | 'unknown';
  /** What its kubelet, or whoever misses it, says of that. */
  readonly readyWhy: string;
  /** Epoch ms; absent: nobody said since when. */
  readonly readySince?: number;
  readonly isCordoned: boolean;
  /** `memory`, `disk`, `processes`, `network`: what it is short of. */
  readonly pressures: readonly string[];
  /** As k3s says of its embedded etcd; empty: it says nothing. */
  readonly etcd: '' | 'voter' | 'learner' | 'no voter';
  readonly release: string;
  readonly osImage: string;
  readonly kernel: string;
  readonly architecture: string;
  readonly addresses: readonly string[];
  /** Of its kubelet; 0: it has none. */
  readonly kubeletPort: number;
}

const ROLE = 'node-role.kubernetes.io/';

export function liveNode(object: unknown): LiveNode {
  const { name, labels, isCordoned, release, osImage, kernel, architecture, addresses } = nodeState(object);
  const conditions = listAt(object, 'status', 'conditions').map(conditionOf);
  return {
    ...{ name, isCordoned, release, osImage, kernel, architecture, addresses },
    roles: rolesOf(labels),
    ...readinessOf(conditions),
    pressures: conditions.flatMap(({ type, status }) => {
      const word = Object.hasOwn(PRESSURES, type) ? PRESSURES[type] : undefined;
      return word !== undefined && status === 'True' ? [word] : [];
    }),
    etcd: etcdOf(conditions),
    kubeletPort: portOf(object),
  };
}

interface SeenCondition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
  readonly since: string;
}

function conditionOf(value: unknown): SeenCondition {
  return {
    type: textAt(value, 'type'),
    status: textAt(value, 'status'),
    reason: textAt(value, 'reason'),
    message: textAt(value, 'message'),
    since: textAt(value, 'lastTransitionTime'),
  };
}

function rolesOf(labels: NodeState['labels']): readonly string[] {
  return Object.keys(labels)
    .filter((label) => label.startsWith(ROLE) && label.length > ROLE.length)
    .map((label) => label.slice(ROLE.length))
    .toSorted();
}

/** Of these `True` is what is wrong; of other conditions nobody knows which way they point. */
const PRESSURES: Readonly<Record<string, string>> = {
  MemoryPressure: 'memory',
  DiskPressure: 'disk',
  PIDPressure: 'processes',
  NetworkUnavailable: 'network',
};

function readinessOf(conditions: readonly SeenCondition[]): Pick<LiveNode, 'ready' | 'readyWhy' | 'readySince'> {
  const said = conditions.find(({ type }) => type === 'Ready');
  if (said === undefined) return { ready: 'unknown', readyWhy: 'its kubelet has said nothing yet' };
  const ready = said.status === 'True' ? 'ready' : said.status === 'False' ? 'not ready' : 'unknown';
  const since = momentOf(said.since);
  return { ready, readyWhy: said.message || said.reason, ...(Number.isNaN(since) ? {} : { readySince: since }) };
}

/** k3s keeps a condition `EtcdIsVoter` on its servers. */
function etcdOf(conditions: readonly SeenCondition[]): LiveNode['etcd'] {
  const said = conditions.find(({ type }) => type === 'EtcdIsVoter');
  if (said === undefined) return '';
  if (said.status === 'True') return 'voter';
  return said.reason === 'MemberIsLearner' ? 'learner' : 'no voter';
}

function portOf(object: unknown): number {
  const port = Number(at(object, 'status', 'daemonEndpoints', 'kubeletEndpoint', 'Port') ?? 0);
  return Number.isInteger(port) && port > 0 && port < 65_536 ? port : 0;
}
