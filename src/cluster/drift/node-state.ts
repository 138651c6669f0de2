/** A Node as the cluster has it, read from the whole object. */
import { isObject } from '../../kube/reader.ts';
import { at, listAt, objectAt, textAt } from '../change/manifest.ts';

export interface Taint {
  readonly key: string;
  readonly value: string;
  readonly effect: string;
}

export interface NodeState {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  readonly isCordoned: boolean;
  /** Internal addresses. */
  readonly addresses: readonly string[];
  /** As the kubelet says: `v1.34.2+k3s1`. */
  readonly release: string;
  /** `Debian GNU/Linux 12 (bookworm)`. */
  readonly osImage: string;
  readonly kernel: string;
  /** `arm64`. */
  readonly architecture: string;
}

export function nodeState(object: unknown): NodeState {
  const info = objectAt(object, 'status', 'nodeInfo');
  return {
    name: textAt(object, 'metadata', 'name'),
    labels: texts(objectAt(object, 'metadata', 'labels')),
    annotations: texts(objectAt(object, 'metadata', 'annotations')),
    taints: listAt(object, 'spec', 'taints').map((taint) => ({
      key: textAt(taint, 'key'),
      value: textAt(taint, 'value'),
      effect: textAt(taint, 'effect'),
    })),
    isCordoned: at(object, 'spec', 'unschedulable') === true,
    addresses: listAt(object, 'status', 'addresses')
      .filter((address) => textAt(address, 'type') === 'InternalIP')
      .map((address) => textAt(address, 'address')),
    release: textAt(info, 'kubeletVersion'),
    osImage: textAt(info, 'osImage'),
    kernel: textAt(info, 'kernelVersion'),
    architecture: textAt(info, 'architecture'),
  };
}

function texts(value: unknown): Readonly<Record<string, string>> {
  if (!isObject(value)) return {};
  const pairs = Object.entries(value).flatMap(([name, text]) => (typeof text === 'string' ? [[name, text]] : []));
  return Object.fromEntries(pairs);
}
