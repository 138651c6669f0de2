import type { Item, Written } from '../../jobspec/field.ts';
import { joined } from '../carry.ts';
import { interpolate } from '../interpolate.ts';
import { annotationOf } from '../job/annotation.ts';
import type { Rule, Use } from '../rule.ts';
import type { TaskScope } from '../scope.ts';
import { type Branch, isBranch, isList, Sourced, type Tree } from '../sourced.ts';
import { both, onDocker } from './driver-config.ts';

const networkMode = both(
  {
    key: 'network_mode',
    kubernetes: 'hostNetwork for host; what every pod has for bridge, container: and task:',
    class: 'direct',
    why: 'Containers of a pod share one network. A network that somebody made with docker is not there.',
  },
  ({ config, container, workload }, use) => {
    const field = config.network_mode;
    if (!field) return;
    const mode = field.value;
    if (mode === 'host') {
      workload.pod.spec['hostNetwork'] = use.take(field, true, { text: 'hostNetwork: true' });
      workload.pod.spec['dnsPolicy'] = 'ClusterFirstWithHostNet';
      workload.alone.push('it listens on the network of its node');
    } else if (/^(bridge|default|slirp4netns|pasta|)$/.test(mode)) {
      use.leave(field, { class: 'dropped', text: 'what every pod has' });
    } else if (/^(container|task):/.test(mode)) {
      use.leave(field, { class: 'dropped', text: 'containers of a pod share their network' });
    } else {
      const todo = `Decide what ${container.name} needs of the network ${mode}.`;
      use.leave(field, { class: 'manual', text: `${mode} is a network of the node`, todo });
    }
  },
);

const pidMode = onDocker(
  { key: 'pid_mode', kubernetes: 'hostPID for host, shareProcessNamespace for container:', class: 'direct', why: '' },
  ({ config, workload, container }, use) => {
    const field = config.pid_mode;
    if (!field) return;
    if (field.value === 'host') workload.pod.spec['hostPID'] = use.take(field, true, { text: 'hostPID: true' });
    else if (/^(container|task):/.test(field.value)) {
      const text = 'shareProcessNamespace, for all containers of the pod';
      workload.pod.spec['shareProcessNamespace'] = use.take(field, true, { class: 'approximate', text });
    } else unlessDefault(field, /^(private|)$/, container.name, use);
  },
);

const ipcMode = onDocker(
  { key: 'ipc_mode', kubernetes: 'hostIPC for host; containers of a pod share theirs', class: 'direct', why: '' },
  ({ config, workload, container }, use) => {
    const field = config.ipc_mode;
    if (!field) return;
    if (field.value === 'host') workload.pod.spec['hostIPC'] = use.take(field, true, { text: 'hostIPC: true' });
    else unlessDefault(field, /^(private|shareable|none|container:.*|)$/, container.name, use);
  },
);

function unlessDefault(field: Written<string>, usual: RegExp, container: string, use: Use): void {
  if (usual.test(field.value)) use.leave(field, { class: 'dropped', text: 'what every pod has' });
  else {
    const todo = `Decide what ${container} needs of ${field.value}.`;
    use.leave(field, { class: 'manual', text: `${field.value} has no twin`, todo });
  }
}

const dns = onDocker(
  {
    key: 'dns_servers',
    nomad: 'dns_servers, dns_search_domains, dns_options',
    kubernetes: 'dnsConfig of the pod',
    class: 'approximate',
    why: "They come behind the cluster's own server, which Services need; docker asked only the ones that were named.",
  },
  ({ config, workload }, use) => {
    const { dns_servers: servers, dns_search_domains: searches, dns_options: options } = config;
    const before = workload.pod.spec['dnsConfig'];
    const dnsConfig: Record<string, Tree | undefined> = { ...(isBranch(before) ? before : {}) };
    for (const [key, field] of [
      ['nameservers', servers],
      ['searches', searches],
      ['options', options],
    ] as const) {
      if (!field) continue;
      if (field.value.length === 0) use.leave(field, { class: 'dropped', text: 'none' });
      else dnsConfig[key] = use.take(field, key === 'options' ? field.value.map(optionOf) : field.value);
    }
    if (Object.keys(dnsConfig).length > 0) workload.pod.spec['dnsConfig'] = dnsConfig;
  },
);

function optionOf(text: string): Branch {
  const [name = '', value] = text.split(/:(.*)/s);
  return { name, value };
}

