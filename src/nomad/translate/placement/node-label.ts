import { fold } from '../fold.ts';
import { ask, type ProjectScope } from '../scope.ts';
import { ARCH } from './architecture.ts';

/** Which label of nodes says what an attribute of a Nomad client said. */
export type NodeLabel =
  | { readonly kind: 'label'; readonly key: string; readonly value: (text: string) => string; readonly unsure?: string }
  /** It says nothing about a node of Kubernetes: drivers, plugins, versions of what stays behind. */
  | { readonly kind: 'moot' }
  | { readonly kind: 'none' };

const same = (text: string): string => text;

/** As uname has them, in the words of Go, which labels have too. */
const machines: Readonly<Record<string, string>> = {
  x86_64: 'amd64',
  aarch64: 'arm64',
  armv7l: 'arm',
  i686: '386',
  i386: '386',
};

const known: Readonly<Record<string, NodeLabel>> = {
  'attr.cpu.arch': { kind: 'label', key: ARCH, value: (text) => machines[text] ?? text },
  'attr.arch': { kind: 'label', key: ARCH, value: (text) => machines[text] ?? text },
  'attr.kernel.arch': { kind: 'label', key: ARCH, value: (text) => machines[text] ?? text },
  'attr.kernel.name': { kind: 'label', key: 'kubernetes.io/os', value: same },
  // nodes are called by names of DNS, which are lower case
  'node.unique.name': { kind: 'label', key: 'kubernetes.io/hostname', value: (text) => text.toLowerCase() },
  'attr.unique.hostname': { kind: 'label', key: 'kubernetes.io/hostname', value: (text) => text.toLowerCase() },
  'node.datacenter': { kind: 'label', key: 'topology.kubernetes.io/zone', value: same, unsure: 'a zone' },
  'node.region': { kind: 'label', key: 'topology.kubernetes.io/region', value: same, unsure: 'a region' },
  'attr.platform.aws.placement.availability-zone': { kind: 'label', key: 'topology.kubernetes.io/zone', value: same },
  'attr.platform.aws.instance-type': { kind: 'label', key: 'node.kubernetes.io/instance-type', value: same },
};

const moot = /^attr\.(driver|plugins|vault|consul|nomad)\.|^attr\.(docker|cni|connect)\b/;

/** `${attr.cpu.arch}` without its braces; undefined for what is no attribute. */
export function attributeOf(text: string): string | undefined {
  return (
    /^\$\{\s*([^}\s]+)\s*\}$/.exec(text)?.[1] ?? (/^(attr|node|meta|device)\.[\w.-]+$/.test(text) ? text : undefined)
  );
}

/** The label of the policy, the one that Kubernetes itself sets, or one that a person is asked for. */
export function labelFor(attribute: string, project: ProjectScope): NodeLabel {
  const chosen = project.policy.nodeLabels[attribute];
  const builtIn = Object.hasOwn(known, attribute) ? known[attribute] : undefined;
  if (chosen !== undefined)
    return { kind: 'label', key: chosen, value: builtIn?.kind === 'label' ? builtIn.value : same };
  if (builtIn) return builtIn;
  if (moot.test(attribute)) return { kind: 'moot' };
  if (!/^(meta|node)\./.test(attribute) || attribute === 'node.unique.id') return { kind: 'none' };
  const fallback = `nomad.larder.dev/${fold(attribute)}`;
  const { value, answered } = ask(project, {
    id: `node-label.${attribute}`,
    text: `Which label of nodes says what ${attribute} of a Nomad client said?`,
    fallback,
    accepts: {
      pattern: /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/,
      words: 'a label of Kubernetes, such as disk or example.org/disk',
    },
  });
  return {
    kind: 'label',
    key: value,
    value: same,
    ...(answered ? {} : { unsure: 'a label that nodes do not have yet' }),
  };
}