const extraHosts = both(
  {
    key: 'extra_hosts',
    kubernetes: 'hostAliases of the pod',
    class: 'direct',
    why: 'host-gateway has no fixed address. They hold for all containers of the pod.',
  },
  (scope, use) => {
    const field = scope.config.extra_hosts;
    if (!field) return;
    const entries = field.value.map((text) => hostEntry(text, scope));
    const aliases = entries.flatMap((entry) => (entry.alias ? [entry.alias] : []));
    const left = entries.flatMap((entry) => (entry.alias ? [] : [entry.text]));
    const todo = `Decide about ${left.join(', ')} of ${scope.container.name}: it has no fixed address (status.hostIP is the node's).`;
    const note = left.length === 0 ? {} : { class: 'manual' as const, text: `not written: ${left.join(', ')}`, todo };
    if (aliases.length === 0) {
      use.leave(field, left.length === 0 ? { class: 'dropped', text: 'none' } : note);
      return;
    }
    const before = scope.workload.pod.spec['hostAliases'];
    const kept = isList(before) ? before : [];
    const [first, ...rest] = aliases;
    const taken: readonly Tree[] = first
      ? [use.take(field, first, note), ...rest.map((alias) => new Sourced(alias, [plainItem(field)]))]
      : [];
    scope.workload.pod.spec['hostAliases'] = [...kept, ...taken];
  },
);

function plainItem({ path, at }: Item): Item {
  return { path, at };
}

/** `name:address`, where the address may be IPv6; podman also takes `name=address`. */
function hostEntry(text: string, scope: TaskScope): { readonly text: string; readonly alias?: Branch } {
  const { text: said } = interpolate(text, scope, 'verbatim');
  const [, host, address] = /^([^:=]+)[:=]\[?([0-9a-fA-F.:]+)\]?$/.exec(said) ?? [];
  return host === undefined || address === undefined ? { text } : { text, alias: { ip: address, hostnames: [host] } };
}

const hostname = both(
  {
    key: 'hostname',
    kubernetes: 'hostname of the pod',
    class: 'direct',
    why: 'One for all containers of a pod, and a DNS-1123 label.',
  },
  (scope, use) => {
    const field = scope.config.hostname;
    if (!field) return;
    const { text, notes } = interpolate(field.value, scope, 'verbatim');
    const { spec } = scope.workload.pod;
    const before = spec['hostname'];
    const todo = `Decide which hostname ${scope.workload.name} has.`;
    const valid = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(text);
    if (!valid || (before !== undefined && settled(before) !== text)) {
      const why = valid ? 'another task of the pod has one' : `${text} is no DNS-1123 label`;
      use.leave(field, joined([...notes, { class: 'manual', text: `not written: ${why}`, todo }]));
    } else spec['hostname'] = use.take(field, text, joined(notes));
  },
);

function settled(tree: Tree): Tree {
  return tree instanceof Sourced ? tree.value : tree;
}

const labels = both(
  {
    key: 'labels',
    kubernetes: 'annotations of the pod',
    class: 'direct',
    why: 'Labels of Kubernetes are short and select; annotations hold any text.',
  },
  (scope, use) => {
    for (const pair of scope.config.labels) {
      const { text, notes } = interpolate(pair.value, scope, 'verbatim');
      const key = labelKey(pair.key);
      const annotation = annotationOf(pair, scope, text);
      if (annotation.kind === 'credential') {
        use.leave(pair, annotation.note);
        continue;
      }
      const renamed = key === pair.key ? [] : [{ text: `annotation ${key}` }];
      const note = joined([...renamed, ...notes, annotation.note]);
      scope.workload.pod.annotations[key] = use.take(pair, annotation.text, note);
    }
  },
);

/** Annotations have the grammar of a label's key: a name, with a DNS name before it at most. */
function labelKey(text: string): string {
  const clean = text.replaceAll(/[^A-Za-z0-9_./-]/g, '_');
  const [prefix, ...rest] = clean.split('/');
  const prefixed = rest.length > 0 && /^[a-z0-9]([-a-z0-9.]{0,250}[a-z0-9])?$/.test(prefix ?? '');
  const name = (prefixed ? rest : [prefix ?? '', ...rest])
    .join('_')
    .slice(0, 63)
    .replaceAll(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '');
  return `${prefixed ? `${prefix}/` : ''}${name === '' ? 'unnamed' : name}`;
}

export const dockerNetworkRules: readonly Rule<TaskScope>[] = [
  ...networkMode,
  pidMode,
  ipcMode,
  dns,
  ...extraHosts,
  ...hostname,
  ...labels,
];
